// Prints a site's effective settings.
// SPDX-License-Identifier: Apache-2.0
#include "filter/tools/config_command.h"

#include <string_view>
#include <vector>

#include "filter/tools/json.h"
#include "filter/tools/site_tool.h"
#include "mailbox/site/config.h"

namespace filter::tools {
namespace {

namespace site = mailbox::site;

constexpr std::string_view kHelp =
    "usage: sluice config [--config F] [--SECTION.KEY VALUE]... [-n] [--format text|json]\n"
    "Prints the settings that count: the options given here, then those of F (/etc/sluice/sluice.conf), then "
    "defaults.\n"
    "  -n              only those that differ from the default\n"
    "  --format json   one object, {\"section.key\":\"value\"}; keys that may be repeated have arrays\n"
    "Exit status: 0, or 2 if the configuration cannot be used. Keys: see sluice.conf(5).\n";

struct Effective {
  std::string key;
  std::vector<std::string> values;
  bool is_repeatable;
};

std::vector<Effective> effective(const site::Config& config, bool only_changed) {
  const site::Config defaults;
  std::vector<Effective> list;
  for (const std::string& key : site::config_keys()) {
    auto values = site::value_of(config, key);
    if (only_changed && values == site::value_of(defaults, key)) continue;
    list.push_back({key, std::move(values), site::is_repeatable(key)});
  }
  return list;
}

// An emptied list is written as one empty value, which is what empties it.
std::string as_text(const std::vector<Effective>& list) {
  std::string lines;
  for (const Effective& setting : list) {
    const auto& values = setting.values.empty() ? std::vector<std::string>{""} : setting.values;
    for (const std::string& value : values) lines += setting.key + " =" + (value.empty() ? "" : " " + value) + "\n";
  }
  return lines;
}

std::string as_json(const std::vector<Effective>& list) {
  Json::Object object;
  for (const Effective& setting : list) {
    if (setting.is_repeatable)
      object.emplace_back(setting.key, Json::Array(setting.values.begin(), setting.values.end()));
    else
      object.emplace_back(setting.key, setting.values.front());
  }
  return text(object) + "\n";
}

}  // namespace

int config_command(std::span<const std::string> arguments) {
  const auto tool = read_site_tool(arguments, true);
  if (!tool) return complain("config", tool.error().text);
  if (tool->help) return print(kHelp);
  if (tool->version) return print("sluice " SLUICE_VERSION "\n");
  if (tool->site.user) return complain("config", "settings are the same for every user: --user has no meaning here");
  const auto config = site::read_config(tool->site.config, tool->site.settings);
  if (!config) return complain("config", config.error().text);
  const auto list = effective(*config, tool->only_changed);
  return print(tool->json ? as_json(list) : as_text(list));
}

}  // namespace filter::tools
