// `sluice explain`: recipes in sentences, and the command as a shell sees it.
// SPDX-License-Identifier: Apache-2.0
#include "filter/tools/explain_command.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "filter/tools/explain/explanation.h"
#include "filter/tools/explain/pattern_words.h"
#include "rules/lexer.h"
#include "rules/parser.h"
#include "support/scratch.h"
#include "support/tool_run.h"

namespace filter::tools {
namespace {

// Each sentence on a line, blocks indented; without the last, which says where the rest goes.
std::string explained(const std::string& text) {
  const rules::Source source("rc", text);
  KnownValues known;
  known.set("HOME", "/home/anna");
  std::string out;
  for (const Sentence& sentence : explain(rules::parse(rules::tokenize(source).tokens).script, known))
    if (sentence.kind != Sentence::Kind::End) out += std::string(2 * sentence.depth, ' ') + sentence.text + "\n";
  return out;
}

TEST_CASE("explain: patterns in words") {
  struct Row {
    const char* pattern;
    const char* words;
    const char* negated;
  };
  const Row rows[] = {
      {"^List-Id:.*<dev\\.example\\.org>", "whose List-Id contains <dev.example.org>",
       "whose List-Id does not contain <dev.example.org>"},
      {"^Subject: *offer", "whose Subject begins with offer", "whose Subject does not begin with offer"},
      {"^Subject:[ \t]*two words$", "whose Subject is \"two words\"", "whose Subject is not \"two words\""},
      {"^From:.*@example\\.org$", "whose From ends in @example.org", "whose From does not end in @example.org"},
      {"^(To|Cc):.*anna", "whose To or Cc contains anna", "whose To or Cc does not contain anna"},
      {"^Subject:.*(a|b|c)", "whose Subject contains one of a, b or c", "whose Subject contains none of a, b or c"},
      {"^Subject:.*x(y|z)", "whose Subject contains one of xy or xz", "whose Subject contains none of xy or xz"},
      {"^X-Seen:", "that have a field X-Seen", "that have no X-Seen"},
      {"^X-Seen:.*", "that have a field X-Seen", "that have no X-Seen"},
      {"^Subject:$", "whose Subject is empty", "whose Subject is not empty"},
      {"^TO_anna@", "that are sent to anna@", "that are not sent to anna@"},
      {"^TO(anna|bert)", "that are sent to one of anna or bert", "that are sent to none of anna or bert"},
      {"^FROM_DAEMON", "that are sent by a daemon, a mailing list or the like",
       "that are not sent by a daemon, a mailing list or the like"},
      {"^FROM_MAILER", "that are sent by a mail server or the like", "that are not sent by a mail server or the like"},
      {"offer", "whose header contains offer", "whose header does not contain offer"},
      {"()\\<offer", "whose header matches the pattern `()\\<offer`",
       "whose header does not match the pattern `()\\<offer`"},
      {"^From anna", "whose header has a line that begins with \"From anna\"",
       "whose header has no line that begins with \"From anna\""},
      {"^Subject:.*[0-9]+", "whose header matches the pattern `^Subject:.*[0-9]+`",
       "whose header does not match the pattern `^Subject:.*[0-9]+`"},
      {"^List-Id:.*<\\/[a-z]+", "whose List-Id contains < (MATCH becomes what follows there and matches `[a-z]+`)",
       "whose List-Id does not contain < (MATCH becomes what follows there and matches `[a-z]+`)"},
      {"^Subject:\\/.*", "that have a field Subject (MATCH becomes what follows there and matches `.*`)",
       "that have no Subject (MATCH becomes what follows there and matches `.*`)"},
      {"", "of every kind", "of which there are none"},
      {"(ab", "whose header matches the pattern `(ab`", "whose header does not match the pattern `(ab`"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.pattern);
    CHECK(words_for(row.pattern, "header", false) == row.words);
    CHECK(words_for(row.pattern, "header", true) == row.negated);
  }
  CHECK(words_for("x", "body", false) == "whose body contains x");
  CHECK(words_for("^^x$", "variable V", false) == "for which the variable V is x");
  CHECK(words_for("^x", "body", true) == "whose body has no line that begins with x");
}

TEST_CASE("explain: recipes and assignments in sentences") {
  struct Row {
    std::string rules;
    std::string sentences;
  };
  const Row rows[] = {
      {":0\n* ^List-Id:.*<dev\\.example\\.org>\nlists/dev/\n",
       "Messages whose List-Id contains <dev.example.org>, ignoring case: put into the Maildir lists/dev, and stop\n"},
      {":0:\nbox\n", "All messages: append to the mbox file box, locked, and stop\n"},
      {":0 c:x.lock\nbox\n", "All messages: append a copy to the mbox file box, under the lock x.lock, and go on\n"},
      {":0 c\nbox/\n", "All messages: put a copy into the Maildir box, and go on\n"},
      {":0\n/dev/null\n", "All messages: discard, and stop\n"},
      {":0\nmh/.\n", "All messages: put into the MH folder mh, and stop\n"},
      {":0\n`date`\n", "All messages: put into the folder `date`, and stop\n"},
      {":0 D\n* B ?? Offer\n* > 1000\n! a@b c@d\n",
       "Messages whose body contains Offer and that are larger than 1000 bytes, minding case: send on to a@b and c@d, "
       "and stop\n"},
      {":0 w\n* ? test -f x\n| cat >y\n",
       "Messages for which the program `test -f x` succeeds: give them to the program `cat >y`, and stop; if that "
       "fails, go on\n"},
      {":0 fhw\n* ! ? x\n| y\n",
       "Messages for which the program `x` fails: replace their header by what the program `y` makes of it, and go "
       "on\n"},
      {":0\nA=| date\n", "All messages: set A to the output of the program `date`, and go on\n"},
      {":0\n* x\n{\n  :0 E\n  b/\n}\n:0 A\nc/\n:0 a\nd/\n:0 e\ne/\n",
       "Messages whose header contains x, ignoring case: do the following\n  Otherwise, all messages: put into the "
       "Maildir b, and stop\n"
       "And then, if the conditions before held, all messages: put into the Maildir c, and stop\n"
       "And then, if the action before succeeded, all messages: put into the Maildir d, and stop\n"
       "If the action before was tried and failed, all messages: put into the Maildir e, and stop\n"},
      {"D=$HOME/Mail\nMAILDIR=$D\nL=$D/$UNKNOWN\n:0\n$D/x/\n",
       "Set D to /home/anna/Mail\nFolders from here on are below /home/anna/Mail\nSet L to /home/anna/Mail/$UNKNOWN\n"
       "All messages: put into the Maildir /home/anna/Mail/x, and stop\n"},
      {"D=a\n:0\n* x\n{ D=b }\n:0\n$D/\n",
       "Set D to a\nMessages whose header contains x, ignoring case: do the following\n  Set D to b\nAll messages: put "
       "into the Maildir $D, and stop\n"},
      {"W=a.b\n:0\n* $ ^Subject:.*$\\W\nx/\n",
       "Set W to a.b\nMessages whose Subject contains a.b, ignoring case: put into the Maildir x, and stop\n"},
      {":0\n* $ ^Subject:.*$W\nx/\n",
       "Messages whose Subject contains $W, ignoring case: put into the Maildir x, and stop\n"},
      {":0\n* -1^0\n* 2^1 ^Subject:.*x\nb/\n",
       "Messages that get more than 0 points (-1 points for all; 2 points for each time for those whose Subject "
       "contains x), ignoring case: "
       "put into the Maildir b, and stop\n"},
      {":0\n{ D=b }\n:0\n$D/\n",
       "All messages: do the following\n  Set D to b\nAll messages: put into the Maildir b, and stop\n"},
      {"A=1\nINCLUDERC=x\nB=$HOME$A\n", "Set A to 1\nRun the rules in x here\nSet B to /home/anna$A\n"},
      {"INCLUDERC=x\nSWITCHRC\nHOST\n",
       "Run the rules in x here\nEnd this file of rules\nEnd the rules here, with nothing delivered from here on\n"},
      {":0 wc: $HOME/x.lock\n| (a \\\n  ; b)\n",
       "All messages: give a copy of them to the program `(a ; b)`, under the lock /home/anna/x.lock, and go on\n"},
      {"N=5\n:0 f\n* $ > $N\n| x\n",
       "Set N to 5\nMessages that are larger than 5 bytes: replace them by what the program `x` makes of them, and go "
       "on\n"},
      {"N=`date`\n:0\n! -f a@b c@d\n",
       "Set N to the output of the program `date`\n"
       "All messages: send on by sendmail with the words `-f a@b c@d`, and stop\n"},
      {":0\n* $ $MATCH^0\n* [ \t]x+\nb/\n",
       "Messages for which the condition `$MATCH^0` holds and whose header matches the pattern `[ <TAB>]x+`, ignoring "
       "case: put into the Maildir b, and stop\n"},
      {":0 c$F\nb/\n", "All messages: put a copy into the Maildir b, and go on (and as the flags in $F say)\n"},
      {":0\n* x\n\n:0\nb/\n",
       "Messages whose header contains x, ignoring case: do nothing, for there is no action\nAll messages: put into "
       "the Maildir b, and stop\n"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.rules);
    CHECK(explained(row.rules) == row.sentences);
  }
}

TEST_CASE("explain: the command") {
  const Scratch scratch;
  scratch.write("rc", ":0:\n* ^Subject: x\nbox\n");
  const ToolRun run(scratch);
  const auto text = run(explain_command, {scratch / "rc"});
  CHECK(text.exit_code == 0);
  CHECK(text.out ==
        "   1  Messages whose Subject begins with x, ignoring case: append to the mbox file box, locked, and stop.\n"
        "      Whatever comes to the end: put into the inbox.\n");
  const auto json = run(explain_command, {"--format", "json", scratch / "rc"});
  CHECK(json.out.starts_with("{\"file\":\"" + scratch / "rc" +
                             "\",\"sentences\":[{\"line\":1,\"depth\":0,\"kind\":\"recipe\",\"text\":\"Messages "));
  CHECK(json.out.find("{\"line\":null,\"depth\":0,\"kind\":\"end\"") != std::string::npos);
  CHECK(run(explain_command, {scratch / "rc", "--dump", "tokens"}).out.starts_with("1:1 head"));
  CHECK(run(explain_command, {scratch / "rc", "--dump=tree"}).out.starts_with("recipe "));
  CHECK(run(explain_command, {scratch / "rc", "--dump=program"}).out.find("deliver \"box\"") != std::string::npos);
  struct Row {
    std::vector<std::string> words;
    int exit_code;
    std::string errors;
  };
  const Row rows[] = {{{}, 2, "which rule file?"},
                      {{"a", "b"}, 2, "one rule file"},
                      {{"--dump", "x", "a"}, 2, "unknown stage"},
                      {{"--what", "a"}, 2, "unknown option"},
                      {{scratch / "none"}, 2, "No such file"},
                      {{"--help"}, 0, ""}};
  for (const Row& row : rows) {
    const auto done = run(explain_command, row.words);
    CAPTURE(row.words);
    CHECK(done.exit_code == row.exit_code);
    CHECK(done.errors.find(row.errors) != std::string::npos);
  }
}

}  // namespace
}  // namespace filter::tools
