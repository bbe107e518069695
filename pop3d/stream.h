// A client's socket, in the clear or under TLS: reads and writes that never wait.
// SPDX-License-Identifier: Apache-2.0
//
//   auto got = stream.read(buffer);
//   switch (got.status) { case Again: loop.watch(fd, got.wants …); case Ended: …; case Done: use(got.octets); }
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "pop3d/tls.h"

namespace pop3d {

class Stream {
 public:
  enum class Status { Done, Again, Ended, Broken };
  struct Progress {
    Status status = Status::Done;
    std::size_t octets = 0;
    std::uint32_t wants = 0;  // Again: EPOLLIN or EPOLLOUT. TLS may have to write before it can read.
  };

  explicit Stream(int fd) : fd_(fd) {}  // borrowed
  // From here on all is TLS; false where memory is out. handshake() until Done comes first.
  bool start_tls(std::shared_ptr<const Tls> tls);
  Progress handshake();
  Progress read(std::span<char> buffer);
  Progress write(std::string_view bytes);
  // Whether octets are here already that no poll will tell of.
  bool has_more() const;
  // Says that nothing more will be sent.
  void shut_down();

  bool is_secure() const { return connection_ != nullptr; }
  std::string describe() const;          // "TLSv1.3 TLS_AES_256_GCM_SHA384"; empty in the clear
  std::string exporter() const;          // RFC 9266 channel binding; empty in the clear
  std::string server_end_point() const;  // RFC 5929 channel binding; empty in the clear

 private:
  Progress after(int result);
  int fd_;
  std::shared_ptr<const Tls> tls_;  // kept: its certificates may be replaced meanwhile
  Tls::Connection connection_;
};

}  // namespace pop3d
