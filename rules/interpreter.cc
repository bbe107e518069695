// The order of a run: stages, files, recipes, blocks and their clones.
// SPDX-License-Identifier: Apache-2.0
#include "rules/interpreter.h"

#include <algorithm>
#include <utility>

#include "rules/limits.h"
#include "rules/quote.h"
#include "rules/word_reader.h"

namespace rules {

Verdict run(const Plan& plan, Start start, Host& host) {
  RunState state;
  state.message = std::move(start.message);
  state.variables = std::move(start.variables);
  state.place = std::move(start.place);
  state.arguments = std::move(start.arguments);
  state.argument_zero = std::move(start.argument_zero);
  state.wants_biff = start.wants_biff;
  std::size_t steps = 0;
  std::deque<RunState> clones;
  const Verdict verdict = Interpreter(plan, host, std::move(state), steps, clones).begin();
  // A clone was a process of its own under procmail, and its fate concerns nobody but itself.
  while (!clones.empty()) {
    RunState clone = std::move(clones.front());
    clones.pop_front();
    host.restore_log(clone.log);
    Interpreter(plan, host, std::move(clone), steps, clones).go_on();
  }
  return verdict;
}

Verdict Interpreter::begin() {
  // As a filter, procmail reads its arguments behind the name of the rules, after these.
  std::vector<Value> arguments;
  if (!plan_.fall_back) arguments.swap(s_.arguments);
  for (const auto& [name, text] : plan_.assignments) {
    std::size_t at = 0;
    const Value value = fill_text(read_words(text, at, TextMode::CommandLine).expansion, *this);
    if (name == "INCLUDERC" || name == "SWITCHRC") {
      s_.variables.set(name, value);
    } else if (set(name, value) == Next::HostMismatch) {
      return finish(Ending::HostMismatch);
    }
  }
  if (!plan_.fall_back) arguments.swap(s_.arguments);
  return go_on();
}

Verdict Interpreter::go_on() {
  Ending ending = Ending::Failed;
  if (!run_stages(ending) && fall_back()) ending = Ending::Delivered;
  return finish(stopped_ ? Ending::Stopped : ending);
}

// True: the run ended within the rules, as `ending` says.
bool Interpreter::run_stages(Ending& ending) {
  while (s_.stage < plan_.stages.size()) {
    if (s_.frames.empty() && !enter_candidate()) {
      ++s_.stage;
      s_.candidate = 0;
      continue;
    }
    ending = run_frames();
    if (ending == Ending::Delivered || ending == Ending::Stopped) return true;
    if (ending == Ending::HostMismatch) {
      ++s_.candidate;
      if (enter_candidate()) continue;
      if (s_.stage + 1 == plan_.stages.size()) return true;
      ++s_.stage;
      s_.candidate = 0;
    } else {
      ++s_.stage;
      s_.candidate = 0;
    }
  }
  return false;
}

// The next file of this stage that can be run.
bool Interpreter::enter_candidate() {
  const Stage& stage = plan_.stages[s_.stage];
  if (s_.candidate == 0) {
    host_.begin_stage(s_.stage);
    for (const auto& [name, value] : stage.settings) set(name, Value(value));
    if (stage.silences) s_.variables.set("VERBOSE", Value("no"));
    for (const auto& [name, value] : stage.defaults)
      if (!s_.variables.find(name)) s_.variables.set(name, Value(value)), apply(name, Value(value));
  }
  for (; s_.candidate < stage.candidates.size(); ++s_.candidate) {
    const RcFile& file = stage.candidates[s_.candidate];
    for (const std::string& note : file.notes) say(note);
    if (!file.program) continue;
    const auto before = stage.candidates.begin() + static_cast<std::ptrdiff_t>(s_.candidate);
    const bool first = std::none_of(stage.candidates.begin(), before, [](const RcFile& other) { return other.program != nullptr; });
    const bool told = std::any_of(plan_.assignments.begin(), plan_.assignments.end(), [](const auto& each) { return each.first == "MAILDIR"; });
    if (first && !told && !file.path.starts_with('/')) say_verbose("Assigning \"MAILDIR=.\"");
    say_verbose("Rcfile: \"" + file.path + "\"");
    s_.frames.push_back({file.program, file.path, 0, 0});
    return true;
  }
  return false;
}

Ending Interpreter::run_frames() {
  // A file may be left or replaced within a step: its program must outlive it. Taken anew only where the file changes:
  // counting users of a program that many threads share would cost more than most steps.
  std::shared_ptr<const Program> program;
  while (!s_.frames.empty()) {
    if ((stopped_ = host_.stop_requested())) return Ending::Stopped;
    Frame& frame = s_.frames.back();
    if (frame.next >= frame.program->instructions.size()) {
      close_file();
      continue;
    }
    if (++steps_ > kMaxSteps) {
      say("The rules go round without end: given up");
      while (!s_.frames.empty()) close_file();
      break;
    }
    if (program != frame.program) program = frame.program;
    switch (step(program->instructions[frame.next++])) {
      case Next::GoOn: break;
      case Next::EndFile: close_file(); break;
      case Next::Delivered: s_.frames.clear(); return Ending::Delivered;
      case Next::HostMismatch: s_.frames.clear(); return Ending::HostMismatch;
    }
  }
  return Ending::Failed;
}

Interpreter::Next Interpreter::step(const Instruction& instruction) {
  struct Visitor {
    Interpreter& run;
    const Position& where;
    Next operator()(const op::Assign& o) const { return run.assign(o, where); }
    Next operator()(const op::Say& o) const { return run.say(o.text), Next::GoOn; }
    Next operator()(const op::Begin& o) const { return run.begin_recipe(where, o); }
    Next operator()(const op::Test& o) const { return run.test(o, where), Next::GoOn; }
    Next operator()(const op::Decide& o) const { return run.decide(o); }
    Next operator()(const op::Deliver& o) const { return run.act(o); }
    Next operator()(const op::Forward& o) const { return run.act(o); }
    Next operator()(const op::RunProgram& o) const { return run.act(o); }
    Next operator()(const op::Capture& o) const { return run.act(o); }
    Next operator()(const op::Enter& o) const { return run.enter_block(o); }
    Next operator()(const op::Leave&) const { return run.leave_block(), Next::GoOn; }
    Next operator()(const op::PassBy& o) const { return run.pass_by(o); }
  };
  return std::visit(Visitor{*this, instruction.where}, instruction.what);
}

// Ends the innermost file: blocks that are still open in it close with it.
void Interpreter::close_file() {
  for (std::size_t i = s_.frames.back().open_blocks; i > 0; --i) leave_block();
  s_.frames.pop_back();
}

Interpreter::Next Interpreter::begin_recipe(const Position& where, const op::Begin& op) {
  Head head;
  std::size_t filled = 0;
  if (op.head) {
    head = *op.head;
  } else {
    const std::vector<Value> words = fill_words(op.words, *this);
    for (const Value& word : words) filled += word.text().size() + (filled > 0 ? 1 : 0);
    head = read_head(words);
  }
  if (overflows(std::max(op.words.raw_size, filled))) {
    // Nobody knows which recipe was meant: procmail gives up all the rules (PROCMAIL.md 7.6).
    while (!s_.frames.empty()) close_file();
    return Next::GoOn;
  }
  if (!head.skipped.empty()) say("Skipped \"" + head.skipped + "\"");
  read_chain_flags(head);
  s_.header_joined |= head.search_header || !head.search_body;
  // Member by member: the old recipe's strings lend their memory.
  s_.recipe.where = where;
  s_.recipe.head = std::move(head);
  s_.recipe.applies = true;
  s_.recipe.score = Score();
  const Head& flags = s_.recipe.head;
  if (flags.if_last_failed) s_.recipe.applies &= s_.chain.previous && !s_.last_succeeded;
  if (flags.if_last_did_not) s_.recipe.applies &= !s_.chain.previous;
  if (flags.if_last_succeeded) s_.recipe.applies &= s_.chain.last && s_.last_succeeded;
  if (flags.if_last_matched) s_.recipe.applies &= s_.chain.last;
  return Next::GoOn;
}

// `e` asks what E and a would answer otherwise: it stands alone.
void Interpreter::read_chain_flags(Head& head) {
  if (!head.if_last_failed) return;
  if (std::exchange(head.if_last_did_not, false)) say("Conflicting else-if-flag suppressed");
  if (std::exchange(head.if_last_succeeded, false)) say("Conflicting also-if-succeeded-flag suppressed");
}

Interpreter::Next Interpreter::decide(const op::Decide& op) {
  CurrentRecipe& recipe = s_.recipe;
  const bool applies = recipe.applies && recipe.score.holds();
  s_.last_score = recipe.score.shown();
  if (!recipe.head.if_last_matched && !recipe.head.if_last_succeeded) s_.chain.last = applies;
  if (!(s_.chain.previous && recipe.head.if_last_did_not)) s_.chain.previous = applies;
  if (applies) {
    s_.header_joined = false;
    return Next::GoOn;
  }
  Frame& frame = s_.frames.back();
  say_skipped(frame.next, op.otherwise);
  frame.next = op.otherwise;
  return Next::GoOn;
}

// What procmail says while it reads over what it does not run: flags and substitutions are looked at all the same.
void Interpreter::say_skipped(std::size_t begin, std::size_t end) {
  const auto& code = s_.frames.back().program->instructions;
  for (std::size_t i = begin; i < end; ++i) {
    const Operation& what = code[i].what;
    if (const auto* note = std::get_if<op::Say>(&what); note && note->when_skipped) {
      say(note->text);
    } else if (const auto* start = std::get_if<op::Begin>(&what)) {
      s_.recipe.head = skipped_head(*start);
      s_.last_score = 0;
    } else if (const auto* value = std::get_if<op::Assign>(&what); value && value->value) {
      say_bad_substitutions(*value->value);
      if (value->value->unterminated) say("Unexpected EOL");
    } else if (const auto* folder = std::get_if<op::Deliver>(&what)) {
      say_bad_substitutions(folder->words);
      say_extraneous(false);
    } else if (const auto* addresses = std::get_if<op::Forward>(&what)) {
      say_bad_substitutions(addresses->words);
    } else if (const auto* capture = std::get_if<op::Capture>(&what)) {
      say_bad_substitutions(capture->words);
      say_extraneous(false);
    } else if (std::holds_alternative<op::Enter>(what)) {
      say_extraneous(true);
    }
  }
}

// The flags of a recipe that is read over: variables in its first line are nothing then.
Head Interpreter::skipped_head(const op::Begin& op) {
  Head head;
  if (op.head) {
    head = *op.head;
  } else {
    say_bad_substitutions(op.words);
    Expansion known;
    for (const Piece& piece : op.words.pieces)
      if (piece.kind == Piece::Kind::Text || piece.kind == Piece::Kind::Break) known.pieces.push_back(piece);
    head = read_head(fill_words(known, *this));
  }
  if (!head.skipped.empty()) say("Skipped \"" + head.skipped + "\"");
  read_chain_flags(head);
  return head;
}

void Interpreter::say_bad_substitutions(const Expansion& expansion) {
  for_each_bad_substitution(expansion.pieces, [this](const std::string& name) { bad_substitution(name); });
}

void Interpreter::say_extraneous(bool block) {
  const Head& head = s_.recipe.head;
  if (head.filter) say("Extraneous filter-flag ignored");
  if (!block) return;
  if (head.locks && !head.copy) say("Extraneous locallockfile ignored");
  if (head.feed_body) say("Extraneous deliver-body flag ignored");
  if (head.feed_header) say("Extraneous deliver-head flag ignored");
  if (head.ignore_errors) say("Extraneous ignore-write-error flag ignored");
  if (head.raw) say("Extraneous raw-mode flag ignored");
}

Interpreter::Next Interpreter::enter_block(const op::Enter& op) {
  say_extraneous(true);
  take_lock({});
  observe(Event::Kind::Action, s_.recipe.where, "{", true, "");
  if (s_.recipe.head.copy) return clone_block(op);
  release_lock();
  s_.last_succeeded = true;
  s_.chains.push_back(s_.chain);
  ++s_.frames.back().open_blocks;
  return Next::GoOn;
}

// A clone runs the block and all that follows it, while this run goes on behind the block (PROCMAIL.md 13.6). With w, W or
// a lock its end is waited for; else its turn comes when this run is over.
Interpreter::Next Interpreter::clone_block(const op::Enter& op) {
  say_verbose("Forking \"procmail\"");
  RunState clone = s_;
  clone.is_clone = true;
  clone.global_lock.clear();
  clone.local_lock.clear();
  clone.last_succeeded = true;
  clone.chains.push_back(clone.chain);
  ++clone.frames.back().open_blocks;
  bool succeeded = true;
  if (s_.recipe.head.wait != Wait::No || s_.recipe.head.locks) {
    const auto log = host_.keep_log();
    const int status = Interpreter(plan_, host_, std::move(clone), steps_, clones_).go_on().exit_code;
    host_.restore_log(log);
    s_.last_status = status;
    succeeded = status == 0;
    const std::string said = '(' + std::to_string(status) + ") ";
    if (!succeeded && s_.recipe.head.wait == Wait::Loud)
      say("Program failure " + said + "of \"procmail\"");
    else if (!succeeded)
      say_verbose("Non-zero exitcode " + said + "from \"procmail\"");
  } else if (clones_.size() < kMaxClones) {
    clone.log = host_.keep_log();
    clones_.push_back(std::move(clone));
  } else {
    say("Failed forking \"procmail\"");
    succeeded = false;
  }
  release_lock();
  s_.last_succeeded = succeeded;
  say_skipped(s_.frames.back().next, op.end);
  s_.frames.back().next = op.end;
  return Next::GoOn;
}

void Interpreter::leave_block() {
  s_.chain = s_.chains.back();
  s_.chains.pop_back();
  --s_.frames.back().open_blocks;
}

void Interpreter::say(const std::string& text) {
  if (verbose()) {
    const std::time_t now = host_.now();
    if (now != s_.last_stamp) {
      s_.last_stamp = now;
      host_.log("procmail: [" + std::to_string(host_.process_id()) + "] " + host_.local_time(now) + '\n');
    }
  }
  host_.log("procmail: " + text + '\n');
  observe(Event::Kind::Note, s_.recipe.where, text, std::nullopt, "");
}

void Interpreter::observe(Event::Kind kind, const Position& where, std::string text, std::optional<bool> held, std::string why) {
  host_.observe({kind, where, std::move(text), held, std::move(why)});
}

std::size_t Interpreter::line_limit() const {
  const long set = s_.variables.number(Number::LineBuffer);
  return set > 0 ? static_cast<std::size_t>(set) : kMaxLine;
}

bool Interpreter::overflows(std::size_t size) {
  if (size <= line_limit()) return false;
  say("Exceeded LINEBUF");
  note_overflow();
  return true;
}

void Interpreter::note_overflow() {
  say_verbose("Assigning \"PROCMAIL_OVERFLOW=yes\"");
  s_.variables.set("PROCMAIL_OVERFLOW", Value("yes"));
}

}  // namespace rules
