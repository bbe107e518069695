// The frozen list of a drop as one process hands it to another: records in a sealed memory file.
// SPDX-License-Identifier: Apache-2.0
//
//   worker:  auto file = seal_list(maildrop);                       // goes along with the letter Opened
//   front:   auto list = DropList::map(file, home);
//            list->octets(0); list->uidl(0);                        // what the session asks
//            list->stored(0, fd);                                   // what mailbox::MessageReader needs
//
// The reader trusts nothing but the seals, without which it takes no list (a file that shrinks would kill it): numbers
// that lie lead to a message that does not compare, and nothing is sent.
//
// The file: how many messages there are, a record for each, and, a line each, the ids that come from another server.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "mailbox/file.h"
#include "mailbox/maildrop.h"
#include "mailbox/result.h"
#include "mailbox/stored_message.h"
#include "pop3d/session.h"

namespace pop3d {

// What names a message between two openings of its mailbox.
struct MessageId {
  mailbox::UidlBase base;
  std::uint32_t ordinal = 1;
  friend auto operator<=>(const MessageId&, const MessageId&) = default;

  std::string bytes() const;
  static MessageId from_bytes(std::string_view bytes);  // all zeros where they are no id
};

mailbox::Result<mailbox::UniqueFd> seal_list(const mailbox::Maildrop& drop);

// Ids in a sealed memory file: what a QUIT removes.
mailbox::Result<mailbox::UniqueFd> seal_ids(const std::vector<MessageId>& ids);
mailbox::Result<std::vector<MessageId>> read_ids(int fd);

class DropList {
 public:
  // An empty list needs no file. Temporary: not sealed, or no list.
  static mailbox::Result<DropList> map(int fd, mailbox::MessageText::Home home);
  DropList(DropList&& other) noexcept;
  DropList& operator=(DropList&& other) noexcept;
  ~DropList();

  std::size_t size() const { return count_; }
  std::uint64_t octets(std::size_t index) const;
  std::string uidl(std::size_t index) const;
  MessageId id(std::size_t index) const;
  mailbox::StoredMessage stored(std::size_t index, int fd) const;  // `fd` is borrowed
  mailbox::MessageText::Home home() const { return home_; }

 private:
  friend mailbox::Result<mailbox::UniqueFd> seal_list(const mailbox::Maildrop& drop);
  struct Record;
  DropList() = default;
  std::string_view foreign_of(const Record& record) const;
  const char* mapped_ = nullptr;
  std::size_t size_ = 0;
  const Record* records_ = nullptr;
  std::size_t count_ = 0;
  mailbox::MessageText::Home home_ = mailbox::MessageText::Home::Mbox;
};

}  // namespace pop3d
