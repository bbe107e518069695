// What procmailrc(5) says of each word, in short.
// SPDX-License-Identifier: Apache-2.0
#include "filter/tools/lsp/vocabulary.h"

namespace filter::tools::lsp {
namespace {

constexpr Word kFlags[] = {
    {"H", "Conditions search the header. This is so anyway, unless `B` is given."},
    {"B", "Conditions search the body; with `HB` the header and the body."},
    {"D", "Conditions tell upper from lower case. Without it `a` and `A` are the same."},
    {"A", "Only if the last recipe without `A` and `a` in this block applied."},
    {"a", "As `A`, and only if the last recipe's action succeeded too."},
    {"E", "Else: only if the recipe before did not apply. A chain of them ends at the first that does."},
    {"e", "On error: only if the recipe before applied and its action failed."},
    {"h", "The action gets the header. Without `h` and `b` it gets all of the message."},
    {"b", "The action gets the body."},
    {"f", "The action is a filter: what the program writes replaces what it was given, and the rules go on."},
    {"c", "On a copy: the message is delivered here, and the rules go on. On a block: the block runs on a clone."},
    {"w", "Wait for the program, and count its exit status: other than 0 is a failure, and the next recipe runs."},
    {"W", "As `w`, but the log says nothing of a failure."},
    {"i", "Ignore write errors: a folder that is full or a program that does not read counts as delivered."},
    {"r", "Raw: nothing is added or quoted."},
};

constexpr Word kVariables[] = {
    {"MAILDIR", "The working directory: names of folders, and of other files, start there. Setting it changes there."},
    {"DEFAULT", "The folder for what no recipe took."},
    {"ORGMAIL", "The folder of last resort, when `DEFAULT` cannot be written."},
    {"LOGFILE", "Where the log goes."},
    {"LOG", "Its value is written to the log; end it with a line end."},
    {"LOGABSTRACT", "Whether the log tells each delivery: `no`, `yes`, or `all` to include copies."},
    {"VERBOSE", "Whether the log tells each condition and step."},
    {"INCLUDERC", "Runs another rule file here, then goes on. The file is looked for in `MAILDIR`."},
    {"SWITCHRC", "Goes on with another rule file instead of the rest of this one; empty: ends this one."},
    {"LOCKFILE", "A lock file that is held from here until it is set again or the run ends."},
    {"LOCKEXT", "What is added to a folder's name to make the name of its lock file: `.lock`."},
    {"LOCKSLEEP", "The longest pause, in seconds, before a busy lock file is tried again: 8."},
    {"LOCKTIMEOUT", "After so many seconds a lock file that nobody touched is broken: 1024. 0: never."},
    {"TIMEOUT", "After so many seconds a program is ended with its whole process group: 960. 0: never."},
    {"SHELL", "The program that runs commands which have a byte of `SHELLMETAS`."},
    {"SHELLFLAGS", "What the shell is given before the command: `-c`."},
    {"SHELLMETAS", "A command with one of these bytes is given to the shell: `&|<>~;?*[`."},
    {"SENDMAIL", "The program that forwards: `/usr/sbin/sendmail`."},
    {"SENDMAILFLAGS", "What it is given before the addresses: `-oi`."},
    {"HOST", "The machine's name. Setting it to another name ends these rules."},
    {"UMASK", "The rights that new files do not get, in octal: 077."},
    {"COMSAT", "Whether, and where, the biff service hears of the delivery."},
    {"TRAP", "A command that runs at the end, with the message as its input."},
    {"EXITCODE", "The exit code, instead of what the delivery would give. Set but empty: what `TRAP` exits with."},
    {"LASTFOLDER", "Where the last delivery went."},
    {"MATCH",
     "What the last `\\/` of a condition took. A sender chose it: give folder names made of it a constant front."},
    {"SHIFT", "Drops so many of the arguments `$1`, `$2`, …"},
    {"LINEBUF", "How long a line or value may be; without it 1 MiB."},
    {"DELIVERED", "`yes`: the mail server hears of success now, whatever follows."},
    {"DROPPRIVS", "`yes`: rules that run with more rights than the user's give them up."},
    {"MSGPREFIX", "How the names of files in message directories begin: `msg.`."},
    {"SUSPEND", "How long to pause, in seconds, before something that failed is tried again: 16."},
    {"MATCH_DECODED", "`yes`: conditions see encoded words and text parts decoded, as UTF-8. Sluice only."},
    {"PROCMAIL_OVERFLOW", "Is set when a line or value was longer than `LINEBUF`."},
    {"PROCMAIL_VERSION", "The version of procmail that the rules can count on."},
    {"LOGNAME", "The user's name."},
    {"HOME", "The user's home directory."},
    {"PATH", "Where programs are looked for."},
};

constexpr Word kMacros[] = {
    {"^TO_",
     "An address in To, Cc, Apparently-To and the like, as a whole: `^TO_anna@example\\.org`. Nothing that could "
     "belong to the address stands before it."},
    {"^TO", "A word in To, Cc and the like: the older form of `^TO_`, which may begin in the middle of an address."},
    {"^FROM_DAEMON",
     "Mail of daemons: lists, bounces, Precedence bulk or junk, and common names of programs as senders."},
    {"^FROM_MAILER", "Mail of mailer daemons: bounces and reports of mail servers."},
};

}  // namespace

std::span<const Word> flags() { return kFlags; }
std::span<const Word> variables() { return kVariables; }
std::span<const Word> macros() { return kMacros; }

const Word* find(std::span<const Word> words, std::string_view name) {
  for (const Word& word : words)
    if (word.name == name) return &word;
  return nullptr;
}

}  // namespace filter::tools::lsp
