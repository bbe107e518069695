// A rule file that is open in an editor, and what stands where in it.
// SPDX-License-Identifier: Apache-2.0
//
//   Document document("/home/anna/.procmailrc", text);
//   auto hover = document.hover({3, 5}, home);          // Markdown, or nothing
//
// Places count lines from 0 and bytes from 0; the session turns the protocol's UTF-16 units into bytes and back. Looks
// at single lines, joined ones aside, for what is being typed need not be right; only a recipe's sentence comes from
// the tree.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace filter::tools::lsp {

struct Place {
  std::size_t line = 0;
  std::size_t byte = 0;
};

// A line of a file to go to.
struct Target {
  std::string path;
  std::size_t line = 0;
};

struct Proposal {
  enum class Kind { Flag, Variable, Macro, Snippet };
  Kind kind = Kind::Variable;
  std::string text;
  std::string meaning;
};

class Document {
 public:
  Document(std::string path, std::string text);

  const std::string& path() const { return path_; }
  // Without its LF; empty beyond the end.
  std::string_view line(std::size_t number) const;

  const std::string& text() const { return text_; }

  // What the word there means; else what the recipe or assignment does. `home` stands for $HOME.
  std::optional<std::string> hover(const Place& place, const std::string& home) const;
  // Where a variable was set last before, or the file of INCLUDERC and SWITCHRC.
  std::optional<Target> definition(const Place& place, const std::string& home) const;
  std::vector<Proposal> completion(const Place& place) const;

 private:
  std::optional<std::string> value_before(std::size_t line, std::string_view name, const std::string& home,
                                          unsigned depth) const;
  std::optional<std::string> filled(std::size_t line, std::string_view text, const std::string& home,
                                    unsigned depth) const;
  std::optional<std::string> word_meaning(const Place& place) const;
  std::optional<std::string> sentence(std::size_t line, const std::string& home) const;
  std::optional<std::size_t> line_that_sets(std::size_t before, std::string_view name) const;

  std::string path_;
  std::string text_;
  std::vector<std::size_t> starts_;  // of lines
};

}  // namespace filter::tools::lsp
