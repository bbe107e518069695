// The table of known variables.
// SPDX-License-Identifier: Apache-2.0
#include "filter/tools/lint/names.h"

#include <algorithm>
#include <iterator>

namespace filter::tools::lint {
namespace {

constexpr std::string_view kKnown[] = {"LOGNAME",
                                       "HOME",
                                       "SHELL",
                                       "PATH",
                                       "SHELLFLAGS",
                                       "SHELLMETAS",
                                       "ORGMAIL",
                                       "DEFAULT",
                                       "MAILDIR",
                                       "MSGPREFIX",
                                       "SENDMAIL",
                                       "SENDMAILFLAGS",
                                       "HOST",
                                       "COMSAT",
                                       "LOCKEXT",
                                       "LOCKSLEEP",
                                       "LOCKTIMEOUT",
                                       "SUSPEND",
                                       "NORESRETRY",
                                       "TIMEOUT",
                                       "VERBOSE",
                                       "LOGFILE",
                                       "LOGABSTRACT",
                                       "LOG",
                                       "LOCKFILE",
                                       "UMASK",
                                       "LINEBUF",
                                       "DELIVERED",
                                       "TRAP",
                                       "EXITCODE",
                                       "LASTFOLDER",
                                       "SHIFT",
                                       "INCLUDERC",
                                       "SWITCHRC",
                                       "DROPPRIVS",
                                       "PROCMAIL_VERSION",
                                       "PROCMAIL_OVERFLOW",
                                       "TZ",
                                       "MATCH_DECODED"};

}  // namespace

bool is_known_variable(std::string_view name) {
  return std::find(std::begin(kKnown), std::end(kKnown), name) != std::end(kKnown);
}

}  // namespace filter::tools::lint
