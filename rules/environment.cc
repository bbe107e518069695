// Variables, and the numbers that some of them stand for.
// SPDX-License-Identifier: Apache-2.0
#include "rules/environment.h"

#include <algorithm>
#include <cstdlib>

#include "rules/limits.h"

namespace rules {
namespace {

struct NumberName {
  std::string_view name;
  Number which;
  long initial;
};
constexpr NumberName kNames[kNumbers] = {
    {"VERBOSE", Number::Verbose, 0},         {"LOCKSLEEP", Number::LockSleep, 8},
    {"LOCKTIMEOUT", Number::LockTimeout, 1024}, {"TIMEOUT", Number::Timeout, 960},
    {"SUSPEND", Number::Suspend, 16},        {"LINEBUF", Number::LineBuffer, 0},
    {"LOGABSTRACT", Number::LogAbstract, -1}, {"EXITCODE", Number::ExitCode, -1},
    {"DELIVERED", Number::Delivered, 0},     {"DROPPRIVS", Number::DropPrivileges, 0},
    {"SHIFT", Number::Shift, 0},            {"MATCH_DECODED", Number::MatchDecoded, 0},
};

}  // namespace

long read_number(std::string_view text, long otherwise) {
  const std::string start(text.substr(0, 32));
  char* end = nullptr;
  const long value = std::strtol(start.c_str(), &end, 10);
  if (end != start.c_str()) return value;
  const std::size_t first = start.find_first_not_of(" \t\n");
  if (first == std::string::npos) return otherwise;
  const auto lower = [&](std::size_t i) {
    const char c = i < start.size() ? start[i] : '\0';
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  };
  switch (lower(first)) {
    case 'y': case 't': case 'e': return 1;
    case 'n': case 'f': case 'd': return 0;
    case 'a': return 2;
    case 'o': return lower(first + 1) == 'n' ? 1 : lower(first + 1) == 'f' ? 0 : otherwise;
    default: return otherwise;
  }
}

Environment::Environment() : numbers_{} {
  for (const NumberName& n : kNames) numbers_[static_cast<std::size_t>(n.which)] = n.initial;
}

const Value* Environment::find(std::string_view name) const {
  const auto found = values_.find(name);
  return found == values_.end() ? nullptr : &found->second;
}

std::string Environment::text(std::string_view name) const {
  const Value* value = find(name);
  return value ? value->text() : std::string();
}

void Environment::set(const std::string& name, Value value) {
  value.cut(std::min(value.text().find('\0'), value.text().size()));   // no environment holds more
  for (const NumberName& n : kNames) {
    if (n.name != name) continue;
    long& number = numbers_[static_cast<std::size_t>(n.which)];
    // An EXITCODE that says nothing replaces nothing, whatever it was before.
    number = read_number(value.text(), n.which == Number::ExitCode ? -1 : number);
    if (n.which == Number::LineBuffer) number = std::clamp(number, static_cast<long>(kMinLineBuffer), static_cast<long>(kMaxLine));
  }
  values_.insert_or_assign(name, std::move(value));
}

void Environment::unset(const std::string& name) {
  // Most numbers stay as they were; an unset LINEBUF is the smallest; an unset EXITCODE no longer replaces the exit status, and MATCH_DECODED, which is
  // ours, is off where it is not set.
  if (name == "LINEBUF") numbers_[static_cast<std::size_t>(Number::LineBuffer)] = static_cast<long>(kMinLineBuffer);
  if (name == "MATCH_DECODED") numbers_[static_cast<std::size_t>(Number::MatchDecoded)] = 0;
  if (name == "EXITCODE") numbers_[static_cast<std::size_t>(Number::ExitCode)] = -1;
  values_.erase(name);
}

std::vector<std::string> Environment::exported() const {
  std::vector<std::string> out;
  out.reserve(values_.size());
  for (const auto& [name, value] : values_)
    if (value.text().find('\0') == std::string::npos) out.push_back(name + '=' + value.text());
  return out;
}

}  // namespace rules
