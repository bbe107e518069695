// Prints what is wrong with rule files.
// SPDX-License-Identifier: Apache-2.0
#include "filter/tools/check_command.h"

#include <unistd.h>

#include <cstdlib>
#include <string_view>
#include <vector>

#include "filter/tools/check_report.h"
#include "filter/tools/findings.h"
#include "filter/tools/option_value.h"
#include "filter/tools/rule_files.h"
#include "filter/tools/site_tool.h"
#include "filter/tools/terminal.h"
#include "rules/diagnostic.h"

namespace filter::tools {
namespace {

using rules::Diagnostic;
using rules::Severity;

constexpr int kFindings = 1;

constexpr std::string_view kHelp =
    "usage: sluice check RC... [--format text|json|sarif] [--fail-on error|warning]\n"
    "Compiles rule files and the files that they include, and says what is wrong with them: each finding with its "
    "file,\n"
    "line and column, the line, and what to write instead. Runs nothing and delivers nothing.\n"
    "  --format json       {\"diagnostics\":[{\"file\",\"line\",\"column\",\"severity\",\"check\",\"message\"}]}\n"
    "  --format sarif      SARIF 2.1.0, for code hosts and editors\n"
    "  --fail-on warning   warnings count as findings too, not only errors\n"
    "A comment \"# sluice: ignore CHECK...\" above a recipe or assignment silences checks there; before the first\n"
    "statement, with an empty line below, in the whole file. sluice-checks(7) explains each check.\n"
    "Includes are followed where INCLUDERC or SWITCHRC has a constant value, or one made of HOME and of variables "
    "with\n"
    "constant values; relative names are looked for in MAILDIR if the rules set it, else beside the rule file.\n"
    "Exit status: 0 nothing found, 1 findings, 2 usage or a file that cannot be read.\n";

enum class Format { Text, Json, Sarif };

struct Options {
  std::vector<std::string> files;
  Format format = Format::Text;
  bool warnings_count = false;
  bool help = false;
  bool version = false;
};

mailbox::Result<void> take_format(Options& options, const std::string& format) {
  static constexpr std::string_view kFormats[] = {"text", "json", "sarif"};
  const auto chosen = choice("format", format, kFormats);
  if (!chosen) return std::unexpected(chosen.error());
  options.format = static_cast<Format>(*chosen);
  return {};
}

mailbox::Result<void> take_fail_on(Options& options, const std::string& severity) {
  static constexpr std::string_view kSeverities[] = {"error", "warning"};
  const auto chosen = choice("severity", severity, kSeverities);
  if (!chosen) return std::unexpected(chosen.error());
  options.warnings_count = *chosen == 1;
  return {};
}

// True if words[at] was an option.
mailbox::Result<bool> take_option(Options& options, std::span<const std::string> words, std::size_t& at) {
  const auto format = option_value(words, at, "--format");
  if (!format) return std::unexpected(format.error());
  const auto severity = *format ? format : option_value(words, at, "--fail-on");
  if (!severity) return std::unexpected(severity.error());
  if (*severity) {
    const auto done = *format ? take_format(options, **format) : take_fail_on(options, **severity);
    if (!done) return std::unexpected(done.error());
    return true;
  }
  if (words[at] == "--help") return options.help = true;
  if (words[at] == "--version") return options.version = true;
  return false;
}

mailbox::Result<Options> read_options(std::span<const std::string> words) {
  Options options;
  bool only_files = false;
  for (std::size_t at = 0; at < words.size(); ++at) {
    if (!only_files && words[at] == "--") {
      only_files = true;
      continue;
    }
    const auto taken = only_files ? mailbox::Result<bool>(false) : take_option(options, words, at);
    if (!taken) return std::unexpected(taken.error());
    if (*taken) continue;
    if (!only_files && words[at].size() > 1 && words[at].starts_with('-'))
      return mailbox::failure(mailbox::ErrorKind::Permanent, "unknown option '" + words[at] + "'; try --help");
    options.files.push_back(words[at]);
  }
  if (options.files.empty() && !options.help && !options.version)
    return mailbox::failure(mailbox::ErrorKind::Permanent, "which rule file? sluice check RC...; try --help");
  return options;
}

std::string written(const std::vector<RuleFile>& files, Format format) {
  switch (format) {
    case Format::Text:
      break;
    case Format::Json:
      return as_json(files);
    case Format::Sarif:
      return as_sarif(files);
  }
  return as_text(files, wants_colour(STDOUT_FILENO));
}

bool has_findings(const std::vector<RuleFile>& files, bool warnings_count) {
  for (const RuleFile& file : files)
    for (const Diagnostic& diagnostic : file.compiled.diagnostics)
      if (warnings_count || diagnostic.severity == Severity::Error) return true;
  return false;
}

}  // namespace

int check_command(std::span<const std::string> arguments) {
  const auto options = read_options(arguments);
  if (!options) return complain("check", options.error().text);
  if (options->help) return print(kHelp);
  if (options->version) return print("sluice " SLUICE_VERSION "\n");
  const char* home = std::getenv("HOME");
  RuleFiles files(home == nullptr ? "" : home);
  int exit_code = kFine;
  for (const std::string& path : options->files) {
    const auto added = files.add(path);
    if (!added) exit_code = complain("check", added.error().text);
  }
  find_all(files);
  const int printed = print(written(files.list(), options->format));
  if (printed != kFine) return printed;
  if (exit_code == kFine && has_findings(files.list(), options->warnings_count)) exit_code = kFindings;
  return exit_code;
}

}  // namespace filter::tools
