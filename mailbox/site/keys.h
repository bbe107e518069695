// The table of sluice.conf's keys: how each is named, read, written and found when misspelt.
// SPDX-License-Identifier: Apache-2.0
//
//   const Key* key = find_key("quota.inbox");
//   if (auto complaint = assign(config, *key, {"40M"})) …   // "not a size: '40X' (…)"
//
// One table drives reading (config.cc), value_of() and config_keys(), so that a key cannot be half known.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "mailbox/site/config.h"

namespace mailbox::site {

using Bytes = std::uint64_t Config::*;
using Count = unsigned Config::*;
using Period = std::chrono::seconds Config::*;
using Text = std::string Config::*;
using Texts = std::vector<std::string> Config::*;  // a repeatable key
using Field = std::variant<Text, Texts, Bytes, Count, Period, AccountSource Config::*, QuotaExceeded Config::*,
                           RulePrograms Config::*, CleartextLogin Config::*>;

struct Key {
  std::string_view name;                     // "quota.inbox"
  Field field;                               // where its value is kept
  bool (*fits)(std::string_view) = nullptr;  // which texts are values; null: any
  std::string_view accepted = {};            // what `fits` wants, for people
  bool is_repeatable() const { return std::holds_alternative<Texts>(field); }
};

std::span<const Key> keys();
const Key* find_key(std::string_view name);
std::string_view nearest_key(std::string_view misspelt);

// Sets a key to `values` (one text; any number if repeatable, where an empty text stands for none). What is wrong with
// them, as a sentence for a person, leaves the configuration as it was.
std::optional<std::string> assign(Config& config, const Key& key, const std::vector<std::string>& values);
std::vector<std::string> written(const Config& config, const Key& key);

// "40M", "512", "7d": digits and at most one unit letter, either case; nothing for anything else or an overflow.
std::optional<std::uint64_t> read_size(std::string_view text);
std::optional<std::chrono::seconds> read_period(std::string_view text);

}  // namespace mailbox::site
