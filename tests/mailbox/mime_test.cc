// Encoded words, transfer encodings, multiparts: what is understood is decoded, all else stays.
// SPDX-License-Identifier: Apache-2.0
#include "mailbox/mime.h"

#include <catch2/catch.hpp>
#include <random>
#include <string>

namespace {

std::string words(const std::string& header) { return mailbox::decoded_words(header, mailbox::common_to_utf8); }
std::string body(const std::string& header, const std::string& text) {
  return mailbox::decoded_body(header, text, mailbox::common_to_utf8);
}

}  // namespace

TEST_CASE("encoded words of a header") {
  struct Row {
    std::string header, decoded;
  };
  const Row rows[] = {
      {"", ""},
      {"Subject: plain =? text\n", "Subject: plain =? text\n"},
      {"Subject: =?utf-8?Q?caf=C3=A9?=\n", "Subject: café\n"},
      {"Subject: =?UTF-8?q?a_b=5F?= c\n", "Subject: a b_ c\n"},
      {"Subject: =?utf-8?B?Y2Fmw6k=?=\n", "Subject: café\n"},
      {"Subject: =?iso-8859-1?Q?caf=E9?= =?iso-8859-1?Q?s?=\n", "Subject: cafés\n"},
      {"Subject: =?utf-8?Q?a?=\n =?utf-8?Q?b?=\n", "Subject: ab\n"},
      {"Subject: =?utf-8?Q?a?=  \t=?iso-8859-1?B?6Q==?= x\n", "Subject: aé x\n"},
      {"Subject: =?utf-8?Q?=C3?= =?utf-8?Q?=A9?=\n", "Subject: é\n"},  // a character in two words
      {"Subject: =?utf-8*en?Q?x?=\n", "Subject: x\n"},
      {"Subject: =?windows-1252?Q?=80=93?=\n", "Subject: €“\n"},
      {"From: \"=?utf-8?Q?Anna?=\" <a@b>\n", "From: \"Anna\" <a@b>\n"},
      {"From: (=?utf-8?Q?Anna?=)\n", "From: (Anna)\n"},
      {"S: =?utf-8?Q?a?= b =?utf-8?Q?c?=\n", "S: a b c\n"},
      {"S: =?utf-8?Q?a?= =?no\n", "S: a =?no\n"},
      {"S: =?utf-8?Q?a=0AX-Evil:_yes=00=7F?=\n", "S: a X-Evil: yes  \n"},  // no new lines out of words
      {"S: =?utf-8?Q?a=0D=0Ab?=\n", "S: a  b\n"},
      // Not understood.
      {"S: =?utf-8?X?a?=\n", "S: =?utf-8?X?a?=\n"},
      {"S: =?utf-8?Q?a b?=\n", "S: =?utf-8?Q?a b?=\n"},
      {"S: =?utf-8?Q?a\n", "S: =?utf-8?Q?a\n"},
      {"S: =??Q?a?=\n", "S: =??Q?a?=\n"},
      {"S: =?utf-8?Qa?=\n", "S: =?utf-8?Qa?=\n"},
      {"S: =?utf-8?Q?=G1=?=\n", "S: =G1=\n"},
      {"S: =?x-none?Q?a?= =?x-none?Q?b?= c\n", "S: =?x-none?Q?a?= =?x-none?Q?b?= c\n"},
      {"S: =?utf-8?Q?", "S: =?utf-8?Q?"},
      {"=?", "=?"},
      {"=?=?utf-8?Q?a?=", "=?a"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.header);
    CHECK(words(row.header) == row.decoded);
  }
  const auto sized = [](std::size_t size) { return "=?utf-8?Q?" + std::string(size - 12, 'a') + "?="; };
  CHECK(words(sized(mailbox::kMaxEncodedWord)) == std::string(mailbox::kMaxEncodedWord - 12, 'a'));
  CHECK(words(sized(mailbox::kMaxEncodedWord + 1)) == sized(mailbox::kMaxEncodedWord + 1));
}

TEST_CASE("transfer encodings") {
  CHECK(mailbox::from_base64("SGVs\nbG8=\n") == "Hello");
  CHECK(mailbox::from_base64("SGk=SGk=") == "HiHi");
  CHECK(mailbox::from_base64("S!G k") == "Hi");
  CHECK(mailbox::from_base64("S") == "");
  CHECK(mailbox::from_base64("") == "");
  CHECK(mailbox::from_quoted_printable("a=3Db=\nc \t\nd=20\ne=\r\nf") == "a=bc\nd \nef");
  CHECK(mailbox::from_quoted_printable("a= \nb=") == "ab");
  CHECK(mailbox::from_quoted_printable("=4=4G=") == "=4=4G");
  CHECK(mailbox::from_quoted_printable("a_b") == "a_b");
  CHECK(mailbox::from_quoted_printable("a_b=", true) == "a b=");
}

TEST_CASE("bodies: text parts are decoded, the rest stays") {
  struct Row {
    std::string header, text, decoded;
  };
  const std::string mixed = "Content-Type: multipart/mixed;\n boundary=\"b b\"; x=y\n\n";
  const Row rows[] = {
      {"A: b\n\n", "caf\xe9 =41\n", "caf\xe9 =41\n"},
      {"Content-Type: text/plain; charset=ISO-8859-1\n\n", "caf\xe9\n", "café\n"},
      {"content-type: TEXT/html; Charset = \"windows-1252\"\ncontent-transfer-encoding: Quoted-Printable\n\n",
       "=80=\nx\n", "€x\n"},
      {"Content-Transfer-Encoding: base64\n\n", "SGVsbG8NCldvcmxkDQo=\n", "Hello\nWorld\n"},
      {"Content-Type: text/plain; charset=x-none\nContent-Transfer-Encoding: quoted-printable\n\n", "=E9\n", "\xe9\n"},
      {"Content-Type: image/png\nContent-Transfer-Encoding: base64\n\n", "SGVsbG8=\n", "SGVsbG8=\n"},
      {"Content-Type: multipart/mixed\n\n", "SGVsbG8=\n", "SGVsbG8=\n"},
      {mixed,
       "pre =41\n--b b\n\ncaf=E9\n--b b\nContent-Type: text/plain; charset=latin1\nContent-Transfer-Encoding: "
       "quoted-printable\n"
       "\ncaf=E9\n--b b-- \npost =41\n",
       "pre =41\n--b b\n\ncaf=E9\n--b b\nContent-Type: text/plain; charset=latin1\nContent-Transfer-Encoding: "
       "quoted-printable\n"
       "\ncafé\n--b b-- \npost =41\n"},
      {mixed, "--b b\n--b b\n\n--b b\nSubject: =?utf-8?Q?x?=\n--b b--\n",
       "--b b\n--b b\n\n--b b\nSubject: x\n--b b--\n"},
      {mixed, "--b b\nContent-Transfer-Encoding: base64\n\nSGk=\n",
       "--b b\nContent-Transfer-Encoding: base64\n\nHi"},  // never closed
      {mixed, "--b b", "--b b"},
      {mixed, "", ""},
      {mixed, "--b bx\n\n --b b\n", "--b bx\n\n --b b\n"},
      {"Content-Type: multipart/digest; boundary=d\n\n",
       "--d\n\nSubject: =?utf-8?Q?x?=\nContent-Transfer-Encoding: base64\n\nSGk=\n--d--\n",
       "--d\n\nSubject: x\nContent-Transfer-Encoding: base64\n\nHi\n--d--\n"},
      {"Content-Type: message/rfc822\n\n", "Subject: =?utf-8?Q?x?=\n\nbody\n", "Subject: x\n\nbody\n"},
      {"Content-Type: multipart/alternative; boundary=a\n\n",
       "--a\nContent-Type: multipart/related; boundary=\"a1 \"\n\n--a1\nContent-Transfer-Encoding: "
       "base64\n\nSGk=\n--a1--\n--a--\n",
       "--a\nContent-Type: multipart/related; boundary=\"a1 \"\n\n--a1\nContent-Transfer-Encoding: "
       "base64\n\nHi\n--a1--\n--a--\n"},
      {"Content-Type: multipart/mixed; boundary=\"a\n\n", "--a\nx\n", "--a\nx\n"},
      {"Content-Type: multipart/mixed; boundary\n\n", "--a\n", "--a\n"},
      {"Content-Type: ;=;\n\n", "x\n", "x\n"},
      {"Content-Type:\n\n", "x\n", "x\n"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.header, row.text);
    CHECK(body(row.header, row.text) == row.decoded);
  }
}

TEST_CASE("bodies: bounds of depth and number") {
  const std::string encoded = "Content-Transfer-Encoding: base64\n\nSGk=\n";
  const auto nested = [&](unsigned depth, const std::string& inner) {
    std::string text = inner;
    for (unsigned i = 0; i < depth; ++i) text = "Content-Type: message/rfc822\n\n" + text;
    return text;
  };
  const std::string header = "Content-Type: message/rfc822\n\n";
  const auto holds = [](const std::string& text, const std::string& what) {
    return text.find(what) != std::string::npos;
  };
  CHECK(holds(body(header, nested(mailbox::kMaxMimeDepth - 1, encoded)), "\nHi"));
  CHECK(holds(body(header, nested(mailbox::kMaxMimeDepth, encoded)), "SGk="));
  std::string parts;
  for (std::size_t i = 0; i <= mailbox::kMaxMimeParts; ++i) parts += "--p\n" + encoded;
  const std::string decoded = body("Content-Type: multipart/mixed; boundary=p\n\n", parts + "--p--\n");
  CHECK(holds(decoded, "Hi\n--p\n"));
  CHECK(decoded.ends_with("SGk=\n--p--\n"));
  CHECK(decoded.find("SGk=") == decoded.size() - 11);
}

TEST_CASE("random headers and bodies: nothing is read out of bounds, plain text is never changed") {
  std::mt19937 random(3);
  static const std::string kPieces[] = {"=?",
                                        "?=",
                                        "?",
                                        "utf-8",
                                        "Q",
                                        "B",
                                        "=4",
                                        "=",
                                        "\n",
                                        " ",
                                        "--b",
                                        "--",
                                        "Content-Type: multipart/x; boundary=b",
                                        "Content-Transfer-Encoding: base64",
                                        "\n\n",
                                        "a",
                                        "\xff",
                                        "\"",
                                        ";",
                                        "message/rfc822",
                                        "Content-Type: "};
  for (int round = 0; round < 30'000; ++round) {
    std::string text;
    for (auto left = random() % 12; left > 0; --left) text += kPieces[random() % std::size(kPieces)];
    CAPTURE(text);
    const std::string header = "Content-Type: multipart/mixed; boundary=b\n\n";
    CHECK(body(header, text).size() <= 3 * text.size());
    CHECK(body(text, text).size() <= 3 * text.size());
    if (text.find("=?") == std::string::npos) CHECK(words(text) == text);
    const bool plain = text.find("=") == std::string::npos && text.find("base64") == std::string::npos;
    if (plain) CHECK(body(header, text) == text);
  }
}
