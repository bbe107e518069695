// Says the configuration for one account.
// SPDX-License-Identifier: Apache-2.0
#include "mailbox/site/places.h"

namespace mailbox::site {

std::string inbox_of(const Config& config, const Account& account) { return expand(config.mail_inbox, account); }

std::string folders_of(const Config& config, const Account& account) { return expand(config.mail_folders, account); }

// The name is one path component: names with '/' or a leading '.' do not exist.
std::string state_of(const Config& config, const Account& account) {
  return expand(config.state_dir, account) + "/" + account.name;
}

Quota::Options quota_of(const Config& config, const Account& account) {
  return {.inbox = inbox_of(config, account),
          .folders = folders_of(config, account),
          .inbox_limit = account.quota_inbox.value_or(config.quota_inbox),
          .folders_limit = account.quota_folders.value_or(config.quota_folders),
          .state = state_of(config, account)};
}

}  // namespace mailbox::site
