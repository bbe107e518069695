// Reads saved mail, decides on all cores, and writes what was found in the mail's order.
// SPDX-License-Identifier: Apache-2.0
#include "filter/tools/dry_run_command.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <exception>
#include <memory>
#include <thread>
#include <utility>
#include <vector>

#include "filter/tools/dry_html.h"
#include "filter/tools/dry_message.h"
#include "filter/tools/dry_progress.h"
#include "filter/tools/dry_rules.h"
#include "filter/tools/dry_run_options.h"
#include "filter/tools/dry_run_plan.h"
#include "filter/tools/dry_table.h"
#include "filter/tools/dry_tally.h"
#include "filter/tools/mail_source.h"
#include "filter/tools/ordered_work.h"
#include "filter/tools/site_tool.h"
#include "filter/tools/terminal.h"
#include "mailbox/file.h"

namespace filter::tools {
namespace {

constexpr std::size_t kBuffer = 64 << 10;

// Where the answer goes; gathers small writes, and remembers the first that failed.
class Output {
 public:
  explicit Output(int fd) : fd_(fd) {}
  void write(std::string_view text) {
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

std::uint64_t total_size(const std::vector<std::string>& mail) {
  std::uint64_t total = 0;
  for (const std::string& name : mail) total += size_of_mail(name);
  return total;
}

std::size_t jobs_of(const DryRunOptions& options) {
  // Programs of different messages must not meet.
  if (options.runs_conditions) return 1;
  if (options.jobs > 0) return options.jobs;
  return std::clamp<std::size_t>(std::thread::hardware_concurrency(), 1, kMostJobs);
}

// Messages that are decided together, by one thread.
struct Batch {
  static constexpr std::size_t kMostMessages = 64;
  static constexpr std::size_t kMostBytes = std::size_t{256} << 10;
  std::vector<SavedMessage> messages;
  std::size_t bytes = 0;

  void add(SavedMessage message) {
    bytes += message.bytes.size();
    messages.push_back(std::move(message));
  }
  bool is_full() const { return messages.size() >= kMostMessages || bytes >= kMostBytes; }
};

struct DecidedBatch {
  std::string text;  // ready to be written
  DryTally tally;
};

// One run over all mail.
class DryRun {
 public:
  DryRun(const DryRunOptions& options, const DryPlan& plan, int fd)
      : options_(options),
        plan_(plan),
        output_(fd),
        table_(terminal_width(fd), wants_colour(fd), options.traces),
        progress_(isatty(STDERR_FILENO) == 1, isatty(STDERR_FILENO) == 1 ? total_size(options.mail) : 0),
        work_(jobs_of(options), [this](DecidedBatch batch) { take(std::move(batch)); }) {}

  int run() {
    if (options_.format == Format::Text) output_.write(table_.header());
    if (options_.format == Format::Html) output_.write(page_begin());
    for (const std::string& mail : options_.mail)
      read_mail(
          mail, [this](SavedMessage saved) { add(std::move(saved)); },
          [this](const std::string& what) {
            progress_.clear();
            exit_code_ = complain("dry-run", what);
          });
    hand_in();
    work_.finish();
    progress_.clear();
    if (options_.format == Format::Text) output_.write(table_.totals(tally_, list_rules(plan_)));
    if (options_.format == Format::Html) output_.write(page_end(options_.rules, list_rules(plan_)));
    return output_.flush() ? exit_code_ : complain("dry-run", "cannot write all of the output");
  }

 private:
  using Format = DryRunOptions::Format;

  void add(SavedMessage saved) {
    progress_.add_message(saved.bytes.size());
    batch_.add(std::move(saved));
    if (batch_.is_full()) hand_in();
  }

  void hand_in() {
    if (batch_.messages.empty()) return;
    // Shared, because a task must be copyable.
    auto batch = std::make_shared<Batch>(std::exchange(batch_, {}));
    work_.add(batch->bytes, [this, batch] { return decided_batch(*batch); });
  }

  // By any thread.
  DecidedBatch decided_batch(Batch& batch) const {
    DecidedBatch done;
    for (SavedMessage& saved : batch.messages) {
      const mailbox::Message message(std::move(saved.bytes));
      const DecidedMessage one = decided(std::move(saved.source), saved.index, message, decide(plan_, message));
      done.text += row(one);
      if (options_.format == Format::Text) done.tally.add(one);
    }
    return done;
  }

  std::string row(const DecidedMessage& message) const {
    switch (options_.format) {
      case Format::Json:
        return json_line(message, options_.traces);
      case Format::Html:
        return page_row(message, options_.traces).append(kBetweenRows);
      case Format::Text:
        break;
    }
    return table_.row(message);
  }

  // One at a time, in order.
  void take(DecidedBatch batch) {
    if (options_.format == Format::Html) {
      // What stands between rows must not stand behind the last one.
      if (std::exchange(has_rows_, true)) output_.write(kBetweenRows);
      batch.text.resize(batch.text.size() - kBetweenRows.size());
    }
    output_.write(batch.text);
    tally_.merge(batch.tally);
  }

  static constexpr std::string_view kBetweenRows = ",\n";

  const DryRunOptions& options_;
  const DryPlan& plan_;
  Output output_;
  DryTable table_;
  DryProgress progress_;
  DryTally tally_;
  Batch batch_;
  bool has_rows_ = false;
  int exit_code_ = kFine;
  OrderedWork<DecidedBatch> work_;
};

}  // namespace

int dry_run_command(std::span<const std::string> arguments) {
  const auto options = read_dry_run_options(arguments);
  if (!options) return complain("dry-run", options.error().text);
  if (options->help) return print(kDryRunHelp);
  if (options->version) return print("sluice " SLUICE_VERSION "\n");
  const auto plan = make_dry_plan(*options);
  if (!plan) return complain("dry-run", plan.error().text);
  if (const std::size_t errors = plan->rule_errors; errors > 0)
    complain("dry-run", options->rules + " has " + std::to_string(errors) + (errors == 1 ? " error" : " errors") +
                            ", and is read as procmail reads it: see sluice check " + options->rules);
  if (options->output.empty()) return DryRun(*options, *plan, STDOUT_FILENO).run();
  const auto file = mailbox::open_at(AT_FDCWD, options->output, O_WRONLY | O_CREAT | O_TRUNC, 0666);
  if (!file) return complain("dry-run", file.error().text);
  return DryRun(*options, *plan, file->get()).run();
}

}  // namespace filter::tools
