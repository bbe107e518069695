// sluice.conf: what is read, what is refused and with which words, and how values are written again.
// SPDX-License-Identifier: Apache-2.0
#include "mailbox/site/config.h"

#include <catch2/catch.hpp>

#include "mailbox/site/account.h"
#include "mailbox/site/keys.h"
#include "tests/mailbox/support/site_files.h"

namespace mailbox::site {
namespace {

std::string joined(const std::vector<std::string>& values) {
  std::string text;
  for (const auto& value : values) text += (text.empty() ? "" : " ") + value;
  return text;
}

TEST_CASE("sluice.conf: values are read") {
  struct Row {
    std::string_view text;
    std::string_view key;
    std::string_view value;
  };
  const Row rows[] = {
      {"", "quota.inbox", "40M"},
      {"[quota]\ninbox = 10M\n", "quota.inbox", "10M"},
      {"[quota]\ninbox=10M", "quota.inbox", "10M"},
      {"  [ quota ]\t\r\n  inbox\t=  10M \r\n", "quota.inbox", "10M"},
      {"quota.inbox = 10M\n", "quota.inbox", "10M"},
      {"\xEF\xBB\xBF[quota]\ninbox = 10M\n", "quota.inbox", "10M"},
      {"[quota]\n# inbox = 1M\n   # inbox = 2M\n\ninbox = 3M\n", "quota.inbox", "3M"},
      {"[mail]\ninbox = /var/spool/#1/%u#x\n", "mail.inbox", "/var/spool/#1/%u#x"},
      {"[notify]\ncommand = /bin/sh -c 'a=b # c'\n", "notify.command", "/bin/sh -c 'a=b # c'"},
      {"[quota]\ninbox = 0\n", "quota.inbox", "0"},
      {"[quota]\ninbox = 1024\n", "quota.inbox", "1K"},
      {"[quota]\ninbox = 1025\n", "quota.inbox", "1025"},
      {"[quota]\ninbox = 2048m\n", "quota.inbox", "2G"},
      {"[quota]\ninbox = 9223372036854775807\n", "quota.inbox", "9223372036854775807"},
      {"[quota]\ninbox = 8589934591G\n", "quota.inbox", "8589934591G"},
      {"[retention]\ndeleted = 90\n", "retention.deleted", "90s"},
      {"[retention]\ndeleted = 120m\n", "retention.deleted", "2h"},
      {"[retention]\ndeleted = 7D\n", "retention.deleted", "7d"},
      {"[rules]\nprograms = never\n", "rules.programs", "never"},
      {"[quota]\nexceeded = tempfail\n", "quota.exceeded", "tempfail"},
      {"[pop3]\ncleartext-login = always\n", "pop3.cleartext-login", "always"},
      {"[pop3]\nlisten = 127.0.0.1:110\nlisten = [::1]:0\n", "pop3.listen", "127.0.0.1:110 [::1]:0"},
      {"[pop3]\nlisten-tls =\n", "pop3.listen-tls", ""},
      {"[pop3]\nmax-connections = 1000000\n", "pop3.max-connections", "1000000"},
      {"[lmtp]\nlisten = unix:/x\nlisten = localhost:24\n", "lmtp.listen", "unix:/x localhost:24"},
      {"[log]\ntarget = /var/log/sluice\n", "log.target", "/var/log/sluice"},
      {"[accounts]\ndelimiter =\n", "accounts.delimiter", ""},
      {"[accounts]\nsource = file\nfile = /etc/users\n", "accounts.source", "file"},
      {"[tls]\ncertificate = a\nkey = b\ncertificate = c\nkey = d\n", "tls.key", "b d"},
  };
  const SiteFiles files;
  for (const Row& row : rows) {
    CAPTURE(row.text);
    const auto config = read_config(files.write("sluice.conf", row.text), {});
    if (!config) FAIL(config.error().text);
    CHECK(joined(value_of(*config, row.key)) == row.value);
  }
}

TEST_CASE("sluice.conf: what is wrong is named with file and line") {
  struct Row {
    std::string_view text;
    std::string_view error;  // behind "FILE:"
  };
  const Row rows[] = {
      {"[quota]\ninbx = 1M\n", "2: unknown key 'quota.inbx'; did you mean 'quota.inbox'?"},
      {"[quotas]\n\ninbox = 1M\n", "3: unknown key 'quotas.inbox'; did you mean 'quota.inbox'?"},
      {"[Quota]\nInbox = 1M\n", "2: unknown key 'Quota.Inbox'; did you mean 'quota.inbox'?"},
      {"[pop3]\nmax_connections = 5\n", "2: unknown key 'pop3.max_connections'; did you mean 'pop3.max-connections'?"},
      {"inbox = 1M\n", "1: unknown key 'inbox'; did you mean 'mail.inbox'?"},
      {"[quota]\ninbox = 40X\n",
       "2: quota.inbox: '40X' is not accepted: expected a size: bytes, or a number with K, M or G; 0 is none"},
      {"[quota]\ninbox = 40M # forty\n",
       "2: quota.inbox: '40M # forty' is not accepted: expected a size: bytes, or a number with K, M or G; 0 is none "
       "(a comment needs a line of its own)"},
      {"[quota]\ninbox =\n",
       "2: quota.inbox: '' is not accepted: expected a size: bytes, or a number with K, M or G; 0 is none"},
      {"[quota]\ninbox = M\n",
       "2: quota.inbox: 'M' is not accepted: expected a size: bytes, or a number with K, M or G; 0 is none"},
      {"[quota]\ninbox = -1\n",
       "2: quota.inbox: '-1' is not accepted: expected a size: bytes, or a number with K, M or G; 0 is none"},
      {"[quota]\ninbox = 9223372036854775808\n",
       "2: quota.inbox: '9223372036854775808' is not accepted: expected a size: bytes, or a number with K, M or G; 0 "
       "is "
       "none"},
      {"[quota]\ninbox = 8589934592G\n",
       "2: quota.inbox: '8589934592G' is not accepted: expected a size: bytes, or a number with K, M or G; 0 is none"},
      {"[retention]\ndeleted = 1w\n",
       "2: retention.deleted: '1w' is not accepted: expected a time: seconds, or a number with s, m, h or d"},
      {"[quota]\nexceeded = bounce\n", "2: quota.exceeded: 'bounce' is not accepted: expected reject or tempfail"},
      {"[rules]\nprograms = yes\n", "2: rules.programs: 'yes' is not accepted: expected own-uid, always or never"},
      {"[log]\nlevel = loud\n", "2: log.level: 'loud' is not accepted: expected error, warning, info or debug"},
      {"[log]\ntarget = here\n",
       "2: log.target: 'here' is not accepted: expected auto, stderr, journal, syslog or a file's absolute path"},
      {"[pop3]\nlisten = ::1:110\n",
       "2: pop3.listen: '::1:110' is not accepted: expected ADDR:PORT, as in *:110, 127.0.0.1:110 or [::1]:110"},
      {"[pop3]\nlisten = *:65536\n",
       "2: pop3.listen: '*:65536' is not accepted: expected ADDR:PORT, as in *:110, 127.0.0.1:110 or [::1]:110"},
      {"[lmtp]\nlisten = unix:\n", "2: lmtp.listen: 'unix:' is not accepted: expected unix:PATH or ADDR:PORT"},
      {"[pop3]\nmax-connections = 0\n",
       "2: pop3.max-connections: '0' is not accepted: expected a number from 1 to 1000000"},
      {"[pop3]\nmax-connections = 1000001\n",
       "2: pop3.max-connections: '1000001' is not accepted: expected a number from 1 to 1000000"},
      {"[mail]\ninbox =\n", "2: mail.inbox: '' is not accepted: expected a path"},
      {"[quota]\ninbox 40M\n", "2: expected 'key = value' or [section]"},
      {"[quota]\n= 40M\n", "2: expected 'key = value' or [section]"},
      {"[quota\ninbox = 40M\n", "1: expected [section]"},
      {"[]\n", "1: expected [section]"},
      {std::string_view("[mail]\ninbox = /a\0b\n", 19), "2: control characters"},
      {"[accounts]\nsource = file\n", " accounts.source = file needs accounts.file"},
      {"[tls]\ncertificate = a\n", " tls.certificate is given 1 times, tls.key 0 times: they go in pairs"},
  };
  const SiteFiles files;
  for (const Row& row : rows) {
    CAPTURE(row.text);
    const auto path = files.write("sluice.conf", row.text);
    const auto config = read_config(path, {});
    REQUIRE(!config);
    CHECK(config.error().text == path + ":" + std::string(row.error));
    CHECK(config.error().is_permanent());
  }
  const auto path = files.write("sluice.conf", "[quota]\ninbox = 1M\n\ninbox = 2M\n");
  const auto twice = read_config(path, {});
  REQUIRE(!twice);
  CHECK(twice.error().text == path + ":4: quota.inbox has a value already, from " + path + ":2");
}

TEST_CASE("sluice.conf: options go before the file") {
  const SiteFiles files;
  const auto path =
      files.write("sluice.conf", "[quota]\ninbox = 1M\nfolders = 2M\n[pop3]\nlisten = *:1\nlisten = *:2\n");
  const auto config = read_config(path, {{"quota.inbox", "3M"}, {"pop3.listen", "*:3"}, {"pop3.listen", "*:4"}});
  REQUIRE(config);
  CHECK(config->quota_inbox == 3u << 20);
  CHECK(config->quota_folders == 2u << 20);
  CHECK(config->pop3_listen == std::vector<std::string>{"*:3", "*:4"});
  CHECK(read_config(path, {{"pop3.listen", ""}})->pop3_listen.empty());

  const auto unknown = read_config(path, {{"quota.inbx", "3M"}});
  REQUIRE(!unknown);
  CHECK(unknown.error().text == "--quota.inbx: unknown option 'quota.inbx'; did you mean 'quota.inbox'?");
  const auto bad = read_config(path, {{"quota.exceeded", "no"}});
  REQUIRE(!bad);
  CHECK(bad.error().text == "--quota.exceeded: quota.exceeded: 'no' is not accepted: expected reject or tempfail");
  const auto twice = read_config(path, {{"quota.inbox", "1"}, {"quota.inbox", "2"}});
  REQUIRE(!twice);
  CHECK(twice.error().text == "--quota.inbox: quota.inbox has a value already, from --quota.inbox");
}

TEST_CASE("sluice.conf: a file that is not there, no file, or too large") {
  const SiteFiles files;
  const auto missing = read_config(files.path("none"), {});
  REQUIRE(!missing);
  CHECK(missing.error().text == "cannot read " + files.path("none") + ": No such file or directory");
  const auto directory = read_config(files.path("."), {});
  REQUIRE(!directory);
  CHECK(directory.error().text == "cannot read " + files.path(".") + ": Is a directory");
  constexpr std::size_t kLimit = 1 << 20;
  for (const std::size_t size : {kLimit - 1, kLimit, kLimit + 1}) {
    CAPTURE(size);
    CHECK(read_config(files.write("large", std::string(size, '#')), {}).has_value() == (size <= kLimit));
  }
}

TEST_CASE("sluice.conf: every key is written as it is read") {
  CHECK(config_keys().size() == 29);
  const Config defaults;
  for (const std::string& name : config_keys()) {
    CAPTURE(name);
    Config config;
    const Key* key = find_key(name);
    REQUIRE(key != nullptr);
    CHECK(!assign(config, *key, value_of(defaults, name)));
    CHECK(value_of(config, name) == value_of(defaults, name));
  }
  CHECK(value_of(defaults, "no.such").empty());
}

TEST_CASE("sluice.conf: the sample says what is the default anyway") {
  const std::string sample = std::string(SOURCE_DIR) + "/samples/defaults.conf";
  const auto config = read_config(sample, {});
  if (!config) FAIL(config.error().text);
  std::ifstream file(sample);
  const std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  for (const std::string& name : config_keys()) {
    CAPTURE(name);
    CHECK(value_of(*config, name) == value_of(Config(), name));
    const auto dot = name.find('.');
    const auto section = text.find("[" + name.substr(0, dot) + "]\n");
    REQUIRE(section != std::string::npos);
    CHECK(text.find("\n" + name.substr(dot + 1) + " =", section) < text.find("\n[", section));
  }
}

TEST_CASE("sluice.conf: expansions") {
  struct Row {
    std::string_view user;
    std::string_view text;
    std::string_view expanded;
  };
  const Row rows[] = {
      {"anna", "/var/mail/%u", "/var/mail/anna"},
      {"anna", "%h/Mail", "/home/x/Mail"},
      {"anna@example.org", "/m/%d/%n/%u", "/m/example.org/anna/anna@example.org"},
      {"anna", "/m/%d/%n", "/m//anna"},
      {"anna", "100%% %x %", "100% %x %"},
      {"anna", "%%u %%%u", "%u %anna"},
      {"%h", "%u", "%h"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.user, row.text);
    Account account;
    account.name = row.user;
    account.home = "/home/x";
    CHECK(expand(row.text, account) == row.expanded);
  }
}

}  // namespace
}  // namespace mailbox::site
