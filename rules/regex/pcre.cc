// Writes the tree as PCRE2 text, compiles it, and matches within a budget of steps.
// SPDX-License-Identifier: Apache-2.0
#include "rules/regex/pcre.h"

#include <pcre2.h>

#include <algorithm>

namespace rules {
namespace {

class Writer {
 public:
  explicit Writer(const Regex& regex) : tree_(regex.tree), fold_(regex.fold) {}

  std::string write() {
    node(tree_.root);
    return std::move(out_);
  }

 private:
  void node(NodeId id) {
    const Node& node = tree_.at(id);
    switch (node.kind) {
      case NodeKind::Empty:
      case NodeKind::Marker:
        return;
      case NodeKind::Bytes:
        return bytes(tree_.bytes(id));
      case NodeKind::AreaStart:
        out_ += "\\A\\n";
        return;
      case NodeKind::AreaEnd:
        out_ += "(?=\\n\\z)";
        return;
      case NodeKind::Concat:
        return sequence(node);
      case NodeKind::Alternate:
        return alternatives(id);
      case NodeKind::Star:
        return repeat(node.child, '*');
      case NodeKind::Plus:
        return repeat(node.child, '+');
      case NodeKind::Optional:
        return repeat(node.child, '?');
    }
  }

  void bytes(const ByteSet& set) {
    const int single = single_byte(set, fold_);
    if (set.none()) {
      out_ += "(?!)";
    } else if (set.all()) {
      out_ += "(?s:.)";
    } else if (single < 0) {
      out_ += class_text(set);
    } else {
      out_ += byte_text(static_cast<unsigned>(single));
    }
  }

  void sequence(const Node& parent) {
    for (NodeId child = parent.child; child != kNoNode; child = tree_.at(child).next) {
      const bool grouped = tree_.at(child).kind == NodeKind::Alternate;
      if (grouped) out_ += "(?:";
      node(child);
      if (grouped) out_ += ')';
    }
  }

  void alternatives(NodeId id) {
    const Node& parent = tree_.at(id);
    for (NodeId child = parent.child; child != kNoNode; child = tree_.at(child).next) {
      if (child != parent.child) out_ += '|';
      node(child);
    }
  }

  void repeat(NodeId child, char operation) {
    const bool grouped = tree_.at(child).kind != NodeKind::Bytes;
    if (grouped) out_ += "(?:";
    node(child);
    if (grouped) out_ += ')';
    out_ += operation;
  }

  const Tree& tree_;
  bool fold_;
  std::string out_;
};

template <auto Free>
struct Freeing {
  template <typename Thing>
  void operator()(Thing* thing) const {
    Free(thing);
  }
};
using MatchData = std::unique_ptr<pcre2_match_data, Freeing<pcre2_match_data_free>>;
using MatchContext = std::unique_ptr<pcre2_match_context, Freeing<pcre2_match_context_free>>;

}  // namespace

std::string pcre_text(const Regex& regex) { return Writer(regex).write(); }

struct PcreMatcher::Code {
  std::unique_ptr<pcre2_code, Freeing<pcre2_code_free>> compiled;
};

PcreMatcher::PcreMatcher(const Regex& regex, std::size_t max_steps) : max_steps_(max_steps) {
  const std::string text = pcre_text(regex);
  if (text.size() > kMaxExpression) return;
  int error = 0;
  PCRE2_SIZE error_at = 0;
  const std::uint32_t options =
      PCRE2_NO_AUTO_POSSESS | PCRE2_NO_AUTO_CAPTURE | PCRE2_NEVER_UTF | (regex.fold ? PCRE2_CASELESS : 0u);
  pcre2_code* compiled =
      pcre2_compile(reinterpret_cast<PCRE2_SPTR>(text.data()), text.size(), options, &error, &error_at, nullptr);
  if (compiled) code_ = std::make_unique<Code>(Code{decltype(Code::compiled)(compiled)});
}

PcreMatcher::~PcreMatcher() = default;

PcreMatcher::Answer PcreMatcher::match(std::string_view framed) const {
  if (!code_ || framed.size() > kMaxText) return Answer::GaveUp;
  const MatchContext context(pcre2_match_context_create(nullptr));
  const MatchData data(pcre2_match_data_create(1, nullptr));
  if (!context || !data) return Answer::GaveUp;
  const auto steps = static_cast<std::uint32_t>(max_steps_ / framed.size());
  pcre2_set_match_limit(context.get(), std::min<std::uint32_t>(steps, 100'000));
  pcre2_set_heap_limit(context.get(), kMaxHeapKiB);
  const int result = pcre2_match(code_->compiled.get(), reinterpret_cast<PCRE2_SPTR>(framed.data()), framed.size(), 0,
                                 0, data.get(), context.get());
  if (result >= 0) return Answer::Yes;
  return result == PCRE2_ERROR_NOMATCH ? Answer::No : Answer::GaveUp;
}

}  // namespace rules
