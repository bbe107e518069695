// Reads sluice.conf and the options on top of it; the only file that knows Boost.Program_options.
// SPDX-License-Identifier: Apache-2.0
//
// Boost's own reader of such files cuts a value at '#' and forgets line numbers, so the lines are scanned here, and
// each is checked where its place is still known. Boost then lays the layers over each other: what was stored first
// stays, which is how an option replaces the file's value, and its whole list of a repeatable key.
#include "mailbox/site/config.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <boost/program_options.hpp>
#include <map>

#include "mailbox/site/account.h"
#include "mailbox/site/keys.h"

namespace mailbox::site {
namespace {

namespace po = boost::program_options;

constexpr std::size_t kLargestFile = 1 << 20;  // far beyond any real configuration: /dev/zero ends here
constexpr std::size_t kReadPiece = 1 << 16;

struct Entry {
  std::string key;
  std::string value;
  std::string place;  // "sluice.conf:7", or "--quota.inbox"
};
using Layer = std::vector<Entry>;

std::unexpected<Error> wrong(std::string text) { return failure(ErrorKind::Permanent, std::move(text)); }

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kBlank = " \t\r";
  const auto first = text.find_first_not_of(kBlank);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlank) - first + 1);
}

bool is_control(char c) { return (static_cast<unsigned char>(c) < ' ' && c != '\t') || c == 0x7F; }

// The whole file, or nothing where there is none and none is needed.
Result<std::optional<std::string>> read_whole(const std::string& file, bool must_exist) {
  const auto fail = [&file](int code) { return wrong("cannot read " + file + ": " + std::strerror(code)); };
  const int fd = ::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY);
  if (fd < 0) {
    if (!must_exist && (errno == ENOENT || errno == ENOTDIR)) return std::nullopt;
    return fail(errno);
  }
  std::string text;
  std::string piece(kReadPiece, '\0');
  for (;;) {
    const ssize_t got = ::read(fd, piece.data(), piece.size());
    if (got < 0 && errno == EINTR) continue;
    const int code = got < 0 ? errno : 0;
    if (got > 0) text.append(piece, 0, static_cast<std::size_t>(got));
    if (got > 0 && text.size() <= kLargestFile) continue;
    ::close(fd);
    if (code != 0) return fail(code);
    if (got > 0) return wrong(file + ": larger than " + std::to_string(kLargestFile) + " bytes");
    return text;
  }
}

// What is wrong with an entry, seen alone.
std::optional<std::string> complaint(const Entry& entry, std::string_view kind) {
  const auto quoted = [](std::string_view text) { return "'" + std::string(text) + "'"; };
  if (std::ranges::any_of(entry.key, is_control) || std::ranges::any_of(entry.value, is_control))
    return entry.place + ": control characters";
  const Key* key = find_key(entry.key);
  if (key == nullptr)
    return entry.place + ": unknown " + std::string(kind) + " " + quoted(entry.key) + "; did you mean " +
           quoted(nearest_key(entry.key)) + "?";
  Config scratch;
  const auto found = assign(scratch, *key, {entry.value});
  if (!found) return std::nullopt;
  return entry.place + ": " + entry.key + ": " + *found;
}

// A key that holds one value, given twice, is more likely a slip than a wish.
std::optional<std::string> repetition(const Layer& layer) {
  std::map<std::string_view, const Entry*> seen;
  for (const Entry& entry : layer) {
    const Key* key = find_key(entry.key);
    const auto [before, is_new] = seen.emplace(entry.key, &entry);
    if (is_new || key == nullptr || key->is_repeatable()) continue;
    return entry.place + ": " + entry.key + " has a value already, from " + before->second->place;
  }
  return std::nullopt;
}

Result<Layer> scan_lines(const std::string& file, std::string_view text) {
  Layer layer;
  std::string section;
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);  // an editor's byte order mark
  for (std::size_t number = 1; !text.empty(); ++number) {
    const auto end = text.find('\n');
    const auto line = trimmed(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (line.empty() || line.front() == '#') continue;
    const std::string place = file + ":" + std::to_string(number);
    if (line.front() == '[') {
      if (line.back() != ']' || line.size() < 3) return wrong(place + ": expected [section]");
      section = std::string(trimmed(line.substr(1, line.size() - 2)));
      continue;
    }
    const auto equals = line.find('=');
    if (equals == std::string_view::npos || equals == 0) return wrong(place + ": expected 'key = value' or [section]");
    const std::string name(trimmed(line.substr(0, equals)));
    layer.push_back(
        {section.empty() ? name : section + "." + name, std::string(trimmed(line.substr(equals + 1))), place});
    if (auto found = complaint(layer.back(), "key")) return wrong(std::move(*found));
  }
  if (auto found = repetition(layer)) return wrong(std::move(*found));
  return layer;
}

Result<Layer> scan_options(const std::vector<Setting>& overrides) {
  Layer layer;
  for (const auto& [key, value] : overrides) {
    layer.push_back({key, value, "--" + key});
    if (auto found = complaint(layer.back(), "option")) return wrong(std::move(*found));
  }
  if (auto found = repetition(layer)) return wrong(std::move(*found));
  return layer;
}

po::options_description description() {
  po::options_description all;
  for (const Key& key : keys()) {
    const std::string name(key.name);
    all.add_options()(name.c_str(), po::value<std::vector<std::string>>());
  }
  return all;
}

po::parsed_options parsed(const po::options_description& all, const Layer& layer) {
  po::parsed_options options(&all);
  for (const Entry& entry : layer) options.options.emplace_back(entry.key, std::vector<std::string>{entry.value});
  return options;
}

// Keys that need each other.
Result<Config> complete(Config config, const std::string& file) {
  if (config.accounts_source == AccountSource::File && config.accounts_file.empty())
    return wrong(file + ": accounts.source = file needs accounts.file");
  if (config.tls_certificate.size() != config.tls_key.size())
    return wrong(file + ": tls.certificate is given " + std::to_string(config.tls_certificate.size()) +
                 " times, tls.key " + std::to_string(config.tls_key.size()) + " times: they go in pairs");
  return config;
}

Result<Config> merged(const std::string& file, const Layer& first, const Layer& second) {
  Config config;
  try {
    const po::options_description all = description();
    po::variables_map values;
    po::store(parsed(all, first), values);
    po::store(parsed(all, second), values);
    for (const Key& key : keys()) {
      const auto found = values.find(std::string(key.name));
      if (found == values.end()) continue;
      if (auto text = assign(config, key, found->second.as<std::vector<std::string>>())) return wrong(std::move(*text));
    }
  } catch (const po::error& error) {
    return wrong(file + ": " + error.what());
  }
  return complete(std::move(config), file);
}

}  // namespace

const std::vector<std::string>& config_keys() {
  static const std::vector<std::string> kNames = [] {
    std::vector<std::string> names;
    for (const Key& key : keys()) names.emplace_back(key.name);
    return names;
  }();
  return kNames;
}

bool is_repeatable(std::string_view key) {
  const Key* found = find_key(key);
  return found != nullptr && found->is_repeatable();
}

Result<Config> read_config(const std::optional<std::string>& file, const std::vector<Setting>& overrides) {
  const std::string path = file.value_or(kDefaultConfig);
  auto text = read_whole(path, file.has_value());
  if (!text) return std::unexpected(text.error());
  auto lines = scan_lines(path, text->value_or(std::string()));
  if (!lines) return std::unexpected(lines.error());
  auto options = scan_options(overrides);
  if (!options) return std::unexpected(options.error());
  return merged(path, *options, *lines);
}

std::vector<std::string> value_of(const Config& config, std::string_view key) {
  const Key* found = find_key(key);
  return found == nullptr ? std::vector<std::string>{} : written(config, *found);
}

std::string expand(std::string_view text, const Account& account) {
  const auto at = account.name.rfind('@');
  const bool has_domain = at != std::string::npos;
  std::string expanded;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char letter = text[i] == '%' && i + 1 < text.size() ? text[i + 1] : '\0';
    switch (letter) {
      case 'u':
        expanded += account.name;
        break;
      case 'n':
        expanded += account.name.substr(0, at);
        break;
      case 'd':
        expanded += has_domain ? account.name.substr(at + 1) : std::string();
        break;
      case 'h':
        expanded += account.home;
        break;
      case '%':
        expanded += '%';
        break;
      default:
        expanded += text[i];
        continue;
    }
    ++i;
  }
  return expanded;
}

}  // namespace mailbox::site
