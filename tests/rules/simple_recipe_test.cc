// Which recipes are left unread, and that leaving them unread changes nothing.
// SPDX-License-Identifier: Apache-2.0
#include "rules/simple_recipe.h"

#include <catch2/catch.hpp>
#include <random>
#include <string>

#include "rules/compiler.h"
#include "rules/rules.h"

using rules::simple_recipe_at;

TEST_CASE("recipes that are simple") {
  struct Row {
    std::string text;
    bool simple;
  };
  const Row rows[] = {
      {":0\n* ^Subject: x\nbox\n", true},
      {":0:\n* ^Subject: x\nbox\n", true},
      {":0 HBDcwWifhbr : a/b.lock \n* ^Subject: x\n* !^a\n  *   ! ! (b)\nbox/ \n", true},
      {":0\n* Subject\n| prog \"a b\" `c`\n", true},
      {":0\n* \\$x\n!anna@example.org $BOB\n", true},
      {":0\n* [a]\n$MAILDIR/x\n", true},
      {":0\n*^x\n/dev/null\n", true},
      {":0\n\n* ^x\nbox\n", false},
      {":0\n# comment\n* ^x\nbox\n", false},
      {":0 # comment\n* ^x\nbox\n", false},
      {":0\nbox\n", false},
      {":0\n* ^x\n", false},
      {":0\n* ^x\nbox", false},
      {":0\n* ^x\n\nbox\n", false},
      {":0\n* ^x\n:0\n", false},
      {":\n* ^x\nbox\n", false},
      {":1\n* ^x\nbox\n", false},
      {":00\n* ^x\nbox\n", false},
      {":0 A\n* ^x\nbox\n", false},
      {":0 a\n* ^x\nbox\n", false},
      {":0 E\n* ^x\nbox\n", false},
      {":0 e\n* ^x\nbox\n", false},
      {":0 z\n* ^x\nbox\n", false},
      {":0 $F\n* ^x\nbox\n", false},
      {":0: a b\n* ^x\nbox\n", false},
      {":0: $LOCK\n* ^x\nbox\n", false},
      {":0\\\n* ^x\nbox\n", false},
      {":0\r\n* ^x\nbox\n", false},
      {":0\n* ^x\\\ny\nbox\n", false},
      {":0\n* ^x\n* $y\nbox\n", false},
      {":0\n* 1^1 x\nbox\n", false},
      {":0\n* -1^0 x\nbox\n", false},
      {":0\n* > 100\nbox\n", false},
      {":0\n* ! ? test\nbox\n", false},
      {":0\n* B ?? x\nbox\n", false},
      {":0\n* FROM?? x\nbox\n", false},
      {":0\n*\nbox\n", false},
      {":0\n* ^x\n{\n", false},
      {":0\n* ^x\n{ }\n", false},
      {":0\n* ^x\na b\n", false},
      {":0\n* ^x\nA=| b\n", false},
      {":0\n* ^x\n\"box\"\n", false},
      {":0\n* ^x\nbo`x`\n", false},
      {":0\n* ^x\nbox # why\n", false},
      {":0\n* ^x\n${A}\n", false},
      {":0\n* ^x\nbox\\\n", false},
      {":0\n* ^x\n| a\\\nb\n", false},
      {":0\n* ^x\n! a \"b\"\n", false},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    const auto recipe = simple_recipe_at(row.text, 0);
    CHECK(recipe.has_value() == row.simple);
    if (!recipe) continue;
    CHECK(std::string(recipe->head_line(row.text)) + std::string(recipe->condition_lines(row.text)) +
              std::string(recipe->action_line(row.text)) ==
          row.text);
  }
  CHECK(simple_recipe_at("\n  :0\n* ^x\nbox\n", 3)->begin == 1);
  CHECK_FALSE(simple_recipe_at("} :0\n* ^x\nbox\n", 2));
}

namespace {

// Writes down what it is asked, and says that all went well but for folders named "bad".
class Recorder final : public rules::Host {
 public:
  explicit Recorder(bool all) : all_(all) {}
  std::string seen;
  std::string events;

  rules::Result<std::shared_ptr<const rules::Directory>> enter(const rules::Place&, const std::string&) override {
    return std::shared_ptr<const rules::Directory>();
  }
  rules::Result<std::string> load(const rules::Place&, const std::string&) override {
    return mailbox::failure(mailbox::ErrorKind::NotFound, "none");
  }
  rules::FolderOutcome deliver(const rules::Place&, const rules::FolderDelivery& delivery) override {
    const std::string& folder = delivery.folders.at(0);
    seen += "deliver " + folder + " by " + (delivery.rule ? std::to_string(delivery.rule->line) : "none") + '\n';
    rules::FolderOutcome outcome;
    outcome.delivered = folder != "bad";
    outcome.folder = folder;
    return outcome;
  }
  rules::ProgramOutcome run(const rules::Place&, const rules::ProgramCall& call) override {
    seen += "run " + call.text + '\n';
    rules::ProgramOutcome outcome;
    outcome.started = true;
    return outcome;
  }
  bool write_output(const mailbox::Outgoing&) override { return true; }
  rules::LockOutcome lock(const rules::Place&, const rules::LockRequest& request) override {
    seen += "lock " + request.name + '\n';
    return {.held = true, .notes = {}};
  }
  void unlock(const rules::Place&, const std::string& name) override { seen += "unlock " + name + '\n'; }
  bool open_log(const rules::Place&, const std::string&) override { return true; }
  void log(std::string_view text) override { seen += "log " + std::string(text); }
  void notify(const rules::Place&, const std::string&, const std::string&) override {}
  void report_delivered() override {}
  void drop_privileges() override {}
  std::time_t now() override { return 0; }
  std::string local_time(std::time_t) override { return "now"; }
  int process_id() override { return 1; }
  std::optional<int> stop_requested() override { return std::nullopt; }
  void observe(const rules::Event& event) override {
    events += std::to_string(event.where.line) + ':' + std::to_string(event.where.column) + ' ' + event.text + ' ' + event.why + '\n';
  }
  bool observes_all() const override { return all_; }

 private:
  bool all_;
};

// A file of recipes, most of them simple, that depend on one another.
class Files {
 public:
  explicit Files(unsigned seed) : random_(seed) {}

  std::string next() {
    std::string text = pick(4) == 0 ? "VERBOSE=yes\n" : "";
    for (unsigned left = 1 + pick(8); left > 0; --left) text += statement(0);
    return text;
  }

 private:
  template <std::size_t Size>
  const char* one_of(const char* const (&list)[Size]) { return list[pick(Size)]; }
  unsigned pick(std::size_t bound) { return static_cast<unsigned>(random_() % bound); }

  std::string recipe() {
    static const char* const kHeads[] = {":0\n", ":0\n", ":0\n", ":0:\n", ":0 c\n", ":0 B\n", ":0 HB\n", "  :0 D\n",
                                         ":0 A\n", ":0 a\n", ":0 E\n", ":0 e\n", ":0 z\n", ":0 c: x.lock\n"};
    static const char* const kPatterns[] = {"^Subject: hello", "^Subject:.*zebra", "zebra", "world", "^FROM_DAEMON", "(zebra",
                                            "hello|zebra",     "wor\\/.*",         "zeb\\/ra", "\\(zebra", "HELLO", "$x", "1^0 zebra"};
    static const char* const kActions[] = {"bad\n", "bad\n", "box\n", "| prog\n", "! anna\n", "\n", "bad # x\n"};
    std::string text = one_of(kHeads);
    for (unsigned left = pick(4); left > 0; --left) text += std::string(pick(3) ? "* " : "* !") + one_of(kPatterns) + '\n';
    return text + one_of(kActions);
  }

  std::string statement(unsigned depth) {
    switch (pick(8)) {
      case 0: return "X=$MATCH-$=\n";
      case 1: return "\n# comment\n";
      case 2:
        if (depth < 2) return ":0\n* " + std::string(pick(2) ? "hello" : "zebra") + "\n{\n" + statement(depth + 1) + statement(depth + 1) + "}\n";
        [[fallthrough]];
      default: return recipe();
    }
  }

  std::mt19937 random_;
};

std::string outcome(std::shared_ptr<const rules::Program> program, Recorder& host) {
  rules::Plan plan;
  plan.stages.push_back({.settings = {}, .candidates = {{.path = "rc", .program = std::move(program), .notes = {}}}});
  rules::Start start;
  start.message = mailbox::Message("From: anna\nSubject: hello world\n\nThe body\n");
  start.variables.set("DEFAULT", rules::Value("inbox"));
  const rules::Verdict verdict = run(plan, std::move(start), host);
  return host.seen + "exit " + std::to_string(verdict.exit_code) + ' ' + verdict.last_folder;
}

}  // namespace

TEST_CASE("random rule files do the same, read at once or lazily") {
  Files files(5);
  std::size_t left_unread = 0;
  for (int round = 0; round < 8'000; ++round) {
    const std::string text = files.next();
    CAPTURE(text);
    const auto lazy = rules::compile_lazily(rules::Source("rc", text));
    left_unread += dump(*lazy).find("pass by") != std::string::npos;
    Recorder whole(true), quick(false), traced(true);
    const std::string expected = outcome(rules::compile(rules::Source("rc", text)).program, whole);
    REQUIRE(outcome(lazy, quick) == expected);
    REQUIRE(outcome(lazy, traced) == expected);
    REQUIRE(traced.events == whole.events);
  }
  CHECK(left_unread > 4'000);
}
