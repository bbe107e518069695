// A map from unique ids to what is known of each: one block of memory, in the order in which they came.
// SPDX-License-Identifier: Apache-2.0
//
//   BaseMap<Ids> ids;
//   ids[base].last = 1;                 // made where it is missing; references live until the next one is made
//   if (Ids* known = ids.find(base)) …
//   for (auto& [base, value] : ids) …
//
// A hundred thousand ids are put in within some milliseconds: no memory of its own for each, and an id, being a hash
// already, is its own hash. Nothing is ever taken out.
#pragma once

#include <bit>
#include <cstdint>
#include <utility>
#include <vector>

#include "mailbox/big_pages.h"
#include "mailbox/uidl.h"

namespace mailbox {

template <class Value>
class BaseMap {
 public:
  using Entry = std::pair<UidlBase, Value>;

  Value* find(const UidlBase& base) {
    if (slots_.empty()) return nullptr;
    const auto number = slots_[slot_of(base)];
    return number == 0 ? nullptr : &entries_[number - 1].second;
  }
  const Value* find(const UidlBase& base) const { return const_cast<BaseMap*>(this)->find(base); }
  Value& operator[](const UidlBase& base) {
    if (2 * (entries_.size() + 1) > slots_.size()) spread(2 * slots_.size() + kFewest);
    auto& number = slots_[slot_of(base)];
    if (number == 0) {
      entries_.emplace_back(base, Value());
      number = static_cast<std::uint32_t>(entries_.size());
    }
    return entries_[number - 1].second;
  }
  void reserve(std::size_t count) {
    entries_.reserve(count);
    if (2 * count > slots_.size()) spread(2 * count + kFewest);
  }
  std::size_t size() const { return entries_.size(); }
  auto begin() { return entries_.begin(); }
  auto end() { return entries_.end(); }
  auto begin() const { return entries_.begin(); }
  auto end() const { return entries_.end(); }

 private:
  static constexpr std::size_t kFewest = 16;

  // Where the id stands, or would stand. Half of the slots at least are free.
  std::size_t slot_of(const UidlBase& base) const {
    auto slot = base.low & (slots_.size() - 1);
    while (slots_[slot] != 0 && entries_[slots_[slot] - 1].first != base) slot = (slot + 1) & (slots_.size() - 1);
    return slot;
  }
  void spread(std::size_t count) {
    slots_.assign(std::bit_ceil(count), 0);
    for (std::size_t i = 0; i < entries_.size(); ++i) {
      slots_[slot_of(entries_[i].first)] = static_cast<std::uint32_t>(i + 1);
    }
  }

  std::vector<Entry, BigPages<Entry>> entries_;
  std::vector<std::uint32_t, BigPages<std::uint32_t>> slots_;  // entry + 1; 0: free. A power of two of them
};

}  // namespace mailbox
