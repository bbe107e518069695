// What our processes say to each other, as bytes on a socket.
// SPDX-License-Identifier: Apache-2.0
#include "pop3d/letter.h"

#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <memory>

namespace pop3d {
namespace {

using mailbox::ErrorKind;
using mailbox::failure;
using mailbox::Result;
using mailbox::system_failure;
using mailbox::UniqueFd;

constexpr std::size_t kLengthSize = sizeof(std::uint32_t);

const std::string kNothing;

struct alignas(cmsghdr) ControlBuffer {
  std::array<char, CMSG_SPACE(sizeof(int) * kMostDescriptors)> bytes{};
};

// Takes every descriptor that came, wanted or not: one that is not taken stays open for ever.
std::vector<UniqueFd> take_descriptors(msghdr& message) {
  std::vector<UniqueFd> taken;
  for (auto* part = CMSG_FIRSTHDR(&message); part != nullptr; part = CMSG_NXTHDR(&message, part)) {
    if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_RIGHTS) continue;
    const auto count = (part->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (std::size_t i = 0; i < count; ++i) {
      int fd = -1;
      std::memcpy(&fd, CMSG_DATA(part) + i * sizeof(int), sizeof fd);
      taken.emplace_back(fd);
    }
  }
  return taken;
}

}  // namespace

const std::string& Letter::field(std::size_t index) const { return index < fields.size() ? fields[index] : kNothing; }

std::uint64_t Letter::number(std::size_t index) const {
  const auto& text = field(index);
  std::uint64_t value = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
  return read.ec == std::errc() ? value : 0;
}

UniqueFd Letter::fd(std::size_t index) { return index < fds.size() ? std::move(fds[index]) : UniqueFd(); }

std::string encode_letter(const Letter& letter) {
  std::string bytes(1, static_cast<char>(letter.kind));
  for (const auto& field : letter.fields) {
    const auto size = static_cast<std::uint32_t>(field.size());
    bytes.append(reinterpret_cast<const char*>(&size), kLengthSize);
    bytes += field;
  }
  return bytes;
}

std::optional<Letter> decode_letter(std::string_view bytes) {
  if (bytes.empty() || static_cast<unsigned char>(bytes[0]) > static_cast<unsigned char>(Letter::Kind::Last))
    return std::nullopt;
  Letter letter{static_cast<Letter::Kind>(bytes[0])};
  for (bytes.remove_prefix(1); !bytes.empty();) {
    std::uint32_t size = 0;
    if (bytes.size() < kLengthSize) return std::nullopt;
    std::memcpy(&size, bytes.data(), kLengthSize);
    bytes.remove_prefix(kLengthSize);
    if (size > bytes.size()) return std::nullopt;
    letter.fields.emplace_back(bytes.substr(0, size));
    bytes.remove_prefix(size);
  }
  return letter;
}

Result<std::pair<UniqueFd, UniqueFd>> make_channel() {
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0)
    return system_failure("cannot make a channel");
  return std::pair(UniqueFd(ends[0]), UniqueFd(ends[1]));
}

bool send_letter(int channel, const Letter& letter, bool wait) {
  auto bytes = encode_letter(letter);
  if (bytes.size() > kLongestLetter || letter.fds.size() > kMostDescriptors) return false;
  ControlBuffer control;
  iovec piece{bytes.data(), bytes.size()};
  msghdr message{};
  message.msg_iov = &piece;
  message.msg_iovlen = 1;
  if (!letter.fds.empty()) {
    message.msg_control = control.bytes.data();
    message.msg_controllen = CMSG_SPACE(sizeof(int) * letter.fds.size());
    auto* part = CMSG_FIRSTHDR(&message);
    part->cmsg_level = SOL_SOCKET;
    part->cmsg_type = SCM_RIGHTS;
    part->cmsg_len = CMSG_LEN(sizeof(int) * letter.fds.size());
    for (std::size_t i = 0; i < letter.fds.size(); ++i) {
      const int fd = letter.fds[i].get();
      std::memcpy(CMSG_DATA(part) + i * sizeof(int), &fd, sizeof fd);
    }
  }
  ssize_t sent;
  do sent = ::sendmsg(channel, &message, MSG_NOSIGNAL | (wait ? 0 : MSG_DONTWAIT));
  while (sent < 0 && errno == EINTR);
  return sent == static_cast<ssize_t>(bytes.size());
}

Result<std::optional<Letter>> receive_letter(int channel, bool wait) {
  static const auto buffer = std::make_unique<std::array<char, kLongestLetter>>();  // its content is copied at once
  ControlBuffer control;
  iovec piece{buffer->data(), buffer->size()};
  msghdr message{};
  message.msg_iov = &piece;
  message.msg_iovlen = 1;
  message.msg_control = control.bytes.data();
  message.msg_controllen = control.bytes.size();
  ssize_t got;
  do got = ::recvmsg(channel, &message, MSG_CMSG_CLOEXEC | (wait ? 0 : MSG_DONTWAIT));
  while (got < 0 && errno == EINTR);
  if (got < 0 && errno == EAGAIN) return std::optional<Letter>();
  if (got < 0) return system_failure("cannot receive");
  auto fds = take_descriptors(message);
  if (got == 0) return failure(ErrorKind::Temporary, "the other side is gone");
  auto letter = decode_letter({buffer->data(), static_cast<std::size_t>(got)});
  if (!letter || (message.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) != 0)
    return failure(ErrorKind::Temporary, "the other side talks nonsense");
  letter->fds = std::move(fds);
  return letter;
}

}  // namespace pop3d
