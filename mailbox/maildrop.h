// What a POP3 session sees of an inbox: the messages that were there at login, frozen, and their removal at QUIT.
// SPDX-License-Identifier: Apache-2.0
//
//   auto drop = Maildrop::open({.inbox = "/var/mail/anna", .state = "/var/lib/sluice/anna"});
//   if (!drop) refuse(drop.error());                       // Busy: another session, who and since when
//   drop->entries()[0].octets;                             // exactly what fetch(0) sends: LF as CRLF, unstuffed
//   drop->fetch(0, [&](std::string_view piece) { return client.send(piece); });
//   auto done = drop->remove({true, false, …});            // on disk when it returns
//
// Deliveries go on meanwhile: they only append, and the drop is the file's beginning. The inode is never replaced
// (DESIGN.md 1): removal truncates, or moves what stays by a journal in `state` that whoever locks the inbox next
// replays. A file that another program rewrote is found out and is an error, never wrong bytes.
// A missing inbox is an empty drop; an unreadable or broken one is an error, never an empty drop.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "mailbox/file.h"
#include "mailbox/mbox_format.h"
#include "mailbox/result.h"
#include "mailbox/uidl.h"

namespace mailbox {

class FileLock;

class Maildrop {
 public:
  struct Options {
    std::string inbox;                      // an mbox file; with a trailing '/' a Maildir
    std::string state;                      // state.dir/USER: the account's own, 0700; must exist
    std::string peer;                       // who this session is, for the next one's [IN-USE]: "192.0.2.7"
    std::chrono::milliseconds wait{5000};   // how long to wait for another session to end
  };
  struct Entry {
    std::uint64_t octets = 0;
    std::string uidl;                       // 1 to 70 characters 0x21 to 0x7E
  };
  // Takes a piece of a message as it goes over the wire (CRLF line ends, no dot-stuffing, ends in CRLF); false stops.
  using Sink = std::function<bool(std::string_view)>;

  // Busy: held by another session, or the mailbox stays locked; Temporary: unreadable, not an mbox, state unusable.
  static Result<Maildrop> open(const Options& options);
  // Opens it anew for a session that began in another process, whose lock share_session() gave away and that now comes
  // back. What is there may be more than at login, or other messages: entries() tells. Permanent: not that lock.
  static Result<Maildrop> resume(const Options& options, UniqueFd session);
  Maildrop(Maildrop&&) noexcept;
  Maildrop& operator=(Maildrop&&) noexcept;
  ~Maildrop();                              // lets the next session in

  std::size_t size() const;
  std::uint64_t octets(std::size_t index) const;
  std::string uidl(std::size_t index) const;
  const std::vector<Entry>& entries() const;  // all of that at once; made when first asked for
  // An error may come after pieces were handed out: the connection is then to be closed without a final ".".
  Result<void> fetch(std::size_t index, const Sink& sink) const;
  // For a process that sends messages itself (stored_message.h), without a right to open the mailbox:
  // where a message lies at rest,
  struct Place {
    std::uint64_t offset = 0;
    std::uint64_t size = 0;
    std::uint64_t octets = 0;
    UidlBase base;
    std::uint32_t ordinal = 1;  // uidl_text(base, ordinal) is its entry's uidl,
    std::string_view foreign;   // unless it has one from another server (foreign_uidls.h); lives as long as the drop
  };
  MessageText::Home home() const;
  Place place(std::size_t index) const;
  // in which file, open for reading only (an mbox: the same for all messages),
  Result<UniqueFd> open_file_of(std::size_t index) const;
  // (of a Maildir: its unique name, up to ':'; else empty)
  std::string file_name(std::size_t index) const;
  // and a copy of the session's lock: the session lasts until the last copy is closed.
  Result<UniqueFd> share_session() const;

  // Removes every entry whose place in `deleted` is true, all or none, durable when it returns; then only the
  // destructor may follow. Nothing true: writes nothing.
  Result<void> remove(const std::vector<bool>& deleted);

 private:
  struct State;
  explicit Maildrop(std::unique_ptr<State> state);
  static Result<Maildrop> open_locked(const Options& options, FileLock session);
  std::unique_ptr<State> state_;
};

}  // namespace mailbox
