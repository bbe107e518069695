// The checks of `sluice check`: for each one, rules that it must find and rules that it must leave alone; and its page.
// SPDX-License-Identifier: Apache-2.0
#include "filter/tools/lint/lint.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <fstream>
#include <iterator>
#include <set>
#include <string>
#include <vector>

#include "filter/tools/lint/page.h"
#include "rules/compiler.h"
#include "rules/lexer.h"
#include "rules/parser.h"

namespace filter::tools::lint {
namespace {

std::vector<rules::Diagnostic> found_in(const std::string& text) {
  const rules::Source source("rc", text);
  const auto script = rules::parse(rules::tokenize(source).tokens).script;
  auto found = rules::compile(source).diagnostics;
  const std::vector<Subject> subjects = {{&source, &script, &found}};
  look_over(subjects, true);
  return found;
}

// "line:column check", one a line.
std::string told(const std::string& text) {
  std::string out;
  for (const rules::Diagnostic& d : found_in(text))
    out += std::to_string(d.where.line) + ":" + std::to_string(d.where.column) + " " + d.check + "\n";
  return out;
}

struct Example {
  const char* check;
  std::string bad;
  std::string at;  // line:column
  std::string good;
};

const std::vector<Example>& examples() {
  static const std::vector<Example> kExamples = {
      {"argument-digits", "A=$10\n", "1:3", "A=$1\n"},
      {"bad-substitution", "A=${B:=x}\n", "1:3", "A=${HOME:-x}\n"},
      {"blank-in-default", "A=${HOME:-two words}\n", "1:3", "A=\"${HOME:-two words}\"\n"},
      {"blank-in-default", "A=x${HOME:-a b c}\n", "1:4", "A=${HOME:-'a b'}\n"},
      {"comment-in-condition", ":0:\n* ^Subject: x # junk\nbox\n", "2:15", ":0:\n* ^Subject: #1\nbox\n"},
      {"crlf", "A=1\r\n", "1:4", "# a\r\nA=1\n"},
      {"crlf", ":0 fw\r\n| cat\n", "1:6", ":0 fw\n| cat\n"},
      {"crlf", ":0:\r\n* x\r\nbox\r\n", "1:4", ":0:\n* x\nbox\n"},
      {"dollar-quotes", ":0:\n* $ ^Subject: \"$HOME\"\nbox\n", "2:15", ":0:\n* $ ^Subject: \\\"$HOME\\\"\nbox\n"},
      {"duplicate-recipe", ":0:\n* x\nbox\n\n:0:\n* x\nbox\n", "5:1", ":0:\n* x\nbox\n\n:0:\n* y\nbox\n"},
      {"duplicate-recipe", ":0 c:\n* x\nbox\n:0:\n* y\nb\n:0 c:\n* x\nbox\n", "7:1",
       "A=1\n:0:\n* x\n$A\n\nA=2\n:0:\n* x\n$A\n"},
      {"duplicate-recipe", ":0 B\n* x\n/dev/null\n:0 B\n* x\n/dev/null\n", "4:1",
       ":0 fw\n* ! ^X-Spam\n| spamc\n\n:0\n* ! ^X-Spam\n{ A=1 }\n"},
      {"empty-folder", ":0\n\"\"\n", "2:1", ":0\n/dev/null\n"},
      {"host-trap", "HOST=elsewhere\n", "1:1", "EXITCODE=75\nHOST=elsewhere\n"},
      {"host-trap", "HOST\n", "1:1", "HOST=$HOST\n"},
      {"incomplete-recipe", ":0\n* x\n", "1:1", ":0\n* x\nbox/\n"},
      {"invalid-regexp", ":0\n* (ab\nbox/\n", "2:3", ":0\n* (ab)\nbox/\n"},
      {"letter-o", ":O\n* x\nbox/\n", "1:1", ":0\n* x\nbox/\n"},
      {"lost-backslash", ":0\n* \\<offer\\>\nbox/\n", "2:3", ":0\n* ()\\<offer\\>\nbox/\n"},
      {"lost-backslash", ":0\n* ! B ?? \\[x\\]\nbox/\n", "2:10", ":0\n* \\*\\*\\*\nbox/\n"},
      {"maildir-lock", ":0:\nbox/\n", "1:1", ":0\nbox/\n"},
      {"maildir-lock", "D=box/\n:0:\n$D\n", "2:1", "D=box/\n:0\n$D\n"},
      {"missing-action", ":0\n* x\n\n:0\nbox/\n", "1:1", ":0\n* x\n{ }\n\n:0\nbox/\n"},
      {"missing-brace", ":0\n* x\n{ A=1}\n", "3:1", ":0\n* x\n{ A=1 }\n"},
      {"missing-dollar", "F=x\n:0\n* ^From:.*$F\nbox/\n", "", "F=x\n:0\n* $ ^From:.*$F\nbox/\n"},
      {"missing-dollar", "WHO=x\n:0\n* ^From:.*$WHO\nbox/\n", "3:11", "WHO=x\n:0\n* ^From:.*x$^To\nbox/\n"},
      {"missing-dollar", ":0\n* ^From:.*${WHO}\nbox/\n", "2:11", ":0\n* ^From: x$\nbox/\n"},
      {"missing-star", ":0\n^Subject: x\n", "2:1", ":0\n* ^Subject: x\nbox/\n"},
      {"no-lock", ":0\nbox\n", "1:1", ":0:\nbox\n"},
      {"no-lock", "D=$HOME/Mail\n:0 c\n$D/box\n", "2:1", "LOCKFILE=x\n:0\nbox\n"},
      {"no-lock", ":0\n$MATCH.mbox\n", "1:1", ":0\nlists/.\n"},
      {"no-lock", ":0\n$DEFAULT\n", "1:1", "DEFAULT=$HOME/Maildir/\n:0\n$DEFAULT\n"},
      {"no-lock", ":0 H\nbox\n", "1:1", ":0 HX:\nbox\n"},
      {"no-lock", ":0\n`date`.x\n", "1:1", ":0\n`date`\n:0 e\n/dev/null\n"},
      {"odd-folder", ":0\n* x\nA=1\n", "3:1", ":0\n* x\n{ A=1 }\n"},
      {"odd-folder", ":0\n* x\n{}\n", "3:1", ":0\n* x\n{ }\n"},
      {"odd-folder", ":0\n* x\n:0\nbox/\n", "3:1", ":0\n* x\nA=| cat\n"},
      {"odd-folder", ":0\nA = | cat\n", "2:1", ":0\na=b/c/\n"},
      {"perl-regexp", ":0\n* ^Subject:\\s+x\nbox/\n", "2:12", ":0\n* ^Subject: +x\nbox/\n"},
      {"perl-regexp", ":0\n* [0-9]{3}\nbox/\n", "2:8", ":0\n* {x}\nbox/\n"},
      {"perl-regexp", ":0\n* (?i)x\nbox/\n", "2:3", ":0\n* (\\?i)x\nbox/\n"},
      {"perl-regexp", ":0\n* a.*?b\nbox/\n", "2:5", ":0\n* a.*\\?b\nbox/\n"},
      {"perl-regexp", ":0\n* x[[:alpha:]]\nbox/\n", "2:4", ":0\n* x[:a]\nbox/\n"},
      {"perl-regexp", ":0\n* a\\\n  \\d\nbox/\n", "3:3", ":0\n* \\.\\*\\[\\/x\nbox/\n"},
      {"quantifier-before-match", ":0\n* ^Subject: *\\/.*\n{ A=$MATCH }\n", "2:13",
       ":0\n* ^Subject: *\\/[^ ].*\n{ A=$MATCH }\n"},
      {"quantifier-before-match", ":0\n* ^Subject: +\\/x\n{ A=$MATCH }\n", "2:13",
       ":0\n* ^Subject:.*\\/x.*\n{ A=$MATCH }\n"},
      {"shell-substitution", "A=$(date)\n", "1:3", "A=`date`\n"},
      {"shell-substitution", ":0\nx$(date)/\n", "2:2", "TRAP='echo $(date)'\nA='$(date)'\n"},
      {"size-number", ":0 B\n* <iframe\nbox/\n", "2:3", ":0 B\n* [<]iframe\nbox/\n"},
      {"size-number", ":0\n* ! > 100k\nbox/\n", "2:5", "N=5\n:0\n* > $N\n* < 100 \nbox/\n"},
      {"skipped", "* x\n", "1:1", ":0\n* x\nbox/\n"},
      {"skipped",
       "\xef\xbb\xbf"
       "A=1\n",
       "1:1", "A=1\n"},
      {"skipped-flags", ":0q\nbox/\n", "1:1", ":0 c\nbox/\n"},
      {"stray-word", "A=two words\n", "1:7", "A=\"two words\"\n"},
      {"stray-word", "inbox\n", "1:1", "A=1\nA\nLOCKFILE\n{ VERBOSE }\n"},
      {"stray-word", "x y z\n", "1:1", "EXITCODE=75 HOST\n"},
      {"tilde", "MAILDIR=~/Mail\n", "1:9", "MAILDIR=$HOME/Mail\n"},
      {"tilde", "PATH=/bin:~anna/bin\n", "1:11", "A=x~/y\nTRAP='~/bin/x'\n"},
      {"tilde", ":0\n~/box/\n", "2:1", ":0\n* ? test -f ~/x\nbox~/\n"},
      {"to-macro", ":0\n* ^TO:.*anna\nbox/\n", "2:3", ":0\n* ^TO.*anna\nbox/\n"},
      {"to-macro", ":0\n* ^TOPIC: x\nbox/\n", "2:3", ":0\n* ^To: x\nbox/\n"},
      {"to-macro", ":0\n* ^TO_: x\nbox/\n", "2:3", ":0\n* ^TO_anna\nbox/\n"},
      {"unescaped-dot", ":0\n* ^From:.*@mail.example.org\nbox/\n", "2:12",
       ":0\n* ^From:.*@mail\\.example\\.org\nbox/\n"},
      {"unescaped-dot", ":0\n* ^From:.*anna@x\\.example.com>\nbox/\n", "2:19", ":0\n* ^Subject: v.i.a.g.r.a\nbox/\n"},
      {"unescaped-dot", ":0\n* $ ^TO_foo.example.com$HOME\nbox/\n", "2:9", ":0\n* ^From:.*foo.*example.*com\nbox/\n"},
      {"unescaped-dot", ":0\n* ^Subject:.*anna@mail.example.de\nbox/\n", "2:19",
       ":0\n* ^Subject:.*notification.de.r.*siliation.de\nbox/\n"},
      {"unescaped-dot", ":0\n* www.example.com.*x\nbox/\n", "2:3", ":0\n* ^X: .*de.autorespuesta.de.hoy\nbox/\n"},
      {"unexpected-brace", "}\n", "1:1", ":0\n{\n}\n"},
      {"unexpected-eol", "A=\"x\n", "1:3", "A=\"x\"\n"},
      {"unknown-check", "# sluice: ignore nolock\nA=1\n", "1:18", "# sluice: ignore no-lock\nA=1\n"},
      {"unreachable", ":0:\nbox\n\n:0:\n* x\ny\n", "4:1", ":0 c:\nbox\n\n:0:\n* x\ny\n"},
      {"unreachable", ":0\n{\n  :0:\n  box\n}\n:0:\n* x\ny\n", "6:1", ":0 w\n| x\n\n:0:\ny\n"},
      {"unreachable", ":0:\n* x\na\n\n:0 E:\nb\n\n:0:\nc\n", "8:1", ":0:\n* x\na\n\n:0 E:\n* y\nb\n\n:0:\nc\n"},
      {"unreachable", ":0\n! a@b\n:0:\ny\n", "3:1", ":0:\nbox\n\n:0 e\n{ EXITCODE=75 }\n"},
      {"unsafe-match", ":0\n* ^Subject: \\/.*\nlists/$MATCH/\n", "3:8",
       ":0\n* ^Subject: \\/[a-z0-9_-]+\nlists/$MATCH/\n"},
      {"unsafe-match", ":0\n* ^Subject: x\\/[a-z.]+\n$MATCH/\n", "3:2", ":0\n* ^Subject: x\\/[a-z.]+\nlists.$MATCH/\n"},
      {"unsafe-match", ":0\n* ^Subject: \\/.*\n{ L=$MATCH }\n:0\nl.$L/\n", "5:4",
       ":0\n* ^Subject: \\/.*\n{ L=`echo \"$MATCH\"` }\n:0\nl.$L/\n"},
      {"unsafe-match", ":0\n* ^Subject: \\/.*\n! $MATCH\n", "3:4", ":0\n* ^Subject: \\/[a-z]+\n! $MATCH\n"},
      {"unset-variable", ":0\n$LIST/dev/\n", "2:2", "LIST=x\n:0\n$LIST/dev/\n"},
      {"unset-variable", "A=$USER\n", "1:4", "A=$LOGNAME${USER:-x}\n"},
      {"unset-variable", ":0\n* FLAG ?? y\nbox/\n", "2:3", ":0\nFLAG=| cat\n:0\n* FLAG ?? y\nbox/\n"},
      {"unwatched-filter", ":0 f\n| spamc\n", "1:1", ":0 fw\n| spamc\n"},
      {"unwatched-program", ":0\n| x\n", "1:1", ":0 w\n| x\n"},
      {"unwatched-program", ":0 b\n* x\n| cat >>y\n", "1:1", ":0 c\n| x\n:0 c\n{\n  :0\n  | y\n}\n:0:\n| cat >>z\n"},
      {"useless-flags", ":0:\n* x\n{\n}\n", "1:1", ":0 c:\n* x\n{\n}\n"},
      {"useless-flags", ":0 fw\n* x\nbox/\n", "1:1", ":0 Hw\n* x\nbox/\n"},
      {"useless-flags", ":0 cfw\n| x\n", "1:1", ":0 c\n| x\n"},
  };
  return kExamples;
}

bool finds(const std::string& text, const Example& example) {
  for (const rules::Diagnostic& d : found_in(text))
    if (d.check == example.check) return true;
  return false;
}

TEST_CASE("lint: what each check finds, and what it leaves alone") {
  for (const Example& example : examples()) {
    CAPTURE(example.check, example.bad, example.good, told(example.bad), told(example.good));
    const std::string line = example.at + " " + example.check + "\n";
    CHECK((example.at.empty() || told(example.bad).find(line) != std::string::npos));
    CHECK(!finds(example.good, example));
  }
}

TEST_CASE("lint: every check has an example and a page in the manual, in order") {
  std::ifstream in(SOURCE_DIR "/filter/sluice-checks.7");
  const std::string manual{std::istreambuf_iterator<char>(in), {}};
  std::set<std::string> shown = {"nesting", "unreadable-include", "unsafe-file"};  // tested with the command
  for (const Example& example : examples()) shown.insert(example.check);
  std::string last;
  for (const Check& check : checks()) {
    CAPTURE(check.name);
    CHECK(shown.contains(check.name));
    CHECK(manual.find("\n.Ss " + std::string(check.name) + "\n") != std::string::npos);
    CHECK(last < check.name);
    const std::string page = page_of(check.name);
    CHECK(page.find("\n```\n") != std::string::npos);
    CHECK(page.find("\n.") == std::string::npos);
    CHECK(find_check(check.name) == &check);
    last = check.name;
  }
  for (const std::string& name : shown) CHECK(find_check(name) != nullptr);
  CHECK(find_check("no") == nullptr);
  CHECK(page_of("no").empty());
  CHECK(page_of("quantifier-before-match").find("before \\\\/ matches") != std::string::npos);
  CHECK(page_of("tilde").find("\n```\nMAILDIR=~/Mail\n```\n") != std::string::npos);
  CHECK(find_check("zzz") == nullptr);
}

TEST_CASE("lint: comments silence checks") {
  struct Row {
    std::string rules;
    std::string told;
  };
  const std::string recipe = ":0\nbox\n";
  const Row rows[] = {
      {"A=1\n# sluice: ignore no-lock\n" + recipe + "\n:0 e\nbox2\n", "6:1 no-lock\n"},
      {"A=1\n# sluice: ignore no-lock\n\n# why\n" + recipe, ""},
      {"A=1\n# sluice: ignore no-lock unwatched-program\n" + recipe, ""},
      {"A=1\n# sluice: ignore no-lock, unwatched-program\n" + recipe, ""},
      {"A=1\n:0 # sluice: ignore no-lock\nbox\n", ""},
      {"A=1\n:0\n# sluice: ignore unescaped-dot\n* x@example.org\nbox/\n", ""},
      {"A=1\n# sluice: ignore unescaped-dot\n:0\n* x@example.org\nbox/\n", ""},
      {"A=1\n# sluice: ignore no-lock\n:0\n{\n  :0\n  box\n}\n", "5:3 no-lock\n"},
      {"# sluice: ignore no-lock\n\n" + recipe, ""},
      {"# sluice: ignore no-lock\n#\n\nA=1\n\n" + recipe, ""},
      {"# sluice: ignore no-lock\nA=1\n\n" + recipe, "4:1 no-lock\n"},
      {"# sluice: ignore tilde\n\n" + recipe, "3:1 no-lock\n"},
      {"# sluice: ignore\n\n" + recipe, "3:1 no-lock\n"},
      {"# sluice: ignore skipped\n*x\nA=1\n", ""},
      {"A=1 # sluice: ignore", ""},
  };
  for (const Row& row : rows) {
    CAPTURE(row.rules);
    CHECK(told(row.rules) == row.told);
  }
}

TEST_CASE("lint: variables may be set in any of the files; where one is out of sight nothing is said") {
  const rules::Source one("one", "A=$B\n");
  const rules::Source two("two", "B=1\n");
  const auto script_one = rules::parse(rules::tokenize(one).tokens).script;
  const auto script_two = rules::parse(rules::tokenize(two).tokens).script;
  std::vector<rules::Diagnostic> found_one;
  std::vector<rules::Diagnostic> found_two;
  const std::vector<Subject> both = {{&one, &script_one, &found_one}, {&two, &script_two, &found_two}};
  look_over(both, true);
  CHECK(found_one.empty());
  const std::vector<Subject> alone = {{&one, &script_one, &found_one}};
  look_over(alone, false);
  CHECK(found_one.empty());
  look_over(alone, true);
  CHECK(found_one.size() == 1);
}

TEST_CASE("lint: any bytes are looked over without harm") {
  std::string bytes = ":0:$*\\^ [](){}|!'\"`/.~\n\t\r\x01\xffTOAB=?#";
  unsigned state = 1;
  for (int round = 0; round < 2000; ++round) {
    std::string text;
    for (int i = 0; i < 60; ++i) {
      state = state * 1103515245 + 12345;
      text += bytes[(state >> 16) % bytes.size()];
    }
    CAPTURE(text);
    found_in(":0\n* " + text + "\nbox\n" + text);
  }
}

}  // namespace
}  // namespace filter::tools::lint
