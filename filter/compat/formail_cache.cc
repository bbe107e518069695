// Finds an id in the cache file, or writes it there.
// SPDX-License-Identifier: Apache-2.0
#include "filter/compat/formail_cache.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "mailbox/file.h"

namespace filter::compat {
namespace {

constexpr std::size_t kMaxCache = 256UL * 1024 * 1024;

std::string read_all(int fd) {
  std::string content;
  char chunk[16384];
  for (ssize_t got = 1; got != 0 && content.size() < kMaxCache;) {
    got = ::read(fd, chunk, sizeof chunk);
    if (got > 0) content.append(chunk, static_cast<std::size_t>(got));
    if (got < 0 && errno != EINTR) break;
  }
  return content;
}

// fcntl's lock, which formail takes too; where locks are not to be had, we go on as it does.
void lock_whole(int fd) {
  struct flock whole = {};
  whole.l_type = F_WRLCK;
  whole.l_whence = SEEK_SET;
  while (::fcntl(fd, F_SETLKW, &whole) != 0 && errno == EINTR) continue;
}

}  // namespace

std::optional<std::size_t> place_in_cache(std::string_view content, std::string_view key, long length) {
  std::optional<std::size_t> oldest;
  std::size_t at = 0;
  // The first entry counts however short the cache is to be.
  while (at < content.size() && (at == 0 || at < static_cast<std::size_t>(length))) {
    const std::size_t end = std::min(content.find('\0', at), content.size());
    const std::string_view entry = content.substr(at, end - at);
    if (entry.empty() && !oldest) oldest = at;
    if (entry == key) return std::nullopt;
    at = end + 1;
  }
  const std::size_t place = oldest.value_or(at);
  return place >= static_cast<std::size_t>(length) ? 0 : place;
}

mailbox::Result<bool> remember(const std::string& file, long length, std::optional<std::string_view> key) {
  const mailbox::UniqueFd fd(::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOCTTY, 0666));
  if (!fd) return mailbox::failure(mailbox::ErrorKind::Permanent, "Couldn't open \"" + file + "\"", errno);
  if (!key) return false;
  lock_whole(fd.get());
  return remember_in(fd.get(), length, *key);
}

bool remember_in(int fd, long length, std::string_view key) {
  const auto place = place_in_cache(read_all(fd), key, length);
  if (!place) return true;
  const std::string entry = std::string(key) + std::string(2, '\0');
  for (std::size_t done = 0; done < entry.size();) {
    const ssize_t put = ::pwrite(fd, entry.data() + done, entry.size() - done, static_cast<off_t>(*place + done));
    if (put < 0 && errno == EINTR) continue;
    if (put <= 0) break;
    done += static_cast<std::size_t>(put);
  }
  return false;
}

}  // namespace filter::compat
