// The site's options at the front of a command line: which words are taken, and which are refused.
// SPDX-License-Identifier: Apache-2.0
#include "filter/site_options.h"

#include <catch2/catch.hpp>

namespace filter {
namespace {

using Words = std::vector<std::string>;

// One line that says all: "config=F user=U key=value … used=N".
std::string described(const SiteOptions& options) {
  std::string text;
  if (options.config) text += "config=" + *options.config + " ";
  if (options.user) text += "user=" + *options.user + " ";
  for (const auto& [key, value] : options.settings) text += key + "=" + value + " ";
  return text + "used=" + std::to_string(options.used);
}

TEST_CASE("site options: what is taken") {
  struct Row {
    Words words;
    std::string taken;
  };
  const Row rows[] = {
      {{}, "used=0"},
      {{"rc"}, "used=0"},
      {{"-t", "--config", "f"}, "used=0"},
      {{"--config", "f", "rc"}, "config=f used=2"},
      {{"--config=f", "--user=u"}, "config=f user=u used=2"},
      {{"--user", "u", "--config", "f"}, "config=f user=u used=4"},
      {{"--config="}, "config= used=1"},
      {{"--config", "--user"}, "config=--user used=2"},
      {{"--quota.inbox", "1M", "--pop3.listen=*:1", "--pop3.listen", "*:2", "-d"},
       "quota.inbox=1M pop3.listen=*:1 pop3.listen=*:2 used=5"},
      {{"--no.such.key", "x"}, "no.such.key=x used=2"},
      {{"--rules.site=a=b", "--user", "u"}, "user=u rules.site=a=b used=3"},
      {{"--", "--config", "f"}, "used=0"},
      {{"--help"}, "used=0"},
      {{"--conf", "f"}, "used=0"},
      {{"--users=u"}, "used=0"},
      {{"--.x", "1"}, "used=0"},
      {{"--x.", "1"}, "used=0"},
      {{"--x=a.b"}, "used=0"},
      {{""}, "used=0"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.words);
    const auto options = take_site_options(row.words);
    if (!options) FAIL(options.error().text);
    CHECK(described(*options) == row.taken);
  }
}

TEST_CASE("site options: what is refused") {
  struct Row {
    Words words;
    std::string error;
  };
  const Row rows[] = {
      {{"--config"}, "--config needs a value"},
      {{"--user"}, "--user needs a value"},
      {{"--config", "f", "--quota.inbox"}, "--quota.inbox needs a value"},
      {{"--config", "f", "--config", "g"}, "--config is given twice"},
      {{"--user=u", "--user=u"}, "--user is given twice"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.words);
    const auto options = take_site_options(row.words);
    REQUIRE(!options);
    CHECK(options.error().text == row.error);
    CHECK(options.error().is_permanent());
  }
}

}  // namespace
}  // namespace filter
