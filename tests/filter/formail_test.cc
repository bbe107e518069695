// formail's parts, each without a process: fields, addresses, edits, the cache, options.
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <catch2/catch.hpp>

#include "filter/compat/formail_body.h"
#include "filter/compat/formail_cache.h"
#include "filter/compat/formail_edit.h"
#include "filter/compat/formail_input.h"
#include "filter/compat/formail_options.h"
#include "filter/compat/formail_programs.h"
#include "filter/compat/formail_sender.h"

using namespace filter::compat;

namespace {

// Gives the text in pieces of `step` bytes.
class Pieces : public ByteSource {
 public:
  Pieces(std::string text, std::size_t step) : text_(std::move(text)), step_(step) {}
  std::size_t read(std::span<char> room) override {
    const std::size_t size = std::min({step_, room.size(), text_.size() - at_});
    std::copy_n(text_.begin() + static_cast<std::ptrdiff_t>(at_), size, room.begin());
    at_ += size;
    return size;
  }

 private:
  std::string text_;
  std::size_t step_;
  std::size_t at_ = 0;
};

class Text : public ByteSink {
 public:
  void write(std::string_view bytes) override { text += bytes; }
  std::string text;
};

FormailOptions options_of(const std::vector<std::string>& words) {
  auto read = read_formail_options(words);
  REQUIRE(read);
  return *read;
}

std::string edited(const std::string& mail, const std::vector<std::string>& words) {
  Pieces source(mail, 7);
  Window window(source);
  const FormailOptions options = options_of(words);
  return print_header(edit_header(read_header(window, false), options, {"NOW", "<ID>"}).fields, options);
}

}  // namespace

TEST_CASE("addresses in fields") {
  const struct {
    std::string content, address;
  } rows[] = {
      {" Joe <joe@example.org>", "joe@example.org"},
      {" joe@example.org (Joe (home))", "joe@example.org"},
      {" \"Joe, X\" <aa@x.org>, b@c", "aa@x.org"},
      {" aa@x.org, cc@y.org", "aa@x.org"},
      {" a . b @ x . y", "a.b@x.y"},
      {" Joe Foo aa@x.org", "Joe"},
      {" grp: aa@x.org, bb@y.org;", "grp:aa@x.org,bb@y.org;"},
      {" <@a.org,@b.org:aa@x.org>", "<@a.org,@b.org:aa@x.org>"},
      {" \"q s\"@x.org", "\"q s\"@x.org"},
      {" aa@[1.2 3.4]", "aa@[1.2 3.4]"},
      {" <>", ""},
      {" (only)", ""},
      {" (unended", ""},
      {" \xe9@x.org", "\xe9@x.org"},
      {std::string(" a\0b", 4), "a"},
      {"", ""},
  };
  for (const auto& row : rows) {
    CAPTURE(row.content);
    CHECK(address_in(row.content) == row.address);
  }
}

TEST_CASE("headers edited") {
  const std::string mail =
      "From u@h.x  D\nFrom: joe@x.org\nTo: me\nSubject: hi\n there\nTo: you\nX-Loop: q\nMessage-ID: <1>\n\n";
  const struct {
    std::vector<std::string> words;
    std::string printed;
  } rows[] = {
      {{"-x", "To:"}, " me\n you\n"},
      {{"-zxTo"}, "me\nyou\n"},
      {{"-cX", "sub"}, "Subject: hi  there\n"},
      {{"-X", "To:", "-u", "To:"}, "To: me\n"},
      {{"-X", "To:", "-U", "To:"}, "To: you\n"},
      {{"-X", "To:", "-I", "To: new"}, "To: new\n"},
      {{"-X", "Old-", "-i", "To: new"}, "Old-To: me\nOld-To: you\n"},
      {{"-X", "To:", "-a", "To: new"}, "To: me\nTo: you\n"},
      {{"-X", "Z", "-R", "To:", "Z:"}, "Z: me\nZ: you\n"},
      {{"-X", "M", "-I", "Message-ID:", "-a", "Message-ID:"}, "Message-ID: <ID>\n"},
      {{"-r"}, "X-Loop: q\nTo: u@h.x\nSubject: Re: hi\n there\nReferences: <1>\nIn-Reply-To: <1>\n"},
      {{"-rt", "-i", "From:", "-X", ""},
       "From: joe@x.org\nX-Loop: q\nTo: joe@x.org\nSubject: Re: hi\n there\nReferences: <1>\nIn-Reply-To: <1>\n"},
      {{"-I", "From ", "-a", "From ", "-X", "From "}, "From joe@x.org  NOW\n"},
      {{"-I", ""}, ""},
  };
  for (const auto& row : rows) {
    CAPTURE(row.words);
    CHECK(edited(mail, row.words) == row.printed);
  }
}

TEST_CASE("what formail refuses") {
  const std::vector<std::string> rows[] = {{"-x"},
                                           {"-a", "Foo"},
                                           {"-A", ""},
                                           {"-x", "a b:"},
                                           {"-k"},
                                           {"-e"},
                                           {"foo"},
                                           {"-s", "-bx"},
                                           {"-m", "x"},
                                           {"-m", "1"},
                                           {"+1"},
                                           {"-0"},
                                           {"+"},
                                           {"--"},
                                           {"-Q"},
                                           {"-D", "-1", "f"},
                                           {"-a", "Resent-"},
                                           {"-v"},
                                           {"-x", "\xff\x01:"}};
  for (const auto& row : rows) {
    CAPTURE(row);
    if (row[0] == "-s") continue;
    CHECK_FALSE(read_formail_options(row));
  }
  CHECK(options_of({"-m", "3", "-m0"}).min_fields == 2);
  CHECK(options_of({"+0"}).skip == 0);
  CHECK(options_of({"-n2s", "-b"}).program == std::vector<std::string>{"-b"});
  CHECK(options_of({"-x", "\xe9:"}).extract.size() == 1);
}

TEST_CASE("bodies end where the next message begins, whatever the pieces") {
  const std::string rest = "From c d\nTo: q\n\nb2\n";
  const struct {
    std::string body, copied;
    bool another;
  } rows[] = {
      {"text\n\n" + rest, "text\n\n", true},
      {"text\n" + rest, "text\n>From c d\nTo: q\n\nb2\n\n", false},
      {"text\n\nFrom c d\nFoo: q\n", "text\n\nFrom c d\nFoo: q\n\n", false},
      {"text\n\nFrom c\n", "text\n\n>From c\n\n", false},
      {"text", "text\n\n", false},
      {"", "", false},
      {std::string("\0\nFrom c d\n", 11), std::string("\0\n>From c d\n\n", 13), false},
  };
  for (const auto& row : rows)
    for (const std::size_t step : {1UL, 3UL, 1000UL}) {
      CAPTURE(row.body, step);
      Pieces source(row.body, step);
      Window window(source);
      Text sink;
      BodyRules rules;
      rules.split = true;
      CHECK(BodyCopier(window, sink, rules).copy(true).another == row.another);
      CHECK(sink.text == row.copied);
    }
}

TEST_CASE("the cache is a ring") {
  const std::string full("<1@x>\0<2@x>\0\0", 13);
  CHECK(place_in_cache("", "<1@x>", 12) == 0);
  CHECK(place_in_cache(std::string("<1@x>\0\0", 7), "<2@x>", 12) == 6);
  CHECK(place_in_cache(std::string("<1@x>\0\0", 7), "<2@x>", 7) == 6);
  CHECK(place_in_cache(std::string("<1@x>\0\0", 7), "<2@x>", 6) == 0);
  CHECK(place_in_cache(full, "<3@x>", 12) == 0);
  CHECK_FALSE(place_in_cache(full, "<2@x>", 12));
  CHECK(place_in_cache(full, "<2@x>", 6) == 0);
  CHECK_FALSE(place_in_cache(full, "<1@x>", 0));
}

TEST_CASE("message numbers keep their width") {
  CHECK(file_number(nullptr, 7) == "007");
  CHECK(file_number("9", 1) == "10");
  CHECK(file_number("", 3) == "3");
  CHECK(file_number("-001", 1) == "000");
  CHECK_FALSE(file_number("x", 1));
}
