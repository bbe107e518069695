// The server's side of SCRAM-SHA-256 and SCRAM-SHA-256-PLUS (RFC 5802, 7677, 9266). Pure.
// SPDX-License-Identifier: Apache-2.0
//
//   ScramServer scram(Mechanism::ScramSha256, bindings, random_text);
//   if (!scram.take_first(message)) refuse();            // scram.user() is known now
//   send(scram.challenge(keys));                         // of that user; of nobody: keys that fit no password
//   auto proof = scram.take_final(message);              // nothing: wrong; else what proves that we know the keys, too
//
// Names and passwords are bytes: no SASLprep, as in secret.h.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "pop3d/sasl.h"

namespace pop3d {

// What we keep of a password: it proves that a client knows it, and does not tell it.
struct ScramKeys {
  std::string salt;
  unsigned iterations = 4096;
  std::string stored_key, server_key;
};

// What TLS knows that nobody in the middle has; empty in the clear.
struct ChannelBindings {
  std::string exporter;   // tls-exporter
  std::string end_point;  // tls-server-end-point
};

class ScramServer {
 public:
  ScramServer(Mechanism mechanism, ChannelBindings bindings, std::string nonce)
      : plus_(mechanism == Mechanism::ScramSha256Plus), bindings_(std::move(bindings)), nonce_(std::move(nonce)) {}

  bool take_first(std::string_view message);
  const std::string& user() const { return user_; }
  std::string challenge(const ScramKeys& keys);
  std::optional<std::string> take_final(std::string_view message);

 private:
  bool take_header(std::string_view& message);

  bool plus_;
  ChannelBindings bindings_;
  std::string nonce_;
  std::string user_;
  std::string header_;   // GS2: what binds the channel
  std::string binding_;  // the channel's data that the client has to repeat
  std::string first_bare_, server_first_;
  ScramKeys keys_;
};

}  // namespace pop3d
