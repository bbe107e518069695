// Reads command lines.
// SPDX-License-Identifier: Apache-2.0
#include "rules/command.h"

#include "rules/word_reader.h"

namespace rules {

Command read_command(std::string_view text) {
  Command command;
  command.text = text;
  std::size_t at = 0;
  // An LF of a line that is a backslash alone ends the words, as it would the line.
  command.words = read_words(command.text, at, TextMode::Words).expansion;
  return command;
}

}  // namespace rules
