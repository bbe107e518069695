// Reads a client's line by one table: name, verb, shape of the arguments.
// SPDX-License-Identifier: Apache-2.0
#include "pop3d/command.h"

#include <algorithm>
#include <charconv>
#include <limits>

namespace pop3d {
namespace {

enum class Shape { Nothing, Word, Words, RestOfLine, Number, MaybeNumber, NumberAndLines };

struct Row {
  std::string_view name;
  Verb verb;
  Shape shape;
};

constexpr Row kCommands[] = {
    {"AUTH", Verb::Auth, Shape::Words},        {"CAPA", Verb::Capa, Shape::Nothing},
    {"DELE", Verb::Dele, Shape::Number},       {"LANG", Verb::Lang, Shape::Words},
    {"LIST", Verb::List, Shape::MaybeNumber},  {"NOOP", Verb::Noop, Shape::Nothing},
    {"PASS", Verb::Pass, Shape::RestOfLine},   {"QUIT", Verb::Quit, Shape::Nothing},
    {"RETR", Verb::Retr, Shape::Number},       {"RSET", Verb::Rset, Shape::Nothing},
    {"STAT", Verb::Stat, Shape::Nothing},      {"STLS", Verb::Stls, Shape::Nothing},
    {"TOP", Verb::Top, Shape::NumberAndLines}, {"UIDL", Verb::Uidl, Shape::MaybeNumber},
    {"USER", Verb::User, Shape::Word},         {"UTF8", Verb::Utf8, Shape::Nothing},
};

// What clients try without harm to see whether it is there (POP3.md 1, below the table).
constexpr std::string_view kProbes[] = {"APOP", "LAST", "XSENDER", "XTND"};

std::string upper_case(std::string_view text) {
  std::string result(text);
  std::ranges::transform(result, result.begin(), [](char c) { return c >= 'a' && c <= 'z' ? char(c - 'a' + 'A') : c; });
  return result;
}

std::unexpected<Complaint> complaint(std::string text, bool is_probe = false) {
  return std::unexpected(Complaint{std::move(text), is_probe});
}

// Digits only; what does not fit is the largest number there is: more lines than any message has, and no message.
std::optional<std::uint64_t> read_number(std::string_view text) {
  std::uint64_t value = 0;
  if (text.empty() || text.find_first_not_of("0123456789") != text.npos) return std::nullopt;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
  if (read.ec == std::errc::result_out_of_range) return std::numeric_limits<std::uint64_t>::max();
  return value;
}

std::expected<Command, Complaint> read_arguments(const Row& row, bool has_argument, std::string_view argument) {
  Command command{row.verb, argument, std::nullopt, 0};
  switch (row.shape) {
    case Shape::Nothing:
      if (!argument.empty()) return complaint(std::string(row.name) + " takes no argument");
      return command;
    case Shape::Word:
      if (argument.empty() || argument.find_first_of(" \t") != argument.npos) {
        return complaint(std::string(row.name) + " takes one name");
      }
      return command;
    case Shape::Words:
      return command;
    case Shape::RestOfLine:
      if (!has_argument) return complaint(std::string(row.name) + " takes an argument");
      return command;
    case Shape::MaybeNumber:
      if (argument.empty()) return command;
      [[fallthrough]];
    case Shape::Number:
      command.number = read_number(argument);
      if (!command.number) return complaint(std::string(row.name) + " takes a message number");
      return command;
    case Shape::NumberAndLines: {
      const auto blank = std::min(argument.find(' '), argument.size());
      command.number = read_number(argument.substr(0, blank));
      const auto lines = read_number(argument.substr(std::min(blank + 1, argument.size())));
      if (!command.number || !lines)
        return complaint(std::string(row.name) + " takes a message number and a number of lines");
      command.lines = *lines;
      return command;
    }
  }
  return command;
}

}  // namespace

std::expected<Command, Complaint> parse_command(std::string_view line) {
  using namespace std::string_view_literals;
  if (line.find_first_of("\0\r"sv) != line.npos) return complaint("control character in the line");
  const auto blank = line.find(' ');
  const auto name = upper_case(line.substr(0, blank));
  const bool has_argument = blank != line.npos;
  auto argument = has_argument ? line.substr(blank + 1) : std::string_view{};
  const auto row = std::ranges::find(kCommands, name, &Row::name);
  // AUTH may bring its first answer along, which has a bound of its own (line_buffer.h).
  const bool is_auth = row != std::end(kCommands) && row->verb == Verb::Auth;
  if (line.size() > kLongestCommand && !is_auth) return complaint("line too long");
  if (row == std::end(kCommands)) {
    if (std::ranges::find(kProbes, name) != std::end(kProbes)) return complaint(name + " is not offered", true);
    return complaint(line.empty() ? "empty line" : "unknown command");
  }
  if (row->shape != Shape::RestOfLine) {
    while (argument.ends_with(' ')) argument.remove_suffix(1);
  }
  return read_arguments(*row, has_argument, argument);
}

}  // namespace pop3d
