// Names and JSON of decisions.
// SPDX-License-Identifier: Apache-2.0
#include "filter/tools/dry_message.h"

#include <utility>

#include "filter/tools/json.h"
#include "mailbox/mime.h"

namespace filter::tools {
namespace {

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
Json or_null(const std::optional<bool>& truth) { return truth ? Json(*truth) : Json(nullptr); }

Json action_json(const Action& action) {
  Json rule(nullptr);
  if (action.rule) rule = Json::Object{{"file", action.rule->file}, {"line", action.rule->line}};
  return Json::Object{
      {"kind", name_of(action.kind)}, {"target", action.target}, {"rule", std::move(rule)}, {"copy", action.copy}};
}

Json event_json(const rules::Event& event) {
  return Json::Object{{"file", event.where.file},
                      {"line", event.where.line},
                      {"text", event.text},
                      {"held", or_null(event.held)},
                      {"why", event.why}};
}

Json::Object message_json(const DecidedMessage& message, bool traced) {
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
  if (!traced) return object;
  Json::Array trace;
  for (const rules::Event& event : message.decision.trace) trace.push_back(event_json(event));
  object.emplace_back("trace", std::move(trace));
  return object;
}

}  // namespace

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

std::string place_text(const Action& action) { return std::string(name_of(action.kind)) + " " + action.target; }

std::string readable(const std::string& words) {
  if (words.find("=?") == std::string::npos) return words;
  return mailbox::decoded_words(words, mailbox::common_to_utf8);
}

DecidedMessage decided(std::string source, std::size_t index, const mailbox::Message& message, Decision decision) {
  return {std::move(source),
          index,
          field_text(message, "Message-ID"),
          field_text(message, "Subject"),
          field_text(message, "From"),
          std::move(decision)};
}

std::string json_line(const DecidedMessage& message, bool traced) {
  std::string line;
  append_text(line, message_json(message, traced));
  return line += '\n';
}

std::string page_line(const DecidedMessage& message, bool traced) {
  Json::Object object = message_json(message, traced);
  for (auto& [name, member] : object)
    if (name == "subject" && message.subject) member = readable(*message.subject);
  object.emplace_back("from", message.from ? Json(readable(*message.from)) : Json(nullptr));
  Json::Array path;
  for (const rules::Event& step : message.decision.applied) path.push_back(event_json(step));
  object.emplace_back("path", std::move(path));
  return text(object);
}

}  // namespace filter::tools
