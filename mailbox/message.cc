// A message as it arrived: immutable bytes, where its header ends, and its fields.
// SPDX-License-Identifier: Apache-2.0
#include "mailbox/message.h"

#include <algorithm>
#include <utility>

namespace mailbox {
namespace {

// How many bytes the header takes, its empty line included.
std::size_t header_size(std::string_view bytes) {
  const auto start = bytes.find_first_not_of('\n');
  if (start == std::string_view::npos) return bytes.size();
  const auto empty_line = bytes.find("\n\n", start);
  const auto end = empty_line == std::string_view::npos ? bytes.size() : empty_line + 2;
  return bytes.substr(start, end - start).find('\0') == std::string_view::npos ? end : bytes.size();
}

std::string_view first_line(std::string_view text) {
  const auto end = text.find('\n');
  return end == std::string_view::npos ? text : text.substr(0, end + 1);
}

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }

bool same_name(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, [](char x, char y) { return lower(x) == lower(y); });
}

bool is_blank(char c) { return c == ' ' || c == '\t'; }

}  // namespace

Message::Message(std::string bytes)
    : bytes_(std::make_shared<const std::string>(std::move(bytes))), header_size_(mailbox::header_size(*bytes_)) {}

std::string_view Message::from_line() const {
  return bytes().starts_with("From ") ? first_line(bytes()) : std::string_view();
}

std::string_view Message::envelope_lines() const { return mailbox::envelope_lines(bytes()); }

std::string_view envelope_lines(std::string_view text) {
  if (!text.starts_with("From ")) return {};
  std::size_t size = first_line(text).size();
  while (text.substr(size).starts_with(">From ")) size += first_line(text.substr(size)).size();
  return text.substr(0, size);
}

std::optional<std::string_view> Message::field(std::string_view name) const { return find_field(header(), name); }

std::optional<std::string_view> find_field(std::string_view header, std::string_view name) {
  auto rest = header.substr(envelope_lines(header).size());
  rest.remove_prefix(std::min(rest.find_first_not_of('\n'), rest.size()));
  while (!rest.empty()) {
    std::size_t size = first_line(rest).size();
    while (size < rest.size() && is_blank(rest[size])) size += first_line(rest.substr(size)).size();
    auto line = rest.substr(0, size);
    rest.remove_prefix(size);
    const auto colon = line.find(':');
    if (colon == std::string_view::npos) continue;
    auto named = line.substr(0, colon);
    while (!named.empty() && is_blank(named.back())) named.remove_suffix(1);  // RFC 5322, 4.5: "Subject : x"
    if (!same_name(named, name)) continue;
    if (line.ends_with('\n')) line.remove_suffix(1);
    return line.substr(colon + 1);
  }
  return std::nullopt;
}

std::string unfolded(std::string_view header) {
  std::string text(header);
  for (std::size_t i = 0; i + 1 < text.size(); ++i) {
    if (text[i] == '\n' && is_blank(text[i + 1])) text[i] = ' ';
  }
  return text;
}

bool Outgoing::wants_final_newline() const {
  if (raw) return false;
  const std::size_t total = size();
  if (total < 2) return true;
  const auto at = [this](std::size_t i) { return i < header.size() ? header[i] : body[i - header.size()]; };
  return at(total - 1) != '\n' || at(total - 2) != '\n';
}

}  // namespace mailbox
