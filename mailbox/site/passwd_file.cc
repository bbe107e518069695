// Reads a passwd-file and finds accounts in it.
// SPDX-License-Identifier: Apache-2.0
#include "mailbox/site/passwd_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>

#include "mailbox/site/keys.h"

namespace mailbox::site {
namespace {

constexpr std::size_t kLargestFile = 64u << 20;  // some 500,000 accounts
constexpr std::size_t kReadPiece = 1u << 20;
constexpr char kDefaultShell[] = "/bin/sh";

enum Position { kName, kSecret, kUid, kGid, kGecos, kHome, kShell, kExtra, kFieldCount };
using Fields = std::array<std::string_view, kFieldCount>;

// Missing fields are empty; the last one takes the rest of the line, colons included.
Fields split(std::string_view line) {
  Fields fields;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    const auto colon = i + 1 < fields.size() ? line.find(':') : std::string_view::npos;
    fields[i] = line.substr(0, colon);
    if (colon == std::string_view::npos) break;
    line.remove_prefix(colon + 1);
  }
  return fields;
}

// A uid or gid; -1 is none, because system calls take it for "leave as it is".
std::optional<std::uint32_t> read_id(std::string_view text) {
  std::uint32_t id = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, id);
  if (error != std::errc() || stop != end || id == std::numeric_limits<std::uint32_t>::max()) return std::nullopt;
  return id;
}

bool is_control(char c) { return static_cast<unsigned char>(c) < ' ' || c == 0x7F; }

// What is wrong with the extra field, or nothing; what we do not know belongs to another program.
std::optional<std::string> read_extra(std::string_view extra, Account& account) {
  while (!extra.empty()) {
    const auto blank = extra.find_first_of(" \t");
    const auto word = extra.substr(0, blank);
    extra.remove_prefix(blank == std::string_view::npos ? extra.size() : blank + 1);
    const auto equals = word.find('=');
    const auto key = word.substr(0, equals);
    if (key != "quota_inbox" && key != "quota_folders") continue;
    const auto size = equals == std::string_view::npos ? std::nullopt : read_size(word.substr(equals + 1));
    if (!size) return "'" + std::string(word) + "' is no size: bytes, or a number with K, M or G; 0 is none";
    (key == "quota_inbox" ? account.quota_inbox : account.quota_folders) = size;
  }
  return std::nullopt;
}

// What is wrong with an account's line, or nothing.
std::optional<std::string> read_line(std::string_view line, Account& account) {
  const Fields fields = split(line);
  account.name = fields[kName];
  account.secret = fields[kSecret];
  account.uid = read_id(fields[kUid]);
  if (!fields[kUid].empty() && !account.uid) return "'" + std::string(fields[kUid]) + "' is no uid";
  account.gid = read_id(fields[kGid]);
  if (!fields[kGid].empty() && !account.gid) return "'" + std::string(fields[kGid]) + "' is no gid";
  if (!fields[kHome].starts_with('/') || std::ranges::any_of(fields[kHome], is_control))
    return "the home of " + account.name + " is not an absolute path";
  account.home = fields[kHome];
  account.shell = fields[kShell].empty() ? kDefaultShell : fields[kShell];
  return read_extra(fields[kExtra], account);
}

Result<std::string> read_text(int fd, const std::string& what) {
  struct stat status;
  if (::fstat(fd, &status) != 0) return failure(ErrorKind::Temporary, what + ": " + std::strerror(errno), errno);
  if (!S_ISREG(status.st_mode)) return failure(ErrorKind::Temporary, what + ": not a regular file");
  std::string text;
  std::string piece(kReadPiece, '\0');
  for (;;) {
    const ssize_t got = ::read(fd, piece.data(), piece.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return failure(ErrorKind::Temporary, what + ": " + std::strerror(errno), errno);
    if (got == 0) return text;
    text.append(piece, 0, static_cast<std::size_t>(got));
    if (text.size() > kLargestFile)
      return failure(ErrorKind::Temporary, what + ": larger than " + std::to_string(kLargestFile) + " bytes");
  }
}

}  // namespace

Result<PasswdFile> PasswdFile::read(const std::string& path) {
  const std::string what = "cannot read accounts.file " + path;
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  if (fd < 0) return failure(ErrorKind::Temporary, what + ": " + std::strerror(errno), errno);
  auto text = read_text(fd, what);
  ::close(fd);
  if (!text) return std::unexpected(text.error());
  return PasswdFile(path, std::move(*text));
}

void PasswdFile::visit(const std::function<bool(std::string_view, std::size_t)>& visitor) const {
  std::string_view rest = text_;
  for (std::size_t number = 1; !rest.empty(); ++number) {
    const auto end = rest.find('\n');
    auto line = rest.substr(0, end);
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.empty() || line.front() == '#') continue;
    if (visitor(line, number)) return;
  }
}

Result<std::optional<Account>> PasswdFile::find(std::string_view name) const {
  std::optional<Account> account;
  std::optional<std::string> wrong;
  std::size_t where = 0;
  visit([&](std::string_view line, std::size_t number) {
    if (!line.starts_with(name) || (line.size() > name.size() && line[name.size()] != ':')) return false;
    where = number;
    wrong = read_line(line, account.emplace());
    return true;
  });
  if (wrong) return failure(ErrorKind::Temporary, path_ + ":" + std::to_string(where) + ": " + *wrong);
  return account;
}

bool PasswdFile::all_secrets(const std::function<bool(std::string_view)>& fits) const {
  bool all = true;
  visit([&](std::string_view line, std::size_t) { return !(all = fits(split(line)[kSecret])); });
  return all;
}

bool PasswdFile::names_other_with(uid_t uid, std::string_view name, uid_t own) const {
  bool found = false;
  visit([&](std::string_view line, std::size_t) {
    const Fields fields = split(line);
    if (fields[kName] == name) return false;
    const auto other = fields[kUid].empty() ? std::optional<uid_t>(own) : read_id(fields[kUid]);
    found = other == uid;
    return found;
  });
  return found;
}

}  // namespace mailbox::site
