// Values that remember who chose their bytes, and which names made of them are refused (CONTRACT 5.4).
// SPDX-License-Identifier: Apache-2.0
#include "rules/value.h"

#include <catch2/catch.hpp>

using rules::Origin;
using rules::Value;

namespace {

// "a<b>{c}": b from a sender, c from a program, the rest the author's.
Value value(const std::string& marked) {
  Value out;
  Origin origin = Origin::Author;
  for (const char c : marked) {
    if (c == '<') origin = Origin::Sender;
    else if (c == '{') origin = Origin::Program;
    else if (c == '>' || c == '}') origin = Origin::Author;
    else out.append(c, origin);
  }
  return out;
}

}  // namespace

TEST_CASE("names that lead out") {
  for (const char* name : {"a/../b", "..", "/x", "../<x>", "/<x>", "a<..>b", "<a..b>", "<a/b>", "{/x}", "a/<...>/b", "<x>/y", "../x/<y>", ""}) {
    CAPTURE(name);
    CHECK_FALSE(rules::escape_of(value(name)));
  }
  for (const char* name : {"<..>", "a/<..>/b", "{..}", "a/.<.>", "<a/>..", "..</x>", "</x>", "a{/..}", "<.>.", "l/<../../x>"}) {
    CAPTURE(name);
    CHECK(rules::escape_of(value(name)));
  }
}

TEST_CASE("options") {
  CHECK(rules::is_foreign_option(value("<-x>")));
  CHECK(rules::is_foreign_option(value("<->x")));
  CHECK_FALSE(rules::is_foreign_option(value("-<x>")));
  CHECK_FALSE(rules::is_foreign_option(value("{-x}")));
  CHECK_FALSE(rules::is_foreign_option(value("<x-y>")));
  CHECK_FALSE(rules::is_foreign_option(value("")));
}

TEST_CASE("marks move with their bytes") {
  Value joined = value("ab");
  joined.append(value("<cd>"));
  joined.append(Value("ef"));
  CHECK(joined.text() == "abcdef");
  CHECK(joined.origin(1) == Origin::Author);
  CHECK(joined.origin(3) == Origin::Sender);
  CHECK(joined.origin(5) == Origin::Author);
  joined.cut(3);
  CHECK(joined.text() == "abc");
  CHECK(joined.origin(2) == Origin::Sender);
}
