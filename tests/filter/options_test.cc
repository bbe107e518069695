// procmail's command line, word for word (PROCMAIL.md 2).
// SPDX-License-Identifier: Apache-2.0
#include "filter/options.h"

#include <catch2/catch.hpp>

using filter::ProcmailOptions;
using filter::read_options;

namespace {

std::string joined(const std::vector<std::string>& words) {
  std::string out;
  for (const std::string& word : words) out += (out.empty() ? "" : ",") + word;
  return out;
}

// What was understood, in one line.
std::string described(const ProcmailOptions& o) {
  std::string out;
  const auto say = [&out](bool set, const std::string& text) {
    if (set) out += (out.empty() ? "" : " ") + text;
  };
  say(o.version, "version");
  say(o.help, "help");
  say(o.keep_environment, "keep");
  say(o.fail_temporarily, "temporarily");
  say(o.override_from_line, "override");
  say(o.filter_mode, "filter");
  say(o.deliver_mode, "deliver");
  say(o.lmtp, "lmtp");
  say(o.sender.has_value(), "sender=" + o.sender.value_or(""));
  say(!o.arguments.empty(), "arguments=" + joined(o.arguments));
  say(!o.recipients.empty(), "recipients=" + joined(o.recipients));
  for (const auto& [name, value] : o.assignments) say(true, name + "=" + value);
  say(!o.rc_files.empty(), "rc=" + joined(o.rc_files));
  for (const std::string& complaint : o.complaints) say(true, "!" + complaint);
  return out;
}

}  // namespace

TEST_CASE("command lines of procmail") {
  const struct {
    std::vector<std::string> words;
    std::string understood;
  } rows[] = {
      {{}, ""},
      {{"-v"}, "version"},
      {{"-?"}, "help"},
      {{"-pto"}, "keep temporarily override"},
      {{"-tf", "anna", "rc"}, "temporarily sender=anna rc=rc"},
      {{"-fanna"}, "sender=anna"},
      {{"-r", "-"}, "sender=-"},
      {{"-a", "one", "-atwo", "rc"}, "arguments=one,two rc=rc"},
      {{"-", "-t"}, "temporarily"},
      {{"--", "-t"}, "rc=-t"},
      {{"A=1", "rc", "B=x=y", "rc2"}, "A=1 B=x=y rc=rc,rc2"},
      {{"-m", "A=1", "rc", "B=2", "two words"}, "filter arguments=B=2,two words A=1 rc=rc"},
      {{"-m", "-a", "lost", "rc"}, "filter rc=rc"},
      {{"-Y", "-y", "rc"}, "rc=rc"},
      {{"-d", "anna", "-t"}, "deliver recipients=anna,-t"},
      {{"-td", "anna"}, "temporarily deliver recipients=anna"},
      {{"-z+"}, "lmtp"},
      {{"-tX", "rc"}, "temporarily rc=rc !Unrecognised options: \"X\""},
      {{"-pd", "anna"}, "deliver recipients=anna !Conflicting options"},
      {{"-m", "-d", "anna"}, "deliver recipients=anna !Conflicting options"},
  };
  for (const auto& row : rows) {
    CAPTURE(joined(row.words));
    CHECK(described(read_options(row.words)) == row.understood);
  }
}
