// The dry-run's answers to the rules: what a delivery would have found, without doing anything.
// SPDX-License-Identifier: Apache-2.0
//
//   DryHost host(setup);
//   rules::Verdict verdict = run_plan(plan, message, host);
//   Decision decision = host.decision(verdict);      // what would have become of the message
//
// Writes no file, starts no process, opens no socket; of folders only stat(2) and access(2) are asked. A folder would
// take the message if it is there and may be written, or if its parent directory is there and may be written; the
// fall-back to the inbox needs only the parent, for the inbox may need rights that only a delivery has. Locks are
// always had, logs go nowhere. Programs are answered as CONTRACT.md 2 says; each answer that was assumed is listed. One
// host serves one message; hosts share nothing but the setup, which is only read.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "filter/charset.h"
#include "filter/child.h"
#include "filter/tools/still_host.h"
#include "rules/rules.h"

namespace filter::tools {

// --assume 'GLOB=N': commands that match GLOB (fnmatch(3)) exit with N.
struct Assumption {
  std::string glob;
  int status = 0;
};

struct DrySetup {
  std::string directory;                // absolute: where the run starts
  std::vector<Assumption> assumptions;  // the first that matches counts
  bool runs_conditions = false;         // --exec conditions: `?` programs and backquotes really run
  bool traces = false;
  std::string made_directory;  // delivery makes it if it is missing: mail.folders; empty: none
  std::string confined_to;     // the home that users' rules cannot leave; empty: they are free
  std::string inbox;           // reachable all the same
};

struct Action {
  enum class Kind { Mbox, Maildir, Mh, Directory, Discard, Pipe, Forward, Filter, Capture };
  Kind kind = Kind::Mbox;
  std::string target;                   // as LASTFOLDER says it; of a new file in a directory, that directory
  std::optional<rules::Position> rule;  // none: the fall-back to the inbox
  bool copy = false;
};

// What would become of a message. Unknown: no decision could be made.
enum class Outcome { Delivered, Discarded, Forwarded, Piped, Refused, Lost, Unknown };

struct Decision {
  Outcome outcome = Outcome::Unknown;
  int exit_code = 75;
  std::vector<Action> actions;
  std::vector<std::string> assumed;
  std::vector<rules::Event> applied;  // the actions of all recipes that applied, blocks included, in order
  std::vector<rules::Event> trace;    // conditions only
};

class DryHost final : public StillHost {
 public:
  explicit DryHost(const DrySetup& setup) : setup_(setup) {}

  Decision decision(const rules::Verdict& verdict) &&;

  rules::Result<std::shared_ptr<const rules::Directory>> enter(const rules::Place& place,
                                                               const std::string& path) override;
  rules::Result<std::string> load(const rules::Place& place, const std::string& path) override;
  rules::FolderOutcome deliver(const rules::Place& place, const rules::FolderDelivery& delivery) override;
  rules::ProgramOutcome run(const rules::Place& place, const rules::ProgramCall& call) override;
  bool write_output(const mailbox::Outgoing& content) override;
  bool hears_log() const override { return false; }
  bool observes_all() const override { return setup_.traces; }
  std::time_t now() override;
  std::string local_time(std::time_t when) override;
  int process_id() override;
  std::optional<std::string> to_utf8(std::string_view charset, std::string_view bytes) override {
    return filter::to_utf8(charset, bytes);
  }
  void begin_stage(std::size_t index) override;
  void observe(const rules::Event& event) override;

 private:
  std::string resolved(const rules::Place& place, const std::string& path) const;
  bool is_reachable(const std::string& path) const;
  std::optional<rules::FolderOutcome::Kind> folder_kind(const rules::Place& place, const std::string& folder,
                                                        bool is_fall_back) const;
  std::string names_used(const rules::Place& place, const rules::FolderDelivery& delivery,
                         rules::FolderOutcome::Kind kind) const;
  int assumed_status(const rules::ProgramCall& call, int otherwise) const;
  rules::ProgramOutcome really_run(const rules::Place& place, const rules::ProgramCall& call);
  void assume(const std::string& text);
  void mark_copy();
  Outcome outcome_of(const rules::Verdict& verdict) const;

  const DrySetup& setup_;
  Decision decision_;
  std::optional<Action> pending_;  // an action that is asked for; it counts if the rules say it succeeded
  bool last_was_output_ = false;   // the last action was `|` alone: a copy, if the rules go on
  bool confined_ = false;
  Children children_;
};

}  // namespace filter::tools
