// `sluice check` as a shell sees it: findings in their text and JSON form, includes, and exit codes.
// SPDX-License-Identifier: Apache-2.0
#include "filter/tools/check_command.h"

#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "filter/tools/findings.h"
#include "filter/tools/rule_files.h"
#include "support/scratch.h"
#include "support/tool_run.h"

namespace filter::tools {
namespace {

// "line:column severity check" of each diagnostic, one a line.
std::string found(const RuleFiles& files) {
  std::string text;
  for (const RuleFile& file : files.list())
    for (const rules::Diagnostic& d : file.compiled.diagnostics)
      text += d.where.file.substr(d.where.file.rfind('/') + 1) + ":" + std::to_string(d.where.line) + ":" +
              std::to_string(d.where.column) + " " + (d.severity == rules::Severity::Error ? "error " : "warning ") +
              d.check + "\n";
  return text;
}

TEST_CASE("check: what is wrong, and where") {
  struct Row {
    std::string rules;
    std::string found;
  };
  const Row rows[] = {
      {":0\n", "rc:1:1 error incomplete-recipe\n"},
      {":0\n* ^Subject: x\n\n:0\nbox\n", "rc:1:1 error missing-action\n"},
      {":O:\n* ^Subject: x\nbox\n\nX=1\n", "rc:1:1 error letter-o\n"},
      {":0q\nbox\n", "rc:1:1 error skipped-flags\n"},
      {":0 * ^Subject: x\nbox\n", "rc:1:1 error skipped-flags\n"},
      {":0: a b\nbox\n", "rc:1:1 error skipped-flags\n"},
      {":0\n^Subject: x\nbox\n", "rc:2:1 warning missing-star\n"},
      {":0\nB ?? x\n", "rc:2:1 warning missing-star\n"},
      {":0\n\"\"\n", "rc:2:1 error empty-folder\n"},
      {"* ^Subject: x\n", "rc:1:1 error skipped\n"},
      {"MY-BOX=x\n", "rc:1:1 error skipped\n"},
      {"| cat\n", "rc:1:1 error skipped\n"},
      {"}\n", "rc:1:1 error unexpected-brace\n"},
      {":0\n{\n:0\nbox\n", "rc:2:1 error missing-brace\n"},
      {"A=\"x\n", "rc:1:3 error unexpected-eol\n"},
      {"A=${B!x}\n", "rc:1:3 error bad-substitution\n"},
      {":0\n* (ab\nbox\n", "rc:2:3 error invalid-regexp\n"},
      {"A=1\r\n\r\n:0\r\n* x\r\nbox\r\n", "rc:1:4 error crlf\n"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.rules);
    const Scratch scratch;
    scratch.write("rc", row.rules);
    RuleFiles files("");
    REQUIRE(files.add(scratch / "rc"));
    std::string got = found(files);
    if (row.rules.starts_with(":O")) got.resize(got.find('\n') + 1);  // what follows from the first is not the matter
    CHECK(got == row.found);
  }
}

TEST_CASE("check: nothing to say about rules that do what they say") {
  const std::string rows[] = {
      "",
      "# only a comment",
      "MAILDIR=$HOME/Mail\n\n:0:\n* ^Subject: x\nbox\n",
      ":0\n* ^List-Id:.*<\\/[a-z]+\nlists.$MATCH/\n",
      ":0 fw: x.lock\n| sed s/a/b/\n",
      ":0\n{ }\n",
      ":\n^Subject: x\nbox\n",
      ":0 c # a copy\n! anna@example.org\n",
      ":0\n* ? test -f x\n* > 1000\n* ! B ?? y\n/dev/null\n",
      "A='x\ny' B=`date`\n",
      ":0 H B\n* 1^1 x\n{\n  :0\n  box\n}\n",
      ":0\nX=| cat\n",
      ":0\nwhy?/\n",
  };
  for (const std::string& rules : rows) {
    CAPTURE(rules);
    const Scratch scratch;
    scratch.write("rc", rules);
    RuleFiles files("");
    REQUIRE(files.add(scratch / "rc"));
    CHECK(found(files) == "");
  }
}

TEST_CASE("check: includes are followed where the text tells which they are") {
  struct Row {
    std::string rules;
    std::string found;
  };
  const std::string bad = "bad:1:1 error incomplete-recipe\n";
  const Row rows[] = {
      {"INCLUDERC=bad\n", bad},
      {"SWITCHRC=bad\n", bad},
      {"D=sub\nINCLUDERC=$D/../bad\n", bad},
      {"MAILDIR=$HOME\nINCLUDERC=bad\n", bad},
      {"INCLUDERC=$HOME/bad\n", bad},
      {"INCLUDERC=bad\nINCLUDERC=bad\n", bad},
      {"INCLUDERC=rc\n", ""},
      {"INCLUDERC=/dev/null\n", ""},
      {"INCLUDERC=$UNKNOWN\n", ""},
      {"MAILDIR=`pwd`\nINCLUDERC=bad\n", ""},
      {"INCLUDERC=good\n", bad},
      {"A=1\nINCLUDERC=none\n", "rc:2:1 warning unreadable-include\n"},
      {"INCLUDERC=/dev/zero\n", "rc:1:1 warning unreadable-include\n"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.rules);
    const Scratch scratch;
    scratch.write("rc", row.rules);
    scratch.write("bad", ":0\n");
    scratch.write("good", "INCLUDERC=bad\n");
    RuleFiles files(scratch.path());
    REQUIRE(files.add(scratch / "rc"));
    CHECK(found(files) == row.found);
  }
}

TEST_CASE("check: text, JSON and exit codes") {
  const Scratch scratch;
  scratch.write("bad", "A=1\n\t}\n");
  scratch.write("warn", ":0:\n^x\n");
  scratch.write("good", "A=1\n");
  const ToolRun run(scratch);
  const auto bad = run(check_command, {scratch / "bad"});
  CHECK(bad.exit_code == 1);
  CHECK(bad.out == scratch / "bad" +
                       ":2:2: error: this '}' closes no block: remove it, or open the block with a '{' as a "
                       "recipe's action [unexpected-brace]\n\t}\n\t^\n");
  const auto json = run(check_command, {"--format=json", scratch / "warn"});
  CHECK(json.exit_code == 0);
  CHECK(json.out ==
        "{\"diagnostics\":[{\"file\":\"" + scratch / "warn" +
            "\",\"line\":2,\"column\":1,\"severity\":\"warning\",\"check\":\"missing-star\",\"message\":\"this looks "
            "like a condition, but is read as the action, a folder's name: start each condition with '*'\"}]}\n");
  struct Row {
    std::vector<std::string> words;
    int exit_code;
    std::string errors;  // a part
  };
  const Row rows[] = {
      {{scratch / "good"}, 0, ""},
      {{scratch / "warn"}, 0, ""},
      {{scratch / "warn", "--fail-on", "error"}, 0, ""},
      {{scratch / "warn", "--fail-on", "warning"}, 1, ""},
      {{scratch / "good", "--fail-on=warning"}, 0, ""},
      {{scratch / "none", scratch / "bad"}, 2, "No such file"},
      {{scratch.path()}, 2, "is a directory"},
      {{"/dev/zero"}, 2, "no regular file"},
      {{}, 2, "which rule file?"},
      {{"--format", "sarif", scratch / "good"}, 0, ""},
      {{"--format", "sarif", scratch / "bad"}, 1, ""},
      {{"--format", "xml", scratch / "good"}, 2, "unknown format 'xml': text, json or sarif"},
      {{"--fail-on", "never", scratch / "good"}, 2, "unknown severity"},
      {{scratch / "good", "--format"}, 2, "needs a value"},
      {{"--colour", scratch / "good"}, 2, "unknown option '--colour'"},
      {{"--help"}, 0, ""},
      {{"--version"}, 0, ""},
  };
  for (const Row& row : rows) {
    CAPTURE(row.words);
    const auto done = run(check_command, row.words);
    CHECK(done.exit_code == row.exit_code);
    CHECK((row.errors.empty() ? done.errors.empty() : done.errors.find(row.errors) != std::string::npos));
  }
}

TEST_CASE("check: the caret stands below its character, and of a long line only a part is shown") {
  const auto shown = [](const std::string& text, unsigned column) {
    const rules::Source source("rc", text);
    const std::string all = rules::render(source, {rules::Severity::Error, {"rc", 1, column}, "x", "m"});
    return all.substr(all.find('\n') + 1);
  };
  CHECK(shown("* caf\xc3\xa9.x\n", 8) == "* caf\xc3\xa9.x\n      ^\n");
  CHECK(shown("\tab\x01", 4) == "\tab?\n\t  ^\n");
  CHECK(shown("ab", 3) == "ab\n  ^\n");
  CHECK(shown("", 1) == "\n^\n");
  const std::string cut = shown(std::string(1000, 'a') + "B" + std::string(1000, 'c'), 1001);
  CHECK(cut == "..." + std::string(80, 'a') + "B" + std::string(159, 'c') + "...\n" + std::string(83, ' ') + "^\n");
}

TEST_CASE("check: SARIF, with columns that count characters and paths as URIs") {
  const Scratch scratch;
  scratch.write("a b", "A=\xc3\xa4 two\n");
  const ToolRun run(scratch);
  const auto sarif = run(check_command, {"--format=sarif", scratch / "a b"});
  CHECK(sarif.exit_code == 0);
  CHECK(sarif.out.starts_with(
      "{\"$schema\":\"https://json.schemastore.org/sarif-2.1.0.json\",\"version\":\"2.1.0\",\"runs\":[{\"tool\":"
      "{\"driver\":{\"name\":\"sluice check\""));
  CHECK(sarif.out.find("{\"id\":\"no-lock\",\"shortDescription\":{\"text\":") != std::string::npos);
  CHECK(sarif.out.find("{\"ruleId\":\"stray-word\",\"ruleIndex\":") != std::string::npos);
  CHECK(
      sarif.out.find("\"artifactLocation\":{\"uri\":\"file://" + scratch / "a%20b" +
                     "\"},\"region\":{\"startLine\":1,\"startColumn\":5,\"snippet\":{\"text\":\"A=\xc3\xa4 two\"}}") !=
      std::string::npos);
}

TEST_CASE("check: a folder that is a directory needs no lock") {
  const Scratch scratch;
  mkdir((scratch / "there").c_str(), 0700);
  scratch.write("rc", ":0\nthere\n:0 e\n$HOME/there\n:0 e\nthere/box\nMAILDIR=$HOME/there\n:0 e\nthere\n");
  RuleFiles files(scratch.path());
  REQUIRE(files.add(scratch / "rc"));
  find_all(files);
  std::string lines;
  for (const auto& one : files.list()[0].compiled.diagnostics)
    lines += std::to_string(one.where.line) + one.check + " ";
  CHECK(lines == "5no-lock 8no-lock ");
}

TEST_CASE("check: who may write a file, and comments that silence") {
  const Scratch scratch;
  scratch.write("open", "A=1\n", 0666);
  scratch.write("include", "INCLUDERC=open\n:0\nbox\n");
  scratch.write("quiet", "# sluice: ignore no-lock\n\n:0\nbox\n");
  const ToolRun run(scratch);
  const auto open = run(check_command, {"--fail-on=warning", scratch / "include"});
  CHECK(open.exit_code == 1);
  CHECK(open.out.find("/open:1:1: warning: everybody may write this file") != std::string::npos);
  CHECK(open.out.find("/include:2:1: warning: \"box\" is an mbox file") != std::string::npos);
  CHECK(run(check_command, {"--fail-on=warning", scratch / "quiet"}).out.empty());
}

}  // namespace
}  // namespace filter::tools
