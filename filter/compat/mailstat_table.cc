// What a log of procmail's tells about each folder, and the table that mailstat(1) makes of it.
// SPDX-License-Identifier: Apache-2.0
#include "filter/compat/mailstat_table.h"

#include <strings.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <utility>

namespace filter::compat {
namespace {

constexpr std::string_view kFromLine = "From ";
constexpr std::string_view kSubjectLine = " Subject:";
constexpr std::string_view kFolderWord = "  Folder:";
constexpr std::string_view kErrorMark = " ## ";
constexpr const char* kMergedErrors = " ## diagnostic messages ##";
constexpr std::string_view kDigits = "0123456789";
constexpr std::string_view kNameBytes = "-_0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
constexpr std::string_view kMaildirBytes = "-_0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz.,+:%@";
constexpr double kLargest = 2147483647;

bool is_subject(std::string_view line) {
  return line.size() >= kSubjectLine.size() && strncasecmp(line.data(), kSubjectLine.data(), kSubjectLine.size()) == 0;
}

bool consists_of(std::string_view text, std::string_view bytes) {
  return !text.empty() && text.find_first_not_of(bytes) == text.npos;
}

// The directory of a file that holds one message; other names are as they were.
std::string_view without_message(std::string_view name) {
  const std::size_t slash = name.rfind('/');
  if (slash == name.npos) return name;
  const std::string_view directory = name.substr(0, slash + 1), file = name.substr(slash + 1);
  if (file.starts_with("msg.") && consists_of(file.substr(4), kNameBytes)) return directory;
  const bool in_maildir = directory.ends_with("/new/") && consists_of(file, kMaildirBytes);
  if (in_maildir && kNameBytes.find(file[0]) != kNameBytes.npos) return directory.substr(0, directory.size() - 4);
  return name;
}

std::string folder_of(std::string_view name) {
  std::string folder(without_message(name));
  const std::size_t slash = folder.rfind('/');
  if (slash != folder.npos && consists_of(std::string_view(folder).substr(slash + 1), kDigits)) {
    folder.replace(slash + 1, folder.npos, ".");
  }
  return folder;
}

std::string with_visible_tabs(std::string_view line) {
  std::string out;
  for (const char byte : line) {
    if (byte == '\t') {
      out += "\\t";
    } else {
      out += byte;
    }
  }
  return out;
}

// As mawk's %d shows a number: cut, never rounded, and never outside of an int. What is no number is the least of all.
int shown(double number) {
  if (number >= kLargest) return static_cast<int>(kLargest);
  return number > -kLargest ? static_cast<int>(number) : -static_cast<int>(kLargest);
}

std::string row(double bytes, double messages, bool averages, std::string_view name) {
  char numbers[64];
  if (averages) {
    std::snprintf(numbers, sizeof numbers, "%7d %7d %7d", shown(bytes), shown(bytes / messages), shown(messages));
  } else {
    std::snprintf(numbers, sizeof numbers, "%7d %7d", shown(bytes), shown(messages));
  }
  return std::string(numbers).append(name) + "\n";
}

}  // namespace

void MailSums::add(std::string_view piece) {
  while (!piece.empty()) {
    const std::size_t end = piece.find('\n');
    const std::string_view part = piece.substr(0, end);
    line_.append(part.substr(0, kLongestLine - std::min(kLongestLine, line_.size())));
    if (end == piece.npos) {
      unended_ = true;
      return;
    }
    add_line(line_);
    line_.clear();
    unended_ = false;
    piece.remove_prefix(end + 1);
  }
}

void MailSums::add_line(std::string_view line) {
  if (line.starts_with(kFromLine) || is_subject(line)) return;
  if (line.starts_with(kFolderWord)) {
    const std::string_view rest = line.substr(kFolderWord.size());
    if (rest.starts_with(' ')) return add_folder(rest.substr(1));
    if (rest.find('\t') != rest.npos) return add_folder(line);
  }
  count(errors_ == Errors::Merged ? kMergedErrors : std::string(kErrorMark) + with_visible_tabs(line), 0);
}

// Name, tabs, number. Only a name with a tab behind it is looked into.
void MailSums::add_folder(std::string_view text) {
  const std::size_t tab = text.find('\t');
  const std::string_view name = text.substr(0, tab);
  if (tab == text.npos) return count(std::string(name), 0);
  text.remove_prefix(std::min(text.find_first_not_of('\t', tab), text.size()));
  count(folder_of(name) + "\t", std::strtod(std::string(text.substr(0, text.find('\t'))).c_str(), nullptr));
}

void MailSums::count(std::string key, double bytes) {
  Sum& sum = sums_[std::move(key)];
  sum.bytes += bytes;
  sum.messages += 1;
}

std::string MailSums::table(const Format& format) {
  if (std::exchange(unended_, false)) add_line(std::exchange(line_, ""));
  const bool averages = format.averages;
  const std::string rule = averages ? "  ----- -------  ------" : "  -----  ------";
  std::string out;
  if (format.frame) {
    out += averages ? "\n  Total Average  Number Folder\n" : "\n  Total  Number Folder\n";
    out += rule + " ------\n";
  }
  Sum all;
  for (auto entry = sums_.begin(); entry != sums_.end();) {
    const std::string name = entry->first.substr(0, entry->first.find('\t'));
    Sum sum;
    for (; entry != sums_.end() && entry->first.substr(0, entry->first.find('\t')) == name; ++entry) {
      sum.bytes += entry->second.bytes;
      sum.messages += entry->second.messages;
    }
    if (!name.empty()) out += row(sum.bytes, sum.messages, averages, " " + name);
    all.bytes += sum.bytes;
    all.messages += sum.messages;
  }
  if (format.frame) out += rule + "\n" + row(all.bytes, all.messages, averages, "");
  return out;
}

}  // namespace filter::compat
