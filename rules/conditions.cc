// Tries the conditions of a recipe, one after the other, until one does not hold (procmailrc(5), "Conditions").
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <utility>

#include "mailbox/mime.h"
#include "rules/interpreter.h"
#include "rules/limits.h"
#include "rules/quote.h"

namespace rules {
namespace {

const char* area_name(Condition::Area area, const Head& head) {
  switch (area) {
    case Condition::Area::Header: return "the header";
    case Condition::Area::Body: return "the body";
    case Condition::Area::Message: return "the message";
    case Condition::Area::Variable: return "the variable";
    case Condition::Area::Flags: break;
  }
  return !head.search_body ? "the header" : head.search_header ? "the message" : "the body";
}

std::string number(double value) {
  char text[64];
  std::snprintf(text, sizeof text, "%g", value);
  return text;
}

// How VERBOSE shows it. Only for that: it makes the pattern be read, which one that cannot match otherwise never is.
std::string shown(const Condition& condition, const Pattern& pattern) {
  if (!condition.shielded) return pattern.expanded();
  std::string text = '\\' + pattern.expanded();
  // What read_condition() puts into a macro that is none.
  if (text.starts_with("\\^()TO") || text.starts_with("\\^()FROM_")) text.erase(2, 2);
  return text;
}

}  // namespace

void Interpreter::test(const op::Test& op, const Position& where) {
  CurrentRecipe& recipe = s_.recipe;
  const auto tell = [&](std::optional<bool> held, std::string why) {
    if (observes_all_) observe(Event::Kind::Condition, where, written(op.condition), held, std::move(why));
  };
  if (!recipe.applies) return tell(std::nullopt, "not tried");
  const bool weighted_out = op.condition.weight && recipe.score.at_top();
  if (weighted_out) return tell(std::nullopt, "the score is at its top");
  std::string why;
  if (overflows(op.condition.raw_size + 1)) {
    recipe.applies = false;
    why = "the line exceeds LINEBUF";
  } else {
    recipe.applies = hold(op.condition, op.pattern ? &*op.pattern : nullptr, why) && !recipe.score.at_bottom();
  }
  tell(recipe.applies, std::move(why));
}

// Whether the recipe may go on; a weighted condition only adds to the score.
bool Interpreter::hold(const Condition& condition, const Pattern* pattern, std::string& why, unsigned depth) {
  switch (condition.kind) {
    case Condition::Kind::Dynamic: {
      const Value text = fill_text(condition.expansion, *this);
      const std::size_t blanks = std::min(text.text().find_first_not_of(" \t"), text.text().size());
      if (overflows(text.text().size() - blanks + 1)) return why = "the line exceeds LINEBUF", false;
      Condition prefixes = condition;
      prefixes.kind = Condition::Kind::Regexp;
      Condition made = read_condition(text.text(), std::move(prefixes));
      // A `$` in what a variable said is a prefix again, but one that says itself has no end.
      if (made.kind == Condition::Kind::Dynamic && ++depth > kMaxRereadings) made.kind = Condition::Kind::Regexp;
      return hold(made, nullptr, why, depth);
    }
    case Condition::Kind::Program: return hold_program(condition, why);
    case Condition::Kind::Smaller:
    case Condition::Kind::Larger: return hold_size(condition, why);
    case Condition::Kind::Regexp: break;
  }
  if (pattern) return hold_regexp(condition, *pattern, why);
  const auto letters = s_.recipe.head.case_sensitive ? Pattern::Case::Exact : Pattern::Case::Fold;
  return hold_regexp(condition, Pattern::compile(condition.text, letters), why);
}

bool Interpreter::hold_regexp(const Condition& condition, const Pattern& pattern, std::string& why) {
  for (const std::string& problem : pattern.problems()) say(problem);
  if (condition.weight && !condition.negated) {
    const double before = s_.recipe.score.total();
    add_matches(condition, pattern);
    if (verbose()) say_score(before, shown(condition, pattern), false);
    why = "score " + number(before) + " to " + number(s_.recipe.score.total());
    return true;
  }
  const auto text = area_text(condition);
  bool matched = false;
  if (!pattern.may_match(*text)) {
    // Decided without reading the pattern.
  } else if (pattern.captures()) {
    const auto hit = pattern.search(*text, 0);
    matched = hit.has_value();
    if (hit) set_match(condition, *text, *hit);
  } else {
    matched = pattern.matches(*text);
  }
  if (observes_all_) {
    why = std::string(matched ? "matches in " : "no match in ") + area_name(condition.area, s_.recipe.head);
    if (condition.area == Condition::Area::Variable) why += ' ' + condition.variable;
  }
  if (condition.weight) {
    const double before = s_.recipe.score.total();
    s_.recipe.score.add(matched ? 0 : condition.weight->first);
    if (verbose()) say_score(before, shown(condition, pattern), true);
    return true;
  }
  const bool holds = matched != condition.negated;
  if (verbose()) say(std::string(holds ? "Match on " : "No match on ") + (condition.negated ? "! " : "") + '"' + shown(condition, pattern) + '"');
  return holds;
}

void Interpreter::add_matches(const Condition& condition, const Pattern& pattern) {
  const auto text = area_text(condition);
  std::size_t from = 0;
  std::size_t read_on = kReadOnPerByte * text->framed().size();
  s_.recipe.score.add_matches(*condition.weight, [&] {
    const auto hit = pattern.search(*text, from, read_on);
    if (!hit) return Score::Hit::None;
    set_match(condition, *text, *hit);
    // MATCH may reach further than the shortest match does, and what it took is not searched again.
    const std::size_t end = hit->match ? std::max(hit->end, hit->match->second) : hit->end;
    const bool empty = hit->empty && end == hit->end;
    from = end;
    return empty ? Score::Hit::Empty : Score::Hit::Text;
  });
}

void Interpreter::set_match(const Condition& condition, const SearchText& text, const Pattern::Hit& hit) {
  if (!hit.match) return;
  std::string match(text.bytes().substr(hit.match->first, hit.match->second - hit.match->first));
  match.resize(std::min(match.find('\0'), match.size()));  // which ends a variable's value
  s_.variables.set("MATCH", Value(match, Origin::Sender));
  // procmail empties it first, unless it is the text that is searched.
  if (condition.area != Condition::Area::Variable || condition.variable != "MATCH") say_verbose("Assigning \"MATCH=\"");
  say_verbose("Matched \"" + match + "\"");
}

void Interpreter::say_score(double before, const std::string& text, bool negated) {
  if (!verbose()) return;
  const double after = s_.recipe.score.total();
  const bool fraction = after > 0 && after < 1;
  char numbers[96];
  std::snprintf(numbers, sizeof numbers, fraction ? "Score: %7ld      +%ld " : "Score: %7ld %7ld ", static_cast<long>(after - before),
                static_cast<long>(after));
  say(numbers + std::string(negated ? "! " : "") + '"' + text + '"');
}

bool Interpreter::hold_program(const Condition& condition, std::string& why) {
  ProgramCall call = call_for(read_command(condition.text), ProgramCall::Purpose::Condition);
  std::string storage;
  call.input = area_input(condition, storage);
  call.ignore_write_errors = true;
  const std::string text = call.text;
  const std::string name = call.name;
  const ProgramOutcome outcome = run(std::move(call));
  const bool exited = !outcome.timed_out && outcome.status >= 0;
  if (outcome.status != 0) say_verbose("Non-zero exitcode (" + std::to_string(outcome.status) + ") from \"" + name + "\"");
  why = !outcome.started ? "the program could not be started"
        : outcome.timed_out ? "the program took too long"
        : outcome.status < 0 ? "the program was killed by signal " + std::to_string(-outcome.status)
                             : "the program exited " + std::to_string(outcome.status);
  if (condition.weight && exited) {
    const double before = s_.recipe.score.total();
    s_.recipe.score.add_exit(*condition.weight, outcome.status, condition.negated);
    say_score(before, text, condition.negated);
    return true;
  }
  // A program that did not end by itself says nothing: with a weight, the condition then adds none, and is false.
  if (condition.weight) {
    say_score(s_.recipe.score.total(), text, condition.negated);
    return condition.negated;
  }
  const bool holds = (exited && outcome.status == 0) != condition.negated;
  say_verbose(std::string(holds ? "Match on " : "No match on ") + (condition.negated ? "! " : "") + '"' + text + '"');
  return holds;
}

bool Interpreter::hold_size(const Condition& condition, std::string& why) {
  const std::string text = fill_text(condition.expansion, *this).text();
  char* end = nullptr;
  const long limit = std::strtol(text.c_str(), &end, 10);
  const std::string_view rest = std::string_view(text).substr(static_cast<std::size_t>(end - text.c_str()));
  if (const std::size_t junk = rest.find_first_not_of(" \t\n"); junk != std::string_view::npos)
    say("Skipped \"" + std::string(rest.substr(junk)) + "\"");
  // Without `H ??` and its like it is always the whole message that is measured (PROCMAIL.md 8.6).
  std::size_t size = s_.message.bytes().size();
  if (condition.area != Condition::Area::Flags) size = area_text(condition, Form::Raw)->bytes().size();
  const bool larger = condition.kind == Condition::Kind::Larger;
  why = "the size is " + std::to_string(size);
  const std::string written = (larger ? ">" : "<") + text;
  if (condition.weight) {
    const double before = s_.recipe.score.total();
    s_.recipe.score.add_size(*condition.weight, static_cast<double>(size), static_cast<double>(limit), larger != condition.negated);
    say_score(before, written, condition.negated);
    return true;
  }
  const auto signed_size = static_cast<long>(size);
  const bool holds = (larger ? signed_size > limit : signed_size < limit) != condition.negated;
  say_verbose(std::string(holds ? "Match on " : "No match on ") + (condition.negated ? "! " : "") + '"' + written + '"');
  return holds;
}

// The text that a regexp searches: header lines unfolded, the body as it is; with MATCH_DECODED both decoded.
std::shared_ptr<const SearchText> Interpreter::area_text(const Condition& condition, Form form) {
  if (condition.area == Condition::Area::Variable)
    return std::make_shared<const SearchText>(s_.variables.text(condition.variable));
  const Head& head = s_.recipe.head;
  const bool flags = condition.area == Condition::Area::Flags;
  const bool body = flags ? head.search_body : condition.area != Condition::Area::Header;
  const bool header = flags ? head.search_header || !head.search_body : condition.area != Condition::Area::Body;
  return message_text(header, body, form);
}

const std::shared_ptr<const SearchText>& Interpreter::message_text(bool header, bool body, Form form) {
  const bool decoded = form == Form::AsSearched && s_.variables.number(Number::MatchDecoded) != 0;
  auto& areas = decoded ? s_.areas.decoded : s_.areas.raw;
  auto& cached = header && body ? areas.message : body ? areas.body : areas.header;
  if (!cached && decoded) {
    cached = std::make_shared<const SearchText>(decoded_text(header, body));
  } else if (!cached) {
    std::string text;
    if (header) text = mailbox::unfolded(s_.message.header());
    if (body) text += s_.message.body();
    cached = std::make_shared<const SearchText>(text);
  }
  return cached;
}

// MATCH_DECODED: encoded words of the header, and the body's text parts, as UTF-8.
std::string Interpreter::decoded_text(bool header, bool body) {
  const auto convert = [this](std::string_view charset, std::string_view bytes) { return host_.to_utf8(charset, bytes); };
  std::string text;
  if (header) text = mailbox::decoded_words(mailbox::unfolded(s_.message.header()), convert);
  if (body) text += mailbox::decoded_body(s_.message.header(), s_.message.body(), convert);
  return text;
}

// What a `?` program reads: the area, its header still unfolded (PROCMAIL.md 8.5). `storage` keeps the bytes.
mailbox::Outgoing Interpreter::area_input(const Condition& condition, std::string& storage) {
  storage = area_text(condition, Form::Raw)->bytes();
  return {.header = {}, .body = storage, .raw = false};
}

}  // namespace rules
