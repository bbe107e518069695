// TLS as this server speaks it: certificates chosen by name, TLS 1.2 at least, ALPN "pop3" (RFC 8314).
// SPDX-License-Identifier: Apache-2.0
//
//   auto tls = Tls::make({{chain_pem, key_pem}, …});       // the first one answers where no name fits
//   if (!tls) …                                            // "certificate 2: its key does not fit"
//   stream.start_tls(*tls);
//
// Keys come as text: the process that serves clients opens no file.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "mailbox/result.h"

struct ssl_st;

namespace pop3d {

struct CertificatePair {
  std::string chain;  // PEM, the server's own certificate first
  std::string key;    // PEM, without a passphrase
};

class Tls {
 public:
  static mailbox::Result<std::shared_ptr<const Tls>> make(const std::vector<CertificatePair>& pairs);
  ~Tls();

  struct FreeConnection {
    void operator()(ssl_st* connection) const;
  };
  using Connection = std::unique_ptr<ssl_st, FreeConnection>;
  // The server's side of a connection on `fd`; null where memory is out.
  Connection connect(int fd) const;

 private:
  struct State;
  explicit Tls(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

// What the last failing call of OpenSSL on this thread said, for a log.
std::string tls_error();

}  // namespace pop3d
