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

constexpr std::size_t kSpareOfLine = 2;  // bytes of a line that a backquote's output leaves free
constexpr int kNoShell = 127;            // the status of what could not be started at all

std::string joined(const std::vector<Value>& words, const char* between = " ") {
  std::string out;
  for (std::size_t i = 0; i < words.size(); ++i) out += (i > 0 ? between : "") + words[i].text();
  return out;
}

std::vector<std::string> texts(const std::vector<Value>& words) {
  std::vector<std::string> out;
  for (const Value& word : words) out.push_back(word.text());
  return out;
}

std::size_t total_size(const std::vector<Value>& words) {
  std::size_t size = 0;
  for (const Value& word : words) size += word.text().size() + (size > 0 ? 1 : 0);
  return size;
}

// Whether there is a program at all: the actions `|` and `| $unset` write to the standard output.
bool is_nothing(const ProgramCall& call) { return call.argv.empty() || call.argv[0].empty(); }

}  // namespace

Interpreter::Next Interpreter::finish_action(bool succeeded) {
  release_lock();
  s_.last_succeeded = succeeded;
  return succeeded && !s_.recipe.head.copy ? Next::Delivered : Next::GoOn;
}

Interpreter::Next Interpreter::act(const op::Deliver& op) {
  say_extraneous(false);
  // A filter flag here is a mistake, and h and b with it: the folder gets the whole message.
  if (s_.recipe.head.filter) s_.recipe.head.feed_header = s_.recipe.head.feed_body = false;
  std::vector<Value> words = fill_words(op.words, *this);
  if (overflows(total_size(words))) return finish_action(false);
  take_lock(words);
  if (words.size() == 1 && op.words.opens_word) words.emplace_back();
  const bool delivered = deliver(words);
  observe(Event::Kind::Action, s_.recipe.where, joined(words), delivered, "");
  return finish_action(delivered);
}

bool Interpreter::deliver(const std::vector<Value>& words) {
  if (words.empty() || words[0].empty()) {
    if (words.size() > 1) say("Skipped \"" + joined({words.begin() + 1, words.end()}) + "\"");
    set_last_folder("");
    say_verbose("Opening \"\"");
    const Head& head = s_.recipe.head;
    if (!head.ignore_errors) return say("Error while writing to \"\""), false;
    if (head.copy && s_.variables.number(Number::LogAbstract) == 2) log_abstract("", 0);
    return true;
  }
  for (const Value& word : words)
    if (refuse_escape(word, "folder")) return false;
  FolderDelivery delivery;
  delivery.content = selected_part();
  if (words[0].text() == "|") {
    set_last_folder("|");
    s_.last_octets = delivery.content.size() + (delivery.content.wants_final_newline() ? 1 : 0);
    const bool written = host_.write_output(delivery.content) || s_.recipe.head.ignore_errors;
    if (!written) say("Error while writing to \"|\"");
    if (written && s_.recipe.head.copy && s_.variables.number(Number::LogAbstract) == 2) log_abstract("|", s_.last_octets);
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
  delivery.message_prefix = s_.variables.text("MSGPREFIX");
  s_.header_joined = false;
  const FolderOutcome outcome = host_.deliver(s_.place, delivery);
  say_stored(outcome);
  if (outcome.delivered) s_.last_octets = outcome.octets;
  s_.last_offset = outcome.delivered ? outcome.offset : std::nullopt;
  if (outcome.delivered && delivery.copy && s_.variables.number(Number::LogAbstract) == 2)
    log_abstract(s_.last_folder, outcome.octets);
  return outcome.delivered;
}

// In procmail's order: what the name turned out to be, LASTFOLDER, what was opened, what came of it.
void Interpreter::say_stored(const FolderOutcome& outcome) {
  using Kind = FolderOutcome::Kind;
  const auto precedes = [&outcome](const std::string& note) {
    const bool of_name = note.starts_with("Unable to treat") || note.starts_with("Skipped");
    return outcome.folder.empty() || (outcome.kind == Kind::Mbox && of_name);
  };
  for (const std::string& note : outcome.notes) {
    if (!precedes(note)) continue;
    // The temporary file, by a name that nobody can know.
    if (note.starts_with("Couldn't create or rename")) say_verbose("Error while writing to \"" + note.substr(note.find('"') + 1, note.rfind('/') - note.find('"')) + "_temp." + plan_.host_name + '"');
    say(note);
  }
  if (!outcome.folder.empty()) {
    std::size_t first = outcome.folder.size();
    for (const std::string& link : outcome.links) first -= link.size() + 1;
    set_last_folder(outcome.folder, first);
    if (outcome.kind != Kind::Maildir) {
      say_verbose("Opening \"" + outcome.folder.substr(0, first) + "\"");
      if (outcome.opened && outcome.kind != Kind::Discard) say_verbose("Acquiring kernel-lock");
    }
    for (const std::string& link : outcome.links) say_verbose("Linking to \"" + link + "\"");
  }
  for (const std::string& note : outcome.notes)
    if (!precedes(note)) say(note);
}

// VERBOSE hears of the first name only.
void Interpreter::set_last_folder(const std::string& folder, std::size_t shown) {
  s_.last_folder = folder;
  say_verbose("Assigning \"LASTFOLDER=" + folder.substr(0, shown) + "\"");
  s_.variables.set("LASTFOLDER", Value(folder));
}

mailbox::Outgoing Interpreter::selected_part() const {
  const Head& head = s_.recipe.head;
  return {.header = head.sends_header() ? s_.message.header() : std::string_view(),
          .body = head.sends_body() ? s_.message.body() : std::string_view(),
          .raw = head.raw};
}

ProgramCall Interpreter::new_call(ProgramCall::Purpose purpose) const {
  ProgramCall call;
  call.purpose = purpose;
  call.environment = s_.variables.exported();
  call.timeout = std::chrono::seconds(std::max(0L, s_.variables.number(Number::Timeout)));
  return call;
}

// Directly, or by the shell if a byte of $SHELLMETAS is anywhere in it, quotes or not (PROCMAIL.md 14.4).
ProgramCall Interpreter::call_for(const Command& command, ProgramCall::Purpose purpose, bool with_arguments) {
  ProgramCall call = new_call(purpose);
  const std::string metas = s_.variables.text("SHELLMETAS");
  const std::string* program = nullptr;
  if (!command.words.pieces.empty() && command.words.pieces[0].kind == Piece::Kind::Text) program = &command.words.pieces[0].text;
  const bool is_test = program && *program == "test";
  if (is_test || command.text.find_first_of(metas) != std::string::npos) {
    call.argv = {s_.variables.text("SHELL"), s_.variables.text("SHELLFLAGS"), command.text};
    call.text = call.name = call.shown = command.text;
  } else {
    const ProgramWords words = fill_program(command.words, *this, with_arguments);
    call.argv = texts(words.given);
    call.text = joined(words.named);
    call.name = call.argv.empty() ? std::string() : call.argv[0];
    call.shown = joined(words.given, ",");
  }
  return call;
}

ProgramOutcome Interpreter::run(ProgramCall call) {
  using Purpose = ProgramCall::Purpose;
  call.rule = s_.recipe.where;
  call.copy = s_.recipe.head.copy;
  const bool acts = call.purpose != Purpose::Condition && call.purpose != Purpose::Backquote && call.purpose != Purpose::Trap;
  if (call.argv.empty()) call.argv.emplace_back();
  s_.header_joined &= call.purpose == Purpose::Condition;
  say_verbose("Executing \"" + call.shown + "\"");
  ProgramOutcome outcome = host_.run(s_.place, call);
  if (outcome.timed_out) say("Timeout, terminating \"" + call.name + "\"");
  if (!outcome.started && outcome.status == 0) {
    say("Failed to execute \"" + call.text + "\"");
    outcome.status = kNoShell;
  }
  if (call.purpose == Purpose::Pipe || call.purpose == Purpose::Forward || call.purpose == Purpose::Condition)
    s_.last_octets = call.input.size() + (call.input.wants_final_newline() ? 1 : 0);
  // Nobody looks at the status of what is not waited for. Where there is output, a process between hands the status on.
  const bool through = call.output_limit > 0 && outcome.status < 0;
  if (!acts || wait_of_recipe() != Wait::No) s_.last_status = through ? outcome.status & 0xff : outcome.status;
  return outcome;
}

Wait Interpreter::wait_of_recipe() const {
  const Head& head = s_.recipe.head;
  return head.wait == Wait::No && head.locks ? Wait::Quiet : head.wait;
}

// CONTRACT.md 5.2: what could not be started or was killed has failed; a plain exit status counts only where it is waited
// for (PROCMAIL.md 17.2).
bool Interpreter::program_succeeded(const ProgramOutcome& outcome, const std::string& name, Wait wait, bool takes_input) {
  if (takes_input && outcome.started && !outcome.input_taken && !s_.recipe.head.ignore_errors) {
    say("Error while writing to \"" + name + "\"");
    return false;
  }
  const bool died = !outcome.started || outcome.timed_out || outcome.status < 0;
  const bool failed = died || (wait != Wait::No && outcome.status != 0);
  if (!failed) return true;
  const std::string status = '(' + std::to_string(outcome.status) + ") ";
  if (wait == Wait::Quiet) {
    say_verbose("Non-zero exitcode " + status + "from \"" + name + "\"");
  } else {
    say("Program failure " + status + "of \"" + name + "\"");
  }
  return false;
}

// The action `|` alone.
Interpreter::Next Interpreter::write_out() {
  take_lock({Value("|")});
  const bool written = deliver({Value("|")});
  observe(Event::Kind::Action, s_.recipe.where, "|", written, "");
  return finish_action(written);
}

Interpreter::Next Interpreter::act(const op::RunProgram& op) {
  const Head& head = s_.recipe.head;
  if (overflows(op.command.text.size() + 1)) return finish_action(false);
  ProgramCall call = call_for(op.command, head.filter ? ProgramCall::Purpose::Filter : ProgramCall::Purpose::Pipe);
  if (is_nothing(call)) return write_out();
  const bool filters = head.filter;
  call.input = selected_part();
  take_lock({}, &call, op.command.text);
  const bool succeeded = filters ? filter(std::move(call)) : pipe(std::move(call));
  observe(Event::Kind::Action, s_.recipe.where, "|" + op.command.text, succeeded, "");
  const Next next = finish_action(succeeded);
  return filters ? Next::GoOn : next;
}

bool Interpreter::pipe(ProgramCall call) {
  const Head& head = s_.recipe.head;
  call.wait = wait_of_recipe() != Wait::No;
  call.ignore_write_errors = head.ignore_errors;
  const std::string text = call.text;
  const std::string name = call.name;
  const ProgramOutcome outcome = run(std::move(call));
  const bool succeeded = program_succeeded(outcome, name, wait_of_recipe(), true);
  set_last_folder(text);
  if (succeeded && head.copy && s_.variables.number(Number::LogAbstract) == 2) log_abstract(s_.last_folder, s_.last_octets);
  return succeeded;
}


// What the program writes takes the place of what it was given (PROCMAIL.md 17.3).
bool Interpreter::filter(ProgramCall call) {
  const Head& head = s_.recipe.head;
  if (std::exchange(s_.recipe.head.copy, false)) say("Extraneous copy-flag ignored");
  call.output_limit = kMaxFiltered;
  call.ignore_write_errors = true;
  const std::string name = call.name;
  // What sendmail is not given, the From_ line, stays.
  std::string whole(s_.message.header().substr(0, s_.message.header().size() - call.input.header.size()));
  ProgramOutcome outcome = run(std::move(call));
  const Wait wait = wait_of_recipe();
  if (!program_succeeded(outcome, name, wait, false)) {
    if (wait == Wait::Loud || (wait == Wait::Quiet && verbose())) say("Rescue of unfiltered data succeeded");
    return false;
  }
  if (outcome.output_cut) return say("Excessive output quenched from \"" + name + "\""), false;
  whole += outcome.output;
  if (!head.sends_body()) whole += s_.message.body();
  s_.message = mailbox::Message(std::move(whole));
  s_.areas = {};
  return true;
}

Interpreter::Next Interpreter::act(const op::Forward& op) {
  const ProgramWords words = fill_program(op.words, *this);
  const bool filters = s_.recipe.head.filter;
  ProgramCall call = forward_call(words, filters ? ProgramCall::Purpose::Filter : ProgramCall::Purpose::Forward);
  if (call.argv.empty() || overflows(call.text.size())) return finish_action(false);
  take_lock({}, &call, {});
  // With `f` the message becomes what sendmail says, which is nothing: nobody means that, but so it is.
  const bool succeeded = filters ? filter(std::move(call)) : forward(std::move(call));
  observe(Event::Kind::Action, s_.recipe.where, "! " + joined(words.given), succeeded, "");
  const Next next = finish_action(succeeded);
  return filters ? Next::GoOn : next;
}

// $SENDMAIL $SENDMAILFLAGS and the addresses; no words if one of them would be an option that a sender chose.
ProgramCall Interpreter::forward_call(const ProgramWords& addresses, ProgramCall::Purpose purpose) {
  ProgramCall call = new_call(purpose);
  for (const Value& word : addresses.given) {
    if (!is_foreign_option(word)) continue;
    say("Refused address \"" + escaped(word.text()) + "\": it would be an option of sendmail");
    return call;
  }
  std::vector<Value> agent;
  for (const char* variable : {"$SENDMAIL", "$SENDMAILFLAGS"}) {
    std::size_t at = 0;
    for (const Value& word : fill_words(read_words(variable, at, TextMode::Words).expansion, *this)) agent.push_back(word);
    if (agent.empty()) agent.emplace_back();
  }
  call.argv = texts(agent);
  call.name = call.argv.empty() ? std::string() : call.argv[0];
  // Without an address there is an empty one.
  if (addresses.given.empty()) call.argv.emplace_back();
  for (const Value& word : addresses.given) call.argv.push_back(word.text());
  call.text = joined(agent) + ' ' + joined(addresses.named);
  call.shown = joined(agent, ",") + ',' + joined(addresses.given, ",");
  call.input = selected_part();
  // The next host makes its own From_ line (PROCMAIL.md 15.4).
  if (s_.recipe.head.sends_header()) call.input.header.remove_prefix(s_.message.envelope_lines().size());
  return call;
}

bool Interpreter::forward(ProgramCall call) {
  const Head& head = s_.recipe.head;
  call.wait = wait_of_recipe() != Wait::No;
  call.ignore_write_errors = head.ignore_errors;
  const std::string text = call.text;
  const std::string name = call.name;
  const ProgramOutcome outcome = run(std::move(call));
  const bool succeeded = program_succeeded(outcome, name, wait_of_recipe(), true);
  set_last_folder(text);
  if (succeeded && head.copy && s_.variables.number(Number::LogAbstract) == 2) log_abstract(text, s_.last_octets);
  return succeeded;
}

// NAME=| command: not a delivery; exactly one trailing LF of the output goes (PROCMAIL.md 17.4).
Interpreter::Next Interpreter::act(const op::Capture& op) {
  ProgramCall call;
  if (op.forwards) {
    call = forward_call(fill_program(op.words, *this), ProgramCall::Purpose::Capture);
  } else {
    if (overflows(op.command.text.size() + 1)) return finish_action(false), Next::GoOn;
    call = call_for(op.command, ProgramCall::Purpose::Capture);
    if (is_nothing(call)) return write_out();
    call.input = selected_part();
  }
  if (s_.recipe.head.filter) say("Extraneous filter-flag ignored");
  if (!call.argv.empty()) take_lock({}, &call, op.command.text);
  if (s_.recipe.head.copy) say("Extraneous copy-flag ignored");
  const std::string text = call.text;
  bool succeeded = false;
  Next next = Next::GoOn;
  if (!call.argv.empty()) {
    say_verbose("Assigning \"" + op.name + "=\"");
    call.output_limit = kMaxLine;
    call.ignore_write_errors = true;
    const std::string name = call.name;
    ProgramOutcome outcome = run(std::move(call));
    succeeded = program_succeeded(outcome, name, wait_of_recipe(), false);
    if (succeeded) {
      if (outcome.output_cut) say("Excessive output quenched from \"" + name + "\"");
      if (outcome.output.ends_with('\n')) outcome.output.pop_back();
      next = put(op.name, Value(std::move(outcome.output), Origin::Program));
    } else if (s_.recipe.head.filter && (wait_of_recipe() == Wait::Loud || (wait_of_recipe() == Wait::Quiet && verbose()))) {
      say("Rescue of unfiltered data succeeded");
    }
  }
  observe(Event::Kind::Action, s_.recipe.where, op.name + "=|" + text, succeeded, "");
  release_lock();
  s_.last_succeeded = succeeded;
  return next;
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

// All trailing LFs go, and a NUL ends the value (PROCMAIL.md 6.8). Output is cut where it and the `used` bytes in front
// of it come within four bytes of the limit; the value is used all the same.
Value Interpreter::backquote(const std::string& command, std::size_t used) {
  // A value too long for what it stands in: the command was.
  if (command.size() >= line_limit()) return Value(std::string(line_limit(), ' '));
  ProgramCall call = call_for(read_command(command), ProgramCall::Purpose::Backquote, false);
  call.input = {.header = s_.message.header(), .body = s_.message.body(), .raw = false};
  const std::size_t taken = line_begins_ + used + kSpareOfLine;
  const std::size_t room = line_limit() > taken ? line_limit() - taken : 1;
  call.output_limit = room;
  call.ignore_write_errors = true;
  const std::string name = call.name;
  ProgramOutcome outcome = run(std::move(call));
  std::string& output = outcome.output;
  if (outcome.output_cut || output.size() >= room) {
    say("Excessive output quenched from \"" + name + "\"");
    note_overflow();
    output.resize(std::min(output.size(), room));
  }
  output.resize(std::min(output.find('\0'), output.size()));
  while (!output.empty() && output.back() == '\n') output.pop_back();
  return Value(std::move(output), Origin::Program);
}

void Interpreter::bad_substitution(const std::string& name) { say("Bad substitution of \"" + name + "\""); }

}  // namespace rules
