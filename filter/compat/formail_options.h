// formail's command line as data.
// SPDX-License-Identifier: Apache-2.0
//
//   const auto read = read_formail_options(words);
//   if (!read) ... read.error() says what to print; the exit code is 64 in each case.
//
// Source: formail(1), PROCMAIL.md 26; what is not written there was found by trying formail 3.22.
#pragma once

#include <expected>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace filter::compat {

// A word of -a -A -i -I -u -U -x -X: "Name: content", "Name:", or the beginning of a name.
struct FieldWord {
  std::string text;
  std::size_t name_length = 0;  // whole text if there is no colon

  std::string_view name() const { return std::string_view(text).substr(0, name_length); }
  bool has_content() const { return name_length < text.size(); }
};

struct FieldRename {
  std::string from;
  std::string to;
};

struct DuplicateCache {
  long length = 0;  // bytes, about
  std::string file;
};

struct FormailOptions {
  bool escape = true;                     // not -b
  bool content_length = true;             // not -Y
  bool join_lines = false;                // -c
  bool tidy = false;                      // -z
  bool add_from_line = true;              // not -f
  bool reply = false;                     // -r
  bool keep_body = false;                 // -k
  bool trust_header = false;              // -t
  bool quiet = true;                      // not -q-
  bool any_line = false;                  // -e
  bool digest = false;                    // -d
  bool babyl = false;                     // -B
  bool resent_first = false;              // -a Resent-
  bool split = false;                     // -s
  std::string prefix = ">";               // -p
  std::optional<std::string> log_folder;  // -l
  std::optional<DuplicateCache> cache;    // -D
  std::optional<long> parallel;           // -n: most programs at once; 0: no limit
  std::size_t min_fields = 2;             // -m
  long skip = 0;                          // +n
  std::optional<long> total;              // -n
  std::vector<FieldWord> extract;         // -x
  std::vector<FieldWord> extract_whole;   // -X
  std::vector<FieldWord> add_if_absent;   // -a
  std::vector<FieldWord> add;             // -A
  std::vector<FieldWord> insert;          // -i
  std::vector<FieldWord> replace;         // -I
  std::vector<FieldWord> first_unique;    // -u
  std::vector<FieldWord> last_unique;     // -U
  std::vector<FieldRename> renames;       // -R
  std::vector<std::string> program;       // the words after -s

  bool extracts() const { return !extract.empty() || !extract_whole.empty(); }
};

// What standard error gets when there is nothing to do; the exit code is 64.
struct FormailUsage {
  std::string text;
};

std::expected<FormailOptions, FormailUsage> read_formail_options(std::span<const std::string> words);

}  // namespace filter::compat
