// What the engine may ask of the world while it runs rules; whoever answers is the Host.
// SPDX-License-Identifier: Apache-2.0
//
// The interpreter decides and asks; it touches no file, process, socket or clock itself. The agent's host acts
// (filter/agent_host.h), the dry-run's answers as if it had (filter/tools/dry_host.h), the tests' records.
//
//   Outcome outcome = host.deliver(place, {.folders = {"lists/dev"}, .content = {header, body}});
//   if (!outcome.done()) ...    // the next recipe runs (procmailrc(5), "Recipe action line")
//
// Working directory, umask and environment are values of the run (Place), not of the process: a daemon runs many
// rules at once, and a clone of a run has its own. Every call may block for as long as its bounds say; none throws.
#pragma once

#include <chrono>
#include <cstdint>
#include <ctime>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mailbox/message.h"
#include "mailbox/mime.h"
#include "mailbox/result.h"
#include "rules/trace.h"

namespace rules {

using mailbox::Error;
using mailbox::Result;

// A working directory as the host knows it; the engine only hands it back.
class Directory {
 public:
  virtual ~Directory() = default;
};

// Where a run stands: what a process would keep as cwd, umask and environ.
struct Place {
  std::shared_ptr<const Directory> directory;   // null: the host's own starting directory
  unsigned umask = 077;
};

// A delivery to one folder, or to several directories at once (PROCMAIL.md 16).
struct FolderDelivery {
  std::vector<std::string> folders;   // at least one; the further ones are directories to link into
  mailbox::Outgoing content;
  bool ignore_errors = false;         // flag i: a write error counts as delivered
  std::string message_prefix;         // MSGPREFIX, for directory folders
  std::string locked;                 // the lock file this run holds for the folder, or empty
  std::optional<Position> rule;       // the recipe; none for the delivery at the end, to DEFAULT or ORGMAIL
  bool copy = false;                  // flag c: the rules go on
};

// What became of a folder delivery.
struct FolderOutcome {
  enum class Kind { Mbox, Maildir, Mh, Directory, Discard };
  bool delivered = false;
  bool opened = true;                 // false: there was nothing to write to
  Kind kind = Kind::Mbox;             // of what failed: Mbox, if the name means a file
  std::uint64_t octets = 0;           // written, added bytes included: the abstract's size
  std::optional<std::uint64_t> offset;   // where in an mbox it begins
  std::string folder;                 // as LASTFOLDER and the abstract name it; all names, blank separated. Empty: it stays
  std::vector<std::string> links;     // the further ones of those names
  std::vector<std::string> notes;     // diagnostics in procmail's words, in order: Error while writing to "x"
};

// A program to be run: directly, or by a shell when argv is {shell, flags, text}.
struct ProgramCall {
  enum class Purpose { Pipe, Filter, Capture, Condition, Backquote, Forward, Trap };
  Purpose purpose = Purpose::Pipe;
  std::vector<std::string> argv;                 // argv[0] is looked up in the PATH of `environment`
  std::vector<std::string> environment;          // NAME=value
  mailbox::Outgoing input;                       // its standard input
  bool wait = true;                              // false: only a pipe or forward without w, W or lock
  bool ignore_write_errors = false;              // flag i
  std::chrono::seconds timeout{0};               // 0: none; then SIGTERM, later SIGKILL to its process group
  std::size_t output_limit = 0;                  // 0: its standard output goes to /dev/null
  std::string text;                              // how LASTFOLDER names it: its words, or the shell's text
  std::string shown;                             // how VERBOSE shows it: its words with commas, or the shell's text
  std::string name;                              // how diagnostics name it: its first word, or the shell's text
  bool output_to_log = false;                    // TRAP: its standard output goes where its stderr goes
  std::optional<Position> rule;                  // the recipe, if one asked
  bool copy = false;                             // flag c: the rules go on
};

// What became of a program.
struct ProgramOutcome {
  bool started = false;         // false with a status: the shell that was asked instead could not read it
  bool input_taken = true;      // false: it closed its input before all was written
  bool timed_out = false;
  int status = 0;               // exit status; the negated signal number if a signal killed it
  std::string output;
  bool output_cut = false;      // there was more than output_limit
  bool succeeded() const { return started && input_taken && !timed_out && status == 0; }
};

// A lock file (PROCMAIL.md 18.3; CONTRACT.md 5.5).
struct LockRequest {
  std::string name;
  std::chrono::seconds longest_pause{8};    // LOCKSLEEP
  std::chrono::seconds stale_after{1024};   // LOCKTIMEOUT; 0: a foreign lock is never broken
  std::chrono::seconds suspend{16};         // SUSPEND: the pause after a foreign lock was broken
};
struct LockOutcome {
  bool held = false;
  bool writable = true;                     // false: its directory takes no new file
  std::vector<std::string> notes;           // Forcing lock on "x", Lock failure on "x"
};

class Host {
 public:
  virtual ~Host() = default;

  // MAILDIR=path: the directory reached from `place`. An error changes nothing.
  virtual Result<std::shared_ptr<const Directory>> enter(const Place& place, const std::string& path) = 0;
  // The text of INCLUDERC and SWITCHRC; NotFound for what is no regular file or cannot be read.
  virtual Result<std::string> load(const Place& place, const std::string& path) = 0;

  // Whether a folder's name means an existing directory.
  virtual bool means_directory(const Place&, const std::string&) { return false; }
  virtual FolderOutcome deliver(const Place& place, const FolderDelivery& delivery) = 0;
  virtual ProgramOutcome run(const Place& place, const ProgramCall& call) = 0;
  // The action `|` alone: to the standard output that the agent was started with.
  virtual bool write_output(const mailbox::Outgoing& content) = 0;

  // Lock files are held until unlock(), or the end of the run.
  virtual LockOutcome lock(const Place& place, const LockRequest& request) = 0;
  virtual void unlock(const Place& place, const std::string& name) = 0;

  // LOGFILE=path: where log() writes from now on; false leaves the old log. LOG and diagnostics come ready to write.
  virtual bool open_log(const Place& place, const std::string& path) = 0;
  virtual void log(std::string_view text) = 0;
  // Where log() writes now, and back to there: a run and its clone each have a log of their own.
  virtual std::shared_ptr<const void> keep_log() { return nullptr; }
  virtual void restore_log(const std::shared_ptr<const void>& log) { static_cast<void>(log); }
  // COMSAT: tells the biff service what was delivered where (PROCMAIL.md 25.5).
  virtual void notify(const Place& place, const std::string& service, const std::string& text) = 0;
  // DELIVERED=yes: whoever waits for the agent hears success now, and the run goes on.
  virtual void report_delivered() = 0;
  // DROPPRIVS=yes in rules that run with more rights than the user's.
  virtual void drop_privileges() = 0;

  virtual std::time_t now() = 0;
  virtual std::string local_time(std::time_t when) = 0;   // "Mon Nov 23 09:00:00 2026"
  virtual int process_id() = 0;
  // A request to stop (SIGTERM, SIGHUP, SIGINT, SIGQUIT) since the run began: its exit code, asked between statements.
  virtual std::optional<int> stop_requested() = 0;

  // Text of a character set as UTF-8, for MATCH_DECODED; nothing if the set is unknown. Tables of more sets than the
  // commonest are files, which is why the host is asked.
  virtual std::optional<std::string> to_utf8(std::string_view charset, std::string_view bytes) {
    return mailbox::common_to_utf8(charset, bytes);
  }

  // A stage of the plan begins (rules.h): site rules and users' rules may have different rights.
  virtual void begin_stage(std::size_t index) { static_cast<void>(index); }

  // What the engine tried, and why it went on as it did; for dry-run --trace and the tests.
  virtual void observe(const Event& event) { static_cast<void>(event); }
  // Whether it must hear of recipes, too, that were passed by at a glance, and of conditions.
  virtual bool observes_all() const { return true; }
  // Whether anybody reads what log() is given; false spares what VERBOSE says.
  virtual bool hears_log() const { return true; }
};

}  // namespace rules
