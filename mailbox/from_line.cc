// The From_ line that starts each message of an mbox: "From anna@example.org  Thu Jan  1 00:00:00 1970".
// SPDX-License-Identifier: Apache-2.0
#include "mailbox/from_line.h"

#include <algorithm>
#include <array>
#include <cstddef>

namespace mailbox {
namespace {

constexpr std::array<std::string_view, 7> kDays{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
constexpr std::array<std::string_view, 12> kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                   "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
constexpr std::size_t kLongestZone = 8;  // "+0100", "(CEST)"
constexpr int kMostZoneWords = 2;        // between time and year: "MET DST"

std::string padded(int value, std::size_t width, char fill) {
  auto digits = std::to_string(value);
  return digits.size() < width ? std::string(width - digits.size(), fill) + digits : digits;
}

// The words of a line, one after another; blanks and TABs part them.
class Words {
 public:
  explicit Words(std::string_view line) : line_(line) {}
  // The next word, or an empty one at the end.
  std::string_view next() {
    const auto start = line_.find_first_not_of(" \t\r", at_);
    if (start == std::string_view::npos) return {};
    start_ = start;
    at_ = std::min(line_.find_first_of(" \t\r\n", start), line_.size());
    return line_.substr(start, at_ - start);
  }
  std::size_t start() const { return start_; }  // where the last word began
  void go_on_at(std::size_t position) { at_ = position; }
  std::size_t position() const { return at_; }

 private:
  std::string_view line_;
  std::size_t at_ = 0;
  std::size_t start_ = 0;
};

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// A number of at most four digits, or -1.
int number(std::string_view word) {
  if (word.empty() || word.size() > 4 || !std::ranges::all_of(word, is_digit)) return -1;
  int value = 0;
  for (const char c : word) value = value * 10 + (c - '0');
  return value;
}

bool is_day_name(std::string_view word) {
  if (word.ends_with(',')) word.remove_suffix(1);
  return std::ranges::find(kDays, word) != kDays.end();
}

bool is_month(std::string_view word) { return std::ranges::find(kMonths, word) != kMonths.end(); }

bool is_day(std::string_view word) {
  const int day = number(word);
  return word.size() <= 2 && day >= 1 && day <= 31;
}

bool is_year(std::string_view word) { return word.size() == 4 && number(word) >= 1900; }

// hh:mm or hh:mm:ss; one digit is enough for the hour.
bool is_time(std::string_view word) {
  const std::array<int, 3> most{23, 59, 60};
  for (std::size_t part = 0; part < most.size(); ++part) {
    const auto colon = word.find(':');
    const auto digits = word.substr(0, colon);
    const int value = number(digits);
    if (value < 0 || value > most[part] || digits.size() > 2 || (part > 0 && digits.size() != 2)) return false;
    if (colon == std::string_view::npos) return part > 0;
    word.remove_prefix(colon + 1);
  }
  return false;
}

// "Jan  1 00:00:00 1970", "Jan 1 00:00 +0100 1970"; the day's name is already read.
bool is_rest_of_asctime(Words words) {
  if (!is_month(words.next()) || !is_day(words.next()) || !is_time(words.next())) return false;
  for (int zone = 0; zone <= kMostZoneWords; ++zone) {
    const auto word = words.next();
    if (is_year(word)) return true;
    if (word.empty() || word.size() > kLongestZone) return false;
  }
  return false;
}

// "1 Jan 1970 00:00:00 +0100".
bool is_rest_of_rfc5322(Words words) {
  return is_day(words.next()) && is_month(words.next()) && is_year(words.next()) && is_time(words.next());
}

// Where the date begins, or npos.
std::size_t find_date(std::string_view line) {
  constexpr std::size_t kFromSize = 5;
  if (!line.starts_with("From ")) return std::string_view::npos;
  Words words(line.substr(kFromSize));
  bool has_sender = false;
  for (auto word = words.next(); !word.empty(); word = words.next(), has_sender = true) {
    if (has_sender && is_day_name(word) && (is_rest_of_asctime(words) || is_rest_of_rfc5322(words))) {
      return words.start() + kFromSize;
    }
  }
  return std::string_view::npos;
}

}  // namespace

std::string from_line(std::string_view sender, const std::tm& local) {
  std::string line = "From ";
  for (const char c : sender.empty() ? std::string_view("MAILER-DAEMON") : sender) {
    const auto byte = static_cast<unsigned char>(c);
    line += byte < 0x20 || byte == 0x7F ? '?' : c;
  }
  const auto day = static_cast<std::size_t>(std::clamp(local.tm_wday, 0, 6));
  const auto month = static_cast<std::size_t>(std::clamp(local.tm_mon, 0, 11));
  line.append("  ").append(kDays[day]).append(" ").append(kMonths[month]).append(" ");
  line += padded(local.tm_mday, 2, ' ') + " " + padded(local.tm_hour, 2, '0') + ":" + padded(local.tm_min, 2, '0') +
          ":" + padded(local.tm_sec, 2, '0') + " " + padded(local.tm_year + 1900, 4, '0') + "\n";
  return line;
}

bool is_from_line(std::string_view line) { return find_date(line) != std::string_view::npos; }

std::string_view from_line_sender(std::string_view line) {
  if (!line.starts_with("From ")) return {};
  const auto date = find_date(line);
  Words words(line.substr(5));
  auto sender = words.next();
  if (date != std::string_view::npos) sender = line.substr(5 + words.start(), date - 5 - words.start());
  while (!sender.empty() && (sender.back() == ' ' || sender.back() == '\t')) sender.remove_suffix(1);
  return sender;
}

}  // namespace mailbox
