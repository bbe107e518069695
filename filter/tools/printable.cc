// Makes bytes from mail fit for a terminal.
// SPDX-License-Identifier: Apache-2.0
#include "filter/tools/printable.h"

#include <vector>

namespace filter::tools {
namespace {

// How many bytes the UTF-8 character at the start has; 0: that is none, or one for terminals to obey.
std::size_t character_size(std::string_view text) {
  const auto first = static_cast<unsigned char>(text[0]);
  if (first < 0x80) return first >= 0x20 && first != 0x7f ? 1 : 0;
  const std::size_t size = first >= 0xc2 && first < 0xe0   ? 2
                           : first >= 0xe0 && first < 0xf0 ? 3
                           : first >= 0xf0 && first < 0xf5 ? 4
                                                           : 0;
  if (size == 0 || text.size() < size) return 0;
  for (std::size_t i = 1; i < size; ++i)
    if ((static_cast<unsigned char>(text[i]) & 0xc0) != 0x80) return 0;
  const auto second = static_cast<unsigned char>(text[1]);
  const bool is_c1 = first == 0xc2 && second < 0xa0;
  const bool is_overlong = (first == 0xe0 && second < 0xa0) || (first == 0xf0 && second < 0x90);
  // Line and paragraph separators, and marks that turn the direction of what follows.
  const auto third = static_cast<unsigned char>(size > 2 ? text[2] : 0);
  const bool turns = first == 0xe2 && ((second == 0x80 && third >= 0xa8 && third <= 0xae) ||
                                       (second == 0x81 && third >= 0xa6 && third <= 0xa9));
  const bool is_surrogate = first == 0xed && second >= 0xa0;
  return is_c1 || is_overlong || is_surrogate || turns ? 0 : size;
}

std::vector<std::string> characters(std::string_view bytes) {
  std::vector<std::string> list;
  while (!bytes.empty()) {
    const std::size_t size = character_size(bytes);
    list.emplace_back(size == 0 ? "?" : bytes.substr(0, size));
    bytes.remove_prefix(size == 0 ? 1 : size);
  }
  return list;
}

}  // namespace

std::string printable(std::string_view bytes) {
  std::string text;
  for (const std::string& character : characters(bytes)) text += character;
  return text;
}

std::string shortened(std::string_view bytes, std::size_t columns) {
  const auto list = characters(bytes.substr(0, 4 * columns + 4));
  std::string text;
  for (std::size_t i = 0; i < list.size() && i < columns; ++i)
    text += i + 1 == columns && list.size() > columns ? "…" : list[i];
  return text;
}

std::string padded(std::string_view bytes, std::size_t columns) {
  const std::size_t used = characters(bytes.substr(0, 4 * columns + 4)).size();
  return shortened(bytes, columns) + std::string(used < columns ? columns - used : 0, ' ');
}

}  // namespace filter::tools
