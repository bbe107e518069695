// What an assignment does: to the variables, and for some names to the run and the world (procmailrc(5), "Environment").
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstdlib>
#include <utility>

#include "rules/compiler.h"
#include "rules/interpreter.h"
#include "rules/limits.h"
#include "rules/quote.h"

namespace rules {

Interpreter::Next Interpreter::assign(const op::Assign& op, const Position& where) {
  if (!op.value) {
    observe(Event::Kind::Assignment, where, op.name, std::nullopt, "unset");
    return unset(op.name);
  }
  bool takes_further = false;
  const std::size_t other = std::exchange(line_begins_, op.name.size() + 1);
  Value value = fill_value(*op.value, *this, takes_further);
  line_begins_ = other;
  if (op.value->unterminated) say("Unexpected EOL");
  if (takes_further) s_.frames.back().next += op.value->statements;
  if (overflows(value.text().size() + op.name.size() + 1)) return Next::GoOn;
  observe(Event::Kind::Assignment, where, op.name + '=' + value.text(), std::nullopt, "");
  return set(op.name, std::move(value));
}

Interpreter::Next Interpreter::set(const std::string& name, Value value) {
  say_verbose("Assigning \"" + name + '=' + value.text() + "\"");
  return put(name, std::move(value));
}

Interpreter::Next Interpreter::put(const std::string& name, Value value) {
  value.cut(std::min(value.text().find('\0'), value.text().size()));
  s_.variables.set(name, value);
  return apply(name, value);
}

Interpreter::Next Interpreter::unset(const std::string& name) {
  say_verbose("Assigning \"" + name + "\"");
  s_.variables.unset(name);
  if (name == "LOCKFILE") change_global_lock(Value());
  if (name == "UMASK") s_.place.umask = 0;
  if (name == "MAILDIR") change_directory(Value());
  if (name == "LOGFILE") change_log(Value());
  if (name == "COMSAT") s_.wants_biff = true;
  if (name == "HOST") return check_host({});
  if (name == "SWITCHRC") return Next::EndFile;
  return Next::GoOn;
}

// Names whose assignment has an effect at once; all others are plain variables.
Interpreter::Next Interpreter::apply(const std::string& name, const Value& value) {
  if (name == "DEFAULT") {
    s_.default_set = true;
  } else if (name == "ORGMAIL") {
    s_.orgmail_set = true;
  } else if (name == "LASTFOLDER") {
    s_.last_folder = value.text();
  } else if (name == "COMSAT") {
    if (read_number(value.text(), 1) == 0) say_verbose("Assigning \"COMSAT=no\"");
  } else if (name == "LOG") {
    host_.log(value.text());
  } else if (name == "MAILDIR") {
    change_directory(value);
  } else if (name == "LOGFILE") {
    change_log(value);
  } else if (name == "UMASK") {
    s_.place.umask = static_cast<unsigned>(std::strtoul(value.text().c_str(), nullptr, 8)) & 0777u;
  } else if (name == "LOCKFILE") {
    change_global_lock(value);
  } else if (name == "HOST") {
    return check_host(value.text());
  } else if (name == "INCLUDERC" || name == "SWITCHRC") {
    return include(value, name == "SWITCHRC");
  } else if (name == "SHIFT") {
    const long count = s_.variables.number(Number::Shift);
    const auto drop = std::min(static_cast<std::size_t>(std::max(count, 0L)), s_.arguments.size());
    s_.arguments.erase(s_.arguments.begin(), s_.arguments.begin() + static_cast<std::ptrdiff_t>(drop));
  } else if (name == "DELIVERED") {
    if (s_.variables.number(Number::Delivered) != 0 && !std::exchange(s_.delivered_reported, true) && !s_.is_clone)
      host_.report_delivered();
  } else if (name == "DROPPRIVS") {
    if (s_.variables.number(Number::DropPrivileges) != 0) {
      say_verbose("Assuming identity of the recipient, VERBOSE=off");
      // A user is not to be told more than he would be; later stages end VERBOSE anyway.
      if (s_.stage + 1 < plan_.stages.size() && plan_.stages[s_.stage + 1].silences) s_.variables.set("VERBOSE", Value("no"));
      host_.drop_privileges();
    }
  }
  return Next::GoOn;
}

Interpreter::Next Interpreter::check_host(const std::string& name) {
  if (name == plan_.host_name) return Next::GoOn;
  say_verbose("HOST mismatched \"" + plan_.host_name + "\"");
  return Next::HostMismatch;
}

// CONTRACT.md 5.4: what a sender or a program's output put into a name leads nowhere the author did not mean.
bool Interpreter::refuse_escape(const Value& name, const char* what) {
  const auto reason = escape_of(name);
  if (!reason) return false;
  say(std::string("Refused ") + what + " \"" + escaped(name.text()) + "\": " + *reason);
  return true;
}

void Interpreter::change_directory(const Value& path) {
  if (!refuse_escape(path, "MAILDIR")) {
    auto directory = host_.enter(s_.place, path.text());
    if (directory) {
      s_.place.directory = std::move(*directory);
      return;
    }
    say("Couldn't chdir to \"" + path.text() + "\"");
  }
  say_verbose("Assigning \"MAILDIR=.\"");
  s_.variables.set("MAILDIR", Value("."));
}

void Interpreter::change_log(const Value& path) {
  if (refuse_escape(path, "LOGFILE")) return;
  const std::string name = path.empty() ? "/dev/null" : path.text();
  say_verbose("Opening \"" + name + "\"");
  const bool opened = host_.open_log(s_.place, name);
  if (!opened) say("Error while writing to \"" + name + "\"");
  s_.log_file_set |= opened;
}

void Interpreter::change_global_lock(const Value& name) {
  if (!s_.global_lock.empty()) {
    say_verbose("Unlocking \"" + s_.global_lock + "\"");
    host_.unlock(s_.place, std::exchange(s_.global_lock, {}));
  }
  if (name.empty()) return;
  if (!refuse_escape(name, "LOCKFILE")) {
    say_verbose("Locking \"" + name.text() + "\"");
    const LockOutcome outcome = host_.lock(s_.place, lock_request(name.text()));
    say_lock(name.text(), outcome);
    if (outcome.held) {
      s_.global_lock = name.text();
      return;
    }
  }
  say_verbose("Assigning \"LOCKFILE\"");
  s_.variables.unset("LOCKFILE");
}

// INCLUDERC: the file's statements come next. SWITCHRC: they come instead of the rest of this file (PROCMAIL.md 22).
Interpreter::Next Interpreter::include(const Value& path, bool switches) {
  const bool nothing = path.empty() || path.text() == "/dev/null";
  if (nothing) return switches ? Next::EndFile : Next::GoOn;
  if (refuse_escape(path, switches ? "SWITCHRC" : "INCLUDERC")) return Next::GoOn;
  steps_ += kStepsOfLoad;
  auto text = host_.load(s_.place, path.text());
  if (text && !switches && s_.frames.size() >= kMaxIncludes) {
    say("Too many included files within each other");
    text = mailbox::failure(mailbox::ErrorKind::Permanent, "includes nested too deep");
  }
  if (!text) {
    say("Couldn't read \"" + path.text() + "\"");
    return Next::GoOn;
  }
  steps_ += kFileSteps;
  std::string name = path.text();
  const std::string directory = s_.variables.text("MAILDIR");
  if (name[0] != '/' && !directory.empty() && directory[0] == '/') name = directory + '/' + name;
  if (switches) close_file();
  if (text->empty()) return Next::GoOn;
  s_.frames.push_back({compile_lazily(Source(name, std::move(*text))), name, 0, 0});
  return Next::GoOn;
}

}  // namespace rules
