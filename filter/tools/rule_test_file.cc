// Reads .expect files line by line.
// SPDX-License-Identifier: Apache-2.0
#include "filter/tools/rule_test_file.h"

#include <charconv>
#include <optional>

#include "rules/quote.h"
#include "rules/word_reader.h"

namespace filter::tools {
namespace {

using mailbox::Result;

std::string_view trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t\r");
  return begin == std::string_view::npos ? std::string_view()
                                         : text.substr(begin, text.find_last_not_of(" \t\r") + 1 - begin);
}

// The next word, and moves past it.
std::string_view take_word(std::string_view& text) {
  text = trimmed(text);
  const std::string_view word = text.substr(0, text.find_first_of(" \t"));
  text.remove_prefix(word.size());
  return word;
}

char unescaped(char c) { return c == 'n' ? '\n' : c == 't' ? '\t' : c == 'r' ? '\r' : c; }

// "text" in quotes, and moves past it; nothing: there is none.
std::optional<std::string> take_quoted(std::string_view& text) {
  text = trimmed(text);
  if (!text.starts_with('"')) return std::nullopt;
  std::string out;
  for (std::size_t i = 1; i < text.size(); ++i) {
    if (text[i] == '"') {
      text.remove_prefix(i + 1);
      return out;
    }
    if (text[i] == '\\' && i + 1 < text.size())
      out += unescaped(text[++i]);
    else
      out += text[i];
  }
  return std::nullopt;
}

std::optional<int> as_number(std::string_view text) {
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size() ? std::optional(number) : std::nullopt;
}

// What a line must look like; empty: it is fine.
using Complaint = std::string;

Complaint read_exec(std::string_view rest, RuleTestFile& file) {
  constexpr const char* kForm = "exec \"COMMAND\" exit N [output \"TEXT\"]";
  auto command = take_quoted(rest);
  if (!command || take_word(rest) != "exit") return kForm;
  const auto status = as_number(take_word(rest));
  if (!status) return kForm;
  StandIn program{std::move(*command), *status, false, {}};
  if (!trimmed(rest).empty()) {
    auto output = take_word(rest) == "output" ? take_quoted(rest) : std::nullopt;
    if (!output || !trimmed(rest).empty()) return kForm;
    program.has_output = true;
    program.output = std::move(*output);
  }
  file.programs.push_back(std::move(program));
  return {};
}

Complaint read_set(std::string_view rest, RuleTestFile& file) {
  const std::size_t sign = rest.find('=');
  const std::string_view name = trimmed(rest.substr(0, sign));
  if (sign == std::string_view::npos || name.empty() || !rules::is_name_start(name[0])) return "set VAR=value";
  std::string_view value = trimmed(rest.substr(sign + 1));
  const auto quoted = take_quoted(value);
  file.settings.emplace_back(name, quoted.value_or(std::string(value)));
  return {};
}

Complaint read_deed(std::string_view kind, std::string_view rest, RuleTestFile& file) {
  Deed deed{std::string(kind), {}};
  if (kind == "pipe" || kind == "header") {
    auto quoted = take_quoted(rest);
    if (!quoted) return deed.kind + (kind == "pipe" ? " \"COMMAND\"" : " \"Name: value\"");
    deed.what = std::string(trimmed(*quoted));
    if (kind == "header" && deed.what.find(':') == std::string::npos) return "header \"Name: value\"";
  } else if (kind == "exit") {
    const auto status = as_number(trimmed(rest));
    if (!status) return "exit N";
    deed.what = std::to_string(*status);
  } else if (kind == "forward") {
    while (!trimmed(rest).empty()) deed.what += (deed.what.empty() ? "" : " ") + std::string(take_word(rest));
    if (deed.what.empty()) return "forward ADDR...";
  } else if (kind != "discard") {
    auto quoted = take_quoted(rest);
    deed.what = quoted ? *quoted : std::string(trimmed(rest));
    if (deed.what.empty()) return deed.kind + " PATH";
  }
  file.expected.push_back(std::move(deed));
  return {};
}

// `is_deed`: the line says what must happen.
Complaint read_line(std::string_view line, RuleTestFile& file, bool& is_deed) {
  std::string_view rest = line;
  const std::string_view word = take_word(rest);
  is_deed = false;
  if (word.empty() || word.starts_with('#')) return {};
  if (word == "exec") return read_exec(rest, file);
  if (word == "set") return read_set(rest, file);
  if (word == "rules" || word == "arg") {
    auto quoted = take_quoted(rest);
    const std::string value = quoted ? *quoted : std::string(trimmed(rest));
    if (word == "arg")
      file.arguments.push_back(value);
    else if (value.empty())
      return "rules RC";
    else
      file.rules = value;
    return {};
  }
  is_deed = true;
  for (const std::string_view kind :
       {"mbox", "maildir", "mh", "directory", "discard", "forward", "pipe", "exit", "header"})
    if (word == kind) return read_deed(kind, rest, file);
  return "rules, set, arg, exec, mbox, maildir, mh, directory, discard, forward, pipe, exit or header";
}

}  // namespace

Result<RuleTestFile> read_rule_test(const std::string& name, std::string_view text) {
  RuleTestFile file;
  unsigned number = 0;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    ++number;
    bool is_deed = false;
    if (const Complaint wanted = read_line(line, file, is_deed); !wanted.empty())
      return mailbox::failure(
          mailbox::ErrorKind::Permanent,
          name + ":" + std::to_string(number) + ": \"" + rules::escaped(line) + "\" is not of the form: " + wanted);
    if (!is_deed) file.kept += std::string(line) + '\n';
  }
  return file;
}

std::string line_of(const Deed& deed) {
  if (deed.kind == "discard") return deed.kind;
  const bool quotes = deed.kind == "pipe" || deed.kind == "header";
  return deed.kind + ' ' + (quotes ? rules::quoted(deed.what) : deed.what);
}

}  // namespace filter::tools
