// Reads the command line of `sluice config` and `sluice quota`, and writes their answers.
// SPDX-License-Identifier: Apache-2.0
#include "filter/tools/site_tool.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <optional>
#include <vector>

namespace filter::tools {
namespace {

using mailbox::ErrorKind;

// --format FORMAT or --format=FORMAT at `words[at]`; moves past a word of its own.
std::optional<std::string> format_of(std::span<const std::string> words, std::size_t& at) {
  constexpr std::string_view kOption = "--format";
  const std::string_view word = words[at];
  if (word == kOption && at + 1 < words.size()) return words[++at];
  if (word.starts_with("--format=")) return std::string(word.substr(kOption.size() + 1));
  return std::nullopt;
}

}  // namespace

mailbox::Result<SiteTool> read_site_tool(std::span<const std::string> words, bool takes_n) {
  SiteTool tool;
  std::vector<std::string> site_words;  // read in one piece, so that one given twice is seen
  for (std::size_t at = 0; at < words.size(); ++at) {
    const auto taken = take_site_options(words.subspan(at));
    if (!taken) return std::unexpected(taken.error());
    if (taken->used > 0) {
      const auto last = at + taken->used;
      site_words.insert(site_words.end(), words.begin() + static_cast<std::ptrdiff_t>(at),
                        words.begin() + static_cast<std::ptrdiff_t>(last));
      at = last - 1;
      continue;
    }
    const std::string& word = words[at];
    if (const auto format = format_of(words, at)) {
      if (*format != "text" && *format != "json")
        return mailbox::failure(ErrorKind::Permanent, "unknown format '" + *format + "': text or json");
      tool.json = *format == "json";
    } else if (word == "-n" && takes_n) {
      tool.only_changed = true;
    } else if (word == "--help") {
      tool.help = true;
    } else if (word == "--version") {
      tool.version = true;
    } else {
      return mailbox::failure(ErrorKind::Permanent, "unknown option or argument '" + word + "'; try --help");
    }
  }
  auto site = take_site_options(site_words);
  if (!site) return std::unexpected(site.error());
  tool.site = std::move(*site);
  return tool;
}

int print(std::string_view text) {
  const bool written = std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0;
  if (written) return kFine;
  std::fprintf(stderr, "sluice: cannot write: %s\n", std::strerror(errno));
  return kUnusable;
}

int complain(std::string_view tool, std::string_view what) {
  std::fprintf(stderr, "sluice %.*s: %.*s\n", static_cast<int>(tool.size()), tool.data(), static_cast<int>(what.size()),
               what.data());
  return kUnusable;
}

}  // namespace filter::tools
