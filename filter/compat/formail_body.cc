// Bodies: quoted, escaped, measured, and cut where the next message begins.
// SPDX-License-Identifier: Apache-2.0
#include "filter/compat/formail_body.h"

#include <algorithm>

namespace filter::compat {
namespace {

constexpr char kBabylEnd = '\x1f';
constexpr std::string_view kBabylNext = "\x1f\f\n";

}  // namespace

// Copies one line however long it is; false if it was cut by the end of the input.
bool BodyCopier::copy_line(bool escapable) {
  const bool empty = window_.at(0) == '\n';
  if (!empty && rules_.quote && rules_.escape) sink_.write(rules_.prefix);
  if (escapable && rules_.escape && window_.starts_with(kFromName)) sink_.write(rules_.prefix);
  blank_ = empty;
  while (window_.fill(1)) {
    const std::string_view ahead = window_.ahead();
    const std::size_t end = ahead.find('\n');
    ended_ = end != std::string_view::npos;
    const std::size_t size = ended_ ? end + 1 : ahead.size();
    sink_.write(ahead.substr(0, size));
    window_.consume(size);
    if (ended_) return true;
  }
  return false;
}

// What looked like a header and was none: its "From " line is left alone.
void BodyCopier::copy_run(std::size_t length) {
  while (length > 0) {
    const std::size_t size = window_.line_end(0);
    copy_line(false);
    length -= std::min(length, size);
  }
}

// False: the input ended before.
bool BodyCopier::copy_verbatim(unsigned long long length, BodyEnd& end) {
  char last = blank_ ? '\n' : ' ';
  while (length > 0 && window_.fill(1)) {
    const std::string_view some = window_.ahead().substr(
        0, static_cast<std::size_t>(std::min<unsigned long long>(length, window_.ahead().size())));
    blank_ = some.back() == '\n' && (some.size() > 1 ? some[some.size() - 2] : last) == '\n';
    last = some.back();
    sink_.write(some);
    length -= some.size();
    window_.consume(some.size());
  }
  if (length > 1) end.missing = length - 1;
  return !window_.at_end();
}

BodyEnd BodyCopier::copy(bool blank, bool may_begin) {
  BodyEnd end;
  if (rules_.scan.babyl) return copy_babyl(blank);
  blank_ = blank || may_begin;
  if (rules_.verbatim && *rules_.verbatim > 0 && !window_.at_end()) {
    if (!copy_verbatim(*rules_.verbatim, end)) {
      if (!blank_) sink_.write("\n");
      return end;
    }
  }
  for (bool first = true; !window_.at_end(); first = false) {
    // A line that ended the header begins a message only if it may.
    if (rules_.split && (blank_ || may_begin || (rules_.scan.any_line && !first))) {
      const HeaderScan scan = scan_for_message(window_, rules_.scan);
      end.another = scan.is_message;
      if (end.another) break;
      const bool postmark = window_.starts_with(kFromName);
      copy_run(scan.length);
      may_begin = may_begin && scan.length == 0;
      // Of two postmarks in a row the second begins no message.
      if (scan.length > 0 && !(postmark && window_.starts_with(kFromName))) continue;
    }
    copy_line(!may_begin);
    may_begin = false;
  }
  if (!ended_) sink_.write("\n");
  if (!blank_) sink_.write("\n");
  return end;
}

bool BodyCopier::skip_to_header() {
  while (!window_.at_end()) {
    if (scan_for_message(window_, rules_.scan).is_message) return true;
    window_.consume(window_.line_end(0));
  }
  return false;
}

// The line that ended the header has been copied if it was empty; what is shown again, up to an empty line, is dropped.
BodyEnd BodyCopier::copy_babyl(bool blank) {
  if (!blank && window_.at(0) == kBabylEnd) return {skip_to_header(), 0};
  if (!blank && !window_.at_end()) copy_line(false);
  do window_.consume(window_.line_end(0));
  while (!window_.at_end() && window_.at(0) != '\n');
  if (window_.at_end()) sink_.write("\n");
  while (!window_.at_end() && window_.at(0) != kBabylEnd) copy_line(false);
  return {skip_to_header(), 0};
}

bool skip_babyl_options(Window& window) {
  while (!window.at_end()) {
    if (window.starts_with(kBabylNext)) {
      window.consume(kBabylNext.size());
      window.consume(window.line_end(0));
      return true;
    }
    window.consume(1);
  }
  return false;
}

}  // namespace filter::compat
