// Sets a test's stage, runs the rules, and compares.
// SPDX-License-Identifier: Apache-2.0
#include "filter/tools/rule_test.h"

#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <utility>

#include "filter/delivery_plan.h"
#include "filter/tools/rule_files.h"
#include "filter/tools/rule_test_host.h"
#include "mailbox/file.h"
#include "mailbox/message.h"
#include "rules/compiler.h"

namespace filter::tools {
namespace {

namespace fs = std::filesystem;
using mailbox::ErrorKind;
using mailbox::Result;
using Happened = RuleTestHost::Happened;

constexpr std::uint64_t kMaxMessage = std::uint64_t{64} << 20;

Result<std::string> read_whole(const std::string& path) {
  struct stat status{};
  if (stat(path.c_str(), &status) != 0) return mailbox::system_failure("cannot read " + path);
  if (!S_ISREG(status.st_mode)) return mailbox::failure(ErrorKind::Permanent, path + " is no regular file");
  auto file = mailbox::open_at(AT_FDCWD, path, O_RDONLY | O_NONBLOCK);
  if (!file) return std::unexpected(std::move(file).error());
  auto text = mailbox::read_bounded(file->get(), kMaxMessage);
  if (!text) return std::unexpected(std::move(text).error().about(path));
  return std::move(*text);
}

// The file that `rules` names, or the one that is there: rc, procmailrc, .procmailrc, or the only *.rc.
Result<std::string> rules_of(const RuleTestFile& test, const std::string& folder) {
  if (!test.rules.empty()) return test.rules.starts_with('/') ? test.rules : folder + '/' + test.rules;
  std::error_code failed;
  for (const char* name : {"/rc", "/procmailrc", "/.procmailrc"})
    if (fs::is_regular_file(folder + name, failed)) return folder + name;
  std::vector<std::string> found;
  for (const auto& entry : fs::directory_iterator(folder, failed))
    if (entry.path().extension() == ".rc") found.push_back(entry.path().string());
  if (found.size() == 1) return found[0];
  return mailbox::failure(ErrorKind::NotFound,
                          "which rules? There is no file rc in " + folder + ", and no line \"rules RC\"");
}

std::string taken(std::vector<std::pair<std::string, std::string>>& settings, const std::string& name,
                  std::string otherwise) {
  std::erase_if(settings, [&](const auto& setting) {
    if (setting.first == name) otherwise = setting.second;
    return setting.first == name;
  });
  return otherwise;
}

DeliveryPlan plan_of(const RuleTestFile& test) {
  auto settings = test.settings;
  DeliveryPlan plan;
  const std::string name = taken(settings, "LOGNAME", "user");
  plan.recipient = {name, taken(settings, "HOME", "/home/" + name), "/bin/sh", "/var/mail/" + name, "localhost"};
  plan.recipient.host_name = taken(settings, "HOST", "localhost");
  // As they stand, not filled in once more.
  for (auto& [variable, value] : settings) {
    std::string quoted = "'";
    for (const char c : value) quoted += c == '\'' ? std::string("'\"'\"'") : std::string(1, c);
    plan.assignments.emplace_back(variable, quoted + "'");
  }
  plan.arguments = test.arguments;
  return plan;
}

std::string trimmed(std::string_view text) {
  const auto begin = text.find_first_not_of(" \t\n");
  return begin == std::string_view::npos ? ""
                                         : std::string(text.substr(begin, text.find_last_not_of(" \t\n") + 1 - begin));
}

// "Name: value" as this header has it; "Name:" where it has none.
std::string header_line(const std::string& wanted, std::string_view header) {
  const std::string name = trimmed(wanted.substr(0, wanted.find(':')));
  const auto value = mailbox::find_field(header, name);
  const std::string text = value ? trimmed(mailbox::unfolded(*value)) : "";
  return name + ":" + (text.empty() ? "" : " " + text);
}

bool is_same(const Deed& expected, const Happened& happened) {
  if (expected.kind != happened.deed.kind) return false;
  if (expected.kind == "forward" || expected.kind == "pipe" || expected.kind == "discard")
    return expected.what == happened.deed.what;
  const std::string path = shown_path(expected.what, "");
  return path == happened.deed.what || path == happened.absolute;
}

// What happened in the file's words; a deed that is as expected in the very words of the file.
std::vector<std::string> lines_got(const RuleTestFile& test, const std::vector<Happened>& happened,
                                   std::string_view last_header, int status) {
  std::vector<std::string> lines;
  std::size_t at = 0;  // the next deed that happened
  const bool exit_is_told =
      std::any_of(test.expected.begin(), test.expected.end(), [](const Deed& deed) { return deed.kind == "exit"; });
  const std::string exit_line = line_of({"exit", std::to_string(status)});
  bool exit_is_said = false;
  for (const Deed& deed : test.expected) {
    if (deed.kind == "header") {
      const std::string_view header =
          happened.empty() ? last_header : happened[std::min(at == 0 ? 0 : at - 1, happened.size() - 1)].header;
      const std::string line = header_line(deed.what, header);
      const bool same = trimmed(deed.what.substr(deed.what.find(':') + 1)) == trimmed(line.substr(line.find(':') + 1));
      lines.push_back(line_of(same ? deed : Deed{"header", line}));
    } else if (deed.kind == "exit") {
      lines.push_back(exit_line);
      exit_is_said = true;
    } else if (at < happened.size()) {
      lines.push_back(line_of(is_same(deed, happened[at]) ? deed : happened[at].deed));
      ++at;
    }
  }
  std::vector<std::string> more;
  for (; at < happened.size(); ++at) more.push_back(line_of(happened[at].deed));
  lines.insert(exit_is_said && lines.back() == exit_line ? lines.end() - 1 : lines.end(), more.begin(), more.end());
  if (!exit_is_told && status != 0) lines.push_back(exit_line);
  return lines;
}

}  // namespace

Result<RuleTestResult> run_rule_test(const std::string& expect_path) {
  const std::string stem = expect_path.substr(0, expect_path.size() - std::string_view(".expect").size());
  auto text = read_whole(expect_path);
  auto mail = read_whole(stem + ".eml");
  if (!text) return std::unexpected(std::move(text).error());
  if (!mail) return std::unexpected(std::move(mail).error());
  const auto test = read_rule_test(expect_path, *text);
  if (!test) return std::unexpected(test.error());
  const std::string folder =
      expect_path.find('/') == std::string::npos ? "." : expect_path.substr(0, expect_path.rfind('/'));
  const auto path = rules_of(*test, folder);
  if (!path) return std::unexpected(path.error());
  auto rules_text = read_rule_file(*path, false);
  if (!rules_text) return std::unexpected(std::move(rules_text).error());

  DeliveryPlan plan = plan_of(*test);
  const rules::Source source(*path, std::move(*rules_text));
  plan.user_rules.push_back({*path, rules::compile(source).program, {}});
  RuleTestHost host(*test, path->substr(0, path->rfind('/')), plan.recipient.home);
  const mailbox::Message message(std::move(*mail));
  const rules::Verdict verdict = run_plan(plan, message, host);

  RuleTestResult result;
  result.path = expect_path;
  for (const Deed& deed : test->expected) result.expected.push_back(line_of(deed));
  result.got = lines_got(*test, host.happened(), message.header(), verdict.exit_code);
  result.passed = result.expected == result.got;
  result.trace = host.trace();
  result.assumed = host.assumed();
  result.updated = test->kept;
  for (const std::string& line : result.got) result.updated += line + '\n';
  return result;
}

std::string difference(const std::vector<std::string>& expected, const std::vector<std::string>& got) {
  // The longest common lines, by the usual table.
  std::vector<std::vector<std::size_t>> common(expected.size() + 1, std::vector<std::size_t>(got.size() + 1));
  for (std::size_t i = expected.size(); i-- > 0;)
    for (std::size_t k = got.size(); k-- > 0;)
      common[i][k] = expected[i] == got[k] ? common[i + 1][k + 1] + 1 : std::max(common[i + 1][k], common[i][k + 1]);
  std::string text;
  std::size_t i = 0;
  std::size_t k = 0;
  while (i < expected.size() || k < got.size()) {
    const bool both = i < expected.size() && k < got.size();
    if (both && expected[i] == got[k]) {
      text += "    " + expected[i] + '\n';
      ++i, ++k;
    } else if (k == got.size() || (both && common[i + 1][k] >= common[i][k + 1])) {
      text += "  - " + expected[i++] + '\n';
    } else {
      text += "  + " + got[k++] + '\n';
    }
  }
  return text;
}

}  // namespace filter::tools
