// Lays out rows and totals.
// SPDX-License-Identifier: Apache-2.0
#include "filter/tools/dry_table.h"

#include <algorithm>
#include <filesystem>
#include <optional>
#include <utility>

#include "filter/tools/printable.h"

namespace filter::tools {
namespace {

constexpr std::size_t kNameWidth = 20;
constexpr std::size_t kOutcomeWidth = 9;
constexpr std::size_t kTargetWidth = 28;
constexpr std::size_t kRuleWidth = 24;
constexpr std::size_t kLeastSubject = 12;
constexpr std::size_t kMostSubject = 36;
constexpr std::size_t kMostRecipe = 100;  // columns of a recipe in the totals

constexpr const char* kRed = "\033[31m";
constexpr const char* kYellow = "\033[33m";
constexpr const char* kGreen = "\033[32m";
constexpr const char* kBold = "\033[1m";

const char* colour_of(Outcome outcome) {
  if (outcome == Outcome::Refused || outcome == Outcome::Lost || outcome == Outcome::Unknown) return kRed;
  return outcome == Outcome::Discarded ? kYellow : kGreen;
}

// "hello.eml:0"
std::string short_name(const DecidedMessage& message) {
  const std::string source = message.source.size() > 1 && message.source.ends_with('/')
                                 ? message.source.substr(0, message.source.size() - 1)
                                 : message.source;
  const std::string index = ":" + std::to_string(message.index);
  return shortened(source.substr(source.rfind('/') + 1), kNameWidth - std::min(index.size(), kNameWidth - 1)) + index;
}

std::string rule_text(const std::optional<rules::Position>& rule) {
  return rule ? rule->file.substr(rule->file.rfind('/') + 1) + ":" + std::to_string(rule->line)
              : "(no rule: the inbox)";
}

// Most first; names decide between equals.
std::vector<std::pair<std::string, std::size_t>> by_count(const std::map<std::string, std::size_t>& counts) {
  std::vector<std::pair<std::string, std::size_t>> list(counts.begin(), counts.end());
  std::ranges::stable_sort(list, [](const auto& a, const auto& b) { return a.second > b.second; });
  return list;
}

std::string count_line(std::size_t count, const std::string& what) {
  const std::string number = std::to_string(count);
  return std::string(number.size() < 8 ? 8 - number.size() : 0, ' ') + number + "  " + printable(what) + "\n";
}

std::string outcomes_text(const DryTally& tally) {
  std::string out;
  for (const Outcome outcome : {Outcome::Delivered, Outcome::Discarded, Outcome::Forwarded, Outcome::Piped,
                                Outcome::Refused, Outcome::Lost, Outcome::Unknown})
    if (tally.count(outcome) > 0)
      out += (out.empty() ? ": " : ", ") + std::to_string(tally.count(outcome)) + ' ' + name_of(outcome);
  return out;
}

// The file as the run named it: relative includes are named by MAILDIR there.
bool same_file(const std::string& a, const std::string& b) {
  namespace fs = std::filesystem;
  return a == b || fs::path(a).lexically_normal() == fs::path(b).lexically_normal();
}

}  // namespace

std::size_t DryTable::subject_width() const {
  const std::size_t others = kNameWidth + kOutcomeWidth + kTargetWidth + kRuleWidth + 8;
  return std::clamp(width_ > others ? width_ - others : width_ == 0 ? kMostSubject : 0, kLeastSubject, kMostSubject);
}

std::string DryTable::coloured(const char* colour, const std::string& text) const {
  return colours_ ? colour + text + "\033[0m" : text;
}

std::string DryTable::header() const {
  return padded("message", kNameWidth) + "  " + padded("subject", subject_width()) + "  " +
         padded("outcome", kOutcomeWidth) + "  " + padded("where", kTargetWidth) + "  rule\n";
}

std::string DryTable::row(const DecidedMessage& message) const {
  const Decision& decision = message.decision;
  std::string out = padded(short_name(message), kNameWidth) + "  " +
                    padded(readable(message.subject.value_or("(no subject)")), subject_width()) + "  " +
                    coloured(colour_of(decision.outcome), padded(name_of(decision.outcome), kOutcomeWidth));
  std::string more;
  const std::string indent(kNameWidth + subject_width() + kOutcomeWidth + 4, ' ');
  for (const Action& action : decision.actions) {
    const bool whole = width_ == 0;
    const std::string target = place_text(action) + (action.copy ? " (copy)" : "");
    const std::string shown = whole && target.size() > kTargetWidth ? printable(target) : padded(target, kTargetWidth);
    const std::string rule = rule_text(action.rule);
    more += (more.empty() ? "" : indent) + "  " + shown + "  " +
            (whole ? printable(rule) : shortened(rule, kRuleWidth)) + "\n";
  }
  if (decision.actions.empty()) more = "  exit " + std::to_string(decision.exit_code) + "\n";
  out += more;
  if (!traced_) return out;
  for (const rules::Event& event : decision.trace)
    out += "        " + printable(rule_text(event.where)) + (event.held ? *event.held ? " + " : " - " : "   ") +
           printable(event.text) + "  (" + printable(event.why) + ")\n";
  return out;
}

// Every recipe in its file's order, with its count; then those which never matched.
std::string DryTable::recipe_lines(const DryTally& tally, const std::vector<ListedRules>& rules) const {
  std::string matched;
  std::string never;
  std::map<DryTally::Rule, DryTally::Recipe> left = tally.recipes();
  for (const ListedRules& file : rules)
    for (const ListedRecipe& recipe : file.recipes) {
      const auto found = std::ranges::find_if(left, [&](const auto& one) {
        return one.first.second == recipe.line && same_file(one.first.first, file.path);
      });
      const std::string name = file.path + ":" + std::to_string(recipe.line);
      const std::string shown = name + "  " + shortened(recipe.text, kMostRecipe);
      if (found == left.end()) {
        never += count_line(0, shown);
        continue;
      }
      const std::string failed = found->second.failed > 0
                                     ? "  (" + std::to_string(found->second.failed) +
                                           (found->second.failed == 1 ? " time" : " times") + " its action failed)"
                                     : "";
      matched += count_line(found->second.matched, shown + failed);
      left.erase(found);
    }
  for (const auto& [rule, counts] : left)
    matched += count_line(counts.matched, rule.first + ":" + std::to_string(rule.second));
  std::string out;
  if (!matched.empty()) out += coloured(kBold, "\nrecipes that matched\n") + matched;
  if (!never.empty()) out += coloured(kBold, "\nrecipes that never matched\n") + never;
  return out;
}

std::string DryTable::totals(const DryTally& tally, const std::vector<ListedRules>& rules) const {
  std::string out = "\n" + std::to_string(tally.messages()) + (tally.messages() == 1 ? " message" : " messages") +
                    outcomes_text(tally) + "\n";
  if (!tally.places().empty()) out += coloured(kBold, "\nwhere\n");
  for (const auto& [place, count] : by_count(tally.places())) out += count_line(count, place);
  out += recipe_lines(tally, rules);
  if (tally.endangered() > 0) {
    out += coloured(kRed, "\nlost, or not taken\n");
    for (const std::string& message : tally.in_danger()) out += "          " + printable(message) + "\n";
    if (const std::size_t more = tally.endangered() - tally.in_danger().size(); more > 0)
      out += "          and " + std::to_string(more) + " more\n";
  }
  if (!tally.assumed().empty()) out += coloured(kBold, "\nassumed\n");
  for (const auto& [what, count] : by_count(tally.assumed())) out += count_line(count, what);
  return out;
}

}  // namespace filter::tools
