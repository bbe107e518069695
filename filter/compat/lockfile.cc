// The program lockfile(1): makes one or more lock files, all or none.
// SPDX-License-Identifier: Apache-2.0
#include "filter/compat/lockfile.h"

#include <pwd.h>
#include <signal.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <optional>
#include <utility>
#include <vector>

#include "filter/compat/lockfile_maker.h"
#include "filter/compat/lockfile_words.h"
#include "filter/exit_code.h"

namespace filter::compat {
namespace {

constexpr int kImpossible = 69;  // EX_UNAVAILABLE
constexpr const char* kSpool = "/var/mail/";
constexpr const char* kUsage = "Usage: lockfile -v | -nnn | -r nnn | -l nnn | -s nnn | -! | -ml | -mu | file ...\n";
constexpr const char* kHelp =
    "\t-v\tdisplay the version number and exit\n"
    "\t-nnn\twait nnn seconds between locking attempts\n"
    "\t-r nnn\tmake at most nnn retries before giving up on a lock\n"
    "\t-l nnn\tset locktimeout to nnn seconds\n"
    "\t-s nnn\tsuspend nnn seconds after a locktimeout occurred\n"
    "\t-!\tinvert the exitcode of lockfile\n"
    "\t-ml\tlock your system mail-spool file\n"
    "\t-mu\tunlock your system mail-spool file\n";

// A handler can only reach what is global.
volatile sig_atomic_t stop_asked = 0;

void note_stop(int) { stop_asked = 1; }

// Signals that are ignored already (nohup) stay so. SIGPIPE and SIGXFSZ come as errors of the call.
void install_handlers() {
  for (const int number : {SIGHUP, SIGINT, SIGQUIT, SIGTERM}) {
    struct sigaction action{}, before{};
    action.sa_handler = note_stop;
    if (sigaction(number, nullptr, &before) == 0 && before.sa_handler != SIG_IGN) sigaction(number, &action, nullptr);
  }
  signal(SIGPIPE, SIG_IGN);
  signal(SIGXFSZ, SIG_IGN);
}

// The lock of the caller's system mailbox. LOGNAME tells which one where several names share a user id.
std::optional<std::string> mailbox_lock() {
  const char* const hint = getenv("LOGNAME");
  const passwd* entry = hint != nullptr ? getpwnam(hint) : nullptr;
  if (entry == nullptr || entry->pw_uid != getuid()) entry = getpwuid(getuid());
  if (entry == nullptr) return std::nullopt;
  return std::string(kSpool) + entry->pw_name + ".lock";
}

class Lockfile {
 public:
  explicit Lockfile(std::string name)
      : name_(std::move(name)),
        maker_([this](const std::string& line) { say(line); }, [] { return stop_asked != 0; }) {}

  int run(const std::vector<Step>& steps) {
    int status = 0;
    for (const Step& step : steps) {
      if (status = take(step); status != 0) break;
    }
    if (status != 0) {
      undo();
    } else if (idle_) {
      std::fputs(kUsage, stderr);
      status = to_status(ExitCode::Usage);
    }
    const int swapped = to_status(ExitCode::CannotCreate);
    if (inverted_ && (status == 0 || status == swapped)) status = swapped - status;
    return status;
  }

 private:
  void say(const std::string& line) const { std::fputs((name_ + ": " + line + "\n").c_str(), stderr); }

  int take(const Step& step) {
    switch (step.kind) {
      case StepKind::SleepTime:
        maker_.patience.sleep_time = step.number;
        return 0;
      case StepKind::Retries:
        maker_.patience.retries = step.number;
        return 0;
      case StepKind::LockTimeout:
        maker_.patience.lock_timeout = step.number;
        return 0;
      case StepKind::Suspend:
        maker_.patience.suspend = step.number;
        return 0;
      case StepKind::Invert:
        inverted_ = !inverted_;
        return 0;
      case StepKind::File:
        return lock(step.text, false);
      case StepKind::LockMailbox:
        return lock_mailbox(step.number);
      case StepKind::UnlockMailbox:
        return change_mailbox(false);
      case StepKind::Version:
        tell_version();
        break;
      case StepKind::Help:
        std::fputs((std::string(kUsage) + kHelp).c_str(), stderr);
        break;
      case StepKind::Usage:
        std::fputs(kUsage, stderr);
        break;
    }
    for (int i = 0; i < step.number; ++i) std::fputs(kUsage, stderr);
    return to_status(ExitCode::Usage);
  }

  int lock(std::string path, bool is_mailbox) {
    maker_.may_ask_helper = is_mailbox;
    const char* reason = nullptr;
    int status = kImpossible;
    switch (maker_.make(path)) {
      case LockMaker::Outcome::Made:
        made_.push_back({path, is_mailbox});
        idle_ = false;
        return 0;
      case LockMaker::Outcome::Busy:
        reason = "Sorry";
        status = to_status(ExitCode::CannotCreate);
        break;
      case LockMaker::Outcome::Interrupted:
        reason = "Signal received";
        status = to_status(ExitCode::TempFail);
        break;
      case LockMaker::Outcome::Impossible:
        reason = "Try praying";
        break;
      case LockMaker::Outcome::TooLong:
        reason = "Filename too long";
        break;
    }
    say(std::string(reason) + ", giving up on \"" + path + "\"");
    return status;
  }

  // The real program reads the word of a failed -ml once more, and with it each -! in it.
  int lock_mailbox(int inversions) {
    const int status = change_mailbox(true);
    if (status != 0 && inversions % 2 != 0) inverted_ = !inverted_;
    return status;
  }

  // -ml or -mu: one of them, once.
  int change_mailbox(bool wanted) {
    if (std::exchange(mailbox_used_, true)) {
      std::fputs(kUsage, stderr);
      return to_status(ExitCode::Usage);
    }
    const auto path = mailbox_lock();
    if (!path) {
      say("Can't determine your mailbox, who are you?");
      std::fputs(kUsage, stderr);
      return to_status(ExitCode::Usage);
    }
    if (wanted) return lock(*path, true);
    if (unlock_mailbox(*path)) idle_ = false;
    made_.push_back({*path, true});
    return 0;
  }

  bool unlock_mailbox(const std::string& path) {
    maker_.may_ask_helper = true;
    if (maker_.remove(path)) return true;
    say("Can't unlock \"" + path + "\"");
    return false;
  }

  void undo() {
    for (const auto& [path, is_mailbox] : made_) {
      if (is_mailbox) {
        unlock_mailbox(path);
      } else {
        unlink(path.c_str());
      }
    }
  }

  void tell_version() const {
    std::string text = "lockfile v3.23pre (Sluice " SLUICE_VERSION ")\n";
    if (const auto path = mailbox_lock()) text += "\nYour system mailbox's lockfile:\t" + *path + "\n";
    std::fputs(text.c_str(), stderr);
  }

  struct Made {
    std::string path;
    bool is_mailbox;
  };
  std::string name_;
  LockMaker maker_;
  std::vector<Made> made_;  // in order, which is the order of removal too
  bool inverted_ = false;
  bool mailbox_used_ = false;  // -ml or -mu has been seen
  bool idle_ = true;           // no lock was made, none of the mailbox removed
};

}  // namespace

int lockfile_command(const std::string& name, std::span<const std::string> words) {
  install_handlers();
  return Lockfile(name).run(read_lockfile_words(words));
}

}  // namespace filter::compat
