// The exit codes of the delivery agent (sysexits.h), with what each tells the mail server that started it.
// SPDX-License-Identifier: Apache-2.0
//
//   return to_status(ExitCode::TempFail);   // the mail server keeps the message and tries again
//
// Postfix and Sendmail defer on 75 and bounce on the other failures; Exim defers on 73 and 75 unless told otherwise.
// A name says the outcome, not the number: rules may ask for any number with EXITCODE (PROCMAIL.md 1.5, 23.3).
#pragma once

namespace filter {

enum class ExitCode {
  Ok = 0,             // delivered, or done with on purpose: the mail server forgets the message
  Usage = 64,         // a wrong command line (procmail -h, -z)
  NoInput = 66,       // procmail -m without a rule file
  NoUser = 67,        // the account does not exist: bounced as "user unknown"
  Software = 70,      // our own fault
  OsError = 71,       // the system lacks something: no process, no memory
  OsFile = 72,        // a file of the system is unusable
  CannotCreate = 73,  // nothing could take the message, or it is refused: bounced
  IoError = 74,       // reading or writing failed
  TempFail = 75,      // try again later: the mail server keeps the message
  NoPermission = 77,  // not allowed to deliver for that user
};

constexpr int to_status(ExitCode code) { return static_cast<int>(code); }

}  // namespace filter
