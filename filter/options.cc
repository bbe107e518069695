// Reads procmail's options: letters may be clustered, and the first word without a dash ends them.
// SPDX-License-Identifier: Apache-2.0
#include "filter/options.h"

namespace filter {
namespace {

class OptionReader {
 public:
  explicit OptionReader(std::span<const std::string> words) : words_(words) {}

  ProcmailOptions read() {
    while (at_ < words_.size() && words_[at_].starts_with('-')) {
      const std::string& word = words_[at_++];
      if (word == "--") break;
      read_cluster(word);
    }
    if (options_.deliver_mode && (options_.keep_environment || options_.filter_mode)) {
      options_.complaints.push_back("Conflicting options");
      options_.keep_environment = options_.filter_mode = false;
    }
    if (options_.filter_mode) options_.arguments.clear();
    read_words();
    return std::move(options_);
  }

 private:
  void read_cluster(const std::string& word);
  // The rest of the cluster, or the next word.
  std::string value(const std::string& word, std::size_t& i) {
    std::string rest = word.substr(i + 1);
    i = word.size();
    if (rest.empty() && at_ < words_.size()) rest = words_[at_++];
    return rest;
  }
  void read_words();

  std::span<const std::string> words_;
  std::size_t at_ = 0;
  ProcmailOptions options_;
};

void OptionReader::read_cluster(const std::string& word) {
  for (std::size_t i = 1; i < word.size(); ++i) {
    switch (word[i]) {
      case 'v': options_.version = true; break;
      case 'h': case '?': options_.help = true; break;
      case 'p': options_.keep_environment = true; break;
      case 't': options_.fail_temporarily = true; break;
      case 'o': options_.override_from_line = true; break;
      case 'Y': case 'y': break;
      case 'm': options_.filter_mode = true; break;
      case 'z': options_.lmtp = true; i = word.size(); break;
      case 'f': case 'r': options_.sender = value(word, i); break;
      case 'a': options_.arguments.push_back(value(word, i)); break;
      case 'd': {
        options_.deliver_mode = true;
        const std::string first = word.substr(i + 1);
        if (!first.empty()) options_.recipients.push_back(first);
        for (; at_ < words_.size(); ++at_) options_.recipients.push_back(words_[at_]);
        return;
      }
      default:
        options_.complaints.push_back("Unrecognised options: \"" + word.substr(i) + "\"");
        options_.unknown = true;
        return;
    }
  }
}

void OptionReader::read_words() {
  for (; at_ < words_.size(); ++at_) {
    const std::string& word = words_[at_];
    const std::size_t sign = word.find('=');
    if (sign != std::string::npos) {
      options_.assignments.emplace_back(word.substr(0, sign), word.substr(sign + 1));
    } else if (options_.filter_mode) {
      options_.rc_files.push_back(word);
      options_.arguments.assign(words_.begin() + static_cast<std::ptrdiff_t>(at_) + 1, words_.end());
      return;
    } else {
      options_.rc_files.push_back(word);
    }
  }
}

}  // namespace

ProcmailOptions read_options(std::span<const std::string> words) { return OptionReader(words).read(); }

}  // namespace filter
