// One run of the rules over one message: its state, and the steps that change it. Not for use outside this room.
// SPDX-License-Identifier: Apache-2.0
//
// The state is a plain value, so that the clone of a `c` block is a copy that goes on by itself. Its parts:
// interpreter.cc order and jumps, assignments.cc what assignments do, conditions.cc tests, actions.cc deeds, locks.cc locks, finish.cc ends.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "rules/evaluate.h"
#include "rules/host.h"
#include "rules/program.h"
#include "rules/rules.h"
#include "rules/score.h"

namespace rules {

// What A, a, E and e ask about (PROCMAIL.md 12): did the recipe before, or the last one without A and a, apply?
struct Chain {
  bool previous = false;
  bool last = false;
};

// A file that is being run.
struct Frame {
  std::shared_ptr<const Program> program;
  std::string path;
  std::size_t next = 0;            // the instruction to do
  std::size_t open_blocks = 0;     // of this file
  std::size_t passed = 0;          // how many of a PassBy's recipes are done
};

// The recipe that is being tried.
struct CurrentRecipe {
  Position where;
  Head head;
  bool applies = false;
  Score score;
};

// The areas of a message, each made when first searched, shared by clones.
struct SearchAreas {
  struct Form {
    std::shared_ptr<const SearchText> header, body, message;
  };
  Form raw;
  Form decoded;                    // with MATCH_DECODED=yes
};

struct RunState {
  mailbox::Message message;
  Environment variables;
  Place place;
  std::vector<Value> arguments;
  std::string argument_zero;
  bool wants_biff = false;

  std::size_t stage = 0;           // of the plan; beyond the last: the fall-back
  std::size_t candidate = 0;
  std::vector<Frame> frames;       // the innermost include last
  std::vector<Chain> chains;       // one for each open block around
  Chain chain;
  bool last_succeeded = false;

  CurrentRecipe recipe;
  long last_score = 0;             // $=
  int last_status = 0;             // $?
  SearchAreas areas;
  bool header_joined = false;      // procmail joins folded lines for conditions, and until the next deed: abstracts show it

  std::string global_lock;         // LOCKFILE
  std::string local_lock;          // of the recipe that acts
  bool default_set = false;        // DEFAULT was assigned: it is a fall-back even with -m
  bool orgmail_set = false;        // the same of ORGMAIL
  bool log_file_set = false;       // LOGFILE was assigned: abstracts are wanted
  std::uint64_t last_octets = 0;   // what the last delivery wrote
  std::optional<std::uint64_t> last_offset;   // and where, if into an mbox
  std::string last_folder;
  bool is_clone = false;           // whoever waits for the agent does not wait for this run
  bool delivered_reported = false; // DELIVERED=yes: failure is no news to anyone any more
  std::shared_ptr<const void> log; // of a clone that waits for its turn: the log that it goes on with
  std::time_t last_stamp = 0;      // of VERBOSE's time lines
};

class Interpreter final : private Holes {
 public:
  Interpreter(const Plan& plan, Host& host, RunState state, std::size_t& steps, std::deque<RunState>& clones)
      : plan_(plan),
        host_(host),
        observes_all_(host.observes_all()),
        hears_log_(host.hears_log()),
        s_(std::move(state)),
        steps_(steps),
        clones_(clones) {}

  // From the state's place to the end: the rest of the rules, the fall-back, the abstract, TRAP.
  Verdict go_on();
  // Command-line assignments and the first stage: what a clone does not repeat.
  Verdict begin();

 private:
  enum class Next { GoOn, EndFile, Delivered, HostMismatch };

  // interpreter.cc
  bool run_stages(Ending& ending);
  bool enter_candidate();
  Ending run_frames();
  Next step(const Instruction& instruction);
  Next decide(const op::Decide& op);
  Next begin_recipe(const Position& where, const op::Begin& op);
  void read_chain_flags(Head& head);
  Next enter_block(const op::Enter& op);
  Next clone_block(const op::Enter& op);
  void leave_block();
  Next pass_by(const op::PassBy& op);
  bool surely_passes(const SimpleRecipe& recipe, std::string_view file);
  std::string undecided_part(const SimpleRecipe& recipe, std::string_view file);
  void read_recipe(const SimpleRecipe& recipe, std::string text);
  void close_file();
  void say_skipped(std::size_t begin, std::size_t end);
  Head skipped_head(const op::Begin& op);
  void say_bad_substitutions(const Expansion& expansion);
  void say_extraneous(bool block);
  void say(const std::string& text);              // a diagnostic line
  void say_verbose(const std::string& text) { if (verbose()) say(text); }
  bool verbose() const { return hears_log_ && s_.variables.number(Number::Verbose) != 0; }
  std::size_t line_limit() const;
  bool overflows(std::size_t size);                // true: it was said, and PROCMAIL_OVERFLOW is set
  void note_overflow();
  void observe(Event::Kind kind, const Position& where, std::string text, std::optional<bool> held, std::string why);

  // assignments.cc
  Next assign(const op::Assign& op, const Position& where);
  Next set(const std::string& name, Value value);
  Next put(const std::string& name, Value value);  // the same, but VERBOSE hears nothing of it
  Next unset(const std::string& name);
  Next apply(const std::string& name, const Value& value);
  Next include(const Value& path, bool switches);
  Next check_host(const std::string& name);
  void change_directory(const Value& path);
  void change_log(const Value& path);
  void change_global_lock(const Value& name);
  bool refuse_escape(const Value& name, const char* what);

  // conditions.cc
  void test(const op::Test& op, const Position& where);
  bool hold(const Condition& condition, const Pattern* pattern, std::string& why, unsigned depth = 0);
  bool hold_regexp(const Condition& condition, const Pattern& pattern, std::string& why);
  bool hold_program(const Condition& condition, std::string& why);
  bool hold_size(const Condition& condition, std::string& why);
  void add_matches(const Condition& condition, const Pattern& pattern);
  enum class Form { Raw, AsSearched };
  std::shared_ptr<const SearchText> area_text(const Condition& condition, Form form = Form::AsSearched);
  const std::shared_ptr<const SearchText>& message_text(bool header, bool body, Form form = Form::AsSearched);
  std::string decoded_text(bool header, bool body);
  mailbox::Outgoing area_input(const Condition& condition, std::string& storage);
  void set_match(const Condition& condition, const SearchText& text, const Pattern::Hit& hit);
  void say_score(double before, const std::string& text, bool negated);

  // actions.cc and locks.cc
  Next act(const op::Deliver& op);
  Next act(const op::Forward& op);
  Next act(const op::RunProgram& op);
  Next act(const op::Capture& op);
  Next finish_action(bool succeeded);
  Next write_out();
  bool deliver(const std::vector<Value>& words);
  bool store(FolderDelivery delivery);
  bool pipe(ProgramCall call);
  bool filter(ProgramCall call);
  bool forward(ProgramCall call);
  bool program_succeeded(const ProgramOutcome& outcome, const std::string& name, Wait wait, bool takes_input);
  void take_lock(const std::vector<Value>& words, const ProgramCall* call = nullptr, std::string_view command = {});
  void release_lock();
  mailbox::Outgoing selected_part() const;
  ProgramCall new_call(ProgramCall::Purpose purpose) const;
  ProgramCall call_for(const Command& command, ProgramCall::Purpose purpose, bool with_arguments = true);
  ProgramCall forward_call(const ProgramWords& addresses, ProgramCall::Purpose purpose);
  ProgramOutcome run(ProgramCall call);
  Wait wait_of_recipe() const;                    // a lock is waited for as with W
  LockRequest lock_request(const std::string& name) const;
  void say_lock(const std::string& name, const LockOutcome& outcome);
  void say_stored(const FolderOutcome& outcome);
  void set_last_folder(const std::string& folder, std::size_t shown = std::string::npos);

  // finish.cc
  Verdict finish(Ending ending);
  bool fall_back();
  bool fall_back_to(const char* variable, bool with_lock);
  void log_abstract(const std::string& folder, std::uint64_t octets);
  void notify_biff(const std::string& folder);
  int run_trap(int exit_code);

  // Holes
  const Value* variable(const std::string& name) override { return s_.variables.find(name); }
  const std::vector<Value>& arguments() override { return s_.arguments; }
  Value special(char name) override;
  Value backquote(const std::string& command, std::size_t used) override;
  void bad_substitution(const std::string& name) override;

  const Plan& plan_;
  Host& host_;
  const bool observes_all_;
  const bool hears_log_;
  RunState s_;
  std::size_t& steps_;             // of all runs of this message together
  std::deque<RunState>& clones_;      // still to be run
  std::size_t line_begins_ = 2;       // bytes of the line in front of the value that is read: LINEBUF counts "NAME="
  std::optional<int> stopped_;     // a signal said so: its exit code
};

}  // namespace rules
