// Reads saved mail, decides on all cores, and writes what was found in the mail's order.
// SPDX-License-Identifier: Apache-2.0
#include "filter/tools/dry_run_command.h"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <exception>
#include <memory>
#include <thread>
#include <utility>

#include "filter/tools/dry_run_options.h"
#include "filter/tools/dry_run_plan.h"
#include "filter/tools/dry_run_report.h"
#include "filter/tools/mail_source.h"
#include "filter/tools/ordered_work.h"
#include "filter/tools/site_tool.h"
#include "mailbox/file.h"

namespace filter::tools {
namespace {

constexpr std::size_t kBuffer = 64 << 10;

std::size_t terminal_width(int fd) {
  winsize size{};
  if (isatty(fd) != 1) return 0;
  return ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

bool wants_colour(int fd) {
  const char* no_colour = std::getenv("NO_COLOR");
  return (no_colour == nullptr || *no_colour == '\0') && isatty(fd) == 1;
}

// Where the answer goes; gathers small writes, and remembers the first that failed.
class Output {
 public:
  explicit Output(int fd) : fd_(fd) {}
  void write(const std::string& text) {
    buffer_ += text;
    if (buffer_.size() >= kBuffer) flush();
  }
  bool flush() {
    if (fine_) fine_ = mailbox::write_all(fd_, buffer_).has_value();
    buffer_.clear();
    return fine_;
  }

 private:
  int fd_;
  std::string buffer_;
  bool fine_ = true;
};

// A decision that could not be made is none that anybody should rely on.
Decision decide(const DryPlan& plan, const mailbox::Message& message) {
  try {
    return plan.decide(message);
  } catch (const std::exception& problem) {
    Decision unknown;
    unknown.assumed = {std::string("nothing: the decision failed: ") + problem.what()};
    return unknown;
  }
}

std::size_t jobs_of(const DryRunOptions& options) {
  // Programs of different messages must not meet.
  if (options.runs_conditions) return 1;
  if (options.jobs > 0) return options.jobs;
  return std::clamp<std::size_t>(std::thread::hardware_concurrency(), 1, kMostJobs);
}

int dry_run(const DryRunOptions& options, const DryPlan& plan, int fd) {
  Output output(fd);
  TextReport table(terminal_width(fd), wants_colour(fd), options.traces);
  int exit_code = kFine;
  const auto complain_about = [&](const std::string& what) { exit_code = complain("dry-run", what); };
  const auto write = [&](const DecidedMessage& message) {
    output.write(options.json ? json_line(message, options.traces) : table.row(message));
  };
  if (!options.json) output.write(table.header());
  OrderedWork<DecidedMessage> work(jobs_of(options), write);
  for (const std::string& mail : options.mail)
    read_mail(
        mail,
        [&](SavedMessage saved) {
          const std::size_t size = saved.bytes.size();
          // Shared, because a task must be copyable.
          auto shared = std::make_shared<SavedMessage>(std::move(saved));
          work.add(size, [&plan, shared] {
            const mailbox::Message message(std::move(shared->bytes));
            return decided(shared->source, shared->index, message, decide(plan, message));
          });
        },
        complain_about);
  work.finish();
  if (!options.json) output.write(table.totals());
  return output.flush() ? exit_code : complain("dry-run", "cannot write all of the output");
}

}  // namespace

int dry_run_command(std::span<const std::string> arguments) {
  const auto options = read_dry_run_options(arguments);
  if (!options) return complain("dry-run", options.error().text);
  if (options->help) return print(kDryRunHelp);
  if (options->version) return print("sluice " SLUICE_VERSION "\n");
  const auto plan = make_dry_plan(*options);
  if (!plan) return complain("dry-run", plan.error().text);
  if (options->output.empty()) return dry_run(*options, *plan, STDOUT_FILENO);
  const auto file = mailbox::open_at(AT_FDCWD, options->output, O_WRONLY | O_CREAT | O_TRUNC, 0666);
  if (!file) return complain("dry-run", file.error().text);
  return dry_run(*options, *plan, file->get());
}

}  // namespace filter::tools
