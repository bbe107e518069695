// The world of a rule test: folders that take everything, and programs that do what the test says. Touches nothing but
// the files that the rules include.
// SPDX-License-Identifier: Apache-2.0
//
//   RuleTestHost host(test, folder);
//   run_plan(plan, message, host);
//   host.happened();        // {"maildir", "lists/dev"}, …
//
// A folder's kind goes by its name; one that the test expects as a directory is a directory. Programs that the test
// does not name are taken to do what a dry-run takes them to do: `?` and `formail -D` exit with 1, others with 0,
// filters leave the message as it is. That is noted.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "filter/tools/rule_test_file.h"
#include "filter/tools/still_host.h"

namespace filter::tools {

class RuleTestHost final : public StillHost {
 public:
  // `folder`: where the rules lie; `home`: what stands for it in paths of includes.
  RuleTestHost(const RuleTestFile& test, std::string folder, std::string home)
      : test_(test), folder_(std::move(folder)), home_(std::move(home)) {}

  struct Happened {
    Deed deed;
    std::string header;    // of the message that the action got
    std::string absolute;  // a folder's whole path
  };
  const std::vector<Happened>& happened() const { return happened_; }
  const std::vector<rules::Event>& trace() const { return trace_; }
  const std::vector<std::string>& assumed() const { return assumed_; }

  rules::Result<std::shared_ptr<const rules::Directory>> enter(const rules::Place& place,
                                                               const std::string& path) override;
  rules::Result<std::string> load(const rules::Place& place, const std::string& path) override;
  rules::FolderOutcome deliver(const rules::Place& place, const rules::FolderDelivery& delivery) override;
  rules::ProgramOutcome run(const rules::Place& place, const rules::ProgramCall& call) override;
  bool write_output(const mailbox::Outgoing& content) override;
  std::time_t now() override { return 0; }
  std::string local_time(std::time_t) override { return "Thu Jan  1 00:00:00 1970"; }
  int process_id() override { return 1; }
  void observe(const rules::Event& event) override;

 private:
  const StandIn* stand_in(const std::string& command) const;
  bool is_expected_directory(const std::string& path) const;

  const RuleTestFile& test_;
  std::string folder_;
  std::string home_;
  std::vector<Happened> happened_;
  std::vector<rules::Event> trace_;
  std::vector<std::string> assumed_;
  std::optional<Happened> pending_;  // a program's: it counts if the rules say that it succeeded
};

// The folder's name without what tells its kind, relative to `directory` where it is below it.
std::string shown_path(const std::string& path, const std::string& directory);

}  // namespace filter::tools
