// Reads procmail's regular expressions: first the macros, as text, then the grammar, with an explicit stack of groups.
// SPDX-License-Identifier: Apache-2.0
#include "rules/regex/dialect.h"

#include <array>
#include <unordered_map>
#include <utility>

namespace rules {
namespace {

constexpr std::size_t kMaxQuoted = 2048;  // bytes of an expression that a problem shows

struct Macro {
  std::string_view name;
  std::string_view text;
  bool folds;  // switches the whole expression to folding
};

// procmailrc(5), MISCELLANEOUS. The classes end in a TAB and a blank. In the order they are looked for.
constexpr std::array<Macro, 4> kMacros = {{
    {"^FROM_DAEMON",
     "(^(Mailing-List:|Precedence:.*(junk|bulk|list)|To: Multiple recipients of |"
     "(((Resent-)?(From|Sender)|X-Envelope-From):|>?From )([^>]*[^(.%@a-z0-9])?("
     "Post(ma?(st(e?r)?|n)|office)|(send)?Mail(er)?|daemon|m(mdf|ajordomo)|n?uucp|LIST(SERV|proc)|NETSERV|o(wner|ps)|"
     "r(e(quest|sponse)|oot)|b(ounce|bs\\.smtp)|echo|mirror|s(erv(ices?|er)|mtp(error)?|ystem)|"
     "A(dmin(istrator)?|MMGR|utoanswer)"
     ")(([^).!:a-z0-9][-_a-z0-9]*)?[%@>\t ][^<)]*(\\(.*\\).*)?)?$([^>]|$)))",
     true},
    {"^TO_", "(^((Original-)?(Resent-)?(To|Cc|Bcc)|(X-Envelope|Apparently(-Resent)?)-To):(.*[^-a-zA-Z0-9_.])?)", false},
    {"^TO", "(^((Original-)?(Resent-)?(To|Cc|Bcc)|(X-Envelope|Apparently(-Resent)?)-To):(.*[^a-zA-Z])?)", false},
    {"^FROM_MAILER",
     "(^(((Resent-)?(From|Sender)|X-Envelope-From):|>?From )([^>]*[^(.%@a-z0-9])?("
     "Post(ma(st(er)?|n)|office)|(send)?Mail(er)?|daemon|mmdf|n?uucp|ops|r(esponse|oot)|(bbs\\.)?smtp(error)?|"
     "s(erv(ices?|er)|ystem)|A(dmin(istrator)?|MMGR)"
     ")(([^).!:a-z0-9][-_a-z0-9]*)?[%@>\t ][^<)]*(\\(.*\\).*)?)?$([^>]|$))",
     false},
}};

const Macro* macro_at(std::string_view text, std::size_t at) {
  if (at + 1 >= text.size() || text[at] != '^' || (at > 0 && text[at - 1] == '\\')) return nullptr;
  if (text[at + 1] != 'F' && text[at + 1] != 'T') return nullptr;  // sooner than by comparing
  for (const Macro& macro : kMacros) {
    if (text.substr(at).starts_with(macro.name)) return &macro;
  }
  return nullptr;
}

// One pass gives what replacing one macro after the other gives, because no replacement contains a macro, nor ends in
// what could begin one; the macros are replaced inside of classes too.
void expand_macros(std::string_view text, Regex& regex) {
  std::string& out = regex.expanded;
  for (std::size_t at = 0; at < text.size() && out.size() <= kMaxRegexBytes;) {
    const Macro* macro = macro_at(text, at);
    if (macro) {
      out += macro->text;
      regex.fold = regex.fold || macro->folds;
      at += macro->name.size();
    } else {
      out += text[at++];
    }
  }
  if (out.size() > kMaxRegexBytes) {
    out.resize(kMaxRegexBytes);
    regex.problems.push_back("Regular expression longer than " + std::to_string(kMaxRegexBytes) +
                             " bytes, rest ignored");
  }
}

std::uint8_t other_case(unsigned byte) {
  const bool letter = (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z');
  return static_cast<std::uint8_t>(letter ? byte ^ 0x20 : byte);
}

ByteSet range(unsigned low, unsigned high) {
  ByteSet set;
  for (unsigned byte = low; byte <= high; ++byte) set.set(byte);
  return set;
}

// The cases of a letter are 32 apart.
ByteSet folded(const ByteSet& set) {
  static const ByteSet upper = range('A', 'Z');
  return set | (set & upper) << 32 | (set >> 32 & upper);
}

ByteSet non_word() {
  ByteSet set;
  for (unsigned byte = 0; byte < 256; ++byte) {
    const bool word = other_case(byte) != byte || (byte >= '0' && byte <= '9') || byte == '_';
    set.set(byte, !word);
  }
  return set;
}

class Parser {
 public:
  explicit Parser(Regex& regex) : regex_(regex), tree_(regex.tree), text_(regex.expanded) {}

  void parse() {
    tree_.nodes.reserve(text_.size() + 1);
    groups_.emplace_back();
    while (at_ < text_.size() && !stopped_) step();
    while (groups_.size() > 1 && !stopped_) fail(text_.size());  // an open group
    while (groups_.size() > 1) close_group();
    tree_.root = finish(groups_.back());
    mark_area_ends();
  }

 private:
  // A list of siblings under construction.
  struct List {
    NodeId first = kNoNode;
    NodeId last = kNoNode;
  };
  // A group under construction: its finished alternatives and the one being read.
  struct Group {
    List alternatives;
    List sequence;
  };

  NodeId add(NodeKind kind, NodeId child = kNoNode, std::uint32_t set = 0) {
    tree_.nodes.push_back({kind, set, child, kNoNode});
    return static_cast<NodeId>(tree_.nodes.size() - 1);
  }

  // Most atoms are single bytes, whose sets are found without looking for them.
  NodeId add_byte(std::uint8_t byte) {
    std::uint32_t& known = byte_sets_[byte];
    if (known == 0) {
      known = tree_.nodes[add_bytes(ByteSet().set(byte))].set + 1;
      return static_cast<NodeId>(tree_.nodes.size() - 1);
    }
    return add(NodeKind::Bytes, kNoNode, known - 1);
  }

  NodeId add_bytes(ByteSet set) {
    if (regex_.fold) set = folded(set);
    const auto [found, is_new] = known_sets_.try_emplace(set, static_cast<std::uint32_t>(tree_.sets.size()));
    if (is_new) tree_.sets.push_back(set);
    return add(NodeKind::Bytes, kNoNode, found->second);
  }

  void append(List& list, NodeId node) {
    if (list.first == kNoNode) {
      list.first = node;
    } else {
      tree_.nodes[list.last].next = node;
    }
    list.last = node;
  }

  // Lists of one are the one.
  NodeId wrap(NodeKind kind, const List& list) { return list.first == list.last ? list.first : add(kind, list.first); }

  void end_alternative(Group& group) {
    if (group.sequence.first == kNoNode) append(group.sequence, add(NodeKind::Empty));
    append(group.alternatives, wrap(NodeKind::Concat, group.sequence));
    group.sequence = {};
  }

  NodeId finish(Group& group) {
    end_alternative(group);
    return wrap(NodeKind::Alternate, group.alternatives);
  }

  void fail(std::size_t where) {
    stopped_ = true;
    regex_.error_at = where;
    std::string shown = text_.substr(0, kMaxQuoted);
    if (text_.size() > kMaxQuoted) shown += "...";
    regex_.problems.push_back("Invalid regexp \"" + shown + "\"");
  }

  void open_group() {
    if (groups_.size() > kMaxGroupDepth) {
      stopped_ = true;
      regex_.error_at = at_;
      regex_.problems.push_back("Regular expression with more than " + std::to_string(kMaxGroupDepth) +
                                " nested groups, rest ignored");
      return;
    }
    ++at_;
    groups_.emplace_back();
  }

  void close_group() {
    const NodeId node = finish(groups_.back());
    groups_.pop_back();
    append_atom(node);
  }

  void step() {
    switch (text_[at_]) {
      case '(':
        return open_group();
      case ')':
        if (groups_.size() == 1) return fail(at_);
        ++at_;
        return close_group();
      case '|':
        ++at_;
        return end_alternative(groups_.back());
      default:
        return append_atom(read_atom());
    }
  }

  // An atom, with the one operator that may follow it; any further one will be read as an atom, that is, literally.
  void append_atom(NodeId atom) {
    const char operation = at_ < text_.size() && !stopped_ ? text_[at_] : '\0';
    NodeKind kind = NodeKind::Empty;
    if (operation == '*') kind = NodeKind::Star;
    if (operation == '+') kind = NodeKind::Plus;
    if (operation == '?') kind = NodeKind::Optional;
    if (kind != NodeKind::Empty) {
      ++at_;
      atom = add(kind, atom);
    }
    append(groups_.back().sequence, atom);
  }

  NodeId read_atom() {
    const auto byte = static_cast<std::uint8_t>(text_[at_++]);
    switch (byte) {
      case '.':
        return add_bytes(~line_feed());
      case '$':
        return add_byte('\n');
      case '^':
        if (at_ < text_.size() && text_[at_] == '^') {
          ++at_;
          return add(NodeKind::AreaStart);
        }
        return add_byte('\n');
      case '[':
        return read_class();
      case '\\':
        return read_escape();
      default:
        return add_byte(byte);
    }
  }

  NodeId read_escape() {
    if (at_ == text_.size()) return add_byte('\\');
    const auto byte = static_cast<std::uint8_t>(text_[at_++]);
    if (byte == '<' || byte == '>') return add_bytes(non_word());
    if (byte != '/') return add_byte(byte);
    regex_.captures = true;
    return add(NodeKind::Marker);
  }

  // Behind the `[`. A range may begin where the range before it ended: [a-c-e].
  NodeId read_class() {
    const bool negated = at_ < text_.size() && text_[at_] == '^';
    if (negated) ++at_;
    ByteSet set;
    const std::size_t first = at_;
    for (; at_ < text_.size() && (text_[at_] != ']' || at_ == first); ++at_) {
      const auto byte = static_cast<std::uint8_t>(text_[at_]);
      const bool range = byte == '-' && at_ > first && at_ + 1 < text_.size() && text_[at_ + 1] != ']';
      if (!range) {
        set.set(byte);
        continue;
      }
      const auto low = static_cast<std::uint8_t>(text_[at_ - 1]);
      const auto high = static_cast<std::uint8_t>(text_[++at_]);
      set.set(high);  // all there is, with its low end, of a reversed range
      for (unsigned inner = low; inner <= high; ++inner) set.set(inner);
    }
    if (at_ < text_.size()) ++at_;  // the `]`
    if (!negated) return add_bytes(set);
    if (regex_.fold) set = folded(set);
    return add_bytes(~set & ~line_feed());
  }

  static ByteSet line_feed() { return ByteSet().set('\n'); }

  // `^^` is the end of the area where nothing of the expression can follow it (9.5): the last of a sequence, in any
  // alternative, from the root on; not below an operator.
  void mark_area_ends() {
    std::vector<NodeId> tails = {tree_.root};
    while (!tails.empty()) {
      Node& node = tree_.nodes[tails.back()];
      tails.pop_back();
      if (node.kind == NodeKind::AreaStart) node.kind = NodeKind::AreaEnd;
      if (node.kind != NodeKind::Concat && node.kind != NodeKind::Alternate) continue;
      for (NodeId child = node.child; child != kNoNode; child = tree_.at(child).next) {
        if (node.kind == NodeKind::Alternate || tree_.at(child).next == kNoNode) tails.push_back(child);
      }
    }
  }

  Regex& regex_;
  Tree& tree_;
  const std::string& text_;
  std::size_t at_ = 0;
  bool stopped_ = false;
  std::vector<Group> groups_;
  std::array<std::uint32_t, 256> byte_sets_{};  // index into sets, plus one; 0: none yet
  std::unordered_map<ByteSet, std::uint32_t> known_sets_;
};

}  // namespace

std::size_t macro_size(std::string_view text, std::size_t at) {
  const Macro* macro = macro_at(text, at);
  return macro ? macro->name.size() : 0;
}

Regex parse_regex(std::string_view text, bool fold) {
  Regex regex;
  regex.fold = fold;
  expand_macros(text, regex);
  Parser(regex).parse();
  return regex;
}

}  // namespace rules
