// What our processes say to each other: a kind, texts, and descriptors that travel along.
// SPDX-License-Identifier: Apache-2.0
//
//   send_letter(channel, {Letter::Kind::Fetch, {"7"}});
//   auto letter = receive_letter(channel);
//   if (!letter) …                                     // the other side is gone, or talks nonsense
//   if (!*letter) …                                    // nothing has come yet
//
// Channels are pairs of SOCK_SEQPACKET: a letter comes whole or not at all. Whoever receives checks the number of texts
// and descriptors before it looks at them: field() and fd() answer for missing ones. DESIGN.md says who writes to whom.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "mailbox/file.h"
#include "mailbox/result.h"

namespace pop3d {

inline constexpr std::size_t kLongestLetter = 128 * 1024;  // octets
inline constexpr std::size_t kMostDescriptors = 8;         // in one letter

struct Letter {
  enum class Kind : unsigned char {
    // starter to front and authenticator: a configuration, piece by piece, then Apply; TERM
    Setting,      // key, value
    Certificate,  // PEM of the chain, PEM of the key
    Listen,       // spec, address, "tls" or ""; the socket
    Apply,
    Stop,
    // starter to front, and its answer
    Kick,    // user
    Kicked,  // how many sessions
    // front and authenticator to starter
    Applied,
    Rejected,  // why
    // front to authenticator
    Login,   // mechanism, user, password (or of SCRAM: the first message, ""), address, network, channel bindings;
             // errand
    Resume,  // token, "fetch" or "commit"; the errand, the session's lock, for commit the list of what goes
    Ended,   // token
    // authenticator to checker and back
    Check,    // user, password, address, salt: of SCRAM, which has no password
    Verdict,  // "yes", "no" or "error"; why, or the account; of SCRAM the keys behind it
    // authenticator to front
    Scram,  // "yes" where every account can log in by SCRAM
    // authenticator to starter
    Order,  // "login", "fetch" or "commit", the account, peer; what Resume or Login brought
    // on an errand: authenticator and worker to the front
    Challenge,  // SCRAM: what the client is to hear, the user
    Refused,    // code, text, reason, detail, "final" or "", milliseconds to wait first, counted from the attempt
    Verified,   // token, user
    Opened,     // "mbox" or "maildir"; lock, list, and of an mbox the file
    File,       // of the message asked for
    Failed,     // why
    Done,
    // front to authenticator and worker, on an errand
    Response,  // SCRAM: what the client answered
    Fetch,     // the message's id (drop_list.h)
    Last = Fetch
  };

  Kind kind = Kind::Stop;
  std::vector<std::string> fields{};
  std::vector<mailbox::UniqueFd> fds{};

  const std::string& field(std::size_t index) const;  // empty where there is none
  std::uint64_t number(std::size_t index) const;      // 0 where there is none
  mailbox::UniqueFd fd(std::size_t index);            // taken out; none where there is none
};

// The bytes of a letter, and back; nothing where they are none. Pure.
std::string encode_letter(const Letter& letter);
std::optional<Letter> decode_letter(std::string_view bytes);

// Both ends, close-on-exec.
mailbox::Result<std::pair<mailbox::UniqueFd, mailbox::UniqueFd>> make_channel();
// `wait`: until there is room. False: it cannot be sent; the other side is gone.
bool send_letter(int channel, const Letter& letter, bool wait = true);
// `wait`: until one comes. An error: the other side is gone.
mailbox::Result<std::optional<Letter>> receive_letter(int channel, bool wait = false);

}  // namespace pop3d
