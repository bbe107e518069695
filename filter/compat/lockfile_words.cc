// lockfile(1)'s command line as a list of steps, done one after the other.
// SPDX-License-Identifier: Apache-2.0
#include "filter/compat/lockfile_words.h"

#include <cstdlib>
#include <string_view>

namespace filter::compat {
namespace {

class Reader {
 public:
  explicit Reader(std::span<const std::string> words) : words_(words) {}

  std::vector<Step> read() {
    while (next_ < words_.size() && !ended_) {
      const std::string& word = words_[next_++];
      if (!word.starts_with('-')) {
        steps_.push_back({StepKind::File, 0, word});
        continue;
      }
      flags_ = word.c_str() + 1;
      depth_ = inversions_ = 0;
      while (!ended_ && *flags_ != '\0') read_flag();
    }
    return std::move(steps_);
  }

 private:
  void end(StepKind kind) {
    steps_.push_back({kind, depth_});
    ended_ = true;
  }

  void read_flag() {
    const char* const start = flags_;
    switch (*flags_++) {
      case '!':
        ++inversions_;
        steps_.push_back({StepKind::Invert});
        return;
      case 'r':
        read_value(StepKind::Retries);
        return;
      case 'l':
        read_value(StepKind::LockTimeout);
        return;
      case 's':
        read_value(StepKind::Suspend);
        return;
      case 'm':
        read_mailbox_flag();
        return;
      case 'v':
        end(StepKind::Version);
        return;
      case 'h':
      case '?':
        end(StepKind::Help);
        return;
      default:
        flags_ = start;
        break;
    }
    const int seconds = read_number();
    if (flags_ == start || seconds < 0) return end(StepKind::Usage);
    steps_.push_back({StepKind::SleepTime, seconds});
  }

  // The rest of the word, or else the next word, which then is where flags are read on.
  void read_value(StepKind kind) {
    if (*flags_ == '\0') {
      if (next_ == words_.size()) return end(StepKind::Usage);
      flags_ = words_[next_++].c_str();
      ++depth_;
    }
    const int number = read_number();
    if (kind == StepKind::Suspend && number < 0) return end(StepKind::Usage);
    steps_.push_back({kind, number});
  }

  void read_mailbox_flag() {
    const std::string_view rest = flags_;
    flags_ += rest.size();
    if (rest == "l") {
      steps_.push_back({StepKind::LockMailbox, inversions_});
    } else if (rest == "u") {
      steps_.push_back({StepKind::UnlockMailbox});
    } else {
      end(StepKind::Usage);
    }
  }

  int read_number() {
    char* end = nullptr;
    const long number = std::strtol(flags_, &end, 10);
    flags_ = end;
    return static_cast<int>(number);
  }

  std::span<const std::string> words_;
  std::size_t next_ = 0;
  const char* flags_ = "";  // within words_
  int depth_ = 0;           // values of their own in this group of flags: each tells the usage once more
  int inversions_ = 0;      // in this group
  bool ended_ = false;
  std::vector<Step> steps_;
};

}  // namespace

std::vector<Step> read_lockfile_words(std::span<const std::string> words) { return Reader(words).read(); }

}  // namespace filter::compat
