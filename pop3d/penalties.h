// Wrong passwords, counted: how long an answer waits, and who is not listened to for a while. Pure.
// SPDX-License-Identifier: Apache-2.0
//
//   if (penalties.is_blocked("192.0.2.7", "anna", now)) refuse_at_once();
//   auto delay = penalties.wrong("192.0.2.7", "anna", fingerprint, now);     // answer after that
//   penalties.right("192.0.2.7", "anna", now);
//
// Counted for each network (an address; of IPv6 a /64) and for each user. The same wrong password for the same user
// counts once, however often a client sends it: mail programs try one password by several mechanisms, every minute.
// A network with kMostWrongOfNetwork different ones is blocked until it has been quiet for kMemory. A user with
// kMostWrongOfUser is blocked only for networks from which that user never logged in: nobody can lock another out.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <map>
#include <string>

namespace pop3d {

class Penalties {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;
  static constexpr std::chrono::minutes kMemory{10};
  static constexpr unsigned kMostWrongOfNetwork = 20;
  static constexpr unsigned kMostWrongOfUser = 50;
  static constexpr std::chrono::milliseconds kFirstDelay{1000};  // doubled by each further one
  static constexpr unsigned kMostDoublings = 2;
  static constexpr std::size_t kMostRemembered =
      100'000;  // of each; beyond, those that were quiet longest are forgotten

  bool is_blocked(const std::string& network, const std::string& user, TimePoint now);
  // `fingerprint`: of user and password, keyed, so that what is kept here gives no password away.
  std::chrono::milliseconds wrong(const std::string& network, const std::string& user, std::uint64_t fingerprint,
                                  TimePoint now);
  void right(const std::string& network, const std::string& user, TimePoint now);

 private:
  struct Record {
    unsigned count = 0;
    TimePoint last{};
    std::array<std::uint64_t, 8> seen{};  // fingerprints, the latest ones
    bool has_seen(std::uint64_t fingerprint);
  };
  using Records = std::map<std::string, Record>;
  static Record* recall(Records& records, const std::string& name, TimePoint now);
  static Record& remember(Records& records, const std::string& name, TimePoint now);

  Records networks_, users_;
  std::map<std::pair<std::string, std::string>, TimePoint> friends_;  // user and network of a right password
};

}  // namespace pop3d
