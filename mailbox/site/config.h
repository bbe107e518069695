// The site's configuration: sluice.conf and the options that override it (CONTRACT.md 3).
// SPDX-License-Identifier: Apache-2.0
//
//   auto config = site::read_config("/etc/sluice/sluice.conf", {{"quota.inbox", "10M"}});
//   if (!config) die(config.error().text);       // "sluice.conf:7: unknown key 'quota.inbx'; did you mean …?"
//   site::expand(config->mail_inbox, account);   // "/var/mail/anna"
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "mailbox/result.h"

namespace mailbox::site {

struct Account;

inline constexpr char kDefaultConfig[] = "/etc/sluice/sluice.conf";

enum class AccountSource { System, File };
enum class QuotaExceeded { Reject, TempFail };
enum class RulePrograms { OwnUid, Always, Never };
enum class CleartextLogin { Never, Loopback, Always };

// Every key of CONTRACT.md 3 with its default; sizes in bytes, 0 = no limit.
struct Config {
  AccountSource accounts_source = AccountSource::System;
  std::string accounts_file;
  std::string accounts_delimiter = "+";
  std::string mail_inbox = "/var/mail/%u";
  std::string mail_folders = "%h/Mail";
  std::string rules_site;
  std::string rules_user = "%h/.procmailrc";
  RulePrograms rules_programs = RulePrograms::OwnUid;
  std::uint64_t mail_max_size = 50ull << 20;
  std::uint64_t quota_inbox = 40ull << 20;
  std::uint64_t quota_folders = 10ull << 20;
  QuotaExceeded quota_exceeded = QuotaExceeded::Reject;
  std::vector<std::string> lmtp_listen{"unix:/run/sluice/lmtp"};
  std::vector<std::string> pop3_listen{"*:110"};
  std::vector<std::string> pop3_listen_tls{"*:995"};
  CleartextLogin pop3_cleartext_login = CleartextLogin::Loopback;
  unsigned pop3_max_connections = 10000;
  unsigned pop3_max_connections_per_address = 50;
  unsigned lmtp_max_connections = 100;
  std::string metrics_listen;
  std::string notify_command;
  std::string notify_socket;
  std::vector<std::string> tls_certificate;
  std::vector<std::string> tls_key;
  std::string state_dir = "/var/lib/sluice";
  std::chrono::seconds retention_deleted{0};
  std::string log_target = "auto";  // auto, stderr, journal, syslog, or a file's absolute path
  std::string log_level = "info";   // error, warning, info, debug
  std::string log_format = "text";  // text, json
};

using Setting = std::pair<std::string, std::string>;  // {"quota.inbox", "40M"}

// Every key, in the order of CONTRACT.md 3: what --help lists and what a misspelt key is compared with.
const std::vector<std::string>& config_keys();
// Whether a key may be given several times.
bool is_repeatable(std::string_view key);

// Reads `file` (nullopt: kDefaultConfig, which may be missing), then `overrides` on top. A repeatable key given in
// `overrides` replaces the file's list. Every error is Permanent and names file:line, or the option.
Result<Config> read_config(const std::optional<std::string>& file, const std::vector<Setting>& overrides);

// A key's value in the form the file takes ("40M", "own-uid"); repeatable keys give several.
std::vector<std::string> value_of(const Config& config, std::string_view key);

// %u user, %n local part, %d domain, %h home, %% a percent sign; anything else stays.
std::string expand(std::string_view text, const Account& account);

}  // namespace mailbox::site
