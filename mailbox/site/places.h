// Where an account's mail and state are, and how much of it there may be: the configuration said for one account.
// SPDX-License-Identifier: Apache-2.0
//
//   Quota quota(site::quota_of(config, account));
//   auto drop = Maildrop::open({.inbox = site::inbox_of(config, account), .state = site::state_of(config, account)});
//
// Pure: nothing is looked at or made. Limits are bytes, 0 = none; the account's own go before the site's.
#pragma once

#include <string>

#include "mailbox/quota.h"
#include "mailbox/site/account.h"
#include "mailbox/site/config.h"

namespace mailbox::site {

std::string inbox_of(const Config& config, const Account& account);    // mail.inbox; a trailing '/' stays
std::string folders_of(const Config& config, const Account& account);  // mail.folders
std::string state_of(const Config& config, const Account& account);    // state.dir/USER
Quota::Options quota_of(const Config& config, const Account& account);

}  // namespace mailbox::site
