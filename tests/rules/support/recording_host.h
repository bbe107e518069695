// A world for the interpreter's tests: it does nothing, writes down what it is asked, and fails where it is told to.
// SPDX-License-Identifier: Apache-2.0
//
//   RecordingHost host;
//   host.full = {"box"};                          // deliveries to box find a full disk
//   host.programs["grep -q x"] = {.status = 1};
//   CHECK(host.run(":0\nbox\n:0\nother\n") == "fail box\nbox other\nexit 0\n");
#pragma once

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "rules/host.h"
#include "rules/rules.h"

namespace testing_support {

// A directory is its path.
struct NamedDirectory : rules::Directory {
  explicit NamedDirectory(std::string name) : path(std::move(name)) {}
  std::string path;
};

struct Answer {
  int status = 0;
  std::string output{};
  bool started = true;
  bool timed_out = false;
  bool input_taken = true;
};

class RecordingHost : public rules::Host {
 public:
  // What the world is like.
  std::set<std::string> full;                     // folders whose disk is full
  std::size_t failing_delivery = 0;               // the nth delivery fails, counted from 1
  std::map<std::string, Answer> programs;         // by the words, or the shell's text; others exit 0 and say nothing
  std::map<std::string, std::string> files;       // what INCLUDERC and SWITCHRC find
  std::set<std::string> missing_directories;
  std::set<std::string> busy_locks;
  int stop_at_question = 0;                       // the nth stop_requested() says 75
  bool quiet = true;                              // leaves out variables, directories and inputs

  // What the run starts with.
  rules::Plan plan;
  std::vector<std::string> arguments;
  std::string message = "From a@b  Mon Nov 23 09:00:00 2026\nSubject: hello\nTo: dev\n\nbody\n";

  // Runs rules; what was asked, a line each, the log's text as "log: …", and the exit code.
  std::string run(const std::string& rc);
  const std::string& said() const { return record_; }

  rules::Result<std::shared_ptr<const rules::Directory>> enter(const rules::Place& place, const std::string& path) override;
  rules::Result<std::string> load(const rules::Place& place, const std::string& path) override;
  rules::FolderOutcome deliver(const rules::Place& place, const rules::FolderDelivery& delivery) override;
  rules::ProgramOutcome run(const rules::Place& place, const rules::ProgramCall& call) override;
  bool write_output(const mailbox::Outgoing& content) override;
  rules::LockOutcome lock(const rules::Place& place, const rules::LockRequest& request) override;
  void unlock(const rules::Place& place, const std::string& name) override;
  bool open_log(const rules::Place& place, const std::string& path) override;
  void log(std::string_view text) override;
  void notify(const rules::Place& place, const std::string& service, const std::string& text) override;
  void report_delivered() override { record_ += "reported delivered\n"; }
  void drop_privileges() override { record_ += "dropped privileges\n"; }
  std::time_t now() override { return 1795424400; }
  std::string local_time(std::time_t when) override;
  int process_id() override { return 4711; }
  std::optional<int> stop_requested() override;

 private:
  std::string record_;
  std::size_t deliveries_ = 0;
  int questions_ = 0;
};

}  // namespace testing_support
