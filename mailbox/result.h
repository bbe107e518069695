// How a deed on mail says that it failed, and whether trying again may help.
// SPDX-License-Identifier: Apache-2.0
//
//   Result<UniqueFd> box = open_box(path);
//   if (!box) return std::unexpected(box.error().about("inbox of anna"));
//
// The kind decides what the sender hears: Busy and Temporary mean "try again" (EX_TEMPFAIL), Permanent and OverQuota
// mean "not here" unless the configuration says otherwise, NotFound is an answer rather than a fault.
#pragma once

#include <cerrno>
#include <cstring>
#include <expected>
#include <string>
#include <string_view>
#include <utility>

namespace mailbox {

enum class ErrorKind { Busy, Temporary, Permanent, NotFound, OverQuota };

struct Error {
  ErrorKind kind = ErrorKind::Temporary;
  std::string text;   // a sentence for a log: "cannot lock /var/mail/anna: held for 300 s"
  int code = 0;       // errno, or 0 where no system call failed

  bool is_busy() const { return kind == ErrorKind::Busy; }
  bool is_permanent() const { return kind == ErrorKind::Permanent; }
  bool is_not_found() const { return kind == ErrorKind::NotFound; }
  bool is_over_quota() const { return kind == ErrorKind::OverQuota; }

  // The same error with who or what it is about in front; said once, where it is known.
  Error about(std::string_view what) && {
    text.insert(0, std::string(what) + ": ");
    return std::move(*this);
  }
};

template <class T>
using Result = std::expected<T, Error>;

inline std::unexpected<Error> failure(ErrorKind kind, std::string text, int code = 0) {
  return std::unexpected(Error{kind, std::move(text), code});
}

// The failure of a system call: `what` is the deed ("cannot open /var/mail/anna"), the reason comes from `code`.
// Only a missing file is NotFound; whatever else the system says may be mended by an admin, so it is Temporary.
inline std::unexpected<Error> system_failure(std::string_view what, int code = errno) {
  const auto kind = code == ENOENT || code == ENOTDIR ? ErrorKind::NotFound : ErrorKind::Temporary;
  return std::unexpected(Error{kind, std::string(what) + ": " + std::strerror(code), code});
}

}  // namespace mailbox
