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
  const bool empty = ended_ && window_.at(0) == '\n';
  if (!empty && rules_.quote && rules_.escape) sink_.write(rules_.prefix);
  if (escapable && rules_.escape && window_.starts_with(kFromName)) sink_.write(rules_.prefix);
  blank_ = empty;
  copied_ = true;
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
  if (length == 0) return true;
  copied_ = true;
  char last = ended_ ? '\n' : ' ';
  while (length > 0 && window_.fill(1)) {
    const std::string_view some = window_.ahead().substr(
        0, static_cast<std::size_t>(std::min<unsigned long long>(length, window_.ahead().size())));
    blank_ = some.back() == '\n' && (some.size() > 1 ? some[some.size() - 2] : last) == '\n';
    last = some.back();
    sink_.write(some);
    length -= some.size();
    window_.consume(some.size());
  }
  ended_ = last == '\n' || window_.at_end();
  if (length > 1) end.missing = length - 1;
  return !window_.at_end();
}

// Content-Length counts from the line that ended the header if that is not empty; false: the input is at its end.
bool BodyCopier::copy_promised(BodyEnd& end) {
  unsigned long long length = rules_.verbatim.value_or(0);
  if (length == 0) return true;
  if (!blank_ && !window_.at_end()) {
    const unsigned long long size = window_.line_end(0);
    const bool whole = copy_line(false);
    if (!whole) sink_.write("\n");
    length -= std::min(length, size + !whole);
    ended_ = true;
  }
  if (copy_verbatim(length, end)) return true;
  if (!blank_) sink_.write("\n");
  return false;
}

// Whether the next line, which a header or what looked like one has just ended, may begin a message.
bool BodyCopier::scan_here(BodyEnd& end, bool loose) {
  const HeaderScan scan = scan_for_message(window_, rules_.scan, loose);
  end.another = scan.is_message;
  if (end.another || scan.length == 0) return end.another;
  const bool from_line = window_.starts_with(kFromName);
  copy_run(scan.length);
  just_ran_ = true;
  may_begin_ = rules_.scan.any_line && rules_.scan.digest && from_line != rules_.own_from_line;
  return false;
}

BodyEnd BodyCopier::copy(bool blank, bool may_begin) {
  BodyEnd end;
  if (rules_.scan.babyl) return copy_babyl(blank);
  blank_ = blank;
  may_begin_ = may_begin && rules_.split;
  just_ran_ = !blank;
  if (!copy_promised(end)) return end;
  bool first = !copied_;
  while (!window_.at_end()) {
    const bool at_from_line = window_.starts_with(kFromName);
    // A "From " line right behind a header, or behind what looked like one, begins a message only if it may.
    const bool loose = just_ran_ && may_begin_;
    const bool any = rules_.scan.any_line && (!just_ran_ || !at_from_line);
    just_ran_ = false;
    if (rules_.split && (blank_ || loose || any)) {
      if (scan_here(end, loose)) break;
      if (just_ran_) continue;
    }
    copy_line(!at_from_line || !(loose || (first && rules_.spare_first)));
    first = false;
  }
  if (!ended_) sink_.write("\n");
  if (!blank_ && copied_) sink_.write("\n");
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
  const bool empty = window_.at(0) == '\n';
  window_.consume(window_.line_end(0));
  while (empty && window_.at(0) == '\n') window_.consume(1);
  while (!window_.at_end() && window_.at(0) != '\n') window_.consume(window_.line_end(0));
  if (window_.at_end() && !blank) sink_.write("\n");
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
