// Text with holes: what an rc file says where variables, backquotes and quotes may stand, parsed once, filled in later.
// SPDX-License-Identifier: Apache-2.0
//
//   lists/${LIST:-misc} "a b"    →    "lists/" ${LIST:-"misc"} <break> "a b"
//
// Ground floor: the lexer makes expansions, evaluate.h fills them, nothing here knows either (procmailrc(5),
// "Environment variable defaults", "Extended..."; PROCMAIL.md 5.5 and 6).
#pragma once

#include <functional>
#include <string>
#include <vector>

namespace rules {

// How a text is read: words to the end of the line; one value, up to a blank or the end of the line; the whole text with its
// blanks (PROCMAIL.md 5.5 modes W, A, T); or a value of the command line, which is words with one blank between them.
enum class TextMode { Words, Assignment, Whole, CommandLine };

struct Piece {
  enum class Kind {
    Text,           // text, quotes and backslashes undone
    Break,          // a blank between words
    Variable,       // $name, ${name}; text is the name
    Escaped,        // $\name, $\1: its value with special characters of a regexp escaped
    Positional,     // $1 to $9, $0; text is the digit
    Special,        // $$ $? $# $= $_ $-; text is the character
    AllArguments,   // "$@"
    Default,        // ${name:-other}, ${name-other}, ${name:+other}, ${name+other}; text is the name
    Backquote,      // `command`; text is the command, backslashes undone
    BadSubstitution // ${name and something unknown: said when it is reached, then skipped; text is the name
  };
  Kind kind = Kind::Text;
  std::string text;
  bool quoted = false;              // within double quotes (or a quoted text): its value is not split into words
  bool when_empty = false;          // of Default: the form with ':', where empty counts as unset
  bool when_set = false;            // of Default: the form with '+'
  bool closed = true;               // of Default: false where the statement ended before its '}'
  std::vector<Piece> other = {};    // of Default
};

struct Expansion {
  std::vector<Piece> pieces;
  std::size_t raw_size = 0;         // bytes of rc text: LINEBUF counts them
  // Of an assignment that ends in "${name:-}" and a blank: what belongs to the value, too, if the default comes out as nothing,
  // and how many statements that is otherwise.
  std::vector<Piece> further = {};
  std::size_t statements = 0;
  bool unterminated = false;        // of an assignment: the file ends within its quotes, which is said when it is read
  bool opens_word = false;          // of a folder: a blank behind the name is a word of its own, if there is no other

  // The text, where nothing but the file decides it (one word, no holes); otherwise nullptr.
  const std::string* constant() const;
};

// Also within defaults that are not used: procmail complains when it reads over them.
void for_each_bad_substitution(const std::vector<Piece>& pieces, const std::function<void(const std::string& name)>& say);

// One line a piece tree: `"lists/" ${LIST:-"misc"} <break> "a b"`.
std::string dump(const Expansion& expansion);

}  // namespace rules
