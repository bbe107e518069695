// The lock file around a recipe's action: which one it is, taking it, giving it back.
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <utility>

#include "rules/interpreter.h"
#include "rules/word_reader.h"

namespace rules {
namespace {

// The file that the first ">>" of a command appends to: what an implicit lock protects (PROCMAIL.md 18.1).
std::string appended_file(std::string_view text) {
  std::size_t at = text.find(">>");
  if (at == std::string_view::npos) return {};
  at += 2;
  while (at < text.size() && is_blank(text[at])) ++at;
  const std::size_t end = std::min(text.find_first_of(" \t\n#`'\");", at), text.size());
  return std::string(text.substr(at, end - at));
}

}  // namespace

LockRequest Interpreter::lock_request(const std::string& name) const {
  const auto seconds = [this](Number which) { return std::chrono::seconds(std::max(0L, s_.variables.number(which))); };
  return {name, seconds(Number::LockSleep), seconds(Number::LockTimeout), seconds(Number::Suspend)};
}

// The recipe's own lock: the name behind the second colon, or one made from the folder or the command. A lock that cannot
// be had never prevents the delivery (PROCMAIL.md 18.4).
void Interpreter::take_lock(const std::vector<Value>& words, const ProgramCall* call, std::string_view command) {
  const Head& head = s_.recipe.head;
  if (!head.locks) return;
  Value name = head.lock;
  if (name.empty()) {
    if (!words.empty() && (words[0].text() == "/dev/null" || words[0].text() == "|")) return;
    if (call) {
      // Where no shell reads it, procmail looks at the first word only.
      const std::string file = command.empty() ? std::string() : appended_file(call->name);
      if (file.empty()) {
        say("Couldn't determine implicit lockfile from \"" + call->name + "\"");
      } else {
        std::size_t at = 0;
        name = fill_text(read_words(file, at, TextMode::Whole).expansion, *this);
      }
    } else if (!words.empty()) {
      name = words[0];
    }
    name.append(std::string_view(s_.variables.text("LOCKEXT")));
  }
  if (refuse_escape(name, "lock file")) return;
  if (name.text() == s_.global_lock) {
    say("Deadlock attempted on \"" + name.text() + "\"");
    return;
  }
  say_verbose("Locking \"" + name.text() + "\"");
  const LockOutcome outcome = host_.lock(s_.place, lock_request(name.text()));
  say_lock(name.text(), outcome);
  if (outcome.held) s_.local_lock = name.text();
}

// A lock is a temporary file first, which gets the lock's name.
void Interpreter::say_lock(const std::string& name, const LockOutcome& outcome) {
  if (!outcome.held && !outcome.writable)
    say_verbose("Error while writing to \"" + name.substr(0, name.rfind('/') + 1) + "_lock." + plan_.host_name + '"');
  for (const std::string& note : outcome.notes) say(note);
}

void Interpreter::release_lock() {
  if (s_.local_lock.empty()) return;
  say_verbose("Unlocking \"" + s_.local_lock + "\"");
  host_.unlock(s_.place, std::exchange(s_.local_lock, {}));
}

}  // namespace rules
