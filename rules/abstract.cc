// Writes log abstracts: mail headers are hostile text, so nothing but printable bytes goes out.
// SPDX-License-Identifier: Apache-2.0
#include "rules/abstract.h"

#include <strings.h>

#include <algorithm>
#include <string_view>

namespace rules {
namespace {

constexpr std::size_t kSubjectWidth = 78;
constexpr std::size_t kFolderWidth = 60;
constexpr std::size_t kSizeColumn = 72;

std::string printable(std::string_view text, std::size_t width) {
  std::string out(text.substr(0, width));
  for (char& c : out)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = ' ';
  return out;
}

// The first line that begins `Subject:`, as it stands.
std::string_view subject_line(std::string_view header) {
  constexpr std::string_view name = "subject:";
  for (std::size_t begin = 0; begin < header.size();) {
    const std::string_view line = header.substr(begin, header.find('\n', begin) - begin);
    if (line.size() >= name.size() && strncasecmp(line.data(), name.data(), name.size()) == 0) return line;
    begin += line.size() + 1;
  }
  return {};
}

}  // namespace

std::string abstract(const mailbox::Message& message, const std::string& folder, std::uint64_t octets) {
  std::string out(message.from_line());
  if (!out.empty() && out.back() != '\n') out += '\n';
  if (const std::string_view subject = subject_line(message.header()); !subject.empty())
    out += ' ' + printable(subject, kSubjectWidth) + '\n';
  std::string line = "  Folder: " + printable(folder, kFolderWidth);
  std::size_t column = line.size();
  do {
    line += '\t';
    column = (column / 8 + 1) * 8;
  } while (column < kSizeColumn);
  std::string size = std::to_string(octets);
  size.insert(0, size.size() < 7 ? 7 - size.size() : 0, ' ');
  return out + line + size + '\n';
}

}  // namespace rules
