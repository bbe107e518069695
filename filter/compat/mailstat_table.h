// What a log of procmail's tells about each folder, and the table that mailstat(1) makes of it. Pure.
// SPDX-License-Identifier: Apache-2.0
//
//   MailSums sums(MailSums::Errors::Each);
//   sums.add("  Folder: inbox\t\t    1234\n");            // any pieces of the log, in order
//   sums.add("procmail: Skipped \"x\"\n");
//   std::string text = sums.table({.averages = false, .frame = true});
//
// A log holds abstracts of three lines (PROCMAIL.md 25.2): From_, Subject and Folder. The first two are left out; what
// is none of the three is a diagnostic and counts as a folder of its own, " ## " before it, with no bytes. Files that
// directories get for each message count for their directory: "d/msg.ab" and "d/new/17.1.host" are "d/", "d/12" is
// "d/.". Everything is as Debian's mailstat does it, byte for byte: a tab ends a folder's name, numbers are those of
// mawk, rows are sorted by bytes, and a folder without a name counts in the grand total only.
//
// Lines are cut after kLongestLine bytes. Memory: every different name once.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>

namespace filter::compat {

inline constexpr std::size_t kLongestLine = 1 << 20;

class MailSums {
 public:
  enum class Errors { Each, Merged };  // Merged: all diagnostics in one row
  struct Format {
    bool averages = false;  // a column between total and number
    bool frame = true;      // head and grand total
  };

  explicit MailSums(Errors errors) : errors_(errors) {}

  void add(std::string_view piece);
  // The whole table; the last line counts even without a line end.
  std::string table(const Format& format);

 private:
  struct Sum {
    double bytes = 0;
    double messages = 0;
  };
  void add_line(std::string_view line);
  void add_folder(std::string_view text);
  void count(std::string key, double bytes);

  Errors errors_;
  std::string line_;                 // what has no line end yet
  bool unended_ = false;             // there is such a line
  std::map<std::string, Sum> sums_;  // by name, with a tab where the log has one: that is how they sort
};

}  // namespace filter::compat
