// What is known of an mbox since the last look, as a file in the state directory.
// SPDX-License-Identifier: Apache-2.0
#include "mailbox/mbox_index.h"

#define XXH_INLINE_ALL
#include <fcntl.h>
#include <sys/random.h>
#include <unistd.h>
#include <xxhash.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <tuple>

namespace mailbox {
namespace {

constexpr const char* kName = "index";
constexpr std::array<char, 16> kMagic{'s', 'l', 'u', 'i', 'c', 'e', '-', 'i', 'n', 'd', 'e', 'x', '-', '1', '\n', 0};
constexpr std::size_t kHeadSize = 128;
constexpr std::size_t kRecordSize = 48;
constexpr std::size_t kChecked = offsetof(IndexedMessage, check);  // bytes of a record that its checksum covers
static_assert(sizeof(IndexedMessage) == kRecordSize && kChecked == kRecordSize - sizeof(std::uint32_t));

struct Head {
  std::array<char, 16> magic = kMagic;
  std::uint64_t generation = 0;
  std::uint64_t count = 0;
  std::uint64_t doubted = 0;
  std::uint64_t history = 0;
  std::uint64_t end = 0;  // of the last message
  FileMark mark;
  std::uint64_t hash = 0;  // of all of the above

  std::uint64_t own_hash() const { return XXH3_64bits(this, offsetof(Head, hash)); }
};
static_assert(sizeof(Head) <= kHeadSize);

std::uint32_t check_of(const IndexedMessage& message, std::uint64_t generation, std::uint64_t index) {
  return static_cast<std::uint32_t>(XXH3_64bits_withSeed(&message, kChecked, generation + index));
}

off_t place_of(std::uint64_t index) { return static_cast<off_t>(kHeadSize + index * kRecordSize); }

bool read_at(int fd, void* into, std::size_t size, off_t offset) {
  for (std::size_t got = 0; got < size;) {
    const ssize_t n = pread(fd, static_cast<char*>(into) + got, size - got, offset + static_cast<off_t>(got));
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return false;
    got += static_cast<std::size_t>(n);
  }
  return true;
}

bool write_at(int fd, const void* from, std::size_t size, off_t offset) {
  for (std::size_t put = 0; put < size;) {
    const ssize_t n = pwrite(fd, static_cast<const char*>(from) + put, size - put, offset + static_cast<off_t>(put));
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return false;
    put += static_cast<std::size_t>(n);
  }
  return true;
}

std::optional<Head> read_head(int fd) {
  Head head;
  if (!read_at(fd, &head, sizeof head, 0)) return {};
  const bool sane = head.magic == kMagic && head.hash == head.own_hash() && head.count <= kMostMessages &&
                    head.doubted <= head.count && head.end <= head.mark.size;
  return sane ? std::optional(head) : std::nullopt;
}

bool write_head(int fd, Head head) {
  head.hash = head.own_hash();
  return write_at(fd, &head, sizeof head, 0);
}

// Messages stand one behind another, from anywhere to the head's end; none is longer on the wire than its bytes allow.
bool goes_on(const Head& head, const IndexedMessages& before, const IndexedMessage& message) {
  return message.check == check_of(message, head.generation, before.size()) &&
         (before.empty() || message.offset == before.back().end()) && message.size != 0 && message.offset <= head.end &&
         message.size <= head.end - message.offset && message.octets / 2 <= message.size + 2;
}

// A piece at a time, which stays in the processor's cache.
std::optional<IndexedMessages> read_messages(int fd, const Head& head) {
  IndexedMessages messages;
  messages.reserve(head.count);
  std::array<IndexedMessage, 512> piece;
  while (messages.size() < head.count) {
    const auto count = std::min<std::size_t>(piece.size(), head.count - messages.size());
    if (!read_at(fd, piece.data(), count * kRecordSize, place_of(messages.size()))) return {};
    for (std::size_t i = 0; i < count; ++i) {
      if (!goes_on(head, messages, piece[i])) return {};
      messages.push_back(piece[i]);
    }
  }
  if (!messages.empty() && messages.back().end() != head.end) return {};
  return messages;
}

Result<void> failed(const std::string& state_dir) { return system_failure("cannot write the index in " + state_dir); }

}  // namespace

FileMark mark_of(const struct stat& about) {
  return {about.st_ino,          static_cast<std::uint64_t>(about.st_size),
          about.st_mtim.tv_sec,  about.st_mtim.tv_nsec,
          about.st_ctim.tv_sec,  about.st_ctim.tv_nsec};
}

std::optional<MboxIndex> read_index(const std::string& state_dir) {
  auto fd = open_private(AT_FDCWD, state_dir + "/" + kName, O_RDONLY);
  struct stat about{};
  if (!fd || fstat(fd->get(), &about) != 0) return {};
  const auto head = read_head(fd->get());
  // The file's size first: a head that lies is to cost no memory.
  if (!head || about.st_size < place_of(head->count)) return {};
  auto messages = read_messages(fd->get(), *head);
  if (!messages) return {};
  return MboxIndex{head->mark, head->generation, head->doubted, head->history, std::move(*messages)};
}

Result<void> write_index(const std::string& state_dir, MboxIndex& index, std::size_t first, IndexTail tail) {
  auto fd = open_private(AT_FDCWD, state_dir + "/" + kName, O_RDWR, true);
  if (!fd) return std::unexpected(std::move(fd).error());
  const auto there = read_head(fd->get());
  const bool goes_on = there && there->generation == index.generation && there->count >= first;
  auto& messages = index.messages;
  const bool keeps = goes_on && tail == IndexTail::Keep && there->count >= messages.size();
  if (!keeps && (!goes_on || first == 0)) {
    first = 0;
    if (getrandom(&index.generation, sizeof index.generation, 0) != sizeof index.generation) return failed(state_dir);
  }
  for (std::size_t i = first; i < messages.size(); ++i) messages[i].check = check_of(messages[i], index.generation, i);
  const auto* const from = messages.data() + first;
  if (!write_at(fd->get(), from, (messages.size() - first) * kRecordSize, place_of(first))) return failed(state_dir);
  Head head{.generation = index.generation,
            .count = messages.size(),
            .doubted = index.doubted,
            .history = index.history,
            .end = messages.empty() ? 0 : messages.back().end(),
            .mark = index.mark};
  if (keeps) std::tie(head.count, head.end, head.mark) = std::tie(there->count, there->end, there->mark);
  if (!write_head(fd->get(), head)) return failed(state_dir);
  return {};
}

IndexAppend::IndexAppend(const std::string& state_dir, const struct stat& before)
    : state_dir_(state_dir), size_(static_cast<std::uint64_t>(before.st_size)) {
  if (state_dir.empty()) return;
  const int kept = errno;
  auto fd = open_private(AT_FDCWD, state_dir + "/" + kName, O_RDWR);
  const auto head = fd ? read_head(fd->get()) : std::nullopt;
  if (head && head->mark == mark_of(before) && head->end == size_) fd_ = std::move(*fd);
  errno = kept;
}

void IndexAppend::finish(std::span<const std::string_view> pieces, const struct stat& now) {
  if (!fd_) return;
  const int kept = errno;
  MboxScanner scanner(size_);
  for (const auto piece : pieces) scanner.feed(piece);
  const auto entries = scanner.finish();
  auto head = read_head(fd_.get());
  const bool fits = entries && head && !entries->empty() && entries->front().offset == size_ &&
                    entries->back().offset + entries->back().size == static_cast<std::uint64_t>(now.st_size) &&
                    head->count + entries->size() <= kMostMessages;
  bool well = fits;
  for (std::size_t i = 0; well && i < entries->size(); ++i) {
    const auto& entry = (*entries)[i];
    IndexedMessage message{entry.offset, entry.size, entry.octets, entry.base};
    message.check = check_of(message, head->generation, head->count);
    well = write_at(fd_.get(), &message, sizeof message, place_of(head->count++));
  }
  if (well) {
    head->end = static_cast<std::uint64_t>(now.st_size);
    head->mark = mark_of(now);
    write_head(fd_.get(), *head);
  }
  fd_.reset();
  errno = kept;
}

}  // namespace mailbox
