// Reads saved mail.
// SPDX-License-Identifier: Apache-2.0
#include "filter/tools/mail_source.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <filesystem>
#include <utility>
#include <vector>

#include "filter/tools/message_cutter.h"
#include "mailbox/file.h"

namespace filter::tools {
namespace {

namespace fs = std::filesystem;
using mailbox::ErrorKind;
using mailbox::Result;

constexpr std::size_t kChunk = 256 << 10;

bool is_directory(const std::string& path) {
  struct stat status{};
  return stat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode);
}

Result<mailbox::UniqueFd> open_regular(const std::string& path) {
  struct stat status{};
  if (stat(path.c_str(), &status) != 0) return mailbox::system_failure("cannot read " + path);
  // Looked at before it is opened: opening a device or a FIFO would already be a deed.
  if (!S_ISREG(status.st_mode)) return mailbox::failure(ErrorKind::Permanent, path + " is no file or folder of mail");
  return mailbox::open_at(AT_FDCWD, path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
}

class Reader {
 public:
  Reader(const std::string& name, const std::function<void(SavedMessage)>& take,
         const std::function<void(const std::string&)>& complain)
      : name_(name), take_(take), complain_(complain) {}

  void read() {
    if (name_ == "-") {
      cut(STDIN_FILENO);
    } else if (!is_directory(name_)) {
      auto fd = open_regular(name_);
      if (fd)
        cut(fd->get());
      else
        complain_(fd.error().text);
    } else {
      for (const std::string& file : files_of_folder()) read_single(file);
    }
  }

 private:
  void cut(int fd);
  void read_single(const std::string& path);
  std::vector<std::string> files_of_folder();
  std::vector<std::string> files_in(const std::string& directory);
  void hand_over(std::string bytes) { take_({name_, index_++, std::move(bytes)}); }

  const std::string& name_;
  const std::function<void(SavedMessage)>& take_;
  const std::function<void(const std::string&)>& complain_;
  std::size_t index_ = 0;
};

void Reader::cut(int fd) {
  const std::string what = name_ == "-" ? "standard input" : name_;
  MessageCutter cutter([this](std::string message) { hand_over(std::move(message)); });
  std::vector<char> chunk(kChunk);
  for (;;) {
    const ssize_t got = ::read(fd, chunk.data(), chunk.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) complain_(mailbox::system_failure("cannot read " + what).error().text);
    if (got <= 0 || !cutter.feed({chunk.data(), static_cast<std::size_t>(got)})) break;
  }
  if (const auto done = cutter.finish(); !done) complain_(what + " " + done.error().text);
}

void Reader::read_single(const std::string& path) {
  auto fd = open_regular(path);
  auto bytes =
      fd ? mailbox::read_bounded(fd->get(), kMaxSavedMessage) : Result<std::string>(std::unexpected(fd.error()));
  if (!bytes)
    complain_(fd ? std::move(bytes).error().about(path).text : bytes.error().text);
  else if (starts_as_message(*bytes))
    hand_over(std::move(*bytes));
  else
    complain_(path + " is no mail: it does not start with a header");
}

// Regular files that are not hidden; their whole paths.
std::vector<std::string> Reader::files_in(const std::string& directory) {
  std::vector<std::string> found;
  std::error_code failed;
  for (fs::directory_iterator entry(directory, failed), end; !failed && entry != end; entry.increment(failed)) {
    std::error_code ignored;
    if (!entry->path().filename().string().starts_with('.') && entry->is_regular_file(ignored))
      found.push_back(entry->path().string());
  }
  if (failed) complain_("cannot read " + directory + ": " + failed.message());
  return found;
}

std::vector<std::string> Reader::files_of_folder() {
  const auto base = [](const std::string& path) { return std::string_view(path).substr(path.rfind('/') + 1); };
  const std::string root = mailbox::without_slashes(name_);
  std::vector<std::string> files;
  if (is_directory(root + "/cur") && is_directory(root + "/new")) {
    for (const char* part : {"/new", "/cur"}) {
      auto more = files_in(root + part);
      std::move(more.begin(), more.end(), std::back_inserter(files));
    }
    std::ranges::sort(files, {}, base);
    return files;
  }
  files = files_in(root);
  const auto is_number = [&](const std::string& path) {
    return base(path).find_first_not_of("0123456789") == std::string_view::npos;
  };
  const auto others = std::ranges::stable_partition(files, is_number);
  if (others.begin() == files.begin()) {
    std::ranges::sort(files, {}, base);
    if (files.empty()) complain_(name_ + " holds no mail");
    return files;
  }
  files.erase(others.begin(), files.end());
  std::ranges::sort(files, {}, [&](const std::string& path) { return std::pair(path.size(), base(path)); });
  return files;
}

}  // namespace

std::uint64_t size_of_mail(const std::string& name) {
  std::error_code failed;
  if (name == "-") return 0;
  if (!is_directory(name)) {
    const auto size = fs::file_size(name, failed);
    return failed ? 0 : size;
  }
  std::uint64_t total = 0;
  for (fs::recursive_directory_iterator entry(name, failed), end; !failed && entry != end; entry.increment(failed)) {
    std::error_code ignored;
    const auto size = entry->is_regular_file(ignored) ? entry->file_size(ignored) : 0;
    if (!ignored) total += size;
  }
  return total;
}

void read_mail(const std::string& name, const std::function<void(SavedMessage)>& take,
               const std::function<void(const std::string&)>& complain) {
  Reader(name, take, complain).read();
}

}  // namespace filter::tools
