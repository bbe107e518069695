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
#include "rules/regex/nfa.h"
#include "rules/regex/pcre.h"

namespace rules {

SearchText::SearchText(std::string_view bytes) {
  framed_.reserve(bytes.size() + 2);
  framed_ += '\n';
  framed_ += bytes;
  framed_ += '\n';
}

struct Pattern::Impl {
  // The linear engine: the automaton, and what it learned about texts so far, which one search at a time may use.
  struct Linear {
    explicit Linear(const Tree& tree) : nfa(build_nfa(tree)), earliest(nfa) {}
    Nfa nfa;
    std::mutex using_earliest;
    EarliestEnd earliest;
  };

  Impl(std::string_view given, Case letters)
      : text(given), regex(parse_regex(given, letters == Case::Fold)), literals(find_literals(regex)) {}

  Linear& linear() const {
    std::call_once(linear_once, [this] { linear_engine = std::make_unique<Linear>(regex.tree); });
    return *linear_engine;
  }

  const PcreMatcher& pcre() const {
    std::call_once(pcre_once, [this] { pcre_matcher = std::make_unique<PcreMatcher>(regex); });
    return *pcre_matcher;
  }

  // What PCRE2 says; none if the text is not for it, or it gave up, now or at an earlier text.
  std::optional<bool> quick_answer(std::string_view framed) const {
    if (framed.size() > PcreMatcher::kMaxText || pcre_gave_up.load(std::memory_order_relaxed)) return std::nullopt;
    const PcreMatcher::Answer answer = pcre().match(framed);
    if (answer != PcreMatcher::Answer::GaveUp) return answer == PcreMatcher::Answer::Yes;
    pcre_gave_up.store(true, std::memory_order_relaxed);
    return std::nullopt;
  }

  std::optional<std::size_t> earliest_end(std::string_view framed, std::size_t start) const {
    Linear& engine = linear();
    const std::lock_guard<std::mutex> lock(engine.using_earliest);
    return engine.earliest.find(framed, start);
  }

  // What is left when a search goes on at the end of a text without a final LF is an area of no bytes, which has its
  // two virtual LFs: `1^1 a|^$` counts 2 on `a`. The third LF keeps `^^` from taking the first.
  std::optional<Hit> search_nothing_left(std::size_t size) const {
    if (!earliest_end("\n\n\n", 1)) return std::nullopt;
    return Hit{.end = size + 1, .empty = false, .match = std::nullopt};
  }

  std::string text;
  Regex regex;
  Literals literals;

  // Caches; nothing to be seen from outside.
  mutable std::once_flag linear_once;
  mutable std::unique_ptr<Linear> linear_engine;
  mutable std::once_flag pcre_once;
  mutable std::unique_ptr<PcreMatcher> pcre_matcher;
  mutable std::atomic<bool> pcre_gave_up{false};
};

Pattern Pattern::compile(std::string_view text, Case letters) {
  return Pattern(std::make_shared<const Impl>(text, letters));
}

const std::string& Pattern::text() const { return impl_->text; }
const std::string& Pattern::expanded() const { return impl_->regex.expanded; }
const std::vector<std::string>& Pattern::problems() const { return impl_->regex.problems; }
bool Pattern::captures() const { return impl_->regex.captures; }
Pattern::Case Pattern::letters() const { return impl_->regex.fold ? Case::Fold : Case::Exact; }
const std::string& Pattern::required_literal() const { return impl_->literals.required; }
const std::string& Pattern::field() const { return impl_->literals.field; }
std::string Pattern::dump() const { return rules::dump(impl_->regex.tree); }
std::string Pattern::pcre_text() const { return rules::pcre_text(impl_->regex); }

bool Pattern::matches(const SearchText& text) const {
  if (const auto answer = impl_->quick_answer(text.framed())) return *answer;
  return impl_->earliest_end(text.framed(), 0).has_value();
}

std::optional<Pattern::Hit> Pattern::search(const SearchText& text, std::size_t from) const {
  const std::string_view framed = text.framed();
  const std::size_t size = text.bytes().size();
  if (from > size) return std::nullopt;
  // bytes()[i] is framed[i + 1]: an LF before `from`, for 0 the virtual one, is seen again.
  // Most conditions fail, which PCRE2 tells sooner.
  if (from == 0 && impl_->quick_answer(framed) == false) return std::nullopt;
  const std::size_t start = framed[from] == '\n' ? from : from + 1;
  const auto end = impl_->earliest_end(framed, start);
  if (!end && from == size && start > from) return impl_->search_nothing_left(size);
  if (!end) return std::nullopt;
  Hit hit;
  hit.end = std::max(*end, from + 1) - 1;
  hit.empty = hit.end == from;
  if (!captures()) return hit;
  const auto capture = find_capture(impl_->linear().nfa, framed, start, *end);
  // A marker behind the virtual LF at the end counts as not crossed.
  if (!capture || capture->first > size + 1) return hit;
  const auto clipped = [&](std::size_t at) { return std::clamp<std::size_t>(at, 1, size + 1) - 1; };
  hit.match.emplace(clipped(capture->first), clipped(capture->second));
  return hit;
}

}  // namespace rules
