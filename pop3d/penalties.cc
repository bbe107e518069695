// Wrong passwords, counted.
// SPDX-License-Identifier: Apache-2.0
#include "pop3d/penalties.h"

#include <algorithm>

namespace pop3d {

bool Penalties::Record::has_seen(std::uint64_t fingerprint) {
  if (std::ranges::find(seen, fingerprint) != seen.end()) return true;
  std::ranges::move_backward(seen.begin(), seen.end() - 1, seen.end());
  seen[0] = fingerprint;
  return false;
}

Penalties::Record* Penalties::recall(Records& records, const std::string& name, TimePoint now) {
  const auto found = records.find(name);
  if (found == records.end()) return nullptr;
  if (now - found->second.last < kMemory) return &found->second;
  records.erase(found);
  return nullptr;
}

Penalties::Record& Penalties::remember(Records& records, const std::string& name, TimePoint now) {
  if (auto* record = recall(records, name, now)) return *record;
  if (records.size() >= kMostRemembered) {
    std::erase_if(records, [now](const auto& entry) { return now - entry.second.last >= kMemory; });
  }
  if (records.size() >= kMostRemembered) {
    records.erase(std::ranges::min_element(records, {}, [](const auto& entry) { return entry.second.last; }));
  }
  return records[name];
}

bool Penalties::is_blocked(const std::string& network, const std::string& user, TimePoint now) {
  const auto* of_network = recall(networks_, network, now);
  if (of_network != nullptr && of_network->count >= kMostWrongOfNetwork) return true;
  const auto* of_user = recall(users_, user, now);
  return of_user != nullptr && of_user->count >= kMostWrongOfUser && !friends_.contains({user, network});
}

std::chrono::milliseconds Penalties::wrong(const std::string& network, const std::string& user,
                                           std::uint64_t fingerprint, TimePoint now) {
  auto& of_network = remember(networks_, network, now);
  auto& of_user = remember(users_, user, now);
  if (!of_network.has_seen(fingerprint)) {
    ++of_network.count;
    of_network.last = now;
  }
  if (!of_user.has_seen(fingerprint)) {
    ++of_user.count;
    of_user.last = now;
  }
  return kFirstDelay * (1u << std::min(of_network.count - 1, kMostDoublings));
}

// A password that is right now may have been wrong before by a typing error; the network's other users still count.
void Penalties::right(const std::string& network, const std::string& user, TimePoint now) {
  if (friends_.size() >= kMostRemembered)
    friends_.erase(std::ranges::min_element(friends_, {}, [](const auto& entry) { return entry.second; }));
  friends_[{user, network}] = now;
  users_.erase(user);
}

}  // namespace pop3d
