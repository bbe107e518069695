// Turns the few words of mdoc(7) that sluice-checks(7) uses into Markdown.
// SPDX-License-Identifier: Apache-2.0
#include "filter/tools/lint/page.h"

#include <algorithm>

#include "filter/tools/markdown.h"

namespace filter::tools::lint {
namespace {

// "\e" is a backslash, "\&" nothing.
std::string unescaped(std::string_view line) {
  std::string out;
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (line[i] != '\\' || i + 1 == line.size()) {
      out += line[i];
    } else if (line[++i] == 'e') {
      out += '\\';
    }
  }
  return out;
}

// ".Xr procmailrc 5" is procmailrc(5); other words about words are their arguments.
std::string words_of_request(std::string_view line) {
  const bool refers = line.starts_with(".Xr ");
  std::string words = unescaped(line.substr(std::min(line.find(' ') + 1, line.size())));
  if (const auto blank = words.find(' '); refers && blank != std::string::npos)
    words = words.substr(0, blank) + "(" + words.substr(blank + 1) + ")";
  return words;
}

}  // namespace

std::string page_of(std::string_view check) {
  const std::string title = "\n.Ss " + std::string(check) + "\n";
  const auto begin = kChecksManual.find(title);
  if (begin == std::string_view::npos) return {};
  std::string_view rest = kChecksManual.substr(begin + title.size());
  std::string out;
  bool literal = false;
  while (!rest.empty() && !rest.starts_with(".S")) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(line.size() + 1, rest.size()));
    if (line.starts_with(".Bd") || line.starts_with(".Ed")) {
      literal = line.starts_with(".Bd");
      out += literal ? "\n```\n" : "```\n";
    } else if (line.starts_with(".Pp")) {
      out += '\n';
    } else if (literal) {
      out += unescaped(line) + '\n';
    } else {
      out += as_markdown(line.starts_with('.') ? words_of_request(line) : unescaped(line)) + '\n';
    }
  }
  return out;
}

}  // namespace filter::tools::lint
