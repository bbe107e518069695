// Prints how full an account's mailbox is.
// SPDX-License-Identifier: Apache-2.0
#include "filter/tools/quota_command.h"

#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "filter/tools/json.h"
#include "filter/tools/site_tool.h"
#include "mailbox/quota.h"
#include "mailbox/site/account.h"
#include "mailbox/site/config.h"
#include "mailbox/site/places.h"

namespace filter::tools {
namespace {

namespace site = mailbox::site;

constexpr std::string_view kHelp =
    "usage: sluice quota [--config F] [--user NAME] [--SECTION.KEY VALUE]... [--format text|json]\n"
    "Prints what an account's inbox and its other folders hold, and their limits.\n"
    "  --user NAME     whose; without it, your own\n"
    "  --format json   {\"user\",\"inbox\":{\"path\",\"used\",\"limit\"},\"folders\":{...}} in bytes; limit 0 is none\n"
    "Exit status: 0, or 2 if the account is unknown or cannot be counted.\n";

std::string login_name() {
  for (const char* variable : {"LOGNAME", "USER"})
    if (const char* value = std::getenv(variable); value != nullptr && *value != '\0') return value;
  return {};
}

mailbox::Result<site::Account> whose(const site::Config& config, const SiteOptions& options) {
  const site::Accounts accounts(config);
  const std::string name = options.user.value_or(login_name());
  auto found = options.user ? accounts.find(name) : accounts.find_own(name);
  if (!found) return std::unexpected(found.error());
  if (*found) return std::move(**found);
  if (options.user) return mailbox::failure(mailbox::ErrorKind::NotFound, "there is no account " + name);
  return mailbox::failure(mailbox::ErrorKind::NotFound, "which account? say --user NAME");
}

// "12.5M": three digits or so, for people.
std::string readable(std::uint64_t bytes) {
  constexpr std::array<std::string_view, 7> kUnits{"", "K", "M", "G", "T", "P", "E"};
  auto value = static_cast<double>(bytes);
  std::size_t unit = 0;
  while (value >= 1024 && unit + 1 < kUnits.size()) {
    value /= 1024;
    ++unit;
  }
  std::array<char, 32> digits;
  std::snprintf(digits.data(), digits.size(), unit == 0 ? "%.0f" : "%.1f", value);
  return std::string(digits.data()) + std::string(kUnits[unit]);
}

struct Share {
  std::string_view name;  // as users know it: inbox, folders
  std::string path;
  std::uint64_t used;
  std::uint64_t limit;
};

std::string line(const Share& share) {
  std::string text(share.name);
  text.resize(8, ' ');
  text += readable(share.used);
  if (share.limit == 0)
    text += ", no limit";
  else
    text += " of " + readable(share.limit) + " (" +
            std::to_string(static_cast<std::uint64_t>(100.0 * static_cast<double>(share.used) /
                                                      static_cast<double>(share.limit))) +
            " %)";
  return text + "  " + share.path + "\n";
}

Json::Object object(const Share& share) { return {{"path", share.path}, {"used", share.used}, {"limit", share.limit}}; }

mailbox::Result<std::string> report(const SiteTool& tool) {
  const auto config = site::read_config(tool.site.config, tool.site.settings);
  if (!config) return std::unexpected(config.error());
  const auto account = whose(*config, tool.site);
  if (!account) return std::unexpected(account.error());
  const auto done = site::become(*account, config->accounts_source);
  if (!done) return std::unexpected(done.error());
  mailbox::Quota quota(site::quota_of(*config, *account));
  const auto usage = quota.usage();
  if (!usage) return std::unexpected(usage.error());
  const auto& options = quota.options();
  const Share inbox{"inbox", options.inbox, usage->inbox, options.inbox_limit};
  const Share folders{"folders", options.folders, usage->folders, options.folders_limit};
  if (!tool.json) return account->name + "\n" + line(inbox) + line(folders);
  return text(Json::Object{{"user", account->name}, {"inbox", object(inbox)}, {"folders", object(folders)}}) + "\n";
}

}  // namespace

int quota_command(std::span<const std::string> arguments) {
  const auto tool = read_site_tool(arguments, false);
  if (!tool) return complain("quota", tool.error().text);
  if (tool->help) return print(kHelp);
  if (tool->version) return print("sluice " SLUICE_VERSION "\n");
  const auto said = report(*tool);
  return said ? print(*said) : complain("quota", said.error().text);
}

}  // namespace filter::tools
