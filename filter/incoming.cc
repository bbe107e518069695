// Reads the message and sees to its From_ line.
// SPDX-License-Identifier: Apache-2.0
#include "filter/incoming.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <string_view>

#include "mailbox/file.h"
#include "mailbox/from_line.h"

namespace filter {
namespace {

// The address of a field's contents: within <>, or the first word.
std::string address_in(std::string_view contents) {
  const auto open = contents.rfind('<');
  if (open != std::string_view::npos) {
    const auto close = contents.find('>', open);
    return std::string(contents.substr(open + 1, close == contents.npos ? close : close - open - 1));
  }
  const auto begin = contents.find_first_not_of(" \t\n");
  if (begin == std::string_view::npos) return {};
  return std::string(contents.substr(begin, contents.find_first_of(" \t\n", begin) - begin));
}

}  // namespace

mailbox::Result<std::string> read_message(int fd, std::uint64_t limit) {
  static constexpr std::size_t kChunk = 1 << 16, kLeastRoom = 1 << 12;
  std::string bytes;
  bool too_large = false;
  std::string chunk;
  for (;;) {
    const std::size_t size = bytes.size();
    const std::size_t left = bytes.capacity() - size;
    const std::size_t room = too_large ? kChunk : left >= kLeastRoom ? left : std::max(kChunk, size);
    std::string& target = too_large ? chunk : bytes;
    chunk.clear();
    const ssize_t got = mailbox::append_read(fd, target, room);
    if (got < 0 && errno != EINTR) return mailbox::system_failure("cannot read the message");
    if (got == 0) break;
    too_large = too_large || (limit > 0 && bytes.size() > limit);
  }
  if (too_large)
    return mailbox::failure(mailbox::ErrorKind::Permanent,
                            "the message is larger than this site takes (" + std::to_string(limit) + " bytes)");
  return bytes;
}

std::string sender_in(const mailbox::Message& message) {
  for (const char* name : {"Return-Path", "Sender", "From"})
    if (const auto contents = message.field(name)) return address_in(*contents);
  return {};
}

std::string with_from_line(std::string bytes, const FromLine& wanted) {
  bytes.erase(0, std::min(bytes.find_first_not_of('\n'), bytes.size()));
  const bool present = bytes.starts_with("From ");
  if (present && !wanted.given) return bytes;
  std::string sender = wanted.given.value_or(wanted.sender);
  if (present) {
    const std::size_t end = bytes.find('\n');
    const std::string_view old = std::string_view(bytes).substr(0, end);
    if (sender == "-") sender = mailbox::from_line_sender(old);
    bytes.erase(0, end == std::string::npos ? end : end + 1);
  } else if (sender == "-") {
    sender = wanted.sender;
  }
  std::tm local{};
  localtime_r(&wanted.now, &local);
  return mailbox::from_line(sender, local) + bytes;
}

}  // namespace filter
