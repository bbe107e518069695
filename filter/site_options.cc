// Takes the site's options from the front of a command line.
// SPDX-License-Identifier: Apache-2.0
#include "filter/site_options.h"

#include <string_view>

namespace filter {
namespace {

using mailbox::ErrorKind;

// "quota.inbox": a section and a key, so that --help or --verbose are nobody's setting.
bool is_setting(std::string_view name) {
  const auto dot = name.find('.');
  return dot != std::string_view::npos && dot > 0 && dot + 1 < name.size();
}

// Keeps an option's value; false when it has one already.
bool keep(SiteOptions& options, std::string_view name, const std::string& value) {
  if (is_setting(name)) {
    options.settings.emplace_back(name, value);
    return true;
  }
  auto& place = name == "config" ? options.config : options.user;
  if (place) return false;
  place = value;
  return true;
}

}  // namespace

mailbox::Result<SiteOptions> take_site_options(std::span<const std::string> words) {
  SiteOptions options;
  while (options.used < words.size()) {
    std::string_view word = words[options.used];
    if (!word.starts_with("--")) break;
    word.remove_prefix(2);
    const auto equals = word.find('=');
    const auto name = word.substr(0, equals);
    if (name != "config" && name != "user" && !is_setting(name)) break;
    const std::string option = "--" + std::string(name);
    ++options.used;
    std::string value;
    if (equals != std::string_view::npos) {
      value = word.substr(equals + 1);
    } else if (options.used == words.size()) {
      return mailbox::failure(ErrorKind::Permanent, option + " needs a value");
    } else {
      value = words[options.used++];
    }
    if (!keep(options, name, value)) return mailbox::failure(ErrorKind::Permanent, option + " is given twice");
  }
  return options;
}

}  // namespace filter
