// Reads the command line of `sluice dry-run`.
// SPDX-License-Identifier: Apache-2.0
#include "filter/tools/dry_run_options.h"

#include <charconv>

#include "filter/tools/option_value.h"

namespace filter::tools {

const std::string_view kDryRunHelp =
    "usage: sluice dry-run --rules RC [-j N] [--format text|json|html] [--output F] [--exec none|conditions]\n"
    "                      [--trace] [--assume 'GLOB=N']... [--config F] [--user NAME] [--SECTION.KEY VALUE]...\n"
    "                      [VAR=value]... MAIL...\n"
    "Says for every saved message what the rules RC would do with it, and changes nothing. MAIL is any mix of mbox\n"
    "files, Maildirs, MH folders, single messages, and - for standard input.\n"
    "  -j N               decide on N threads; without it, one for each core\n"
    "  --format text      a row for each message, then: how many went where, which recipe matched how often and\n"
    "                     which never did, what would be lost, what was assumed\n"
    "  --format json      one object a line, in the order of the messages\n"
    "  --format html      one page to look at in a browser: the way of the mail, the rules, each message's path\n"
    "  --output F         write to the file F instead of standard output\n"
    "  --exec conditions  really run the programs of `?` conditions and backquotes, one message at a time\n"
    "  --trace            also say why each condition held or not\n"
    "  --assume 'GLOB=N'  programs whose command matches GLOB exit with N; without it `?` programs and formail -D\n"
    "                     exit with 1, others with 0; filters leave the message as it is, captures and backquotes\n"
    "                     are empty\n"
    "  --config F, --user NAME   decide as `sluice deliver` would: the site's rules first, the inbox as configured;\n"
    "                     without them as procmail would, with the inbox /var/mail/$LOGNAME\n"
    "  VAR=value          a variable that is set before the rules run; HOME and LOGNAME replace the environment's\n"
    "Exit status: 0, or 2 for usage and for mail that cannot be read (the rest is decided all the same).\n";

namespace {

using mailbox::ErrorKind;
using mailbox::Result;
using Words = std::span<const std::string>;

std::unexpected<mailbox::Error> wrong(std::string text) {
  return mailbox::failure(ErrorKind::Permanent, std::move(text));
}

Result<std::size_t> number(const std::string& text, std::string_view what, std::size_t most) {
  std::size_t value = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failed != std::errc() || end != text.data() + text.size() || value > most)
    return wrong(std::string(what) + " is a number up to " + std::to_string(most) + ", not '" + text + "'");
  return value;
}

Result<void> set_jobs(DryRunOptions& options, const std::string& value) {
  const auto jobs = number(value, "-j", kMostJobs);
  if (!jobs) return std::unexpected(jobs.error());
  if (*jobs == 0) return wrong("-j needs at least 1");
  options.jobs = *jobs;
  return {};
}

Result<void> set_format(DryRunOptions& options, const std::string& value) {
  static constexpr std::string_view kFormats[] = {"text", "json", "html"};
  const auto chosen = choice("format", value, kFormats);
  if (!chosen) return std::unexpected(chosen.error());
  options.format = static_cast<DryRunOptions::Format>(*chosen);
  return {};
}

Result<void> set_exec(DryRunOptions& options, const std::string& value) {
  static constexpr std::string_view kChoices[] = {"none", "conditions"};
  const auto chosen = choice("--exec", value, kChoices);
  if (!chosen) return std::unexpected(chosen.error());
  options.runs_conditions = *chosen == 1;
  return {};
}

Result<void> add_assumption(DryRunOptions& options, const std::string& value) {
  const auto sign = value.rfind('=');
  if (sign == std::string::npos || sign == 0) return wrong("--assume takes 'GLOB=N', not '" + value + "'");
  const auto status = number(value.substr(sign + 1), "an exit status", 255);
  if (!status) return std::unexpected(status.error());
  options.assumptions.push_back({value.substr(0, sign), static_cast<int>(*status)});
  return {};
}

Result<void> set_rules(DryRunOptions& options, const std::string& value) {
  if (!options.rules.empty()) return wrong("--rules is given twice");
  options.rules = value;
  return {};
}

Result<void> set_output(DryRunOptions& options, const std::string& value) {
  options.output = value;
  return {};
}

struct Option {
  std::string_view name;
  Result<void> (*set)(DryRunOptions&, const std::string&);
};
constexpr Option kOptions[] = {{"--rules", set_rules},   {"-j", set_jobs},     {"--format", set_format},
                               {"--output", set_output}, {"--exec", set_exec}, {"--assume", add_assumption}};

// True if words[at] was an option with a value.
Result<bool> take_valued(DryRunOptions& options, Words words, std::size_t& at) {
  if (words[at].size() > 2 && words[at].starts_with("-j")) {
    const auto done = set_jobs(options, words[at].substr(2));
    if (!done) return std::unexpected(done.error());
    return true;
  }
  for (const Option& option : kOptions) {
    const auto value = option_value(words, at, option.name);
    if (!value) return std::unexpected(value.error());
    if (!*value) continue;
    const auto done = option.set(options, **value);
    if (!done) return std::unexpected(done.error());
    return true;
  }
  return false;
}

bool take_flag(DryRunOptions& options, const std::string& word) {
  if (word == "--trace") return options.traces = true;
  if (word == "--help") return options.help = true;
  if (word == "--version") return options.version = true;
  return false;
}

// NAME=value
bool take_assignment(DryRunOptions& options, const std::string& word) {
  static constexpr std::string_view kLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_";
  const auto end = word.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_0123456789");
  if (end == std::string::npos || end == 0 || word[end] != '=' || kLetters.find(word[0]) == std::string_view::npos)
    return false;
  options.assignments.emplace_back(word.substr(0, end), word.substr(end + 1));
  return true;
}

Result<void> check(const DryRunOptions& options) {
  if (options.help || options.version) return {};
  if (options.rules.empty()) return wrong("which rules? --rules RC; try --help");
  if (options.mail.empty())
    return wrong("which mail? name mbox files, Maildirs, MH folders or messages, or - ; try --help");
  return {};
}

}  // namespace

Result<DryRunOptions> read_dry_run_options(Words words) {
  DryRunOptions options;
  std::vector<std::string> site_words;  // read in one piece, so that one given twice is seen
  bool only_mail = false;
  for (std::size_t at = 0; at < words.size(); ++at) {
    const std::string& word = words[at];
    if (only_mail || word == "-") {
      options.mail.push_back(word);
      continue;
    }
    if (word == "--") {
      only_mail = true;
      continue;
    }
    const auto taken = take_valued(options, words, at);
    if (!taken) return std::unexpected(taken.error());
    if (*taken || take_flag(options, word) || take_assignment(options, word)) continue;
    const auto site = take_site_options(words.subspan(at));
    if (!site) return std::unexpected(site.error());
    if (site->used > 0) {
      const auto begin = words.begin() + static_cast<std::ptrdiff_t>(at);
      site_words.insert(site_words.end(), begin, begin + static_cast<std::ptrdiff_t>(site->used));
      at += site->used - 1;
    } else if (word.starts_with('-')) {
      return wrong("unknown option '" + word + "'; try --help");
    } else {
      options.mail.push_back(word);
    }
  }
  auto site = take_site_options(site_words);
  if (!site) return std::unexpected(site.error());
  options.site = std::move(*site);
  options.site_given = !site_words.empty();
  if (const auto fine = check(options); !fine) return std::unexpected(fine.error());
  return options;
}

}  // namespace filter::tools
