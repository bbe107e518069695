// Writes what a dry-run found.
// SPDX-License-Identifier: Apache-2.0
#include "filter/tools/dry_run_report.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "filter/tools/json.h"
#include "filter/tools/printable.h"
#include "mailbox/message.h"

namespace filter::tools {
namespace {

constexpr std::size_t kNameWidth = 20;
constexpr std::size_t kOutcomeWidth = 9;
constexpr std::size_t kTargetWidth = 28;
constexpr std::size_t kRuleWidth = 24;
constexpr std::size_t kLeastSubject = 12;
constexpr std::size_t kMostSubject = 36;

const char* name_of(Outcome outcome) {
  switch (outcome) {
    case Outcome::Delivered:
      return "delivered";
    case Outcome::Discarded:
      return "discarded";
    case Outcome::Forwarded:
      return "forwarded";
    case Outcome::Piped:
      return "piped";
    case Outcome::Refused:
      return "refused";
    case Outcome::Lost:
      return "lost";
    case Outcome::Unknown:
      break;
  }
  return "unknown";
}

const char* name_of(Action::Kind kind) {
  switch (kind) {
    case Action::Kind::Mbox:
      return "mbox";
    case Action::Kind::Maildir:
      return "maildir";
    case Action::Kind::Mh:
      return "mh";
    case Action::Kind::Directory:
      return "directory";
    case Action::Kind::Discard:
      return "discard";
    case Action::Kind::Pipe:
      return "pipe";
    case Action::Kind::Forward:
      return "forward";
    case Action::Kind::Filter:
      return "filter";
    case Action::Kind::Capture:
      break;
  }
  return "capture";
}

// "hello.eml:0"
std::string name_of(const DecidedMessage& message) {
  const std::string source = message.source.size() > 1 && message.source.ends_with('/')
                                 ? message.source.substr(0, message.source.size() - 1)
                                 : message.source;
  const std::string index = ":" + std::to_string(message.index);
  return shortened(source.substr(source.rfind('/') + 1), kNameWidth - std::min(index.size(), kNameWidth - 1)) + index;
}

std::optional<std::string> field_text(const mailbox::Message& message, std::string_view name) {
  const auto contents = message.field(name);
  if (!contents) return std::nullopt;
  std::string text;
  for (const char c : *contents)
    if (c != '\n') text += c;
  const auto begin = text.find_first_not_of(" \t\r");
  if (begin == std::string::npos) return "";
  return text.substr(begin, text.find_last_not_of(" \t\r") + 1 - begin);
}

Json or_null(const std::optional<std::string>& text) { return text ? Json(*text) : Json(nullptr); }

Json action_json(const Action& action) {
  Json rule(nullptr);
  if (action.rule) rule = Json::Object{{"file", action.rule->file}, {"line", action.rule->line}};
  return Json::Object{
      {"kind", name_of(action.kind)}, {"target", action.target}, {"rule", std::move(rule)}, {"copy", action.copy}};
}

Json event_json(const rules::Event& event) {
  const Json held = event.held ? Json(*event.held) : Json(nullptr);
  return Json::Object{
      {"file", event.where.file}, {"line", event.where.line}, {"text", event.text}, {"held", held}, {"why", event.why}};
}

std::string rule_text(const std::optional<rules::Position>& rule) {
  return rule ? rule->file.substr(rule->file.rfind('/') + 1) + ":" + std::to_string(rule->line)
              : "(no rule: the inbox)";
}

std::string place_text(const Action& action) { return std::string(name_of(action.kind)) + " " + action.target; }

// Most first; names decide between equals.
template <class Key>
std::vector<std::pair<Key, std::size_t>> by_count(const std::map<Key, std::size_t>& counts) {
  std::vector<std::pair<Key, std::size_t>> list(counts.begin(), counts.end());
  std::ranges::stable_sort(list, [](const auto& a, const auto& b) { return a.second > b.second; });
  return list;
}

std::string count_line(std::size_t count, const std::string& what) {
  const std::string number = std::to_string(count);
  return std::string(number.size() < 8 ? 8 - number.size() : 0, ' ') + number + "  " + printable(what) + "\n";
}

}  // namespace

DecidedMessage decided(std::string source, std::size_t index, const mailbox::Message& message, Decision decision) {
  return {std::move(source), index, field_text(message, "Message-ID"), field_text(message, "Subject"),
          std::move(decision)};
}

std::string json_line(const DecidedMessage& message, bool traced) {
  Json::Array actions;
  for (const Action& action : message.decision.actions) actions.push_back(action_json(action));
  Json::Object object{{"source", message.source},
                      {"index", static_cast<std::uint64_t>(message.index)},
                      {"message_id", or_null(message.message_id)},
                      {"subject", or_null(message.subject)},
                      {"outcome", name_of(message.decision.outcome)},
                      {"exit", message.decision.exit_code},
                      {"actions", std::move(actions)},
                      {"assumed", Json::Array(message.decision.assumed.begin(), message.decision.assumed.end())}};
  if (traced) {
    Json::Array trace;
    for (const rules::Event& event : message.decision.trace) trace.push_back(event_json(event));
    object.emplace_back("trace", std::move(trace));
  }
  return text(object) + "\n";
}

std::size_t TextReport::subject_width() const {
  const std::size_t others = kNameWidth + kOutcomeWidth + kTargetWidth + kRuleWidth + 8;
  return std::clamp(width_ > others ? width_ - others : width_ == 0 ? kMostSubject : 0, kLeastSubject, kMostSubject);
}

std::string TextReport::colour(Outcome outcome, const std::string& text) const {
  if (!colours_) return text;
  const bool bad = outcome == Outcome::Refused || outcome == Outcome::Lost || outcome == Outcome::Unknown;
  return (bad ? "\033[31m" : outcome == Outcome::Discarded ? "\033[33m" : "\033[32m") + text + "\033[0m";
}

std::string TextReport::header() const {
  return padded("message", kNameWidth) + "  " + padded("subject", subject_width()) + "  " +
         padded("outcome", kOutcomeWidth) + "  " + padded("where", kTargetWidth) + "  rule\n";
}

std::string TextReport::row(const DecidedMessage& message) {
  ++messages_;
  const Decision& decision = message.decision;
  std::string out = padded(name_of(message), kNameWidth) + "  " +
                    padded(message.subject.value_or("(no subject)"), subject_width()) + "  " +
                    colour(decision.outcome, padded(name_of(decision.outcome), kOutcomeWidth));
  std::string more;
  const std::string indent(kNameWidth + subject_width() + kOutcomeWidth + 4, ' ');
  for (const Action& action : decision.actions) {
    ++places_[place_text(action)];
    if (action.rule) ++recipes_[{action.rule->file, action.rule->line}];
    const bool whole = width_ == 0;
    const std::string target = place_text(action) + (action.copy ? " (copy)" : "");
    const std::string shown = whole && target.size() > kTargetWidth ? printable(target) : padded(target, kTargetWidth);
    const std::string rule = rule_text(action.rule);
    more += (more.empty() ? "" : indent) + "  " + shown + "  " +
            (whole ? printable(rule) : shortened(rule, kRuleWidth)) + "\n";
  }
  if (decision.actions.empty()) {
    ++places_[std::string("nowhere: ") + name_of(decision.outcome)];
    more = "  exit " + std::to_string(decision.exit_code) + "\n";
  }
  out += more;
  for (const std::string& assumed : decision.assumed) ++assumed_[assumed];
  if (!traced_) return out;
  for (const rules::Event& event : decision.trace)
    out += "        " + printable(rule_text(event.where)) + (event.held ? *event.held ? " + " : " - " : "   ") +
           printable(event.text) + "  (" + printable(event.why) + ")\n";
  return out;
}

std::string TextReport::totals() const {
  std::string out = "\n" + std::to_string(messages_) + (messages_ == 1 ? " message\n" : " messages\n");
  if (!places_.empty()) out += "\nwhere\n";
  for (const auto& [place, count] : by_count(places_)) out += count_line(count, place);
  if (!recipes_.empty()) out += "\nrecipes that acted\n";
  for (const auto& [rule, count] : by_count(recipes_))
    out += count_line(count, rule.first + ":" + std::to_string(rule.second));
  if (!assumed_.empty()) out += "\nassumed\n";
  for (const auto& [what, count] : by_count(assumed_)) out += count_line(count, what);
  return out;
}

}  // namespace filter::tools
