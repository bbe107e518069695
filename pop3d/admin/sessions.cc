// Who has a session, by the locks that sessions hold; and ending one, by way of the server.
// SPDX-License-Identifier: Apache-2.0
#include <dirent.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "mailbox/file.h"
#include "mailbox/state_dir.h"
#include "pop3d/admin/commands.h"

namespace pop3d::admin {
namespace {

using mailbox::Result;
using mailbox::UniqueFd;
using nlohmann::ordered_json;

constexpr const char* kControl = "/.control";  // the server's socket in state.dir
constexpr std::size_t kLongestHolder = 200;
constexpr std::size_t kLongestAnswer = 4096;
constexpr timeval kPatience{10, 0};

struct CloseDirectory {
  void operator()(DIR* directory) const { ::closedir(directory); }
};

Result<std::vector<std::string>> users_with_state(const std::string& state_dir) {
  const std::unique_ptr<DIR, CloseDirectory> directory(::opendir(state_dir.c_str()));
  if (!directory) return mailbox::system_failure("cannot read " + state_dir);
  std::vector<std::string> users;
  while (const dirent* entry = ::readdir(directory.get())) {
    if (mailbox::is_state_name(entry->d_name)) users.emplace_back(entry->d_name);
  }
  std::ranges::sort(users);
  return users;
}

// "192.0.2.7 since 2026-11-25 17:00:00 UTC" where a session holds the lock, else nothing. The file is the account's own.
std::string holder(const std::string& path) {
  const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | O_NOCTTY));
  struct flock lock{};
  lock.l_type = F_WRLCK;
  lock.l_whence = SEEK_SET;
  if (!fd || ::fcntl(fd.get(), F_OFD_GETLK, &lock) != 0 || lock.l_type == F_UNLCK) return {};
  const auto said = mailbox::read_bounded(fd.get(), kLongestHolder);
  std::string line = said ? said->substr(0, said->find('\n')) : std::string();
  std::ranges::replace_if(line, [](char c) { return c < 0x20 || c > 0x7E; }, '?');
  return line.empty() ? "elsewhere" : line;
}

Result<std::string> ask_server(const std::string& path, const std::string& request) {
  const UniqueFd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) return mailbox::system_failure("cannot reach " + path, ENAMETOOLONG);
  std::memcpy(address.sun_path, path.c_str(), path.size());
  if (!fd || ::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    return mailbox::system_failure("cannot reach the server at " + path);
  }
  ::setsockopt(fd.get(), SOL_SOCKET, SO_RCVTIMEO, &kPatience, sizeof kPatience);
  if (auto done = mailbox::write_all(fd.get(), request); !done) return std::unexpected(done.error());
  ::shutdown(fd.get(), SHUT_WR);
  return mailbox::read_bounded(fd.get(), kLongestAnswer);
}

}  // namespace

int who(const CommandLine& line, const mailbox::site::Config& config) {
  if (line.words.size() != 1) return complain("who takes no arguments");
  const auto users = users_with_state(config.state_dir);
  if (!users) return complain(users.error().text);
  for (const auto& user : *users) {
    const auto from = holder(config.state_dir + "/" + user + "/session");
    if (from.empty()) continue;
    const auto since = from.find(" since ");
    if (line.json) {
      ordered_json session{{"user", user}, {"address", from.substr(0, since)}, {"since", nullptr}};
      if (since != std::string::npos) session["since"] = from.substr(since + 7);
      std::puts(session.dump(-1, ' ', false, ordered_json::error_handler_t::replace).c_str());
    } else {
      std::printf("%s from %s\n", user.c_str(), from.c_str());
    }
  }
  return kFine;
}

int kick(const CommandLine& line, const mailbox::site::Config& config) {
  if (line.words.size() != 2 || !mailbox::is_state_name(line.words[1])) return complain("kick needs one user's name");
  const auto answer = ask_server(config.state_dir + kControl, "kick " + line.words[1] + "\n");
  if (!answer) return complain(answer.error().text);
  constexpr std::string_view kKicked = "kicked ";
  if (!answer->starts_with(kKicked)) return complain("the server answers: " + *answer);
  const auto sessions = std::strtoul(answer->c_str() + kKicked.size(), nullptr, 10);
  if (line.json) {
    std::puts(ordered_json{{"user", line.words[1]}, {"ended", sessions}}.dump().c_str());
  } else {
    std::puts(sessions == 0 ? (line.words[1] + " has no session").c_str()
                            : ("ended the session of " + line.words[1]).c_str());
  }
  return sessions == 0 ? kFindings : kFine;
}

}  // namespace pop3d::admin
