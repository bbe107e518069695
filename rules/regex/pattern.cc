// A pattern and its matchers, each built when first needed.
// SPDX-License-Identifier: Apache-2.0
#include "rules/regex/pattern.h"

#include <algorithm>
#include <atomic>
#include <mutex>

#include "rules/regex/capture.h"
#include "rules/regex/dialect.h"
#include "rules/regex/earliest.h"
#include "rules/regex/literals.h"
#include "rules/regex/needs.h"
#include "rules/regex/nfa.h"
#include "rules/regex/pcre.h"

namespace rules {

namespace {

// `prefix` is in lower case if `fold`.
bool begins_with(std::string_view text, std::string_view prefix, bool fold) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; };
  if (text.size() < prefix.size()) return false;
  for (std::size_t i = 0; i < prefix.size(); ++i) {
    if ((fold ? lower(text[i]) : text[i]) != prefix[i]) return false;
  }
  return true;
}

}  // namespace

SearchText::SearchText(std::string_view bytes) {
  framed_.reserve(bytes.size() + 2);
  framed_ += '\n';
  framed_ += bytes;
  framed_ += '\n';
}

const TrigramSet& SearchText::trigrams() const {
  if (!trigrams_) trigrams_ = std::make_unique<const TrigramSet>(framed_);
  return *trigrams_;
}

const std::vector<std::size_t>& SearchText::line_starts() const {
  if (line_starts_.empty()) {
    for (std::size_t at = 0; at + 1 < framed_.size(); at = framed_.find('\n', at + 1)) line_starts_.push_back(at);
  }
  return line_starts_;
}

struct Pattern::Impl {
  static constexpr std::size_t kQuickLines = 20;

  // The linear engine: the automaton, and what it learned about texts so far, which one search at a time may use.
  struct Linear {
    explicit Linear(const Tree& tree)
        : nfa(build_nfa(tree)), earliest(nfa), capture(nfa), ends_at_once(earliest.find("\n\n", 1) == 1) {}
    Nfa nfa;
    std::mutex busy;
    EarliestEnd earliest;
    CaptureWalk capture;
    bool ends_at_once;  // matches nothing, if only at the end of a text: `a*`, and `b|^^`
  };
  // The expression read, and its matchers.
  struct Parsed {
    Parsed(std::string_view text, Case letters)
        : regex(parse_regex(text, letters == Case::Fold)), literals(find_literals(regex)) {}

    Regex regex;
    Literals literals;
    std::once_flag linear_once;
    std::unique_ptr<Linear> linear_engine;
    std::once_flag pcre_once;
    std::unique_ptr<PcreMatcher> pcre_matcher;
    std::atomic<bool> pcre_gave_up{false};
  };

  Impl(std::string_view given, Case wanted) : text(given), letters(wanted), surely_valid(is_surely_valid(given)) {}

  Parsed& parsed() const {
    std::call_once(parsed_once, [this] { parsed_text = std::make_unique<Parsed>(text, letters); });
    return *parsed_text;
  }

  Linear& linear() const {
    Parsed& p = parsed();
    std::call_once(p.linear_once, [&p] { p.linear_engine = std::make_unique<Linear>(p.regex.tree); });
    return *p.linear_engine;
  }

  const PcreMatcher& pcre() const {
    Parsed& p = parsed();
    std::call_once(p.pcre_once, [&p] { p.pcre_matcher = std::make_unique<PcreMatcher>(p.regex); });
    return *p.pcre_matcher;
  }

  // What PCRE2 says; none if the text is not for it, or it gave up, now or at an earlier text.
  std::optional<bool> quick_answer(std::string_view framed) const {
    std::atomic<bool>& gave_up = parsed().pcre_gave_up;
    if (framed.size() > PcreMatcher::kMaxText || gave_up.load(std::memory_order_relaxed)) return std::nullopt;
    const PcreMatcher::Answer answer = pcre().match(framed);
    if (answer != PcreMatcher::Answer::GaveUp) return answer == PcreMatcher::Answer::Yes;
    gave_up.store(true, std::memory_order_relaxed);
    return std::nullopt;
  }

  std::optional<std::size_t> earliest_end(std::string_view framed, std::size_t start) const {
    Linear& engine = linear();
    const std::lock_guard<std::mutex> lock(engine.busy);
    return engine.earliest.find(framed, start);
  }

  // What is left when a search goes on at the end of a text without a final LF is an area of no bytes, which has its
  // two virtual LFs: `1^1 a|^$` counts 2 on `a`. The third LF keeps `^^` from taking the first.
  std::optional<Hit> search_nothing_left(std::size_t size) const {
    if (!earliest_end("\n\n\n", 1)) return std::nullopt;
    return Hit{.end = size + 1, .empty = false, .match = std::nullopt};
  }

  // Whether a text matches, by the quickest way to know.
  bool matches(std::string_view framed, bool quick) const {
    if (const auto answer = quick ? quick_answer(framed) : std::nullopt) return *answer;
    return earliest_end(framed, 0).has_value();
  }

  // A match that ends earliest, with its marker, as offsets of the whole framed text.
  struct Found {
    std::size_t end = 0;
    std::optional<std::pair<std::size_t, std::size_t>> marked;
  };

  // In framed[begin, behind), from `start` on.
  std::optional<Found> find_in(std::string_view framed, std::size_t begin, std::size_t behind, std::size_t start,
                               bool quick, std::size_t& read_on) const {
    const std::string_view part = framed.substr(begin, behind - begin);
    // Most conditions fail, which PCRE2 tells sooner.
    if (quick && quick_answer(part) == false) return std::nullopt;
    const auto end = earliest_end(part, start - begin);
    if (!end) return std::nullopt;
    Found found{.end = begin + *end, .marked = std::nullopt};
    if (!parsed().regex.captures) return found;
    Linear& engine = linear();
    const std::lock_guard<std::mutex> lock(engine.busy);
    found.marked = engine.capture.find(part, start - begin, *end, read_on);
    if (found.marked) found.marked->first += begin, found.marked->second += begin;
    return found;
  }

  // Calls `visit` with the framed part of each line of this field, LFs on both sides, and whether PCRE2 may still be
  // asked, until it says true. PCRE2's budget holds for each line, so only a few lines can have it.
  template <typename Visit>
  bool any_field_line(const SearchText& area, std::size_t start, Visit visit) const {
    const std::string& field = parsed().literals.field;
    const bool fold = parsed().regex.fold;
    const std::string_view framed = area.framed();
    const std::vector<std::size_t>& starts = area.line_starts();
    std::size_t visited = 0;
    for (auto line = std::lower_bound(starts.begin(), starts.end(), start); line != starts.end(); ++line) {
      if (!begins_with(framed.substr(*line + 1), field, fold)) continue;
      const auto next = line + 1;
      const std::size_t behind = next == starts.end() ? framed.size() : *next + 1;
      if (visit(*line, behind, start == 0 && visited++ < kQuickLines)) return true;
    }
    return false;
  }

  // False: it surely does not match. What is asked often has its needs written down.
  bool may_match(const SearchText& area) const {
    if (times_asked.load(std::memory_order_relaxed) < kTimesForNeeds) {
      times_asked.fetch_add(1, std::memory_order_relaxed);
      return glance(text, area.trigrams()) != Glance::CannotMatch;
    }
    std::call_once(needs_once, [this] { needs.emplace(text); });
    return needs->may_match(area.trigrams());
  }

  static constexpr unsigned kTimesForNeeds = 4;

  std::string text;
  Case letters;
  bool surely_valid;

  // Caches; nothing to be seen from outside.
  mutable std::atomic<unsigned> times_asked{0};
  mutable std::once_flag needs_once;
  mutable std::optional<Needs> needs;
  mutable std::once_flag parsed_once;
  mutable std::unique_ptr<Parsed> parsed_text;
};

Pattern Pattern::compile(std::string_view text, Case letters) {
  return Pattern(std::make_shared<const Impl>(text, letters));
}

const std::string& Pattern::text() const { return impl_->text; }
const std::string& Pattern::expanded() const { return impl_->parsed().regex.expanded; }
Pattern::Case Pattern::letters() const { return impl_->parsed().regex.fold ? Case::Fold : Case::Exact; }
const std::string& Pattern::required_literal() const { return impl_->parsed().literals.required; }
const std::string& Pattern::field() const { return impl_->parsed().literals.field; }
std::string Pattern::dump() const { return rules::dump(impl_->parsed().regex.tree); }
std::string Pattern::pcre_text() const { return rules::pcre_text(impl_->parsed().regex); }

bool Pattern::captures() const {
  return impl_->text.find("\\/") != std::string::npos && impl_->parsed().regex.captures;
}

const std::vector<std::string>& Pattern::problems() const {
  static const std::vector<std::string> none;
  return impl_->surely_valid ? none : impl_->parsed().regex.problems;
}

bool Pattern::may_match(const SearchText& text) const { return impl_->may_match(text); }

bool Pattern::matches(const SearchText& text) const {
  if (!may_match(text)) return false;
  if (!impl_->parsed().literals.one_line) return impl_->matches(text.framed(), true);
  return impl_->any_field_line(text, 0, [&](std::size_t begin, std::size_t behind, bool quick) {
    return impl_->matches(text.framed().substr(begin, behind - begin), quick);
  });
}

std::optional<Pattern::Hit> Pattern::search(const SearchText& text, std::size_t from) const {
  std::size_t read_on = text.framed().size();
  return search(text, from, read_on);
}

std::optional<Pattern::Hit> Pattern::search(const SearchText& text, std::size_t from, std::size_t& read_on) const {
  const std::string_view framed = text.framed();
  const std::size_t size = text.bytes().size();
  if (from > size) return std::nullopt;
  // Searches that go on are past this; and the end of a text can match by LFs that it does not have.
  if (from == 0 && !may_match(text)) return std::nullopt;
  // bytes()[i] is framed[i + 1]: an LF before `from`, for 0 the virtual one, is seen again.
  const std::size_t start = framed[from] == '\n' ? from : from + 1;
  std::optional<Impl::Found> found;
  if (impl_->parsed().literals.one_line) {
    impl_->any_field_line(text, start, [&](std::size_t begin, std::size_t behind, bool quick) {
      return (found = impl_->find_in(framed, begin, behind, begin, quick, read_on)).has_value();
    });
  } else {
    found = impl_->find_in(framed, 0, framed.size(), start, start == 0, read_on);
    if (!found && from == size && start > from) return impl_->search_nothing_left(size);
  }
  if (!found) return std::nullopt;
  Hit hit;
  // `b|^^` counts as an empty match right away, however far the end is.
  hit.end = impl_->linear().ends_at_once ? from : std::max(found->end, from + 1) - 1;
  hit.empty = hit.end == from;
  // A marker behind the virtual LF at the end counts as not crossed.
  if (!found->marked || found->marked->first > size + 1) return hit;
  const auto clipped = [&](std::size_t at) { return std::clamp<std::size_t>(at, 1, size + 1) - 1; };
  hit.match.emplace(clipped(found->marked->first), clipped(found->marked->second));
  return hit;
}

}  // namespace rules
