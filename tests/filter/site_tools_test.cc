// `sluice config` and `sluice quota` as a shell sees them: what they print, and how they exit.
// SPDX-License-Identifier: Apache-2.0
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "filter/tools/config_command.h"
#include "filter/tools/json.h"
#include "filter/tools/quota_command.h"

namespace filter::tools {
namespace {

using Words = std::vector<std::string>;

struct Ran {
  int exit_code = -1;
  std::string out;
  std::string errors;
};

// A directory of the test's own, in which a tool runs as a process would.
class Workbench {
 public:
  Workbench() {
    std::string name = (std::filesystem::temp_directory_path() / "site_tools.XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    directory_ = name;
  }
  ~Workbench() {
    std::error_code ignored;
    std::filesystem::remove_all(directory_, ignored);
  }
  std::string path(const std::string& name) const { return directory_ + "/" + name; }
  std::string write(const std::string& name, const std::string& text) const {
    std::filesystem::create_directories(std::filesystem::path(path(name)).parent_path());
    std::ofstream(path(name), std::ios::binary) << text;
    return path(name);
  }
  std::string read(const std::string& name) const {
    std::ifstream file(path(name), std::ios::binary);
    return std::string(std::istreambuf_iterator<char>(file), {});
  }
  Ran run(int (*tool)(std::span<const std::string>), const Words& words, const std::string& login = "") const {
    std::fflush(nullptr);  // else the child writes again what waits here
    const pid_t child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {
      const bool ready = std::freopen(path("out").c_str(), "w", stdout) != nullptr &&
                         std::freopen(path("errors").c_str(), "w", stderr) != nullptr &&
                         ::setenv("LOGNAME", login.c_str(), 1) == 0 && ::unsetenv("USER") == 0;
      const int code = ready ? tool(words) : 99;
      std::fflush(nullptr);
      ::_exit(code);
    }
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, read("out"), read("errors")};
  }

 private:
  std::string directory_;
};

TEST_CASE("sluice config: effective settings") {
  const Workbench bench;
  const auto file = bench.write("conf", "[quota]\ninbox = 1M\nfolders = 10M\n[pop3]\nlisten = *:1\nlisten = *:2\n");
  struct Row {
    Words words;
    std::string out;
  };
  const Row rows[] = {
      {{"-n", "--config", file}, "quota.inbox = 1M\npop3.listen = *:1\npop3.listen = *:2\n"},
      {{"--config", file, "-n", "--format", "json"},
       R"({"quota.inbox":"1M","pop3.listen":["*:1","*:2"]})"
       "\n"},
      {{"-n", "--format=json", "--config", file, "--pop3.listen=", "--quota.inbox", "40M"},
       R"({"pop3.listen":[]})"
       "\n"},
      {{"-n", "--config", file, "--format=text", "--pop3.listen", "", "--quota.inbox=40M"}, "pop3.listen =\n"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.words);
    const auto ran = bench.run(config_command, row.words);
    CHECK(ran.out == row.out);
    CHECK(ran.errors.empty());
    CHECK(ran.exit_code == 0);
  }
}

TEST_CASE("sluice config: what it prints is a configuration") {
  const Workbench bench;
  const auto file = bench.write("conf", "pop3.listen =\nquota.inbox = 3K\nlog.target = /var/log/#x\n");
  const auto first = bench.run(config_command, {"--config", file});
  const auto again = bench.run(config_command, {"--config", bench.write("again", first.out)});
  CHECK(first.exit_code == 0);
  CHECK(again.exit_code == 0);
  CHECK(first.out == again.out);
  CHECK(first.out.find("log.target = /var/log/#x\n") != std::string::npos);
}

TEST_CASE("sluice config: what is refused") {
  const Workbench bench;
  const auto file = bench.write("conf", "[quota]\ninbx = 1M\n");
  struct Row {
    Words words;
    std::string errors;
  };
  const Row rows[] = {
      {{"--config", file}, "sluice config: " + file + ":2: unknown key 'quota.inbx'; did you mean 'quota.inbox'?\n"},
      {{"--config", file + "x"}, "sluice config: cannot read " + file + "x: No such file or directory\n"},
      {{"--format", "xml"}, "sluice config: unknown format 'xml': text or json\n"},
      {{"--format"}, "sluice config: unknown option or argument '--format'; try --help\n"},
      {{"more"}, "sluice config: unknown option or argument 'more'; try --help\n"},
      {{"--config", "a", "-n", "--config", "b"}, "sluice config: --config is given twice\n"},
      {{"--user", "a"}, "sluice config: settings are the same for every user: --user has no meaning here\n"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.words);
    const auto ran = bench.run(config_command, row.words);
    CHECK(ran.errors == row.errors);
    CHECK(ran.out.empty());
    CHECK(ran.exit_code == 2);
  }
}

TEST_CASE("sluice config, sluice quota: help") {
  const Workbench bench;
  CHECK(bench.run(config_command, {"--help"}).out.starts_with("usage: sluice config "));
  CHECK(bench.run(quota_command, {"--help"}).out.starts_with("usage: sluice quota "));
  CHECK(bench.run(quota_command, {"--version"}).out == "sluice " SLUICE_VERSION "\n");
}

// A site in a workbench, with one account that this process may act for.
struct Site {
  Workbench bench;
  std::string config;
  Site() {
    const bool is_root = ::geteuid() == 0;
    const std::string home = bench.path("home");
    const std::string ids = is_root ? "54321:54321" : ":";
    bench.write("users", "anna:{PLAIN}x:" + ids + "::" + home + "::quota_inbox=2K\nroot:{PLAIN}x:0:0::" + home + "\n");
    config = bench.write("conf", "accounts.source = file\naccounts.file = " + bench.path("users") +
                                     "\nmail.inbox = %h/inbox\nquota.folders = 0\nstate.dir = " + bench.path("state"));
    bench.write("home/inbox", std::string(1536, 'x'));
    bench.write("home/Mail/lists", std::string(5, 'x'));
    if (is_root) std::filesystem::permissions(bench.path(""), std::filesystem::perms(0755));
  }
};

TEST_CASE("sluice quota: used and allowed") {
  const Site site;
  const std::string home = site.bench.path("home");
  const std::string json = R"({"user":"anna","inbox":{"path":")" + home + R"(/inbox","used":1536,"limit":2048},)" +
                           R"("folders":{"path":")" + home + R"(/Mail","used":5,"limit":0}})" + "\n";
  const auto named = site.bench.run(quota_command, {"--config", site.config, "--user", "anna", "--format", "json"});
  CHECK(named.errors.empty());
  CHECK(named.out == json);
  CHECK(named.exit_code == 0);
  CHECK(site.bench.run(quota_command, {"--format=json", "--config", site.config}, "anna").out == json);
  const auto text = site.bench.run(quota_command, {"--config", site.config, "--user=anna"});
  CHECK(text.out == "anna\ninbox   1.5K of 2.0K (75 %)  " + home + "/inbox\nfolders 5, no limit  " + home + "/Mail\n");
}

TEST_CASE("sluice quota: what is refused") {
  const Site site;
  struct Row {
    Words words;
    std::string errors;
  };
  const Row rows[] = {
      {{"--user", "otto"}, "there is no account otto\n"},
      {{"--user", "../anna"}, "there is no account ../anna\n"},
      {{}, "which account? say --user NAME\n"},
      {{"-n"}, "unknown option or argument '-n'; try --help\n"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.words);
    Words words{"--config", site.config};
    words.insert(words.end(), row.words.begin(), row.words.end());
    const auto ran = site.bench.run(quota_command, words);
    CHECK(ran.errors == "sluice quota: " + row.errors);
    CHECK(ran.out.empty());
    CHECK(ran.exit_code == 2);
  }
  const auto root = site.bench.run(quota_command, {"--config", site.config, "--user", "root"});
  CHECK(root.errors.starts_with("sluice quota: cannot act for root: its uid is 0"));
  CHECK(root.exit_code == 2);
}

TEST_CASE("json: every kind of value") {
  const Json::Object object{{"b", nullptr},
                            {"a", true},
                            {"n", -1},
                            {"u", std::uint64_t{18446744073709551615u}},
                            {"s", "a\"\n\xFF\xC3\xA4"},
                            {"l", Json::Array{1, "x", Json::Object{}}}};
  CHECK(text(object) ==
        "{\"b\":null,\"a\":true,\"n\":-1,\"u\":18446744073709551615,\"s\":\"a\\\"\\n\xEF\xBF\xBD\xC3\xA4\",\"l\":[1,"
        "\"x\",{}]}");
}

}  // namespace
}  // namespace filter::tools
