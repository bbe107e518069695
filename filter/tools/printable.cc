// Makes bytes from mail fit for a terminal.
// SPDX-License-Identifier: Apache-2.0
#include "filter/tools/printable.h"

#include <vector>

#include "filter/tools/utf8.h"

namespace filter::tools {
namespace {

// How many bytes the character at the start has; 0: it is none, or one for terminals to obey.
std::size_t character_size(std::string_view text) {
  const auto first = static_cast<unsigned char>(text[0]);
  if (first < 0x80) return first >= 0x20 && first != 0x7f ? 1 : 0;
  const std::size_t size = utf8_size(text);
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(i < size ? text[i] : '\0'); };
  const bool is_c1 = first == 0xc2 && byte(1) < 0xa0;
  // Line and paragraph separators, and marks that turn the direction of what follows.
  const bool turns = first == 0xe2 && ((byte(1) == 0x80 && byte(2) >= 0xa8 && byte(2) <= 0xae) ||
                                       (byte(1) == 0x81 && byte(2) >= 0xa6 && byte(2) <= 0xa9));
  return is_c1 || turns ? 0 : size;
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
