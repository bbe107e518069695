// Keeps the rules of accounts that share a uid inside their home: every path is resolved beneath it.
// SPDX-License-Identifier: Apache-2.0
#include "filter/confinement.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <optional>
#include <string_view>
#include <utility>

namespace filter {
namespace {

using mailbox::Result;
using mailbox::UniqueFd;

std::unexpected<mailbox::Error> leads_out(const std::string& path) {
  return mailbox::failure(mailbox::ErrorKind::Permanent, path + " leads out of the home directory", EXDEV);
}

// What of `path` stands behind `root`, without slashes in front; nothing if it is not below it.
std::optional<std::string> behind(std::string_view root, std::string_view path) {
  while (root.size() > 1 && root.ends_with('/')) root.remove_suffix(1);
  if (root.empty() || !path.starts_with(root)) return std::nullopt;
  path.remove_prefix(root.size());
  if (!path.empty() && path.front() != '/' && root != "/") return std::nullopt;
  while (path.starts_with('/')) path.remove_prefix(1);
  return std::string(path);
}

// Cuts what only tells a folder's type from `path` and returns it: "/" or "/." with any number of slashes before.
std::string cut_type(std::string& path) {
  const bool dotted = path.size() > 2 && path.ends_with("/.");
  const std::size_t end = path.size() - (dotted ? 1 : 0);
  const std::size_t last = end == 0 ? std::string::npos : path.find_last_not_of('/', end - 1);
  if (last == std::string::npos || last + 1 == end) return {};
  path.erase(last + 1);
  return dotted ? "/." : "/";
}

}  // namespace

Result<std::string> Confinement::inside(int directory, const std::string& path) const {
  if (path.empty()) return mailbox::failure(mailbox::ErrorKind::NotFound, "an empty name", ENOENT);
  const std::string root = mailbox::path_of(home_);
  if (path.front() == '/') {
    auto inner = behind(path_, path);
    if (!inner) inner = behind(root, path);
    if (!inner) return leads_out(path);
    return inner->empty() ? std::string(".") : *inner;
  }
  const auto base = behind(root, mailbox::path_of(directory));
  if (!base) return leads_out(path);
  return base->empty() ? path : *base + "/" + path;
}

Result<UniqueFd> Confinement::open_inside(const std::string& inner, int flags, mode_t mode) const {
  open_how how{};
  how.flags = static_cast<unsigned>(flags) | O_CLOEXEC;
  how.mode = mode;
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS;
  UniqueFd fd(static_cast<int>(syscall(SYS_openat2, home_, inner.c_str(), &how, sizeof how)));
  if (!fd && errno == EXDEV) return leads_out(inner);
  if (!fd) return mailbox::system_failure("cannot open " + inner);
  return fd;
}

Result<UniqueFd> Confinement::open(int directory, const std::string& path, int flags, mode_t mode) const {
  const auto inner = inside(directory, path);
  if (!inner) return std::unexpected(inner.error());
  return open_inside(*inner, flags, mode);
}

Result<Confinement::Located> Confinement::locate(int directory, const std::string& path) const {
  auto inner = inside(directory, path);
  if (!inner) return std::unexpected(inner.error());
  const std::string suffix = cut_type(*inner);
  return split(*inner, suffix, true);
}

Result<Confinement::Located> Confinement::split(const std::string& inner, const std::string& suffix,
                                                bool may_be_link) const {
  const auto slash = inner.rfind('/');
  const std::string name = slash == std::string::npos ? inner : inner.substr(slash + 1);
  const bool itself = name == "." || name == "..";
  const std::string where = itself ? inner : slash == std::string::npos ? "." : inner.substr(0, slash);
  auto parent = open_inside(where, O_RDONLY | O_DIRECTORY);
  if (!parent && parent.error().code == EACCES) parent = open_inside(where, O_PATH | O_DIRECTORY);
  if (!parent) return std::unexpected(parent.error());
  if (itself) return Located{std::move(*parent), "." + suffix};
  struct stat status{};
  const bool is_link =
      fstatat(parent->get(), name.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0 && S_ISLNK(status.st_mode);
  if (!is_link) return Located{std::move(*parent), name + suffix};
  const auto target = open_inside(inner, O_PATH);
  if (!target) return std::unexpected(target.error());
  const auto direct = behind(mailbox::path_of(home_), mailbox::path_of(target->get()));
  if (!direct || !may_be_link) return leads_out(inner);
  return split(direct->empty() ? "." : *direct, suffix, false);
}

}  // namespace filter
