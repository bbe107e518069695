// Copies the body of one message from the window to a sink, up to where the next message begins.
// SPDX-License-Identifier: Apache-2.0
//
//   BodyCopier copier(window, sink, rules);
//   BodyEnd end = copier.copy(blank_line_before);     // end.another: the window is at the next message
//
// Memory: a line's beginning, and what a possible header takes. Source: formail(1) on -b -p -k -e -d -m -B -Y.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "filter/compat/formail_input.h"

namespace filter::compat {

// Where bytes go.
class ByteSink {
 public:
  virtual ~ByteSink() = default;
  virtual void write(std::string_view bytes) = 0;
};

struct BodyRules {
  ScanRules scan;
  bool split = false;         // look for the next message
  bool escape = true;         // prefix lines that begin with "From "
  bool spare_first = false;   // not the line that ended the header
  bool own_from_line = true;  // the message had one, and gets one if it has none
  bool quote = false;         // prefix every line that is not empty
  std::string prefix = ">";
  std::optional<unsigned long long> verbatim;  // Content-Length: so many bytes are the body's, whatever they say
};

struct BodyEnd {
  bool another = false;            // the window is at the start of another message
  unsigned long long missing = 0;  // bytes that Content-Length promised and the input did not hold
};

class BodyCopier {
 public:
  BodyCopier(Window& window, ByteSink& sink, const BodyRules& rules) : window_(window), sink_(sink), rules_(rules) {}
  // `blank`: the line before was an empty one. `may_begin`: a message may begin here all the same.
  BodyEnd copy(bool blank, bool may_begin = false);

 private:
  bool copy_promised(BodyEnd& end);
  bool scan_here(BodyEnd& end, bool loose);
  bool copy_line(bool escapable);
  void copy_run(std::size_t length);
  bool copy_verbatim(unsigned long long length, BodyEnd& end);
  BodyEnd copy_babyl(bool blank);
  bool skip_to_header();

  Window& window_;
  ByteSink& sink_;
  const BodyRules& rules_;
  bool blank_ = false;      // the line before was empty
  bool ended_ = true;       // what was copied last is an LF
  bool copied_ = false;     // a line was copied
  bool just_ran_ = false;   // the line before ended a header, or what looked like one
  bool may_begin_ = false;  // so a "From " line may begin a message here
};

// Goes to the first message of a BABYL file; false: there is none.
bool skip_babyl_options(Window& window);

}  // namespace filter::compat
