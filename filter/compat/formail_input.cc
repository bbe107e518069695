// The window on the input, and the recognition of headers in it.
// SPDX-License-Identifier: Apache-2.0
#include "filter/compat/formail_input.h"

#include <algorithm>

namespace filter::compat {
namespace {

constexpr std::size_t kChunk = 64 * 1024;

struct FieldScan {
  NameSpan name;
  std::size_t end = 0;  // behind its last line; 0: no field
};

bool is_blank(int c) { return c == ' ' || c == '\t'; }

// Reads until the name is complete, or can be none.
NameSpan scan_name(Window& window, std::size_t from, bool from_line) {
  if (from_line && window.starts_with(kFromName, from)) {
    std::size_t next = from + kFromName.size();
    while (next < from + kMaxNameLength && is_blank(window.at(next))) ++next;
    if (window.at(next) != ':') return {kFromName.size(), kFromName.size()};
  }
  for (;;) {
    const std::string_view line = window.ahead().substr(std::min(from, window.ahead().size()));
    const NameSpan name = find_name(line, false);
    if (name.whole != 0) return name;
    if (line.find('\n') != std::string_view::npos || line.size() > kMaxNameLength || !window.more()) return {};
  }
}

// How news readers write it: "Article 12 of group:".
bool begins_article(Window& window, std::size_t from) {
  const int digit = window.starts_with(kArticle, from) ? window.at(from + kArticle.size()) : 0;
  return digit >= '0' && digit <= '9';
}

FieldScan scan_field(Window& window, std::size_t from, bool first, bool digest) {
  FieldScan scan{scan_name(window, from, first), 0};
  const bool article = first && digest && begins_article(window, from);
  if (article) scan.name = {kArticle.size() - 1, kArticle.size()};
  if (scan.name.whole == 0) return scan;
  const bool is_from_line = !article && scan.name.whole == kFromName.size() && scan.name.name == scan.name.whole;
  scan.end = window.line_end(from + scan.name.whole);
  while (is_from_line ? window.at(scan.end) == '>' : is_blank(window.at(scan.end)))
    scan.end = window.line_end(scan.end);
  return scan;
}

// "From " sender blank more: what mailboxes have between messages.
bool is_postmark(Window& window) {
  if (!window.starts_with(kFromName)) return false;
  std::size_t i = kFromName.size();
  const auto skip = [&](bool blanks) {
    const std::size_t begin = i;
    while (i < kMaxNameLength && window.at(i) >= 0 && window.at(i) != '\n' && is_blank(window.at(i)) == blanks) ++i;
    return i > begin;
  };
  skip(true);
  if (!skip(false) || !skip(true)) return false;
  return window.at(i) >= 0 && window.at(i) != '\n';
}

}  // namespace

bool Window::fill(std::size_t size) {
  while (!ended_ && buffer_.size() - begin_ < size) {
    if (begin_ > kChunk && begin_ > buffer_.size() / 2) {
      buffer_.erase(0, begin_);
      begin_ = 0;
    }
    const std::size_t old = buffer_.size();
    buffer_.resize(old + std::max(kChunk, old - begin_));
    const std::size_t got = source_.read(std::span(buffer_).subspan(old));
    buffer_.resize(old + got);
    ended_ = got == 0;
  }
  return buffer_.size() - begin_ >= size;
}

bool Window::starts_with(std::string_view text, std::size_t from) {
  for (std::size_t i = 0; i < text.size(); ++i)
    if (at(from + i) != static_cast<unsigned char>(text[i])) return false;
  return true;
}

std::size_t Window::line_end(std::size_t from) {
  for (;;) {
    const std::size_t size = ahead().size();
    const std::size_t end = ahead().find('\n', std::min(from, size));
    if (end != std::string_view::npos) return end + 1;
    from = std::max(from, size);
    if (!more()) return ahead().size();
  }
}

void Window::consume(std::size_t size) {
  begin_ = std::min(begin_ + size, buffer_.size());
  if (begin_ == buffer_.size()) {
    buffer_.clear();
    begin_ = 0;
  }
}

std::vector<Field> read_header(Window& window, bool digest) {
  std::vector<Field> fields;
  for (;;) {
    const FieldScan scan = scan_field(window, 0, fields.empty(), digest);
    if (scan.end == 0) return fields;
    fields.push_back(make_field(window.ahead().substr(0, scan.end), scan.name));
    window.consume(scan.end);
  }
}

HeaderScan scan_for_message(Window& window, const ScanRules& rules, bool loose) {
  const bool fields_begin = rules.digest || rules.babyl;
  const bool postmark = (loose ? window.starts_with(kFromName) : is_postmark(window));
  if (!postmark && (!fields_begin || window.starts_with(kFromName))) return {};
  HeaderScan found;
  for (std::size_t count = 0; count < rules.min_fields;) {
    const FieldScan scan = scan_field(window, found.length, found.length == 0, fields_begin);
    if (scan.end == 0) return found;
    const bool first = found.length == 0;
    const Field field = make_field(window.ahead().substr(found.length, scan.name.whole), scan.name);
    const std::string_view name = std::string_view(field.text).substr(0, field.name_length);
    if (!(first && postmark) && !is_known_name(name)) return found;
    found.length = scan.end;
    ++count;
  }
  found.is_message = true;
  return found;
}

}  // namespace filter::compat
