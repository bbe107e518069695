// The words of rule files with what they mean: flags, special variables, macros. For hover and completion.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string_view>

namespace filter::tools::lsp {

struct Word {
  std::string_view name;
  std::string_view meaning;  // a sentence or two, in Markdown
};

std::span<const Word> flags();
std::span<const Word> variables();
std::span<const Word> macros();

// nullptr: it is none of them.
const Word* find(std::span<const Word> words, std::string_view name);

}  // namespace filter::tools::lsp
