// Takes an option's value from a tool's command line.
// SPDX-License-Identifier: Apache-2.0
#include "filter/tools/option_value.h"

namespace filter::tools {

using mailbox::ErrorKind;

mailbox::Result<std::optional<std::string>> option_value(std::span<const std::string> words, std::size_t& at,
                                                         std::string_view name) {
  const std::string_view word = words[at];
  if (word == name) {
    if (at + 1 >= words.size())
      return mailbox::failure(ErrorKind::Permanent, "option " + std::string(name) + " needs a value; try --help");
    return words[++at];
  }
  if (word.starts_with(name) && word.substr(name.size()).starts_with('='))
    return std::string(word.substr(name.size() + 1));
  return std::nullopt;
}

mailbox::Result<std::size_t> choice(std::string_view what, const std::string& value,
                                    std::span<const std::string_view> choices) {
  std::string known;
  for (std::size_t i = 0; i < choices.size(); ++i) {
    if (value == choices[i]) return i;
    known += (i == 0 ? "" : i + 1 == choices.size() ? " or " : ", ") + std::string(choices[i]);
  }
  return mailbox::failure(ErrorKind::Permanent, "unknown " + std::string(what) + " '" + value + "': " + known);
}

}  // namespace filter::tools
