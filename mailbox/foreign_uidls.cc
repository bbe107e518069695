// Unique ids that messages had on another server.
// SPDX-License-Identifier: Apache-2.0
#include "mailbox/foreign_uidls.h"

#include <fcntl.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <optional>

#include "mailbox/file.h"

namespace mailbox {
namespace {

constexpr const char* kName = "foreign-uidl";
constexpr std::size_t kLargest = 512u << 20;  // of the file: four million ids
constexpr std::size_t kLongestId = 70;
constexpr std::size_t kHalf = 16;  // hex digits

struct Line {
  UidlBase base;
  std::uint32_t ordinal = 0;
  std::string_view id;
};

template <class Number>
bool read_all(std::string_view text, Number& number, int base) {
  const auto read = std::from_chars(text.data(), text.data() + text.size(), number, base);
  return !text.empty() && read.ec == std::errc() && read.ptr == text.data() + text.size();
}

std::optional<Line> read_line(std::string_view text) {
  Line line;
  if (text.size() < 2 * kHalf + 4 || text[2 * kHalf] != ' ') return std::nullopt;
  if (!read_all(text.substr(0, kHalf), line.base.high, 16)) return std::nullopt;
  if (!read_all(text.substr(kHalf, kHalf), line.base.low, 16)) return std::nullopt;
  text.remove_prefix(2 * kHalf + 1);
  const auto blank = std::min(text.find(' '), text.size());
  if (!read_all(text.substr(0, blank), line.ordinal, 10) || blank == text.size()) return std::nullopt;
  line.id = text.substr(blank + 1);
  return line;
}

}  // namespace

bool is_uidl(std::string_view text) {
  return !text.empty() && text.size() <= kLongestId &&
         std::ranges::all_of(text, [](char c) { return c >= 0x21 && c <= 0x7E; });
}

Result<ForeignUidls> ForeignUidls::read(const std::string& state_dir) {
  ForeignUidls ids;
  const auto fd = open_private(AT_FDCWD, state_dir + "/" + kName, O_RDONLY);
  if (!fd && fd.error().code == ENOENT) return ids;
  if (!fd) return std::unexpected(fd.error());
  const auto bytes = read_bounded(fd->get(), kLargest);
  if (!bytes) return std::unexpected(bytes.error());
  for (std::string_view rest = *bytes; !rest.empty();) {
    const auto end = std::min(rest.find('\n'), rest.size());
    if (const auto line = read_line(rest.substr(0, end))) ids.add(line->base, line->ordinal, line->id);
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return ids;
}

const std::string* ForeignUidls::find(const UidlBase& base, std::uint32_t ordinal) const {
  if (ids_.empty()) return nullptr;
  const auto found = ids_.find({base, ordinal});
  return found == ids_.end() ? nullptr : &found->second;
}

bool ForeignUidls::add(const UidlBase& base, std::uint32_t ordinal, std::string_view id) {
  if (!is_uidl(id)) return false;
  const auto* had = find(base, ordinal);
  if (had != nullptr && *had == id) return true;
  if (!taken_.emplace(id).second) return false;
  if (had != nullptr) taken_.erase(*had);
  ids_.insert_or_assign({base, ordinal}, std::string(id));
  return true;
}

Result<void> ForeignUidls::save(const std::string& state_dir) const {
  std::string bytes;
  for (const auto& [message, id] : ids_)
    bytes += uidl_text(message.first, 1) + " " + std::to_string(message.second) + " " + id + "\n";
  return replace_file(state_dir, kName, bytes);
}

}  // namespace mailbox
