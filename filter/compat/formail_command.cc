// formail as a process: standard input and output, programs, the clock.
// SPDX-License-Identifier: Apache-2.0
#include "filter/compat/formail_command.h"

#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <utility>

#include "filter/compat/formail_cache.h"
#include "filter/compat/formail_clock.h"
#include "filter/compat/formail_options.h"
#include "filter/compat/formail_programs.h"
#include "filter/compat/formail_run.h"
#include "filter/exit_code.h"

namespace filter::compat {
namespace {

constexpr std::size_t kOutputBuffer = 64 * 1024;

class StandardInput : public ByteSource {
 public:
  std::size_t read(std::span<char> room) override {
    for (;;) {
      const ssize_t got = ::read(STDIN_FILENO, room.data(), room.size());
      if (got >= 0) return static_cast<std::size_t>(got);
      if (errno != EINTR) return 0;
    }
  }
};

class ProcessWorld : public FormailWorld {
 public:
  explicit ProcessWorld(const FormailOptions& options) {
    if (!options.program.empty()) programs_.emplace(options.program, options.parallel.value_or(1));
  }
  ByteSource& input() override { return input_; }
  EditClock clock(long index) override { return read_clock(index); }
  void complain(const std::string& text) override { std::fputs(("formail: " + text + "\n").c_str(), stderr); }
  mailbox::Result<bool> remember(const DuplicateCache& cache, std::optional<std::string_view> key) override {
    return compat::remember(cache.file, cache.length, key);
  }

  mailbox::Result<void> open(long index) override {
    if (!programs_) return {};
    auto feed = programs_->start(index);
    if (!feed) return std::unexpected(std::move(feed).error());
    feed_ = std::move(*feed);
    return {};
  }
  void write(std::string_view bytes) override {
    if (pending_.size() + bytes.size() > kOutputBuffer) flush();
    pending_ += bytes;
  }
  bool close() override {
    flush();
    feed_.reset();
    if (programs_) programs_->fed();
    return !failed_;
  }
  int finish() override { return programs_ ? programs_->finish() : 0; }

 private:
  void flush();

  StandardInput input_;
  std::optional<Programs> programs_;
  mailbox::UniqueFd feed_;
  std::string pending_;
  bool failed_ = false;
};

void ProcessWorld::flush() {
  const int fd = programs_ ? feed_.get() : STDOUT_FILENO;
  std::string_view rest = pending_;
  while (!rest.empty()) {
    const ssize_t put = ::write(fd, rest.data(), rest.size());
    if (put < 0 && errno == EINTR) continue;
    if (put <= 0) {
      failed_ = true;
      break;
    }
    rest.remove_prefix(static_cast<std::size_t>(put));
  }
  pending_.clear();
}

}  // namespace

int formail_command(const std::string&, std::span<const std::string> words) {
  auto options = read_formail_options(words);
  if (!options) {
    std::fputs(options.error().text.c_str(), stderr);
    return to_status(ExitCode::Usage);
  }
  std::signal(SIGPIPE, SIG_IGN);
  ProcessWorld world(*options);
  return run_formail(*options, world);
}

}  // namespace filter::compat
