// mailstat's sums: which lines count, for which folder, and how the table shows them.
// SPDX-License-Identifier: Apache-2.0
#include "filter/compat/mailstat_table.h"

#include <catch2/catch.hpp>

using namespace filter::compat;

namespace {

std::string rows(std::string_view log, MailSums::Errors errors = MailSums::Errors::Each) {
  MailSums sums(errors);
  sums.add(log);
  return sums.table({.averages = false, .frame = false});
}

std::string row(const std::string& bytes, const std::string& messages, const std::string& name) {
  return std::string(7 - bytes.size(), ' ') + bytes + std::string(8 - messages.size(), ' ') + messages + " " + name +
         "\n";
}

struct Row {
  std::string line;
  std::string folder;  // empty: the line does not count
  std::string bytes = "0";
};

// What the real mailstat made of each of them, procmail 3.22 with mawk.
const Row kFolders[] = {
    {"  Folder: inbox\t\t\t\t    1234", "inbox", "1234"},
    {"  Folder: a b 5\t12", "a b 5", "12"},
    {"  Folder: a 12", "a 12"},
    {"  Folder: a\tb\t12", "a"},
    {"  Folder: a\t \t12", "a"},
    {"  Folder: a\t12\t13", "a", "12"},
    {"  Folder:  a\t12", " a", "12"},
    {"  Folder:a\t12", "  Folder:a", "12"},
    {"  Folder:\t12", "  Folder:", "12"},
    {"  Folder: \t12", ""},
    {"  Folder: ", ""},
    {"  Folder: d/msg.x-Y_1\t1", "d/", "1"},
    {"  Folder: d/msg.x", "d/msg.x"},
    {"  Folder: d/msg.\t1", "d/msg.", "1"},
    {"  Folder: d/msg.x.y\t1", "d/msg.x.y", "1"},
    {"  Folder: msg.x\t1", "msg.x", "1"},
    {"  Folder: x/new/msg.y\t1", "x/new/", "1"},
    {"  Folder: d/new/1.2_3.host:2,S\t1", "d/", "1"},
    {"  Folder: d/new/.a\t1", "d/new/.a", "1"},
    {"  Folder: d/new/a=b\t1", "d/new/a=b", "1"},
    {"  Folder: d/new/\t1", "d/new/", "1"},
    {"  Folder: new/x\t1", "new/x", "1"},
    {"  Folder: /new/x\t1", "/", "1"},
    {"  Folder: d/new/12\t1", "d/", "1"},
    {"  Folder: d/12\t1", "d/.", "1"},
    {"  Folder: new/12\t1", "new/.", "1"},
    {"  Folder: d/12x\t1", "d/12x", "1"},
    {"  Folder: 12\t1", "12", "1"},
    {"  Folder: a\t1.9", "a", "1"},
    {"  Folder: a\t-5.9", "a", "-5"},
    {"  Folder: a\t1e3", "a", "1000"},
    {"  Folder: a\tx1", "a"},
    {std::string("  Folder: a\0b\t5", 15), std::string("a\0b", 3), "5"},
    {"From somebody", ""},
    {" Subject: x", ""},
    {" SUBJECT:", ""},
};

// Lines that are diagnostics, and how they are shown.
const Row kErrors[] = {
    {"", ""},
    {"From", "From"},
    {"From\tx", "From\\tx"},
    {" From x", " From x"},
    {"Subject: x", "Subject: x"},
    {" Subject x", " Subject x"},
    {"  Folder:", "  Folder:"},
    {"  Folder:a b", "  Folder:a b"},
    {" Folder: a\t12", " Folder: a\\t12"},
    {"  folder: a\t\t12", "  folder: a\\t\\t12"},
    {"procmail: Skipped \"x\"", "procmail: Skipped \"x\""},
    {"\x1b\xff\r", "\x1b\xff\r"},
};

}  // namespace

TEST_CASE("lines of a log count for their folder") {
  for (const Row& one : kFolders) {
    CAPTURE(one.line);
    CHECK(rows(one.line + "\n") == (one.folder.empty() ? "" : row(one.bytes, "1", one.folder)));
  }
}

TEST_CASE("other lines of a log are diagnostics") {
  for (const Row& one : kErrors) {
    CAPTURE(one.line);
    CHECK(rows(one.line + "\n") == row("0", "1", " ## " + one.folder));
    CHECK(rows(one.line + "\n", MailSums::Errors::Merged) == row("0", "1", " ## diagnostic messages ##"));
  }
}

TEST_CASE("a folder without a name counts in the grand total only") {
  MailSums sums(MailSums::Errors::Each);
  sums.add("  Folder: \t2\n  Folder: \n");
  CHECK(sums.table({}) == "\n  Total  Number Folder\n  -----  ------ ------\n  -----  ------\n      2       2\n");
}

TEST_CASE("rows sort by the log's bytes, a tab behind the name included") {
  CHECK(rows("  Folder: a\n  Folder: a\x01\t1\n  Folder: a\t5\n") ==
        row("0", "1", "a") + row("1", "1", "a\x01") + row("5", "1", "a"));
  CHECK(rows("  Folder: a\n  Folder: b\t1\n  Folder: a\t5\n") == row("5", "2", "a") + row("1", "1", "b"));
}

TEST_CASE("numbers stay within an int") {
  CHECK(rows("  Folder: a\t2147483646\n") == "2147483646       1 a\n");
  CHECK(rows("  Folder: a\t2147483647\n") == "2147483647       1 a\n");
  CHECK(rows("  Folder: a\t2147483648\n") == "2147483647       1 a\n");
  CHECK(rows("  Folder: a\t-2147483648\n") == "-2147483647       1 a\n");
  CHECK(rows("  Folder: a\tnan\n") == "-2147483647       1 a\n");
}

TEST_CASE("the table has rows in the order of their bytes, and sums") {
  const std::string log =
      "From x\n Subject: y\n  Folder: b\t3\n  Folder: B\t1\n  Folder: b\t4\nprocmail: x\n  Folder: d/12\t1\n  Folder: "
      "d/13\t1\n";
  MailSums sums(MailSums::Errors::Each);
  for (const char byte : log) sums.add({&byte, 1});
  CHECK(sums.table({.averages = true, .frame = true}) ==
        "\n"
        "  Total Average  Number Folder\n"
        "  ----- -------  ------ ------\n"
        "      0       0       1  ## procmail: x\n"
        "      1       1       1 B\n"
        "      7       3       2 b\n"
        "      2       1       2 d/.\n"
        "  ----- -------  ------\n"
        "     10       1       6\n");
  CHECK(sums.table({.averages = false, .frame = false}).starts_with("      0       1  ## procmail: x\n      1"));
}

TEST_CASE("the last line counts without a line end, and lines have a longest length") {
  CHECK(rows("  Folder: a\t5") == row("5", "1", "a"));
  CHECK(rows("") == "");
  for (const std::size_t length : {kLongestLine - 1, kLongestLine, kLongestLine + 1}) {
    const std::string expected = row("0", "1", " ## " + std::string(std::min(length, kLongestLine), 'x'));
    CHECK(rows(std::string(length, 'x') + "\n") == expected);
  }
}
