// Reads other servers' lists of unique ids.
// SPDX-License-Identifier: Apache-2.0
#include "pop3d/admin/uidl_lists.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>
#include <optional>
#include <vector>

namespace pop3d::admin {
namespace {

using Words = std::vector<std::string_view>;

std::string_view take_line(std::string_view& rest) {
  const auto end = std::min(rest.find('\n'), rest.size());
  auto line = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

Words words_of(std::string_view line) {
  Words words;
  while (!line.empty()) {
    const auto end = std::min(line.find(' '), line.size());
    if (end > 0) words.push_back(line.substr(0, end));
    line.remove_prefix(std::min(end + 1, line.size()));
  }
  return words;
}

std::optional<std::uint64_t> number_of(std::string_view text) {
  std::uint64_t number = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || read.ec != std::errc() || read.ptr != text.data() + text.size()) return std::nullopt;
  return number;
}

std::string unique_name(std::string_view file) { return std::string(file.substr(0, file.find(':'))); }

// %08Xu%08Xv
std::string dovecot_id(std::uint64_t uid, std::uint64_t validity) {
  std::array<char, 40> text{};
  const int size = std::snprintf(text.data(), text.size(), "%08llx%08llx", static_cast<unsigned long long>(uid),
                                 static_cast<unsigned long long>(validity));
  return {text.data(), static_cast<std::size_t>(size)};
}

// Version 1: "1 VALIDITY NEXT", then "UID FILE". Version 3: "3 V… N… G…", then "UID P… W… :FILE".
void read_dovecot(const Words& head, std::string_view rest, ForeignList& list) {
  std::uint64_t validity = number_of(head[1]).value_or(0);
  for (const auto word : head)
    if (word.starts_with('V')) validity = number_of(word.substr(1)).value_or(0);
  const bool is_new = head[0] == "3";
  while (!rest.empty()) {
    const auto line = take_line(rest);
    const auto start = is_new ? line.find(" :") : line.find(' ');
    if (start == line.npos) continue;
    const auto words = words_of(line.substr(0, start));
    const auto uid = words.empty() ? std::nullopt : number_of(words[0]);
    if (!uid) continue;
    auto id = dovecot_id(*uid, validity);
    for (const auto word : words)
      if (word.starts_with('P') && word.size() > 1) id = word.substr(1);
    list.by_file.insert_or_assign(unique_name(line.substr(start + (is_new ? 2 : 1))), id);
  }
}

// A message that is older than Courier's ids is known by its file's name.
std::string courier_name(std::string_view name) {
  std::string id;
  for (const char c : name) {
    if (c >= 0x21 && c <= 0x7E && c != '\'' && c != '"' && c != '+') {
      id += c;
      continue;
    }
    std::array<char, 4> escaped{};
    std::snprintf(escaped.data(), escaped.size(), "+%02X", static_cast<unsigned>(static_cast<unsigned char>(c)));
    id += escaped.data();
  }
  return id;
}

// "/VERSION NEXT VALIDITY", then "FILE SIZE NUMBER:VALIDITY[:UTF8]"; of version 1 "FILE SIZE NUMBER".
void read_courier(std::string_view rest, ForeignList& list) {
  while (!rest.empty()) {
    const auto line = take_line(rest);
    const auto last = line.rfind(' ');
    if (last == line.npos || last == 0) continue;
    const auto before = line.rfind(' ', last - 1);
    if (before == line.npos || before == 0) continue;
    const auto numbers = line.substr(last + 1);
    const auto colon = std::min(numbers.find(':'), numbers.size());
    const auto number = number_of(numbers.substr(0, colon));
    const auto behind = numbers.substr(std::min(colon + 1, numbers.size()));
    const auto validity = number_of(behind.substr(0, behind.find(':'))).value_or(0);
    if (!number) continue;
    const auto name = unique_name(line.substr(0, before));
    auto id = *number == 0 ? courier_name(name) : "UID" + std::to_string(*number);
    if (*number != 0 && validity != 0) id += "-" + std::to_string(validity);
    list.by_file.insert_or_assign(name, id);
  }
}

void read_numbers(std::string_view rest, ForeignList& list) {
  while (!rest.empty()) {
    const auto words = words_of(take_line(rest));
    const auto number = words.size() == 2 ? number_of(words[0]) : std::nullopt;
    if (number) list.by_number.insert_or_assign(*number, std::string(words[1]));
  }
}

}  // namespace

ForeignList read_uidl_list(std::string_view text) {
  ForeignList list;
  auto rest = text;
  const auto head = words_of(take_line(rest));
  if (head.size() >= 2 && head[0].starts_with('/') && number_of(head[0].substr(1))) {
    read_courier(rest, list);
  } else if (head.size() >= 3 &&
             (head[0] == "3" ? head[1].starts_with('V') : head[0] == "1" && number_of(head[1]) && number_of(head[2]))) {
    read_dovecot(head, rest, list);
  } else {
    read_numbers(text, list);
  }
  return list;
}

std::string x_uidl_of(std::string_view text) {
  constexpr std::string_view kField = "x-uidl:";
  while (!text.empty()) {
    const auto line = take_line(text);
    if (line.empty()) break;
    const auto same = [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a - 'A' + 'a' : a) == b; };
    if (line.size() < kField.size() || !std::ranges::equal(line.substr(0, kField.size()), kField, same)) continue;
    const auto words = words_of(line.substr(kField.size()));
    return words.size() == 1 ? std::string(words[0]) : std::string();
  }
  return {};
}

}  // namespace pop3d::admin
