// A condition's regular expression in procmail's dialect, ready to be asked whether, where and with which MATCH it
// holds. SPDX-License-Identifier: Apache-2.0
//
//   SearchText header("Subject: [dev] hello\n\n");                       // once an area, shared by all conditions
//   Pattern pattern = Pattern::compile("^Subject:.*\\[\\/[^]]+", Pattern::Case::Fold);
//   if (pattern.captures()) {
//     auto hit = pattern.search(header, 0);                              // hit->match: [10,13), "dev"
//   } else if (pattern.matches(header)) ...                              // the fast question
//
// compile() takes the text of a condition after its prefixes (`*`, `!`, weights, `NAME ??`) are gone. It never fails:
// what procmail calls an invalid regexp goes on matching with the part up to the error (PROCMAIL.md 9.9), and
// problems() says what the log should. It only copies the text: expression and matchers are made when first needed, and
// most never are, because a glance at the text tells that it cannot match (prefilter.h).
//
// A weighted condition `w^x pattern` (PROCMAIL.md 11.3) is this loop; it ends by itself because each hit that is not
// empty moves `from` on:
//
//   std::size_t from = 0, read_on = 100 * text.bytes().size();
//   while (auto hit = pattern.search(text, from, read_on)) {
//     score += w;                                // and MATCH = hit->match, if it is set
//     if (hit->empty) { ... w / (1 - x), or the limit when x >= 1 ...; break; }
//     if (w == 0 || limits of 11.2 and 11.3) break;
//     w *= x;
//     from = hit->end;
//   }
//
// MATCH is set by a negated condition too, and only if hit->match has a value: else it keeps its old one (10.1).
//
// Cost: matches() and search() are linear in the text for a given pattern, whatever the pattern (CONTRACT.md 5.10); a
// search that fills `match` may read on behind the earliest end, as far as it is allowed. No system calls but memory;
// no exceptions but bad_alloc. A Pattern is immutable to the eye, cheap to copy, and may be shared by threads.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "rules/regex/prefilter.h"

namespace rules {

// The bytes of a search area with one sentinel LF before and after (PROCMAIL.md 9.4), in one buffer, and what was found
// out about them so far. Not for several threads at once.
class SearchText {
 public:
  explicit SearchText(std::string_view bytes);
  std::string_view bytes() const { return std::string_view(framed_).substr(1, framed_.size() - 2); }
  std::string_view framed() const { return framed_; }

  // Of the framed text; made when first asked for.
  const TrigramSet& trigrams() const;
  // Where in the framed text the LF before each line is: of the last line too, which is empty if bytes() end in an LF.
  const std::vector<std::size_t>& line_starts() const;

 private:
  std::string framed_;
  mutable std::unique_ptr<const TrigramSet> trigrams_;
  mutable std::vector<std::size_t> line_starts_;
};

class Pattern {
 public:
  enum class Case { Fold, Exact };  // Fold unless the recipe has flag D

  // One match: the one that ends earliest at or after the offset searched from.
  struct Hit {
    // Offset in bytes() behind the match; bytes().size() + 1 if it took the virtual LF at the end.
    std::size_t end = 0;
    // Nothing was consumed, except perhaps an LF before `from` that served as context.
    bool empty = false;
    // MATCH as [begin, end) of bytes(), virtual LFs clipped; none if the match did not cross a `\/`.
    std::optional<std::pair<std::size_t, std::size_t>> match;
  };

  static Pattern compile(std::string_view text, Case letters);

  const std::string& text() const;                   // as given
  const std::string& expanded() const;               // with macros replaced: what VERBOSE logs show (9.11)
  const std::vector<std::string>& problems() const;  // log lines in procmail's words: Invalid regexp "(ab"
  bool captures() const;                             // has a `\/` outside a class
  Case letters() const;                              // Fold also under D when ^FROM_DAEMON occurs (9.1)

  // A string that every match contains, lower-cased when letters() is Fold; empty if none is known.
  const std::string& required_literal() const;
  // "subject:" when every match begins with an LF and this field name; lower-cased when Fold; else empty.
  const std::string& field() const;

  std::string dump() const;       // the tree as text (regex_ast.h)
  std::string pcre_text() const;  // the same as PCRE2 sees it (pcre.h)

  // False: it surely does not match in the area, and has no problems(). Costs less than parsing it.
  bool may_match(const SearchText& text) const;
  // Whether the expression matches anywhere in the area.
  bool matches(const SearchText& text) const;
  // The match that ends earliest, seen from offset `from` of bytes(): an LF right before `from` (for 0, the virtual
  // one) can be matched again. None when `from` is behind the end of the text.
  std::optional<Hit> search(const SearchText& text, std::size_t from) const;
  // For many searches of one text. MATCH is the longest one, for which a search may have to read on far behind what it
  // found: `read_on` bytes at most, less by those that were read. With none left, MATCH ends where the match does.
  std::optional<Hit> search(const SearchText& text, std::size_t from, std::size_t& read_on) const;

 private:
  struct Impl;
  explicit Pattern(std::shared_ptr<const Impl> impl) : impl_(std::move(impl)) {}
  std::shared_ptr<const Impl> impl_;
};

}  // namespace rules
