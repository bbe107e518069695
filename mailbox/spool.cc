// Looks at the spool as root: never through a link, and only at names that nobody else can exchange.
// SPDX-License-Identifier: Apache-2.0
#include "mailbox/spool.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <memory>

#include "mailbox/file.h"

namespace mailbox {
namespace {

constexpr mode_t kPrivate = 0600;
constexpr int kTries = 10;   // others may add names to a sticky spool meanwhile

struct Free {
  void operator()(char* text) const { std::free(text); }
};

// The folder, if it and all above it are root's; no descriptor where some account could exchange a part of its path.
Result<UniqueFd> open_of_root(const std::string& folder) {
  const std::unique_ptr<char, Free> real(realpath(folder.c_str(), nullptr));
  if (!real) return errno == ENOENT ? Result<UniqueFd>(UniqueFd()) : system_failure("cannot examine " + folder);
  UniqueFd fd(open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  std::string rest(real.get());
  for (std::size_t at = 1; fd; ) {
    struct stat about{};
    if (fstat(fd.get(), &about) != 0) return system_failure("cannot examine " + folder);
    if (about.st_uid != 0) return UniqueFd();
    if (at >= rest.size()) return fd;
    const std::size_t end = std::min(rest.find('/', at), rest.size());
    const std::string part = rest.substr(at, end - at);
    fd = UniqueFd(openat(fd.get(), part.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    at = end + 1;
  }
  return system_failure("cannot open " + folder);
}

class Spool {
 public:
  Spool(UniqueFd folder, std::string path, std::string user, uid_t uid, gid_t gid)
      : folder_(std::move(folder)), path_(std::move(path)), name_(path_.substr(path_.rfind('/') + 1)), user_(std::move(user)),
        uid_(uid), gid_(gid) {}

  Result<SpoolState> prepare() {
    for (int i = 0; i < kTries; ++i) {
      struct stat about{};
      if (fstatat(folder_.get(), name_.c_str(), &about, AT_SYMLINK_NOFOLLOW) != 0) {
        if (errno != ENOENT) return system_failure("cannot examine " + path_);
        auto made = make();
        if (!made) return std::unexpected(std::move(made).error());
        if (*made) return std::move(state_);
      } else if (S_ISDIR(about.st_mode)) {
        return std::move(state_);
      } else if (is_theirs(about)) {
        return judge(about);
      } else if (auto gone = set_aside(about); !gone) {
        return std::unexpected(std::move(gone).error());
      }
    }
    return failure(ErrorKind::Temporary, path_ + " keeps changing");
  }

 private:
  bool is_theirs(const struct stat& about) const {
    return S_ISREG(about.st_mode) && about.st_uid == uid_ && about.st_nlink == 1 && (about.st_mode & S_IWUSR) != 0;
  }

  // False: the name was taken meanwhile. It is root's until it is the account's, so a death in between leaves a file
  // that the next call sets aside.
  Result<bool> make() {
    auto made = create_at(folder_.get(), name_, kPrivate);
    if (!made && made.error().code == EEXIST) return false;
    if (!made) return std::unexpected(std::move(made).error().about(path_));
    struct stat about{};
    if (fstat(made->get(), &about) != 0) return system_failure("cannot examine " + path_);
    // A set-gid spool gives its files its own group, which is how programs of that group find their way in.
    struct stat spool{};
    if (fstat(folder_.get(), &spool) != 0) return system_failure("cannot examine the folder of " + path_);
    const gid_t group = (spool.st_mode & S_ISGID) != 0 ? spool.st_gid : gid_;
    if (fchown(made->get(), uid_, group) != 0) return system_failure("cannot give " + path_ + " to its account");
    return true;
  }

  Result<SpoolState> judge(const struct stat& about) {
    state_.forwards = (about.st_mode & (S_ISUID | S_ISGID)) != 0;
    // With x for its owner the mode is meant as it is.
    if (!state_.forwards && (about.st_mode & S_IRWXO) != 0 && (about.st_mode & S_IXUSR) == 0) {
      UniqueFd fd(openat(folder_.get(), name_.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
      struct stat opened{};
      if (fd && fstat(fd.get(), &opened) == 0 && same_file(opened, about) && fchmod(fd.get(), kPrivate) == 0)
        state_.notes.push_back("Enforcing stricter permissions on \"" + path_ + "\"");
    }
    return std::move(state_);
  }

  Result<void> set_aside(const struct stat& about) {
    const std::string name = "BOGUS." + user_ + "." + std::to_string(about.st_ino);
    const std::string place = path_.substr(0, path_.size() - name_.size()) + name;
    if (renameat2(folder_.get(), name_.c_str(), folder_.get(), name.c_str(), RENAME_NOREPLACE) != 0 && errno != ENOENT)
      return system_failure("cannot set aside " + path_);
    state_.notes.push_back("Renaming bogus mailbox \"" + path_ + "\" info \"" + place + "\"");
    return {};
  }

  UniqueFd folder_;
  std::string path_, name_, user_;
  uid_t uid_;
  gid_t gid_;
  SpoolState state_;
};

}  // namespace

Result<SpoolState> prepare_spool(const std::string& path, const std::string& user, uid_t uid, gid_t gid) {
  const std::size_t slash = path.rfind('/');
  if (geteuid() != 0 || slash == std::string::npos || slash + 1 == path.size()) return SpoolState{};
  auto folder = open_of_root(slash == 0 ? "/" : path.substr(0, slash));
  if (!folder) return std::unexpected(std::move(folder).error());
  if (!*folder) return SpoolState{};
  return Spool(std::move(*folder), path, user, uid, gid).prepare();
}

}  // namespace mailbox
