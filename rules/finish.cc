// How a run ends: the fall-back, the biff notice, the abstract, TRAP and the exit code (PROCMAIL.md 19, 23).
// SPDX-License-Identifier: Apache-2.0
#include <limits>
#include <utility>

#include "rules/abstract.h"
#include "rules/interpreter.h"
#include "rules/limits.h"

namespace rules {

// Whatever no recipe took goes to DEFAULT; if that cannot have it, to ORGMAIL.
bool Interpreter::fall_back() {
  s_.frames.clear();
  s_.recipe = {};
  s_.header_joined = false;
  const bool to_default = plan_.fall_back || s_.default_set;
  bool delivered = to_default && fall_back_to("DEFAULT", true);
  const bool same = to_default && s_.variables.text("ORGMAIL") == s_.variables.text("DEFAULT");
  if (!delivered && !same) delivered = (plan_.fall_back || s_.orgmail_set) && fall_back_to("ORGMAIL", false);
  release_lock();
  return delivered;
}

bool Interpreter::fall_back_to(const char* variable, bool with_lock) {
  const Value* folder = s_.variables.find(variable);
  if (!folder || folder->empty() || refuse_escape(*folder, variable)) return false;
  const std::string& name = folder->text();
  if (name == "|") return deliver({*folder});
  if (with_lock && !name.ends_with('/') && !name.ends_with("/.") && !host_.means_directory(s_.place, name)) {
    s_.recipe.head.locks = true;
    take_lock({*folder});
  }
  FolderDelivery delivery;
  delivery.folders = {folder->text()};
  delivery.content = {.header = s_.message.header(), .body = s_.message.body(), .raw = false};
  if (with_lock) delivery.locked = s_.local_lock;
  return store(std::move(delivery));
}

Verdict Interpreter::finish(Ending ending) {
  Verdict verdict{ending, 0, s_.last_folder};
  std::string folder = s_.last_folder;
  if (ending == Ending::Stopped || ending == Ending::Failed) {
    verdict.exit_code = stopped_ ? *stopped_ : plan_.failure_status;
    folder = verdict.exit_code == 75 ? "**Requeued**" : verdict.exit_code == 0 ? "**Lost**" : "**Bounced**";
    if (s_.delivered_reported) verdict.exit_code = 0, folder = "**Lost**";
  }
  if (ending != Ending::Stopped) notify_biff(folder);
  const long wanted = s_.variables.number(Number::LogAbstract);
  if (wanted > 0 || (wanted < 0 && (s_.log_file_set || verbose()))) log_abstract(folder, s_.last_octets);
  // After a signal there is no time left for programs.
  if (ending != Ending::Stopped) verdict.exit_code = run_trap(verdict.exit_code);
  release_lock();
  if (!s_.global_lock.empty()) change_global_lock(Value());
  return verdict;
}

void Interpreter::log_abstract(const std::string& folder, std::uint64_t octets) {
  const std::string header = s_.header_joined ? mailbox::unfolded(s_.message.header()) : std::string();
  host_.log(abstract(s_.header_joined ? mailbox::Message(header) : s_.message, folder, octets));
}

// LOGNAME@OFFSET:PATH, the offset empty unless the last delivery went into an mbox (PROCMAIL.md 25.5).
void Interpreter::notify_biff(const std::string& folder) {
  const Value* comsat = s_.variables.find("COMSAT");
  std::string service = comsat ? comsat->text() : std::string();
  if (comsat && read_number(service, 1) == 0) return;
  if (!comsat && !s_.wants_biff) return;
  std::string text = s_.variables.text("LOGNAME") + '@' + (s_.last_offset ? std::to_string(*s_.last_offset) : "") + ':';
  if (folder == s_.last_folder && !folder.starts_with('/')) text += s_.variables.text("MAILDIR") + '/';
  text += folder;
  host_.notify(s_.place, service, text);
  say_verbose("Notified comsat: \"" + text + '"');
}

// TRAP sees the status and may replace it, but only where EXITCODE is set and says nothing, as when it is empty; a number
// in EXITCODE decides without asking anyone.
int Interpreter::run_trap(int exit_code) {
  const Value* set = s_.variables.find("EXITCODE");
  constexpr long nothing = std::numeric_limits<long>::min();
  const bool asks_trap = set && read_number(set->text(), nothing) == nothing;
  const long code = s_.variables.number(Number::ExitCode);
  const bool replaced = set && !asks_trap && code >= 0;
  int result = replaced ? static_cast<int>(code & 0xff) : exit_code;
  const std::string trap = s_.variables.text("TRAP");
  if (trap.empty()) return result;
  if (!set) {
    say_verbose("Assigning \"EXITCODE=" + std::to_string(exit_code) + "\"");
    s_.variables.set("EXITCODE", Value(std::to_string(exit_code)));
  }
  ProgramCall call = call_for(read_command(trap), ProgramCall::Purpose::Trap);
  call.input = {.header = s_.message.header(), .body = s_.message.body(), .raw = false};
  call.output_to_log = true;
  call.ignore_write_errors = true;
  const ProgramOutcome outcome = run(std::move(call));
  if (asks_trap && outcome.started && outcome.status > 0) result = outcome.status;
  return result;
}

}  // namespace rules
