// The frozen list of a drop in a sealed memory file.
// SPDX-License-Identifier: Apache-2.0
#include "pop3d/drop_list.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <cstring>
#include <utility>
#include <vector>

#include "mailbox/foreign_uidls.h"
#include "mailbox/uidl.h"

namespace pop3d {
namespace {

using mailbox::ErrorKind;
using mailbox::failure;
using mailbox::Result;
using mailbox::system_failure;
using mailbox::UniqueFd;

constexpr int kSeals = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL;
constexpr std::size_t kIdSize = 2 * sizeof(std::uint64_t) + sizeof(std::uint32_t);
constexpr std::size_t kRecordsAtOnce = 4096;

Result<UniqueFd> make_file() {
  UniqueFd fd(::memfd_create("sluice-drop", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  if (!fd) return system_failure("cannot make a list");
  return fd;
}

Result<UniqueFd> sealed(UniqueFd fd) {
  if (::fcntl(fd.get(), F_ADD_SEALS, kSeals) != 0) return system_failure("cannot seal a list");
  return fd;
}

// Its size, if it is sealed.
Result<std::size_t> sealed_size(int fd) {
  struct stat about{};
  if ((::fcntl(fd, F_GET_SEALS) & kSeals) != kSeals) return failure(ErrorKind::Temporary, "a list is not sealed");
  if (::fstat(fd, &about) != 0) return system_failure("cannot examine a list");
  return static_cast<std::size_t>(about.st_size);
}

}  // namespace

struct DropList::Record {
  std::uint64_t octets, offset, size, high, low;
  std::uint32_t ordinal;
  std::uint32_t foreign;  // where its id begins in the file's last part, + 1; 0: none
};

std::string MessageId::bytes() const {
  std::string bytes(kIdSize, '\0');
  std::memcpy(bytes.data(), &base.high, sizeof base.high);
  std::memcpy(bytes.data() + sizeof base.high, &base.low, sizeof base.low);
  std::memcpy(bytes.data() + 2 * sizeof base.high, &ordinal, sizeof ordinal);
  return bytes;
}

MessageId MessageId::from_bytes(std::string_view bytes) {
  MessageId id{{}, 0};
  if (bytes.size() != kIdSize) return id;
  std::memcpy(&id.base.high, bytes.data(), sizeof id.base.high);
  std::memcpy(&id.base.low, bytes.data() + sizeof id.base.high, sizeof id.base.low);
  std::memcpy(&id.ordinal, bytes.data() + 2 * sizeof id.base.high, sizeof id.ordinal);
  return id;
}

Result<UniqueFd> seal_list(const mailbox::Maildrop& drop) {
  auto fd = make_file();
  if (!fd) return fd;
  const std::uint64_t count = drop.size();
  std::string bytes(reinterpret_cast<const char*>(&count), sizeof count), foreign;
  for (std::size_t i = 0; i < count; ++i) {
    const auto place = drop.place(i);
    const auto start = place.foreign.empty() ? 0 : static_cast<std::uint32_t>(foreign.size() + 1);
    if (start > 0) foreign.append(place.foreign) += '\n';
    const DropList::Record record{place.octets,   place.offset,  place.size, place.base.high,
                                  place.base.low, place.ordinal, start};
    bytes.append(reinterpret_cast<const char*>(&record), sizeof record);
    if (bytes.size() < kRecordsAtOnce * sizeof record) continue;
    if (auto done = mailbox::write_all(fd->get(), bytes); !done) return std::unexpected(std::move(done).error());
    bytes.clear();
  }
  bytes += foreign;
  if (auto done = mailbox::write_all(fd->get(), bytes); !done) return std::unexpected(std::move(done).error());
  return sealed(std::move(*fd));
}

Result<UniqueFd> seal_ids(const std::vector<MessageId>& ids) {
  auto fd = make_file();
  if (!fd) return fd;
  std::string bytes;
  for (const auto& id : ids) bytes += id.bytes();
  if (auto done = mailbox::write_all(fd->get(), bytes); !done) return std::unexpected(std::move(done).error());
  return sealed(std::move(*fd));
}

Result<std::vector<MessageId>> read_ids(int fd) {
  const auto size = sealed_size(fd);
  if (!size) return std::unexpected(size.error());
  std::vector<MessageId> ids;
  const auto done = mailbox::read_range(fd, 0, *size - *size % kIdSize, [&, rest = std::string()](auto piece) mutable {
    rest += piece;
    std::size_t at = 0;
    for (; at + kIdSize <= rest.size(); at += kIdSize)
      ids.push_back(MessageId::from_bytes(std::string_view(rest).substr(at, kIdSize)));
    rest.erase(0, at);
    return true;
  });
  if (!done) return std::unexpected(done.error());
  return ids;
}

Result<DropList> DropList::map(int fd, mailbox::MessageText::Home home) {
  DropList list;
  list.home_ = home;
  const auto size = sealed_size(fd);
  if (!size) return std::unexpected(size.error());
  std::uint64_t count = 0;
  if (*size < sizeof count) return failure(ErrorKind::Temporary, "a list is torn");
  void* mapped = ::mmap(nullptr, *size, PROT_READ, MAP_SHARED, fd, 0);
  if (mapped == MAP_FAILED) return system_failure("cannot read a list");
  list.mapped_ = static_cast<const char*>(mapped);
  list.size_ = *size;
  std::memcpy(&count, list.mapped_, sizeof count);
  if (count > (*size - sizeof count) / sizeof(Record)) return failure(ErrorKind::Temporary, "a list is torn");
  list.records_ = reinterpret_cast<const Record*>(list.mapped_ + sizeof count);
  list.count_ = count;
  return list;
}

DropList::DropList(DropList&& other) noexcept { *this = std::move(other); }

DropList& DropList::operator=(DropList&& other) noexcept {
  std::swap(mapped_, other.mapped_);
  std::swap(size_, other.size_);
  std::swap(records_, other.records_);
  std::swap(count_, other.count_);
  std::swap(home_, other.home_);
  return *this;
}

DropList::~DropList() {
  if (mapped_ != nullptr) ::munmap(const_cast<char*>(mapped_), size_);
}

std::uint64_t DropList::octets(std::size_t index) const { return records_[index].octets; }

MessageId DropList::id(std::size_t index) const {
  const auto& record = records_[index];
  return {{record.high, record.low}, record.ordinal};
}

// Nothing where the list says something that is no id.
std::string_view DropList::foreign_of(const Record& record) const {
  const auto all = std::string_view(mapped_, size_).substr(sizeof(std::uint64_t) + count_ * sizeof(Record));
  if (record.foreign == 0 || record.foreign > all.size()) return {};
  const auto id = all.substr(record.foreign - 1, all.find('\n', record.foreign - 1) - (record.foreign - 1));
  return mailbox::is_uidl(id) ? id : std::string_view();
}

std::string DropList::uidl(std::size_t index) const {
  if (const auto foreign = foreign_of(records_[index]); !foreign.empty()) return std::string(foreign);
  const auto named = id(index);
  return mailbox::uidl_text(named.base, named.ordinal);
}

mailbox::StoredMessage DropList::stored(std::size_t index, int fd) const {
  const auto& record = records_[index];
  return {.fd = fd,
          .offset = record.offset,
          .size = record.size,
          .home = home_,
          .octets = record.octets,
          .base = {record.high, record.low}};
}

}  // namespace pop3d
