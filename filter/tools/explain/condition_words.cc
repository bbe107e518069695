// Puts each kind of condition into a clause, and weights into points.
// SPDX-License-Identifier: Apache-2.0
#include "filter/tools/explain/condition_words.h"

#include <algorithm>
#include <cstdio>
#include <vector>

#include "filter/tools/explain/pattern_words.h"
#include "filter/tools/explain/recipe_words.h"
#include "filter/tools/lint/pattern_items.h"
#include "rules/evaluate.h"

namespace filter::tools {
namespace {

using rules::Condition;
using rules::Piece;

std::string area_of(const Condition& condition, const rules::Head& head) {
  switch (condition.area) {
    case Condition::Area::Header:
      return "header";
    case Condition::Area::Body:
      return "body";
    case Condition::Area::Message:
      return "message";
    case Condition::Area::Variable:
      return "variable " + condition.variable;
    case Condition::Area::Flags:
      break;
  }
  return head.search_body ? head.search_header ? "message" : "body" : "header";
}

// A `$` condition with what is known filled in, and the names of what is not, in order.
struct Filled {
  Condition condition;
  std::vector<std::string> holes;
};

Filled filled(const Condition& dynamic, const KnownValues& known) {
  Filled filled;
  std::string text;
  for (const Piece& piece : dynamic.expansion.pieces) {
    const std::string* value =
        piece.kind == Piece::Kind::Variable || piece.kind == Piece::Kind::Escaped ? known.find(piece.text) : nullptr;
    if (piece.kind == Piece::Kind::Text) {
      text += piece.text;
    } else if (value) {
      text += piece.kind == Piece::Kind::Escaped ? rules::escape_regexp(rules::Value(*value)).text() : *value;
    } else {
      text += kHole;
      filled.holes.push_back(spelled(std::span(&piece, 1), known));
    }
  }
  Condition prefixes = dynamic;
  prefixes.kind = Condition::Kind::Regexp;
  filled.condition = rules::read_condition(text, std::move(prefixes));
  return filled;
}

std::string with_names(std::string text, const std::vector<std::string>& holes) {
  for (const std::string& name : holes) {
    // Where it was quoted, the byte became an escape.
    for (const std::string& mark : {std::string(1, kHole), std::string("\\x01")})
      if (const std::size_t at = text.find(mark); at != std::string::npos) {
        text.replace(at, mark.size(), name);
        break;
      }
  }
  return text;
}

std::string size_clause(const Condition& condition, const std::string& area, const KnownValues& known) {
  const bool larger = (condition.kind == Condition::Kind::Larger) != condition.negated;
  std::string size = spelled(condition.expansion.pieces, known);
  size.erase(0, size.find_first_not_of(" \t"));
  const std::string than = std::string(larger ? "larger" : "smaller") + " than " + size + " bytes" +
                           (condition.negated ? ", or as large" : "");
  return condition.area == Condition::Area::Flags ? "that are " + than : "for which the " + area + " is " + than;
}

std::string clause(const Condition& condition, const rules::Head& head, const KnownValues& known) {
  const std::string area = area_of(condition, head);
  switch (condition.kind) {
    case Condition::Kind::Regexp:
      return words_for(condition.text, area, condition.negated);
    case Condition::Kind::Program: {
      const std::size_t begin = condition.text.find_first_not_of(" \t\n");
      const std::string command = begin == std::string::npos ? "" : condition.text.substr(begin);
      return "for which the program `" + command + "` " + (condition.negated ? "fails" : "succeeds") +
             (area == "header" ? "" : ", given the " + area);
    }
    case Condition::Kind::Smaller:
    case Condition::Kind::Larger:
      return size_clause(condition, area, known);
    case Condition::Kind::Dynamic:
      break;
  }
  const Filled now = filled(condition, known);
  // What stands first may make it any kind of condition, unless it is escaped.
  const bool any = !now.holes.empty() && now.condition.text.starts_with(kHole) && !now.holes[0].starts_with("$\\");
  if (now.condition.kind == Condition::Kind::Dynamic || any)
    return with_names("for which the condition `" + rules::written(now.condition) + "` holds", now.holes);
  return with_names(clause(now.condition, head, known), now.holes);
}

std::string number(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%g", value);
  return text;
}

// "2 points for those whose Subject contains x"
std::string points(const Condition& condition, const rules::Head& head, const KnownValues& known) {
  const rules::Weight& weight = *condition.weight;
  std::string text = number(weight.first) + (weight.first == 1 ? " point" : " points");
  if (condition.kind == Condition::Kind::Regexp && condition.text.empty()) return text + " for all";
  const bool counts = condition.kind == Condition::Kind::Regexp || condition.kind == Condition::Kind::Dynamic;
  if (counts && !condition.negated && weight.factor == 1) text += " for each time";
  if (counts && !condition.negated && weight.factor != 0 && weight.factor != 1)
    text += " the first time and " + number(weight.factor) + " times as many each further time";
  if (condition.kind == Condition::Kind::Program) text += " (and " + number(weight.factor) + " for the others)";
  const bool size = condition.kind == Condition::Kind::Smaller || condition.kind == Condition::Kind::Larger;
  if (size && weight.factor != 0)
    text += ", in proportion to the size" +
            (weight.factor == 1 ? "," : " (to the power of " + number(weight.factor) + "),");
  return text + " for those " + clause(condition, head, known);
}

// Letters that a pattern minds or not.
bool has_pattern(const rules::Recipe& recipe, const KnownValues& known) {
  return std::ranges::any_of(recipe.conditions, [&](const rules::TreeCondition& tree) {
    const bool dynamic = tree.condition.kind == Condition::Kind::Dynamic;
    const Condition condition = dynamic ? filled(tree.condition, known).condition : tree.condition;
    return condition.kind == Condition::Kind::Dynamic ||
           (condition.kind == Condition::Kind::Regexp && condition.text.find_first_not_of("^.*$") != std::string::npos);
  });
}

}  // namespace

std::string which_messages(const rules::Recipe& recipe, const rules::Head& head, const KnownValues& known) {
  if (recipe.conditions.empty()) return "all messages";
  std::vector<std::string> clauses;
  std::vector<std::string> sum;
  for (const rules::TreeCondition& tree : recipe.conditions) {
    if (tree.condition.weight)
      sum.push_back(points(tree.condition, head, known));
    else
      clauses.push_back(clause(tree.condition, head, known));
  }
  if (!sum.empty()) {
    std::string text = "that get more than 0 points (";
    for (std::size_t i = 0; i < sum.size(); ++i) text += (i > 0 ? "; " : "") + sum[i];
    clauses.push_back(text + ")");
  }
  return "messages " + listed(clauses) +
         (has_pattern(recipe, known) ? head.case_sensitive ? ", minding case" : ", ignoring case" : "");
}

}  // namespace filter::tools
