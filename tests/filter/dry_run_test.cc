// `sluice dry-run` as a shell sees it: its decisions as JSON, what it assumes, which mail it reads, and how it exits.
// SPDX-License-Identifier: Apache-2.0
#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "filter/tools/dry_run_command.h"
#include "filter/tools/json.h"
#include "filter/tools/mail_source.h"
#include "filter/tools/message_cutter.h"
#include "filter/tools/printable.h"
#include "support/scratch.h"
#include "support/tool_run.h"

namespace filter::tools {
namespace {

using Words = std::vector<std::string>;

const std::string kMessage = "From: y@example.org\nSubject: hello\nMessage-ID: <1@x>\n\nbody\n";

// A home with Mail/, a message, and rules.
class Bench {
 public:
  Bench() {
    mkdir((scratch / "Mail").c_str(), 0700);
    mkdir((scratch / "Mail/dir").c_str(), 0700);
    scratch.write("message", kMessage);
  }
  ToolRun::Ran operator()(const std::string& rules, Words more = {}, const std::string& mail = "message") const {
    scratch.write("rc", rules);
    Words words{"--rules", scratch / "rc", "--format", "json", "-j1", "DEFAULT=" + scratch / "inbox"};
    words.insert(words.end(), more.begin(), more.end());
    if (!mail.empty()) words.push_back(scratch / mail);
    return ToolRun(scratch)(dry_run_command, words);
  }
  // The scratch directory is called ~ and the rule file RC.
  std::string plain(std::string text) const {
    for (const auto& [from, to] : {std::pair{scratch / "rc", "RC"}, std::pair{scratch.path(), "~"}})
      for (auto at = text.find(from); at != std::string::npos; at = text.find(from)) text.replace(at, from.size(), to);
    return text;
  }

  Scratch scratch;
};

// From "outcome" to the end of the object.
std::string decision(const std::string& json) {
  const auto at = json.find("\"outcome\"");
  return at == std::string::npos ? json : json.substr(at, json.size() - at - 2);
}

TEST_CASE("dry-run: one object a message, its members in their order") {
  const Bench bench;
  const auto ran = bench("");
  CHECK(ran.errors == "");
  CHECK(ran.exit_code == 0);
  CHECK(bench.plain(ran.out) ==
        R"({"source":"~/message","index":0,"message_id":"<1@x>","subject":"hello","outcome":"delivered","exit":0,)"
        R"("actions":[{"kind":"mbox","target":"~/inbox","rule":null,"copy":false}],"assumed":[]})"
        "\n");
}

struct Row {
  std::string rules;
  std::string said;
  Words words = {};
};

std::string action(const std::string& kind, const std::string& target, int line, bool copy = false) {
  return R"({"kind":")" + kind + R"(","target":")" + target + R"(","rule":{"file":"RC","line":)" +
         std::to_string(line) + R"(},"copy":)" + (copy ? "true}" : "false}");
}

std::string said(const std::string& outcome, int exit_code, const std::string& actions,
                 const std::string& assumed = "") {
  return R"("outcome":")" + outcome + R"(","exit":)" + std::to_string(exit_code) + R"(,"actions":[)" + actions +
         R"(],"assumed":[)" + assumed + "]";
}

const std::string kInbox = R"({"kind":"mbox","target":"~/inbox","rule":null,"copy":false})";

TEST_CASE("dry-run: what becomes of a message") {
  const Bench bench;
  const Row rows[] = {
      {":0:\nbox\n", said("delivered", 0, action("mbox", "box", 1))},
      {"MAILDIR=$HOME/Mail\n:0\n* ^Subject: hello\nlists/\n", said("delivered", 0, action("maildir", "lists", 2))},
      {":0\nmh/.\n", said("delivered", 0, action("mh", "mh", 1))},
      {":0\nMail/dir\n", said("delivered", 0, action("directory", "Mail/dir", 1))},
      {":0\nMail/dir/\n", said("delivered", 0, action("maildir", "Mail/dir", 1))},
      {":0\nmessage/\n", said("delivered", 0, action("mbox", "message", 1))},
      {":0\n/dev/null\n", said("discarded", 0, action("discard", "/dev/null", 1))},
      {":0 c\ncopy\n\n:0\n/dev/null\n",
       said("discarded", 0, action("mbox", "copy", 1, true) + "," + action("discard", "/dev/null", 4))},
      {":0 c\ncopy\n", said("delivered", 0, action("mbox", "copy", 1, true) + "," + kInbox)},
      {":0\nMail/a Mail/b\n", said("delivered", 0, action("mbox", "Mail/a", 1))},
      {":0\nnone/box\n", said("delivered", 0, kInbox)},
      {":0\n* ^Subject: other\nbox\n", said("delivered", 0, kInbox)},
      {"MAILDIR=none\n:0\n$MAILDIR/box\n", said("delivered", 0, action("mbox", "./box", 2))},
      {"DEFAULT=$HOME/none/x ORGMAIL=$HOME/none/x\n", said("refused", 73, "")},
      {"DEFAULT=$HOME/none/x ORGMAIL=$HOME/none/x EXITCODE=0\n", said("lost", 0, "")},
      {"HOST=elsewhere.invalid\n", said("lost", 0, "")},
      {":0 c\nbox\n\nHOST=elsewhere.invalid\n", said("delivered", 0, action("mbox", "box", 1, true))},
      {"SWITCHRC=$HOME/rc\n", said("delivered", 0, kInbox)},
      {":0 c\n{\n:0\nfirst\n}\n:0\nsecond\n",
       said("delivered", 0, action("mbox", "second", 6) + "," + action("mbox", "first", 3))},
      {":0\n|\n", said("piped", 0, action("pipe", "|", 1))},
      {":0 c\n|\n", said("delivered", 0, action("pipe", "|", 1, true) + "," + kInbox)},
  };
  for (const Row& row : rows) {
    CAPTURE(row.rules);
    const auto ran = bench(row.rules, row.words);
    CHECK(ran.exit_code == 0);
    CHECK(bench.plain(decision(ran.out)) == row.said);
  }
}

TEST_CASE("dry-run: what is not run is assumed, and said") {
  const Bench bench;
  const auto note = [](const std::string& text) { return '"' + text + '"'; };
  const Row rows[] = {
      {":0\n| cat x\n", said("piped", 0, action("pipe", "cat x", 1), note("| cat x: not run, exit 0 assumed"))},
      {":0\n| cat >x\n", said("piped", 0, action("pipe", "cat >x", 1), note("| cat >x: not run, exit 0 assumed"))},
      {":0\n! b@example.org\n", said("forwarded", 0, action("forward", "/usr/sbin/sendmail -oi b@example.org", 1),
                                     note("! /usr/sbin/sendmail -oi b@example.org: not run, exit 0 assumed"))},
      {":0\n* ? false\nbox\n", said("delivered", 0, kInbox, note("? false: not run, exit 1 assumed"))},
      {":0\n* ! ? true\nbox\n",
       said("delivered", 0, action("mbox", "box", 1), note("? true: not run, exit 1 assumed"))},
      {":0\n* ? grep x\nbox\n",
       said("delivered", 0, action("mbox", "box", 1), note("? grep x: not run, exit 0 assumed")),
       {"--assume", "grep *=0"}},
      {":0 w\n| cat\n", said("delivered", 0, kInbox, note("| cat: not run, exit 5 assumed")), {"--assume=c?t=5"}},
      {":0 Wh: m.lock\n| formail -D 8192 m.cache\n",
       said("delivered", 0, kInbox, note("| formail -D 8192 m.cache: not run, exit 1 assumed"))},
      {":0 fw\n| sed s/hello/bye/\n\n:0\n* ^Subject: hello\nbox\n",
       said("delivered", 0, action("filter", "sed s/hello/bye/", 1) + "," + action("mbox", "box", 4),
            note("| sed s/hello/bye/: not run, the message unchanged assumed"))},
      {":0\nA=| date\n\n:0\nbox$A\n",
       said("delivered", 0, action("capture", "date", 1) + "," + action("mbox", "box", 4),
            note("=| date: not run, no output assumed"))},
      {"A=`date`\n:0\nbox$A\n",
       said("delivered", 0, action("mbox", "box", 2), note("`date`: not run, no output assumed"))},
      {"A=`echo x`\n:0\nbox$A\n", said("delivered", 0, action("mbox", "boxx", 2)), {"--exec", "conditions"}},
      {":0\n* ? test -d $HOME/Mail\nbox\n", said("delivered", 0, action("mbox", "box", 1)), {"--exec=conditions"}},
      {"TRAP=true\n:0\nbox\n",
       said("delivered", 0, action("mbox", "box", 2), note("TRAP true: not run, exit 0 assumed"))},
      {":0\n$X\n", said("delivered", 0, action("mbox", "word", 1)), {"X=word"}},
      {":0\n$LOGNAME\n", said("delivered", 0, action("mbox", "bert", 1)), {"LOGNAME=bert"}},
  };
  for (const Row& row : rows) {
    CAPTURE(row.rules, row.words);
    const auto ran = bench(row.rules, row.words);
    CHECK(ran.exit_code == 0);
    CHECK(bench.plain(decision(ran.out)) == row.said);
  }
}

TEST_CASE("dry-run: --trace says why each condition held") {
  const Bench bench;
  const auto ran = bench(":0\n* ^Subject: hello\n* ! B ?? nobody\n* > 9999\n* x\nbox\n", {"--trace"});
  const std::string expected =
      R"("trace":[{"file":"RC","line":2,"text":"^Subject: hello","held":true,"why":"matches in the header"},)"
      R"({"file":"RC","line":3,"text":"! B ?? nobody","held":true,"why":"no match in the body"},)"
      R"({"file":"RC","line":4,"text":"> 9999","held":false,"why":"the size is 59"},)"
      R"({"file":"RC","line":5,"text":"x","held":null,"why":"not tried"}]})";
  CHECK(bench.plain(ran.out).find(expected) != std::string::npos);
}

TEST_CASE("dry-run: includes are read from where the rules are") {
  const Bench bench;
  bench.scratch.write("Mail/more", ":0\nincluded\n");
  CHECK(bench.plain(decision(bench("MAILDIR=$HOME/Mail\nINCLUDERC=more\n").out)) ==
        said("delivered", 0,
             R"({"kind":"mbox","target":"included","rule":{"file":"~/Mail/more","line":1},"copy":false})"));
  CHECK(bench.plain(decision(bench("INCLUDERC=/dev/zero\nINCLUDERC=none\n").out)) == said("delivered", 0, kInbox));
}

TEST_CASE("dry-run: as deliver would, with a configuration") {
  const Bench bench;
  const auto& home = bench.scratch;
  home.write("users", "anna:{PLAIN}x::::" + home.path() + "::\n");
  home.write("site.rc", ":0 c\nby-site\n");
  home.write("conf", "[accounts]\nsource = file\nfile = " + home / "users" +
                         "\n[mail]\ninbox = %h/box/\nfolders = %h/Folders\nmax-size = 1K\n[rules]\nsite = "
                         "%h/site.rc\nprograms = always\n");
  const Words site{"--config", home / "conf", "--user", "anna"};
  home.write("rc", ":0\n* ^From y@example\\.org \n* ^List: x\nby-user\n");
  const auto run = [&](Words words) {
    words.insert(words.end(), site.begin(), site.end());
    return ToolRun(home)(dry_run_command, words);
  };
  const auto ran = run({"--rules", home / "rc", "--format=json", "--trace", home / "message"});
  CHECK(ran.errors == "");
  const std::string plain = bench.plain(ran.out);
  CHECK(plain.find(R"({"kind":"mbox","target":"by-site","rule":{"file":"~/site.rc","line":1},"copy":true})") !=
        std::string::npos);
  CHECK(plain.find(R"({"kind":"maildir","target":"~/box","rule":null,"copy":false})") != std::string::npos);
  CHECK(plain.find(R"("text":"^From y@example\\.org","held":true)") != std::string::npos);
  home.write("large", kMessage + std::string(1024, 'x'));
  CHECK(decision(run({"--rules", home / "rc", "--format=json", home / "large"}).out) == said("refused", 73, ""));
  CHECK(run({"--rules", home / "rc", "--user", "anna", home / "message"}).exit_code == 2);
}

TEST_CASE("dry-run: rules that may run no programs") {
  const Bench bench;
  const auto& home = bench.scratch;
  home.write("users", "anna:{PLAIN}x::::" + home.path() + "::\n");
  home.write("conf", "[accounts]\nsource = file\nfile = " + home / "users" + "\n[mail]\ninbox = %h/inbox\n");
  home.write("rc", ":0\n| cat\n:0\n/tmp/outside\n:0\nMail/../../outside\n:0\nMail/in\n");
  const auto ran = ToolRun(home)(dry_run_command, {"--rules", home / "rc", "--format=json", "--config", home / "conf",
                                                   "--user", "anna", "--rules.programs", "never", home / "message"});
  CHECK(bench.plain(decision(ran.out)) == said("delivered", 0, action("mbox", "Mail/in", 7)));
}

TEST_CASE("dry-run: usage, and mail that cannot be read") {
  const Bench bench;
  bench.scratch.write("rc", "");
  bench.scratch.write("noise", std::string("\x7f"
                                           "ELF\0\0",
                                           6) +
                                   "\n\n");
  bench.scratch.write("empty", "");
  bench.scratch.write("holes", std::string(100, '\0'));
  bench.scratch.write("wrong", ":0\n* (\nbox/\n* x\n");
  REQUIRE(mkfifo((bench.scratch / "fifo").c_str(), 0600) == 0);
  const std::string rc = bench.scratch / "rc";
  const std::string mail = bench.scratch / "message";
  struct Bad {
    Words words;
    std::string errors;
    std::size_t lines;  // of output all the same
  };
  const Bad rows[] = {
      {{mail}, "--rules RC", 0},
      {{"--rules", rc}, "which mail?", 0},
      {{"--rules", rc + "x", mail}, "cannot read", 0},
      {{"--rules", rc, "--format=xml", mail}, "text, json or html", 0},
      {{"--rules", rc, "-j", "0", mail}, "at least 1", 0},
      {{"--rules", rc, "-j", "257", mail}, "up to 256", 0},
      {{"--rules", rc, "--assume", "x", mail}, "GLOB=N", 0},
      {{"--rules", rc, "--assume", "x=256", mail}, "up to 255", 0},
      {{"--rules", rc, "--exec", "all", mail}, "none or conditions", 0},
      {{"--rules", rc, "--colour", mail}, "unknown option", 0},
      {{"--rules", rc, "HOME=", mail}, "HOME is not set", 0},
      {{"--rules", rc, "LOGNAME=", mail}, "LOGNAME is not set", 0},
      {{"--rules", rc, "--config", rc + "x", mail}, "rcx", 0},
      {{"--rules", rc, "--format=json", bench.scratch / "noise", mail}, "is no mail", 1},
      {{"--rules", rc, "--format=json", bench.scratch / "holes", mail}, "nothing but NUL bytes", 1},
      {{"--rules", rc, "--format=json", bench.scratch / "fifo", mail}, "is no file or folder of mail", 1},
      {{"--rules", rc, "--format=json", mail, "/dev/zero", mail}, "is no file or folder of mail", 2},
      {{"--rules", rc, "--format=json", bench.scratch / "none", mail}, "No such file", 1},
      {{"--rules", rc, "--format=json", bench.scratch / "Mail", mail}, "holds no mail", 1},
  };
  for (const Bad& row : rows) {
    CAPTURE(row.words);
    const auto ran = ToolRun(bench.scratch)(dry_run_command, row.words);
    CHECK(ran.exit_code == 2);
    CHECK(ran.errors.find(row.errors) != std::string::npos);
    CHECK(static_cast<std::size_t>(std::count(ran.out.begin(), ran.out.end(), '\n')) == row.lines);
  }
  const auto fine = ToolRun(bench.scratch)(dry_run_command, {"--rules", rc, "--format=json", bench.scratch / "empty"});
  CHECK(fine.exit_code == 0);
  CHECK(fine.out == "");
  const auto wrong =
      ToolRun(bench.scratch)(dry_run_command, {"--rules", bench.scratch / "wrong", "--format=json", mail});
  CHECK(wrong.exit_code == 0);
  CHECK(wrong.errors.find("has 2 errors") != std::string::npos);
}

TEST_CASE("dry-run: any saved mail, in its order, whatever the threads") {
  const Bench bench;
  const auto& home = bench.scratch;
  std::string mbox;
  for (int i = 0; i < 500; ++i)
    mbox += "From y@example.org  Thu Jan  1 00:00:00 1970\nSubject: m" + std::to_string(i) + "\n\n" +
            std::string(static_cast<std::size_t>(i * 37 % 5000), 'x') + "\n\n";
  home.write("mbox", mbox);
  for (const char* name : {"md", "md/cur", "md/new", "md/tmp", "mh"}) mkdir((home / name).c_str(), 0700);
  home.write("md/cur/2.x:2,S", "Subject: d2\n\n");
  home.write("md/new/1.x", "Subject: d1\n\n");
  home.write("md/tmp/3.x", "Subject: d3\n\n");
  home.write("mh/10", "Subject: h10\n\n");
  home.write("mh/9", "From y\nSubject: h9\n\n");
  home.write("mh/.mh_sequences", "cur: 1\n");
  home.write("rc", "");
  std::string expected;
  for (int i = 0; i < 500; ++i) expected += "m" + std::to_string(i) + " ";
  for (const char* jobs : {"1", "2", "8"}) {
    const auto ran = ToolRun(home)(dry_run_command,
                                   {"--rules", home / "rc", "--format=json", "--output", home / "output", "-j", jobs,
                                    home / "mbox", home / "md", home / "mh/", "-"},
                                   {}, home / "message");
    CHECK(ran.exit_code == 0);
    CHECK(ran.out == "");
    std::string subjects;
    const std::string out = home.read("output");
    for (auto at = out.find("\"subject\":\""); at != std::string::npos; at = out.find("\"subject\":\"", at + 1))
      subjects += out.substr(at + 11, out.find('"', at + 11) - at - 11) + " ";
    CHECK(subjects == expected + "d1 d2 h9 h10 hello ");
    CHECK(out.find("\"index\":499") != std::string::npos);
  }
}

TEST_CASE("dry-run: the table for people") {
  const Bench bench;
  bench.scratch.write("rc", "MAILDIR=$HOME\n:0 c\n* ? true\nx\n\n:0:\nlists\n");
  bench.scratch.write("evil", "Subject: \x1b[31mred\xc2\x9b\xff\xc3\xa4\n\n");
  const auto ran = ToolRun(bench.scratch)(
      dry_run_command, {"--rules", bench.scratch / "rc", bench.scratch / "evil", bench.scratch / "message"});
  CHECK(ran.exit_code == 0);
  CHECK(ran.out.find("\x1b") == std::string::npos);
  CHECK(ran.out.find("evil:0                ?[31mred???\xc3\xa4 ") != std::string::npos);
  CHECK(bench.plain(ran.out).find("\n2 messages: 2 delivered\n\nwhere\n       2  mbox lists\n\n"
                                  "recipes that matched\n       2  RC:6  lists\n\n"
                                  "recipes that never matched\n       0  RC:2  * ? true -> x\n\n"
                                  "assumed\n       2  ? true: not run, exit 1 assumed\n") != std::string::npos);
}

TEST_CASE("dry-run: the table tells blocks, includes, failures, and what would be lost") {
  const Bench bench;
  bench.scratch.write("Mail/more", ":0\n* ^Subject: he\nnone/box\n\n:0\n* ^X: y\nbox\n");
  bench.scratch.write("rc",
                      "MAILDIR=$HOME/Mail DEFAULT=$HOME/none/x ORGMAIL=$HOME/none/x EXITCODE=0\n:0\n* ^Subject\n{\n"
                      "INCLUDERC=more\n}\n");
  const auto ran = ToolRun(bench.scratch)(
      dry_run_command, {"--rules", bench.scratch / "rc", "HOME=" + bench.scratch.path(), bench.scratch / "message"});
  CHECK(ran.exit_code == 0);
  CHECK(bench.plain(ran.out).find("\n1 message: 1 lost\n\nwhere\n       1  nowhere: lost\n\n"
                                  "recipes that matched\n       1  RC:2  * ^Subject -> {\n"
                                  "       1  ~/Mail/more:1  * ^Subject: he -> none/box  (1 time its action failed)\n\n"
                                  "recipes that never matched\n       0  ~/Mail/more:5  * ^X: y -> box\n\n"
                                  "lost, or not taken\n          lost  ~/message:0  hello\n") != std::string::npos);
}

TEST_CASE("dry-run: the page, and what hostile mail does to it") {
  const Bench bench;
  bench.scratch.write("rc", "# </script>\n:0\nlists\n");
  bench.scratch.write("evil",
                      "Subject: </script><!-- \xe2\x80\xa8 \xff \"\\ &lt;\nFrom: =?utf-8?q?caf=C3=A9?= <a@b>\n\n");
  const auto ran = ToolRun(bench.scratch)(dry_run_command, {"--rules", bench.scratch / "rc", "--format=html",
                                                            bench.scratch / "evil", bench.scratch / "message"});
  CHECK(ran.exit_code == 0);
  CHECK(ran.out.starts_with("<!DOCTYPE html>\n"));
  CHECK(ran.out.ends_with("</html>\n"));
  const std::string begin = "type=\"application/json\">";
  const auto at = ran.out.find(begin) + begin.size();
  const std::string data = ran.out.substr(at, ran.out.find("</script>", at) - at);
  CHECK(data.find_first_of("<\xff") == std::string::npos);
  CHECK(data.find("\xe2\x80\xa8") == std::string::npos);
  const auto page = parsed_json(data);
  REQUIRE(page);
  REQUIRE((*page)["messages"].array()->size() == 2);
  const Json& evil = (*page)["messages"].array()->front();
  CHECK(*evil["subject"].string() == "</script><!-- \u2028 \ufffd \"\\ &lt;");
  CHECK(*evil["from"].string() == "caf\u00e9 <a@b>");
  CHECK(*evil["path"].array()->front()["text"].string() == "lists");
  CHECK(*(*page)["rules"].array()->front()["text"].string() == "# </script>\n:0\nlists\n");
  bench.scratch.write("empty", "");
  const auto none = ToolRun(bench.scratch)(dry_run_command,
                                           {"--rules", bench.scratch / "rc", "--format=html", bench.scratch / "empty"});
  CHECK(none.out.find("{\"messages\":[\n\n],") != std::string::npos);
}

TEST_CASE("json: what is read") {
  const auto json = parsed_json(R"({"a":[1,-2,2.9,"x",true,null,{"b":18446744073709551615}],"c":1e300})");
  REQUIRE(json);
  CHECK(text(*json) == R"({"a":[1,-2,2,"x",true,null,{"b":18446744073709551615}],"c":null})");
  for (const char* bad : {"", "{", "[1,]", "nul", "\"\xff\"", "1 2"}) CHECK(!parsed_json(bad));
  CHECK(!parsed_json(std::string(200, '[') + std::string(200, ']')));
  CHECK(parsed_json(std::string(90, '[') + std::string(90, ']')));
}

TEST_CASE("message cutter: where messages begin and end, in chunks of any size") {
  const std::string from = "From y@example.org  Thu Jan  1 00:00:00 1970\n";
  struct Cut {
    std::string bytes;
    std::vector<std::string> messages;
    bool is_mail = true;
  };
  const Cut rows[] = {
      {"", {}},
      {"\n\n", {}},
      {std::string("\0\0\n", 3) + from + "A: b\n\nx\n", {from + "A: b\n\nx\n"}},
      {from + "A: b\n\nx\n\n" + from + "A: c\n\n\n", {from + "A: b\n\nx\n", from + "A: c\n\n"}},
      {from + "A: b\n\n" + from + "A: c\n\n", {from + "A: b\n\n", from + "A: c\n\n"}},
      {from + "A: b\n" + from + "A: c\n\nx", {from + "A: b\n", from + "A: c\n\nx"}},
      {from + "A: b\n\nx\n" + from + "y\n", {from + "A: b\n\nx\n" + from + "y\n"}},
      {from + "A: b\n\nx\n\nFrom the start\ny\n", {from + "A: b\n\nx\n\nFrom the start\ny\n"}},
      {from + "A: b\r\n\r\nx\r\n\r\n" + from + "A: c\n\n", {from + "A: b\r\n\r\nx\r\n\r\n", from + "A: c\n\n"}},
      {from, {from}},
      {"A: b\n\nx\n\n" + from + "y\n", {"A: b\n\nx\n\n" + from + "y\n"}},
      {"From y\nA: b\n\nx\n", {"From y\nA: b\n\nx\n"}},
      {"A : b\n", {"A : b\n"}},
      {"From y", {}, false},
      {"no mail at all\n", {}, false},
      {"\x7f"
       "ELF",
       {},
       false},
      {": x\n", {}, false},
  };
  for (const Cut& row : rows)
    for (const std::size_t size :
         {std::size_t{1}, std::size_t{2}, std::size_t{7}, std::size_t{46}, std::size_t{100000}}) {
      CAPTURE(row.bytes, size);
      std::vector<std::string> messages;
      MessageCutter cutter([&](std::string message) { messages.push_back(std::move(message)); });
      for (std::size_t at = 0; at < row.bytes.size(); at += size)
        if (!cutter.feed(std::string_view(row.bytes).substr(at, size))) break;
      CHECK(cutter.finish().has_value() == row.is_mail);
      CHECK(messages == row.messages);
    }
}

TEST_CASE("printable: nothing that a terminal obeys") {
  struct Text {
    std::string bytes;
    std::size_t columns;
    std::string shown;
  };
  const Text rows[] = {{"abc", 3, "abc"},
                       {"abcd", 3, "ab\u2026"},
                       {"a\tb\x1b", 9, "a?b?"},
                       {"\u00e4\u00f6\u00fc", 3, "\u00e4\u00f6\u00fc"},
                       {"\xc2\x85|\xe2\x80\xae|\xed\xa0\x80|\xf0\x9f\x98\x80", 20, "??|???|???|\xf0\x9f\x98\x80"},
                       {"x\xc3", 9, "x?"}};
  for (const Text& row : rows) CHECK(shortened(row.bytes, row.columns) == row.shown);
  CHECK(padded("ab", 4) == "ab  ");
}

}  // namespace
}  // namespace filter::tools
