// Finds accounts by name or recipient, in NSS or in a passwd-file.
// SPDX-License-Identifier: Apache-2.0
#include "mailbox/site/account.h"

#include <pwd.h>
#include <unistd.h>

#include <algorithm>
#include <functional>
#include <mutex>
#include <vector>

#include "mailbox/site/passwd_file.h"

namespace mailbox::site {
namespace {

constexpr std::size_t kLongestName = 320;  // 64 octets, '@', 255 octets (RFC 5321, 4.5.3.1)
constexpr std::size_t kFirstBuffer = 4096;
constexpr std::size_t kLargestBuffer = 1u << 20;        // one entry of NSS
constexpr std::size_t kMostSystemAccounts = 2'000'000;  // enumerated
constexpr char kSystemFile[] = "/etc/passwd";

bool can_exist(std::string_view name) {
  const auto is_bad = [](char c) { return static_cast<unsigned char>(c) < ' ' || c == 0x7F || c == '/'; };
  return !name.empty() && name.size() <= kLongestName && name.front() != '.' && std::ranges::none_of(name, is_bad);
}

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return result;
}

Result<Account> from_entry(const passwd& entry) {
  Account account;
  account.name = entry.pw_name;
  account.uid = entry.pw_uid;
  account.gid = entry.pw_gid;
  account.home = entry.pw_dir != nullptr ? entry.pw_dir : "";
  account.shell = entry.pw_shell != nullptr && *entry.pw_shell != '\0' ? entry.pw_shell : "/bin/sh";
  if (!account.home.starts_with('/'))
    return failure(ErrorKind::Temporary, "the home of " + account.name + " is not an absolute path");
  return account;
}

// Asks NSS with a buffer that grows as far as the entry needs. glibc says "there is none" by 0 and no entry, and by
// nothing else: the codes that getpwnam_r(3) lists for it elsewhere (ENOENT, ESRCH …) are what a directory that does
// not answer leaves here, and that must not bounce mail. Two traps: where no service answered at all, glibc returns
// errno as it was, so errno begins as a failure; and of several services only the last one's word is heard, so "none"
// is not believed while the system's own file cannot be read.
using Ask = std::function<int(passwd*, char*, std::size_t, passwd**)>;
Result<std::optional<Account>> ask_system(const std::string& what, const Ask& ask) {
  std::string buffer(kFirstBuffer, '\0');
  for (;;) {
    passwd entry{};
    passwd* found = nullptr;
    errno = EIO;
    const int code = ask(&entry, buffer.data(), buffer.size(), &found);
    if (code == EINTR) continue;
    if (code == ERANGE && buffer.size() < kLargestBuffer) {
      buffer.resize(buffer.size() * 2);
      continue;
    }
    if (code != 0) return failure(ErrorKind::Temporary, "cannot look up " + what + ": " + std::strerror(code), code);
    if (found == nullptr && ::access(kSystemFile, R_OK) != 0)
      return failure(ErrorKind::Temporary, "cannot look up " + what + ": " + kSystemFile + ": " + std::strerror(errno),
                     errno);
    if (found == nullptr) return std::nullopt;
    auto account = from_entry(entry);
    if (!account) return std::unexpected(account.error());
    return std::move(*account);
  }
}

Result<std::optional<Account>> find_in_system(std::string_view name) {
  const std::string text(name);
  return ask_system("account " + text, [&text](passwd* entry, char* buffer, std::size_t size, passwd** found) {
    return ::getpwnam_r(text.c_str(), entry, buffer, size, found);
  });
}

Result<std::optional<Account>> find_in_system(uid_t uid) {
  return ask_system("uid " + std::to_string(uid), [uid](passwd* entry, char* buffer, std::size_t size, passwd** found) {
    return ::getpwuid_r(uid, entry, buffer, size, found);
  });
}

// Ends the enumeration of NSS, whose position is the process's; so one enumerates at a time.
class Enumeration {
 public:
  Enumeration() : lock_(mutex()) { ::setpwent(); }
  ~Enumeration() { ::endpwent(); }
  Enumeration(const Enumeration&) = delete;
  Enumeration& operator=(const Enumeration&) = delete;

 private:
  static std::mutex& mutex() {
    static std::mutex one;
    return one;
  }
  std::lock_guard<std::mutex> lock_;
};

Result<bool> system_shares(uid_t uid, const std::string& name) {
  const auto first = find_in_system(uid);
  if (!first) return std::unexpected(first.error());
  if (*first && (*first)->name != name) return true;
  const Enumeration enumeration;
  std::string buffer(kFirstBuffer, '\0');
  for (std::size_t count = 0; count < kMostSystemAccounts; ++count) {
    passwd entry{};
    passwd* found = nullptr;
    errno = EIO;
    const int code = ::getpwent_r(&entry, buffer.data(), buffer.size(), &found);
    if (code == ERANGE && buffer.size() < kLargestBuffer) {
      buffer.resize(buffer.size() * 2);  // glibc offers the same entry again
      continue;
    }
    if (code == ENOENT) return false;  // the end
    if (code != 0)
      return failure(ErrorKind::Temporary, std::string("cannot list accounts: ") + std::strerror(code), code);
    if (entry.pw_uid == uid && name != entry.pw_name) return true;
  }
  return failure(ErrorKind::Temporary, "cannot list accounts: more than " + std::to_string(kMostSystemAccounts));
}

// What a recipient may be called, in the order of asking; `extension` is what then becomes $1.
struct Candidate {
  std::string name;
  std::string extension;
};
std::vector<Candidate> candidates(std::string_view recipient, std::string_view delimiters) {
  const std::string whole = lower(recipient);
  const auto at = whole.rfind('@');
  const std::string local = whole.substr(0, at);
  const std::string domain = at == std::string::npos ? "" : whole.substr(at);
  std::vector<Candidate> list{{whole, ""}};
  if (!domain.empty()) list.push_back({local, ""});
  const auto delimiter = local.find_first_of(delimiters);
  if (delimiter == std::string::npos) return list;
  const std::string name = local.substr(0, delimiter);
  const std::string extension = local.substr(delimiter + 1);
  if (!domain.empty() && !name.empty()) list.push_back({name + domain, extension});
  list.push_back({name, extension});
  return list;
}

}  // namespace

Result<std::optional<Account>> Accounts::find(std::string_view name) const {
  if (!can_exist(name)) return std::nullopt;
  if (config_.accounts_source == AccountSource::System) return find_in_system(name);
  const auto file = PasswdFile::read(config_.accounts_file);
  if (!file) return std::unexpected(file.error());
  return file->find(name);
}

Result<std::optional<Account>> Accounts::find_recipient(std::string_view recipient) const {
  std::optional<PasswdFile> file;  // read once for all candidates
  if (config_.accounts_source == AccountSource::File) {
    auto read = PasswdFile::read(config_.accounts_file);
    if (!read) return std::unexpected(read.error());
    file = std::move(*read);
  }
  for (const Candidate& candidate : candidates(recipient, config_.accounts_delimiter)) {
    if (!can_exist(candidate.name)) continue;
    auto found = file ? file->find(candidate.name) : find_in_system(candidate.name);
    if (!found) return found;
    if (!*found) continue;
    (*found)->extension = candidate.extension;
    return found;
  }
  return std::nullopt;
}

Result<std::optional<Account>> Accounts::find_own(std::string_view login) const {
  if (config_.accounts_source == AccountSource::File) return find(login);
  const uid_t uid = ::getuid();
  auto named = find(login);
  if (!named || (*named && (*named)->uid == uid)) return named;
  return find_in_system(uid);
}

Result<bool> Accounts::shares_uid(const Account& account) const {
  const uid_t own = ::geteuid();
  const uid_t uid = account.uid.value_or(own);
  if (config_.accounts_source == AccountSource::System) return system_shares(uid, account.name);
  const auto file = PasswdFile::read(config_.accounts_file);
  if (!file) return std::unexpected(file.error());
  return file->names_other_with(uid, account.name, own);
}

}  // namespace mailbox::site
