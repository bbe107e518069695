// The command line, and addresses to listen on.
// SPDX-License-Identifier: Apache-2.0
#include "pop3d/options.h"

#include <catch2/catch.hpp>

#include "pop3d/endpoint.h"

using pop3d::parse_endpoint;
using pop3d::read_command_line;
using Words = std::vector<std::string_view>;

TEST_CASE("command lines") {
  const Words words{"--config",         "a.conf",        "--pop3.listen", "127.0.0.1:0",
                    "--quota.inbox=1M", "--pop3.listen", "[::1]:0"};
  const auto read = read_command_line(words);
  REQUIRE(read);
  CHECK(read->config == "a.conf");
  CHECK(read->settings == std::vector<std::pair<std::string, std::string>>{
                              {"pop3.listen", "127.0.0.1:0"}, {"quota.inbox", "1M"}, {"pop3.listen", "[::1]:0"}});
  CHECK(!read->help);
  CHECK(read_command_line(Words{})->config == std::nullopt);
  CHECK(read_command_line(Words{"--help"})->help);
  CHECK(read_command_line(Words{"--version"})->version);
  CHECK(read_command_line(Words{"--config="})->config == "");
}

TEST_CASE("command lines that are refused") {
  const struct {
    Words words;
    std::string complaint;
  } rows[] = {
      {{"file"}, "unexpected argument 'file'"},
      {{"-n"}, "unexpected argument '-n'"},
      {{"--"}, "unexpected argument '--'"},
      {{""}, "unexpected argument ''"},
      {{"--conf", "x"}, "unknown option '--conf'"},
      {{"--config"}, "option '--config' needs a value"},
      {{"--pop3.listen"}, "option '--pop3.listen' needs a value"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.complaint);
    const auto read = read_command_line(row.words);
    REQUIRE(!read);
    CHECK(read.error() == row.complaint);
  }
}

TEST_CASE("addresses to listen on") {
  const struct {
    std::string text, host;
    int port;
  } rows[] = {
      {"*:110", "*", 110},         {"127.0.0.1:0", "127.0.0.1", 0}, {"[::1]:110", "::1", 110},
      {"[::]:65535", "::", 65535}, {"localhost:1", "localhost", 1},  // refused where it is opened: not numeric
  };
  for (const auto& row : rows) {
    CAPTURE(row.text);
    const auto endpoint = parse_endpoint(row.text);
    REQUIRE(endpoint);
    CHECK(endpoint->host == row.host);
    CHECK(endpoint->port == row.port);
  }
  for (const std::string text : {"", ":", ":110", "*", "*:", "*:x", "*:-1", "*:65536", "*:1 ", "::1:110", "[::1]",
                                 "[]:1", "[127.0.0.1]:1", "[::1:1"}) {
    CAPTURE(text);
    REQUIRE(!parse_endpoint(text));
    CHECK(parse_endpoint(text).error() == "'" + text + "' is not ADDRESS:PORT");
  }
}
