// Where messages of an mbox begin and end: each case of POP3.md 13, fed in chunks of every size.
// SPDX-License-Identifier: Apache-2.0
#include "mailbox/mbox_format.h"

#include <catch2/catch.hpp>

#include <random>
#include <string>
#include <vector>

using namespace std::string_literals;
using mailbox::MessageText;

namespace {

const std::string kFrom = "From a@b  Thu Jan  1 00:00:00 1970\n";

mailbox::Result<std::vector<mailbox::MboxEntry>> scan(std::string_view bytes, std::size_t chunk, std::uint64_t at = 0) {
  mailbox::MboxScanner scanner(at);
  for (std::size_t start = 0; start < bytes.size(); start += chunk) {
    if (!scanner.feed(bytes.substr(start, chunk))) break;
  }
  return scanner.finish();
}

// A message's text as the wire would have it, CR left out for reading.
std::string text_of(std::string_view bytes, const mailbox::MboxEntry& entry) {
  auto stored = bytes.substr(entry.offset, entry.size);
  stored.remove_prefix(std::min(stored.find('\n'), stored.size() - 1) + 1);
  MessageText text(MessageText::Home::Mbox);
  std::string out;
  text.feed(stored, [&](std::string_view piece) { out += piece; });
  text.finish([&](std::string_view piece) { out += piece; });
  return out;
}

std::uint64_t wire_octets(std::string_view text) {
  mailbox::WireCounter counter;
  counter.add(text);
  return counter.finish();
}

const std::string kInternal =
    "From MAILER-DAEMON Thu Jan  1 00:00:00 1970\nDate: 1\nSubject: DON'T DELETE THIS MESSAGE -- FOLDER INTERNAL DATA\n"
    "X-IMAP: 1 2\nStatus: RO\n\nThis text is part of the internal format of your mail folder.\n\n";

}  // namespace

TEST_CASE("mbox format: the messages of a file") {
  struct Row {
    std::string name, bytes;
    std::vector<std::string> messages;
  };
  const std::string overlong = "From a@b " + std::string(mailbox::kLongestFromLine, 'x');
  const std::string date = "  Thu Jan  1 00:00:00 1970\n";
  const auto fits = "From " + std::string(mailbox::kLongestFromLine - 5 - date.size(), 'x') + date;
  const auto too_long = "From " + std::string(mailbox::kLongestFromLine + 1 - 5 - date.size(), 'x') + date;
  const Row rows[] = {
      {"empty file", "", {}},
      {"blank lines only", "\n\n\n", {}},
      {"NULs only", "\0\0\0"s, {}},
      {"one", kFrom + "S: x\n\nbody\n\n", {"S: x\n\nbody\n"}},
      {"two", kFrom + "S: x\n\nbody\n\n" + kFrom + "S: y\n\nb\n\n", {"S: x\n\nbody\n", "S: y\n\nb\n"}},
      {"no line end", kFrom + "S: x\n\nbody", {"S: x\n\nbody\n"}},
      {"no separator at the end", kFrom + "S: x\n\nbody\n", {"S: x\n\nbody\n"}},
      {"own empty lines stay", kFrom + "S: x\n\nbody\n\n\n" + kFrom + "S: y\n\n", {"S: x\n\nbody\n\n", "S: y\n\n"}},
      {"header only keeps its empty line", kFrom + "S: x\n\n" + kFrom + "S: y\n\n\n", {"S: x\n\n", "S: y\n\n"}},
      {"header cut off before the next", kFrom + "S: x\n" + kFrom + "S: y\n\nb\n", {"S: x\n\n", "S: y\n\nb\n"}},
      {"no header, no body", kFrom + kFrom + "\n" + kFrom, {"\n", "\n", "\n"}},
      {"From_ line without LF", kFrom + "S: x\n\nb\n\nFrom a@b  Thu Jan  1 00:00:00 1970", {"S: x\n\nb\n", "\n"}},
      {"in a paragraph it is text", kFrom + "S: x\n\nline\n" + kFrom + "more\n", {"S: x\n\nline\n" + kFrom + "more\n"}},
      {"no date: text", kFrom + "S: x\n\nb\n\nFrom here to there\n", {"S: x\n\nb\n\nFrom here to there\n"}},
      {"quoted: text", kFrom + "S: x\n\nb\n\n>" + kFrom, {"S: x\n\nb\n\n>" + kFrom}},
      {"From without blank", kFrom + "S: x\n\nb\n\nFromage\nFr\nF\n", {"S: x\n\nb\n\nFromage\nFr\nF\n"}},
      {"leading NULs", "\0\0\0"s + kFrom + "S: x\n\nb\n", {"S: x\n\nb\n"}},
      {"leading empty lines", "\n\r\n" + kFrom + "S: x\n\nb\n", {"S: x\n\nb\n"}},
      {"CRLF file",
       "From a@b  Thu Jan  1 00:00:00 1970\r\nS: x\r\n\r\nb\r\n\r\nFrom a@b  Thu Jan  1 00:00:00 1970\r\nS: y\r\n\r\n",
       {"S: x\r\n\r\nb\r\n\r\n", "S: y\r\n\r\n"}},
      {"CRLF message in an LF file",
       kFrom + "S: x\r\n\r\nb\r\n\n" + kFrom + "S: y\n\nb\n\n",
       {"S: x\r\n\r\nb\r\n", "S: y\n\nb\n"}},
      {"Content-Length means nothing",
       kFrom + "Content-Length: 1000\n\nb\n\n" + kFrom + "S: y\n\n",
       {"Content-Length: 1000\n\nb\n", "S: y\n\n"}},
      {"internal data is hidden", kInternal + kFrom + "S: y\n\nb\n\n", {"S: y\n\nb\n"}},
      {"internal data alone", kInternal, {}},
      {"internal data, but not first",
       kFrom + "S: y\n\nb\n\n" + kInternal.substr(0, kInternal.size() - 1),
       {"S: y\n\nb\n", kInternal.substr(kInternal.find('\n') + 1, kInternal.size() - kInternal.find('\n') - 2)}},
      {"NUL and 8-bit", kFrom + "S: \xff\n\na\0b\n\n"s, {"S: \xff\n\na\0b\n"s}},
      {"overlong line is text", kFrom + "S: x\n\nb\n\n" + overlong + date, {"S: x\n\nb\n\n" + overlong + date}},
      {"From_ line at the limit", kFrom + "S: x\n\nb\n\n" + fits + "S: y\n\n", {"S: x\n\nb\n", "S: y\n\n"}},
      {"From_ line over the limit",
       kFrom + "S: x\n\nb\n\n" + too_long + "S: y\n\n",
       {"S: x\n\nb\n\n" + too_long + "S: y\n"}},
      {"a From_ line inside an overlong line",
       kFrom + "S: x\n\nb\n\n" + overlong + kFrom + "c\n",
       {"S: x\n\nb\n\n" + overlong + kFrom + "c\n"}},
  };
  for (const auto& row : rows) {
    for (const std::size_t chunk : {1, 2, 3, 5, 4095, 4096, 1000000}) {
      CAPTURE(row.name, chunk);
      const auto entries = scan(row.bytes, chunk);
      REQUIRE(entries);
      std::vector<std::string> messages;
      std::uint64_t end = 0;
      for (const auto& entry : *entries) {
        messages.push_back(text_of(row.bytes, entry));
        CHECK(entry.octets == wire_octets(messages.back()));
        CHECK(row.bytes.substr(entry.offset, 5) == "From ");
        CHECK(entry.offset >= end);
        end = entry.offset + entry.size;
      }
      CHECK(messages == row.messages);
      if (!entries->empty()) CHECK(end == row.bytes.size());
    }
  }
}

TEST_CASE("mbox format: a torn From_ line at the end belongs to no message, and becomes one when it is completed") {
  const std::string one = kFrom + "S: x\n\nbody\n\n";
  const auto alone = scan(one, 4096);
  REQUIRE(alone);
  for (const std::string torn : {"F", "From", "From ", "From a", "From a@b  ", "From a@b  Thu Jan  1 00:00:00 19"}) {
    for (const std::size_t chunk : {1, 3, 4096}) {
      CAPTURE(torn, chunk);
      const auto entries = scan(one + torn, chunk);
      REQUIRE(entries);
      CHECK(*entries == *alone);
      const auto mended = scan(one + torn + mailbox::missing_end(one + torn, true) + kFrom + "S: y\n\nb\n", chunk);
      REQUIRE(mended);
      REQUIRE(mended->size() == 3);
      CHECK((*mended)[0] == (*alone)[0]);
      const auto first = scan(torn, chunk);
      REQUIRE(first);
      CHECK(first->empty());
    }
  }
  // With its line end, or in a paragraph, or in a header, it is text.
  CHECK(scan(one + "From a\n", 4096)->front().size == one.size() + 7);
  CHECK(scan(kFrom + "S: x\n\nbody\nFrom a", 4096)->front().size == kFrom.size() + 6 + 5 + 6);
  CHECK(scan(kFrom + "S: x\nFrom", 4096)->front().size == kFrom.size() + 5 + 4);
}

TEST_CASE("mbox format: what is no mbox is refused, never empty") {
  const std::string rows[] = {
      "garbage",
      "garbage\n\n" + kFrom + "S: x\n\n",
      "From\n",
      "Fx",
      "From here to there\n\n",
      "\n\nx\n" + kFrom,
      "\0\0x"s,
      "From " + std::string(mailbox::kLongestFromLine, 'x'),
  };
  for (const auto& row : rows) {
    for (const std::size_t chunk : {1, 3, 1000000}) {
      CAPTURE(row.substr(0, 80), chunk);
      const auto entries = scan(row, chunk);
      REQUIRE(!entries);
      CHECK(entries.error().text.find("not an mbox") != std::string::npos);
      CHECK(entries.error().kind == mailbox::ErrorKind::Temporary);
    }
  }
}

TEST_CASE("mbox format: a scan may start at any message") {
  const std::string bytes = kFrom + "S: x\n\nbody\n\n" + kFrom + "S: y\n\nb\n\n";
  const auto all = scan(bytes, 7);
  REQUIRE(all);
  REQUIRE(all->size() == 2);
  const auto rest = scan(bytes.substr((*all)[1].offset), 7, (*all)[1].offset);
  REQUIRE(rest);
  REQUIRE(rest->size() == 1);
  CHECK((*rest)[0] == (*all)[1]);
  CHECK(!scan(bytes.substr((*all)[1].offset - 1), 7, (*all)[1].offset - 1));
}

TEST_CASE("mbox format: whatever the bytes and the chunks, the same messages, and the file in order") {
  const std::string words[] = {
      kFrom,    "From ",       "From x\n", "F",   "\n",        "\n\n",   "\r\n", "\r",
      "S: x\n", "Status: O\n", " y\n",     "\0"s, ">From a\n", "text\n", "text", kFrom.substr(0, kFrom.size() - 1)};
  std::mt19937 random(1);
  for (int round = 0; round < 3000; ++round) {
    std::string bytes = random() % 4 ? kFrom : "";
    for (auto n = random() % 30; n > 0; --n) bytes += words[random() % std::size(words)];
    const auto whole = scan(bytes, 1000000);
    for (const std::size_t chunk : {1 + random() % 4, 1 + random() % 50}) {
      CAPTURE(bytes, chunk);
      const auto pieces = scan(bytes, chunk);
      REQUIRE(whole.has_value() == pieces.has_value());
      if (whole) REQUIRE((*whole == *pieces));
    }
    if (!whole) continue;
    std::uint64_t at = whole->empty() ? 0 : (*whole)[0].offset;
    for (const auto& entry : *whole) {
      CAPTURE(bytes);
      REQUIRE(entry.offset == at);
      REQUIRE(entry.octets == wire_octets(text_of(bytes, entry)));
      at += entry.size;
    }
    const std::string mend = mailbox::missing_end(bytes, true);
    const bool torn = mend.size() > 2;
    if (!whole->empty()) REQUIRE(at == (torn ? bytes.rfind('\n') + 1 : bytes.size()));
    // What the next delivery adds to the end changes no message.
    const auto more = scan(bytes + mend + kFrom + "S: new\n\n", 1000000);
    CAPTURE(bytes);
    REQUIRE(more);
    if (whole->empty()) continue;
    REQUIRE(more->size() == whole->size() + (torn ? 2 : 1));
    for (std::size_t i = 0; i < whole->size(); ++i) {
      CHECK((*more)[i].octets == (*whole)[i].octets);
      CHECK((*more)[i].base == (*whole)[i].base);
    }
  }
}
