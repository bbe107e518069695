// lockfile's command line, word for word.
// SPDX-License-Identifier: Apache-2.0
#include "filter/compat/lockfile_words.h"

#include <catch2/catch.hpp>

using namespace filter::compat;

namespace {

std::string dump(const Step& step) {
  const auto told = [&step](const std::string& what) { return what + "+" + std::to_string(step.number); };
  switch (step.kind) {
    case StepKind::SleepTime:
      return "sleep=" + std::to_string(step.number);
    case StepKind::Retries:
      return "retries=" + std::to_string(step.number);
    case StepKind::LockTimeout:
      return "timeout=" + std::to_string(step.number);
    case StepKind::Suspend:
      return "suspend=" + std::to_string(step.number);
    case StepKind::Invert:
      return "invert";
    case StepKind::File:
      return "file(" + step.text + ")";
    case StepKind::LockMailbox:
      return step.number == 0 ? "lock" : "lock+" + std::to_string(step.number);
    case StepKind::UnlockMailbox:
      return "unlock";
    case StepKind::Version:
      return told("version");
    case StepKind::Help:
      return told("help");
    case StepKind::Usage:
      return told("usage");
  }
  return "";
}

std::string read(const std::vector<std::string>& words) {
  std::string out;
  for (const Step& step : read_lockfile_words(words)) out += (out.empty() ? "" : " ") + dump(step);
  return out;
}

struct Row {
  std::vector<std::string> words;
  std::string steps;
};

// What the real program did with each of them, procmail 3.22.
const Row kRows[] = {
    {{}, ""},
    {{"a", "-r3", "b"}, "file(a) retries=3 file(b)"},
    {{"-r", "3", "a"}, "retries=3 file(a)"},
    {{"-1", "-0", "-00", "-08"}, "sleep=1 sleep=0 sleep=0 sleep=8"},
    {{"-+5", "- 5", "--0"}, "sleep=5 sleep=5 sleep=0"},
    {{"-1 2"}, "sleep=1 sleep=2"},
    {{"-1r0"}, "sleep=1 retries=0"},
    {{"-5!"}, "sleep=5 invert"},
    {{"-!!!r0"}, "invert invert invert retries=0"},
    {{"-!ml"}, "invert lock+1"},
    {{"-r0ml"}, "retries=0 lock"},
    {{"-!!", "-!ml"}, "invert invert invert lock+1"},
    {{"-ml", "-mu"}, "lock unlock"},
    {{"-r", "-1", "-r-1"}, "retries=-1 retries=-1"},
    {{"-r", ""}, "retries=0"},
    {{"-r", "!", "a"}, "retries=0 invert file(a)"},
    {{"-r", "0!", "a"}, "retries=0 invert file(a)"},
    {{"-s", "5r", "0", "a"}, "suspend=5 retries=0 file(a)"},
    {{"-s5l3"}, "suspend=5 timeout=3"},
    {{"-l", "-5"}, "timeout=-5"},
    {{"-l4294967306"}, "timeout=10"},
    {{"-r2147483647", "-r2147483648", "-r4294967295"}, "retries=2147483647 retries=-2147483648 retries=-1"},
    {{"-99999999999"}, "sleep=1215752191"},
    {{"-s2147483647"}, "suspend=2147483647"},
    {{"-", "a", "-"}, "file(a)"},
    {{"./-x", ""}, "file(./-x) file()"},
    {{"-v", "a"}, "version+0"},
    {{"-vh"}, "version+0"},
    {{"-h"}, "help+0"},
    {{"-?x"}, "help+0"},
};

const Row kWrong[] = {
    {{"--"}, "usage+0"},
    {{"- "}, "usage+0"},
    {{"-x", "-x"}, "usage+0"},
    {{"a", "-x", "b"}, "file(a) usage+0"},
    {{"-m"}, "usage+0"},
    {{"-mx"}, "usage+0"},
    {{"-mlx"}, "usage+0"},
    {{"-ml!"}, "usage+0"},
    {{"-1x"}, "sleep=1 usage+0"},
    {{"-1-1"}, "sleep=1 usage+0"},
    {{"--5"}, "usage+0"},
    {{"-2147483648"}, "usage+0"},
    {{"-r"}, "usage+0"},
    {{"-r0 "}, "retries=0 usage+0"},
    {{"-rabc"}, "retries=0 usage+0"},
    {{"-r", "abc", "a"}, "retries=0 usage+1"},
    {{"-r", "0x0"}, "retries=0 usage+1"},
    {{"-r", "-x"}, "retries=0 usage+1"},
    {{"-r", "0r"}, "retries=0 usage+1"},
    {{"-r", "0r", "b"}, "retries=0 retries=0 usage+2"},
    {{"-r", "0h"}, "retries=0 help+1"},
    {{"-r", "0v"}, "retries=0 version+1"},
    {{"-s-1"}, "usage+0"},
    {{"-s", "-1"}, "usage+1"},
    {{"-s2147483648"}, "usage+0"},
};

void check(const Row& row) {
  std::string shown;
  for (const std::string& word : row.words) shown += "[" + word + "]";
  CAPTURE(shown);
  CHECK(read(row.words) == row.steps);
}

}  // namespace

TEST_CASE("lockfile's words become steps") {
  for (const Row& row : kRows) check(row);
}

TEST_CASE("a wrong word of lockfile's is the last step") {
  for (const Row& row : kWrong) check(row);
}
