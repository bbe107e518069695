// What recipes do: folders, programs, filters, captures, forwards, and the locks around them.
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <utility>

#include "rules/interpreter.h"
#include "rules/limits.h"
#include "rules/quote.h"
#include "rules/word_reader.h"

namespace rules {
namespace {

std::string joined(const std::vector<Value>& words, std::size_t from = 0) {
  std::string out;
  for (std::size_t i = from; i < words.size(); ++i) out += (i > from ? " " : "") + words[i].text();
  return out;
}

std::vector<std::string> texts(const std::vector<Value>& words) {
  std::vector<std::string> out;
  for (const Value& word : words) out.push_back(word.text());
  return out;
}

std::size_t total_size(const std::vector<Value>& words) {
  std::size_t size = 0;
  for (const Value& word : words) size += word.text().size() + 1;
  return size;
}

// The file that the first ">>" of a command appends to: what an implicit lock protects (PROCMAIL.md 18.1).
std::string appended_file(std::string_view text) {
  std::size_t at = text.find(">>");
  if (at == std::string_view::npos) return {};
  at += 2;
  while (at < text.size() && is_blank(text[at])) ++at;
  const std::size_t end = std::min(text.find_first_of(" \t\n#`'\");", at), text.size());
  return std::string(text.substr(at, end - at));
}

}  // namespace

Interpreter::Next Interpreter::finish_action(bool succeeded) {
  release_lock();
  s_.last_succeeded = succeeded;
  return succeeded && !s_.recipe.head.copy ? Next::Delivered : Next::GoOn;
}

Interpreter::Next Interpreter::act(const op::Deliver& op) {
  say_extraneous(false);
  const std::vector<Value> words = fill_words(op.words, *this);
  if (overflows(op.words.raw_size, total_size(words))) return finish_action(false);
  take_lock(words, nullptr);
  const bool delivered = deliver(words);
  observe(Event::Kind::Action, s_.recipe.where, joined(words), delivered, "");
  return finish_action(delivered);
}

bool Interpreter::deliver(const std::vector<Value>& words) {
  if (words.empty()) {
    say("Error while writing to \"\"");
    return false;
  }
  for (const Value& word : words)
    if (refuse_escape(word, "folder")) return false;
  FolderDelivery delivery;
  delivery.content = selected_part();
  if (words[0].text() == "|") {
    set_last_folder("|");
    const bool written = host_.write_output(delivery.content) || s_.recipe.head.ignore_errors;
    if (!written) say("Error while writing to \"|\"");
    return written;
  }
  delivery.folders = texts(words);
  delivery.ignore_errors = s_.recipe.head.ignore_errors;
  delivery.locked = s_.local_lock;
  delivery.rule = s_.recipe.where;
  delivery.copy = s_.recipe.head.copy;
  return store(std::move(delivery));
}

bool Interpreter::store(FolderDelivery delivery) {
  delivery.message_prefix = s_.variables.find("MSGPREFIX") ? s_.variables.text("MSGPREFIX") : "msg.";
  const FolderOutcome outcome = host_.deliver(s_.place, delivery);
  for (const std::string& note : outcome.notes) say(note);
  s_.last_octets = outcome.octets;
  set_last_folder(outcome.folder.empty() ? delivery.folders[0] : outcome.folder);
  if (outcome.delivered && delivery.copy && s_.variables.number(Number::LogAbstract) == 2)
    log_abstract(s_.last_folder, outcome.octets);
  return outcome.delivered;
}

void Interpreter::set_last_folder(const std::string& folder) {
  s_.last_folder = folder;
  say_verbose("Assigning \"LASTFOLDER=" + folder + "\"");
  s_.variables.set("LASTFOLDER", Value(folder));
}

mailbox::Outgoing Interpreter::selected_part() const {
  const Head& head = s_.recipe.head;
  return {.header = head.sends_header() ? s_.message.header() : std::string_view(),
          .body = head.sends_body() ? s_.message.body() : std::string_view(),
          .raw = head.raw};
}

// Directly, or by the shell if a byte of $SHELLMETAS is anywhere in it, quotes or not (PROCMAIL.md 14.4).
ProgramCall Interpreter::call_for(const Command& command, ProgramCall::Purpose purpose, bool with_arguments) {
  ProgramCall call;
  call.purpose = purpose;
  call.environment = s_.variables.exported();
  call.timeout = std::chrono::seconds(std::max(0L, s_.variables.number(Number::Timeout)));
  const std::string metas = s_.variables.find("SHELLMETAS") ? s_.variables.text("SHELLMETAS") : "&|<>~;?*[";
  const std::string* program = nullptr;
  if (!command.words.pieces.empty() && command.words.pieces[0].kind == Piece::Kind::Text) program = &command.words.pieces[0].text;
  const bool is_test = program && *program == "test";
  if (is_test || command.text.find_first_of(metas) != std::string::npos) {
    const std::string shell = s_.variables.text("SHELL");
    call.argv = {shell.empty() ? "/bin/sh" : shell};
    if (const std::string flags = s_.variables.text("SHELLFLAGS"); !flags.empty()) call.argv.push_back(flags);
    call.argv.push_back(command.text);
    call.text = command.text;
    say_verbose("Executing \"" + command.text + "\"");
  } else {
    const std::vector<Value> words = fill_words(command.words, *this, with_arguments);
    call.argv = texts(words);
    call.text = command.text;
    std::string list;
    for (const Value& word : words) list += (list.empty() ? "" : ",") + word.text();
    say_verbose("Executing \"" + list + "\"");
  }
  return call;
}

ProgramOutcome Interpreter::run(ProgramCall call) {
  call.rule = s_.recipe.where;
  call.copy = s_.recipe.head.copy;
  ProgramOutcome outcome;
  if (!call.argv.empty()) outcome = host_.run(s_.place, call);
  if (outcome.timed_out) say("Timeout, terminating \"" + call.text + "\"");
  if (!outcome.started) say("Failed to execute \"" + call.text + "\"");
  s_.last_status = outcome.started ? outcome.status : 127;
  return outcome;
}

// CONTRACT.md 5.2: what could not be started or was killed has failed; a plain exit status counts only where it is waited
// for (PROCMAIL.md 17.2).
bool Interpreter::program_succeeded(const ProgramOutcome& outcome, const std::string& text, Wait wait, bool takes_input) {
  if (!outcome.started) return false;
  if (takes_input && !outcome.input_taken && !s_.recipe.head.ignore_errors) {
    say("Error while writing to \"" + text + "\"");
    return false;
  }
  const bool killed = outcome.timed_out || outcome.status < 0;
  const bool failed = killed || (wait != Wait::No && outcome.status != 0);
  if (!failed) return true;
  const std::string status = '(' + std::to_string(outcome.status) + ") ";
  if (wait == Wait::Quiet) {
    say_verbose("Non-zero exitcode " + status + "from \"" + text + "\"");
  } else {
    say("Program failure " + status + "of \"" + text + "\"");
  }
  return false;
}

Interpreter::Next Interpreter::act(const op::RunProgram& op) {
  const Head& head = s_.recipe.head;
  if (overflows(op.command.text.size())) return finish_action(false);
  if (head.filter && head.copy) {
    say("Extraneous copy-flag ignored");
    s_.recipe.head.copy = false;
  }
  take_lock({}, &op.command);
  bool succeeded = false;
  if (head.filter) {
    succeeded = filter(op.command);
  } else if (op.command.text.empty()) {
    succeeded = deliver({Value("|")});
  } else {
    succeeded = pipe(op.command);
  }
  observe(Event::Kind::Action, s_.recipe.where, "| " + op.command.text, succeeded, "");
  const bool filters = head.filter;
  const Next next = finish_action(succeeded);
  return filters ? Next::GoOn : next;
}

bool Interpreter::pipe(const Command& command) {
  const Head& head = s_.recipe.head;
  ProgramCall call = call_for(command, ProgramCall::Purpose::Pipe);
  call.input = selected_part();
  call.wait = head.wait != Wait::No || head.locks;
  call.ignore_write_errors = head.ignore_errors;
  const std::uint64_t octets = call.input.size() + (call.input.wants_final_newline() ? 1 : 0);
  std::string name;
  for (const std::string& word : call.argv) name += (name.empty() ? "" : " ") + word;
  const bool by_shell = call.argv.size() >= 2 && call.argv.back() == call.text;
  const std::string text = call.text;
  const ProgramOutcome outcome = run(std::move(call));
  const Wait wait = head.wait == Wait::No && head.locks ? Wait::Quiet : head.wait;
  s_.last_octets = octets;
  const bool succeeded = program_succeeded(outcome, text, wait, true);
  set_last_folder(by_shell ? text : name);
  if (succeeded && head.copy && s_.variables.number(Number::LogAbstract) == 2) log_abstract(s_.last_folder, octets);
  return succeeded;
}

// What the program writes takes the place of what it was given (PROCMAIL.md 17.3).
bool Interpreter::filter(const Command& command) {
  const Head& head = s_.recipe.head;
  ProgramCall call = call_for(command, ProgramCall::Purpose::Filter);
  call.input = selected_part();
  call.output_limit = kMaxFiltered;
  call.ignore_write_errors = true;
  const std::string text = call.text;
  ProgramOutcome outcome = run(std::move(call));
  const Wait wait = head.wait == Wait::No && head.locks ? Wait::Quiet : head.wait;
  if (outcome.output_cut) say("Excessive output quenched from \"" + text + "\"");
  if (!program_succeeded(outcome, text, wait, false) || outcome.output_cut) {
    if (wait == Wait::Loud || (wait == Wait::Quiet && verbose())) say("Rescue of unfiltered data succeeded");
    return false;
  }
  std::string whole;
  if (!head.sends_header()) whole = s_.message.header();
  whole += outcome.output;
  if (!head.sends_body()) whole += s_.message.body();
  s_.message = mailbox::Message(std::move(whole));
  s_.areas = {};
  return true;
}

Interpreter::Next Interpreter::act(const op::Forward& op) {
  say_extraneous(false);
  const std::vector<Value> words = fill_words(op.words, *this, true);
  if (overflows(op.words.raw_size, total_size(words))) return finish_action(false);
  take_lock({Value()}, nullptr);
  const bool succeeded = forward(words);
  observe(Event::Kind::Action, s_.recipe.where, "! " + joined(words), succeeded, "");
  return finish_action(succeeded);
}

// $SENDMAIL $SENDMAILFLAGS and the addresses; nothing if one of them would be an option that a sender chose.
std::optional<std::vector<std::string>> Interpreter::forward_words(const std::vector<Value>& addresses) {
  for (const Value& word : addresses) {
    if (!is_foreign_option(word)) continue;
    say("Refused address \"" + escaped(word.text()) + "\": it would be an option of sendmail");
    return std::nullopt;
  }
  std::vector<std::string> out;
  for (const char* name : {"SENDMAIL", "SENDMAILFLAGS"}) {
    std::size_t at = 0;
    const std::string variable = std::string("$") + name;
    for (const Value& word : fill_words(read_words(variable, at, TextMode::Words).expansion, *this)) out.push_back(word.text());
  }
  for (const Value& word : addresses) out.push_back(word.text());
  return out;
}

bool Interpreter::forward(const std::vector<Value>& words) {
  const Head& head = s_.recipe.head;
  auto argv = forward_words(words);
  if (!argv) return false;
  ProgramCall call;
  call.purpose = ProgramCall::Purpose::Forward;
  call.argv = std::move(*argv);
  call.environment = s_.variables.exported();
  call.timeout = std::chrono::seconds(std::max(0L, s_.variables.number(Number::Timeout)));
  call.input = selected_part();
  // The next host makes its own From_ line (PROCMAIL.md 15.4).
  if (head.sends_header()) call.input.header.remove_prefix(s_.message.envelope_lines().size());
  call.wait = head.wait != Wait::No || head.locks;
  call.ignore_write_errors = head.ignore_errors;
  std::string list;
  for (const std::string& word : call.argv) {
    call.text += (call.text.empty() ? "" : " ") + word;
    list += (list.empty() ? "" : ",") + word;
  }
  say_verbose("Executing \"" + list + "\"");
  const std::string text = call.text;
  s_.last_octets = call.input.size() + (call.input.wants_final_newline() ? 1 : 0);
  const ProgramOutcome outcome = run(std::move(call));
  const Wait wait = head.wait == Wait::No && head.locks ? Wait::Quiet : head.wait;
  const bool succeeded = program_succeeded(outcome, text, wait, true);
  set_last_folder(text);
  if (succeeded && head.copy && s_.variables.number(Number::LogAbstract) == 2) log_abstract(text, s_.last_octets);
  return succeeded;
}

// NAME=| command: not a delivery; exactly one trailing LF of the output goes (PROCMAIL.md 17.4).
Interpreter::Next Interpreter::act(const op::Capture& op) {
  const Head head = s_.recipe.head;
  if (head.filter) say("Extraneous filter-flag ignored");
  if (head.copy) say("Extraneous copy-flag ignored");
  take_lock({}, &op.command);
  ProgramCall call;
  bool runnable = true;
  if (op.forwards) {
    auto argv = forward_words(fill_words(op.words, *this, true));
    runnable = argv.has_value();
    call = call_for(Command(), ProgramCall::Purpose::Capture);
    if (argv) call.argv = std::move(*argv);
    for (const std::string& word : call.argv) call.text += (call.text.empty() ? "" : " ") + word;
  } else {
    call = call_for(op.command, ProgramCall::Purpose::Capture);
  }
  call.input = selected_part();
  if (op.forwards && head.sends_header()) call.input.header.remove_prefix(s_.message.envelope_lines().size());
  call.output_limit = line_limit();
  call.ignore_write_errors = true;
  const std::string text = call.text;
  bool succeeded = false;
  Next next = Next::GoOn;
  if (runnable) {
    ProgramOutcome outcome = run(std::move(call));
    const Wait wait = head.wait == Wait::No && head.locks ? Wait::Quiet : head.wait;
    succeeded = program_succeeded(outcome, text, wait, false);
    if (succeeded) {
      if (outcome.output_cut) say("Excessive output quenched from \"" + text + "\"");
      if (outcome.output.ends_with('\n')) outcome.output.pop_back();
      next = set(op.name, Value(std::move(outcome.output), Origin::Program));
    }
  }
  observe(Event::Kind::Action, s_.recipe.where, op.name + "=| " + text, succeeded, "");
  release_lock();
  s_.last_succeeded = succeeded;
  return next;
}

LockRequest Interpreter::lock_request(const std::string& name) const {
  const auto seconds = [this](Number which) { return std::chrono::seconds(std::max(0L, s_.variables.number(which))); };
  return {name, seconds(Number::LockSleep), seconds(Number::LockTimeout), seconds(Number::Suspend)};
}

// The recipe's own lock: the name behind the second colon, or one made from the folder or the command. A lock that cannot
// be had never prevents the delivery (PROCMAIL.md 18.4).
void Interpreter::take_lock(const std::vector<Value>& words, const Command* command) {
  const Head& head = s_.recipe.head;
  if (!head.locks) return;
  Value name = head.lock;
  if (name.empty()) {
    if (!words.empty() && (words[0].text() == "/dev/null" || words[0].text() == "|")) return;
    if (command && command->text.empty()) return;
    if (command) {
      const std::string file = appended_file(command->text);
      if (file.empty()) {
        say("Couldn't determine implicit lockfile from \"" + command->text + "\"");
      } else {
        std::size_t at = 0;
        name = fill_text(read_words(file, at, TextMode::Whole).expansion, *this);
      }
    } else if (!words.empty()) {
      name = words[0];
    }
    name.append(s_.variables.find("LOCKEXT") ? s_.variables.text("LOCKEXT") : std::string_view(".lock"));
  }
  if (refuse_escape(name, "lock file")) return;
  if (name.text() == s_.global_lock) {
    say("Deadlock attempted on \"" + name.text() + "\"");
    return;
  }
  say_verbose("Locking \"" + name.text() + "\"");
  const LockOutcome outcome = host_.lock(s_.place, lock_request(name.text()));
  for (const std::string& note : outcome.notes) say(note);
  if (outcome.held) s_.local_lock = name.text();
}

void Interpreter::release_lock() {
  if (s_.local_lock.empty()) return;
  say_verbose("Unlocking \"" + s_.local_lock + "\"");
  host_.unlock(s_.place, std::exchange(s_.local_lock, {}));
}

Value Interpreter::special(char name) {
  switch (name) {
    case '$': return Value(std::to_string(host_.process_id()));
    case '?': return Value(std::to_string(s_.last_status));
    case '#': return Value(std::to_string(s_.arguments.size()));
    case '=': return Value(std::to_string(s_.last_score));
    case '_': return Value(s_.frames.empty() ? std::string() : s_.frames.back().path);
    case '-': return Value(s_.variables.text("LASTFOLDER"));
    default: return Value(s_.argument_zero);
  }
}

// All trailing LFs go, and a NUL ends the value (PROCMAIL.md 6.8).
Value Interpreter::backquote(const std::string& command) {
  ProgramCall call = call_for(read_command(command), ProgramCall::Purpose::Backquote, false);
  call.input = {.header = s_.message.header(), .body = s_.message.body(), .raw = false};
  call.output_limit = line_limit();
  call.ignore_write_errors = true;
  ProgramOutcome outcome = run(std::move(call));
  if (outcome.output_cut) say("Excessive output quenched from \"" + command + "\"");
  std::string& output = outcome.output;
  output.resize(std::min(output.find('\0'), output.size()));
  while (!output.empty() && output.back() == '\n') output.pop_back();
  // One byte beyond the limit shows the assignment that it overflowed.
  if (outcome.output_cut) output += '\n';
  return Value(std::move(output), Origin::Program);
}

void Interpreter::bad_substitution(const std::string& name) { say("Bad substitution of \"" + name + "\""); }

}  // namespace rules
