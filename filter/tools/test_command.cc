// Finds rule tests, runs them, and tells what differs.
// SPDX-License-Identifier: Apache-2.0
#include "filter/tools/test_command.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <string_view>
#include <vector>

#include "filter/tools/json.h"
#include "filter/tools/option_value.h"
#include "filter/tools/printable.h"
#include "filter/tools/rule_test.h"
#include "filter/tools/site_tool.h"
#include "filter/tools/terminal.h"
#include "mailbox/file.h"

namespace filter::tools {
namespace {

namespace fs = std::filesystem;
using mailbox::ErrorKind;
using mailbox::Result;

constexpr int kFailures = 1;

constexpr std::string_view kHelp =
    "usage: sluice test PATH... [--update] [--format text|json]\n"
    "Runs rule tests: a PATH is a directory with a rule file rc and, for each test, a message NAME.eml and "
    "NAME.expect, or\n"
    "such a .expect file. Nothing is delivered and no program is run.\n"
    "  --update        writes what happened into the .expect files, also where there is none yet\n"
    "  --format json   "
    "{\"tests\":[{\"test\",\"passed\",\"expected\",\"got\",\"trace\",\"assumed\"}],\"passed\",\"failed\"}\n"
    "Lines of a .expect file:\n"
    "  rules RC   set VAR=value   arg VALUE   exec \"COMMAND\" exit N [output \"TEXT\"]\n"
    "and then what must happen, in order:\n"
    "  mbox PATH   maildir PATH   mh PATH   directory PATH   discard   forward ADDR...   pipe \"COMMAND\"\n"
    "  exit N   header \"Name: value\"\n"
    "Exit status: 0 all pass, 1 some fail, 2 usage or a file that cannot be read.\n";

struct Options {
  std::vector<std::string> paths;
  bool json = false;
  bool update = false;
  bool help = false;
  bool version = false;
};

Result<Options> read_options(std::span<const std::string> words) {
  static constexpr std::string_view kFormats[] = {"text", "json"};
  Options options;
  for (std::size_t at = 0; at < words.size(); ++at) {
    const auto format = option_value(words, at, "--format");
    if (!format) return std::unexpected(format.error());
    if (*format) {
      const auto chosen = choice("format", **format, kFormats);
      if (!chosen) return std::unexpected(chosen.error());
      options.json = *chosen == 1;
    } else if (words[at] == "--update") {
      options.update = true;
    } else if (words[at] == "--help") {
      options.help = true;
    } else if (words[at] == "--version") {
      options.version = true;
    } else if (words[at].size() > 1 && words[at].starts_with('-')) {
      return mailbox::failure(ErrorKind::Permanent, "unknown option '" + words[at] + "'; try --help");
    } else {
      options.paths.push_back(words[at]);
    }
  }
  if (options.paths.empty() && !options.help && !options.version)
    return mailbox::failure(ErrorKind::Permanent, "which tests? sluice test PATH...; try --help");
  return options;
}

bool write_file(const std::string& path, std::string_view text) {
  const auto file = mailbox::open_at(AT_FDCWD, path, O_WRONLY | O_CREAT | O_TRUNC, 0666);
  return file && mailbox::write_all(file->get(), text).has_value();
}

// The .expect files of a path, in order of their names; a message without one has the name of what it lacks.
Result<std::vector<std::string>> tests_of(const std::string& path) {
  std::error_code failed;
  if (!fs::is_directory(path, failed)) {
    if (!path.ends_with(".expect"))
      return mailbox::failure(ErrorKind::Permanent, path + " is neither a directory nor a .expect file");
    return std::vector<std::string>{path};
  }
  std::vector<std::string> found;
  for (auto entry = fs::recursive_directory_iterator(path, failed);
       !failed && entry != fs::recursive_directory_iterator(); entry.increment(failed)) {
    fs::path file = entry->path();
    if (file.extension() == ".eml") file.replace_extension(".expect");
    if (file.extension() == ".expect") found.push_back(file.string());
  }
  if (failed) return mailbox::failure(ErrorKind::Permanent, "cannot read " + path + ": " + failed.message());
  std::sort(found.begin(), found.end());
  found.erase(std::unique(found.begin(), found.end()), found.end());
  if (found.empty())
    return mailbox::failure(ErrorKind::NotFound, path + " holds no tests: no NAME.expect and no NAME.eml");
  return found;
}

struct Colours {
  const char* bad = "";
  const char* good = "";
  const char* end = "";
};

Colours colours() {
  return wants_colour(STDOUT_FILENO) ? Colours{"\033[1;31m", "\033[1;32m", "\033[0m"} : Colours{};
}

std::string trace_line(const rules::Event& event) {
  const char* held = !event.held ? "    " : *event.held ? "yes " : "no  ";
  const char* star = event.kind == rules::Event::Kind::Condition ? "* " : "";
  const std::string file = event.where.file.substr(event.where.file.rfind('/') + 1);
  return file + ':' + std::to_string(event.where.line) + "  " + held + printable(star + event.text) +
         (event.why.empty() ? "" : "  (" + printable(event.why) + ")");
}

// Assignments would fill the page, and are seen in what comes of them.
bool is_told(const rules::Event& event) {
  return event.kind == rules::Event::Kind::Condition || event.kind == rules::Event::Kind::Action;
}

std::string as_text(const RuleTestResult& result, const Colours& colour) {
  std::string text = colour.bad + std::string("FAIL") + colour.end + "  " + result.path + "  (- expected, + got)\n" +
                     difference(result.expected, result.got);
  text += "  because:\n";
  for (const rules::Event& event : result.trace)
    if (is_told(event)) text += "    " + trace_line(event) + '\n';
  for (const std::string& assumed : result.assumed) text += "    " + printable(assumed) + '\n';
  return text;
}

Json as_json(const RuleTestResult& result) {
  Json::Array trace;
  for (const rules::Event& event : result.trace)
    if (is_told(event))
      trace.push_back(Json::Object{{"file", event.where.file},
                                   {"line", event.where.line},
                                   {"text", event.text},
                                   {"held", event.held ? Json(*event.held) : Json()},
                                   {"why", event.why}});
  const auto list = [](const std::vector<std::string>& texts) { return Json::Array(texts.begin(), texts.end()); };
  return Json::Object{{"test", result.path},     {"passed", result.passed},   {"expected", list(result.expected)},
                      {"got", list(result.got)}, {"trace", std::move(trace)}, {"assumed", list(result.assumed)}};
}

class TestRun {
 public:
  explicit TestRun(const Options& options) : options_(options) {}
  void run(const std::string& path);
  int finish();

 private:
  void update(const RuleTestResult& result);

  const Options& options_;
  const Colours colour_ = colours();
  Json::Array tests_;
  std::string text_;
  std::size_t passed_ = 0;
  std::size_t failed_ = 0;
  bool unusable_ = false;
};

void TestRun::run(const std::string& path) {
  std::error_code failed;
  if (!fs::exists(path, failed)) {
    if (!options_.update) {
      ++failed_;
      text_ += colour_.bad + std::string("FAIL") + colour_.end + "  " + path + " is missing; --update writes it\n";
      tests_.push_back(as_json({.path = path}));
      return;
    }
    if (!write_file(path, "")) unusable_ = true;
  }
  const auto result = run_rule_test(path);
  if (!result) {
    complain("test", result.error().text);
    unusable_ = true;
    return;
  }
  const bool passed = result->passed;
  if (!passed && options_.update) {
    update(*result);
    return;
  }
  ++(passed ? passed_ : failed_);
  if (options_.json)
    tests_.push_back(as_json(*result));
  else if (!passed)
    text_ += as_text(*result, colour_);
}

void TestRun::update(const RuleTestResult& result) {
  if (!write_file(result.path, result.updated)) {
    complain("test", "cannot write " + result.path);
    unusable_ = true;
    return;
  }
  ++passed_;
  text_ += "updated  " + result.path + '\n' + difference(result.expected, result.got);
  tests_.push_back(as_json(result));
}

int TestRun::finish() {
  if (options_.json) {
    text_ = text(Json::Object{{"tests", std::move(tests_)}, {"passed", passed_}, {"failed", failed_}}) + "\n";
  } else {
    text_ += (failed_ > 0 ? colour_.bad : colour_.good) + std::to_string(passed_) + " passed, " +
             std::to_string(failed_) + " failed" + colour_.end + "\n";
  }
  const int printed = print(text_);
  return unusable_ ? kUnusable : failed_ > 0 ? kFailures : printed;
}

}  // namespace

int test_command(std::span<const std::string> arguments) {
  const auto options = read_options(arguments);
  if (!options) return complain("test", options.error().text);
  if (options->help) return print(kHelp);
  if (options->version) return print("sluice " SLUICE_VERSION "\n");
  TestRun run(*options);
  std::vector<std::string> tests;
  for (const std::string& path : options->paths) {
    auto found = tests_of(path);
    if (!found) return complain("test", found.error().text);
    tests.insert(tests.end(), found->begin(), found->end());
  }
  for (const std::string& test : tests) run.run(test);
  return run.finish();
}

}  // namespace filter::tools
