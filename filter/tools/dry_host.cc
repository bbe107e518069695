// Answers instead of acting.
// SPDX-License-Identifier: Apache-2.0
#include "filter/tools/dry_host.h"

#include <fcntl.h>
#include <fnmatch.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <ctime>
#include <filesystem>
#include <sstream>
#include <utility>

#include "filter/delivery_plan.h"
#include "filter/tools/rule_files.h"
#include "mailbox/file.h"

namespace filter::tools {
namespace {

using Purpose = rules::ProgramCall::Purpose;
using FolderKind = rules::FolderOutcome::Kind;

class DryDirectory : public rules::Directory {
 public:
  explicit DryDirectory(std::string path) : path_(std::move(path)) {}
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

std::string normal(const std::string& path) {
  return mailbox::without_slashes(std::filesystem::path(path).lexically_normal().string());
}

bool is_directory(const std::string& path) {
  struct stat status{};
  return stat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode);
}

std::string parent_of(const std::string& path) {
  const auto slash = path.rfind('/');
  return slash == std::string::npos ? "." : slash == 0 ? "/" : path.substr(0, slash);
}

bool may(const std::string& path, int rights) { return faccessat(AT_FDCWD, path.c_str(), rights, AT_EACCESS) == 0; }

bool may_make(const std::string& path, bool is_fall_back) {
  const std::string parent = parent_of(path);
  return is_directory(parent) && (is_fall_back || may(parent, W_OK | X_OK));
}

Action::Kind action_kind(FolderKind kind) {
  switch (kind) {
    case FolderKind::Mbox:
      return Action::Kind::Mbox;
    case FolderKind::Maildir:
      return Action::Kind::Maildir;
    case FolderKind::Mh:
      return Action::Kind::Mh;
    case FolderKind::Directory:
      return Action::Kind::Directory;
    case FolderKind::Discard:
      break;
  }
  return Action::Kind::Discard;
}

// The name of a folder without what only tells its kind.
std::string without_kind(const std::string& folder) {
  if (folder.ends_with("/.")) return mailbox::without_slashes(folder.substr(0, folder.size() - 1));
  return folder.ends_with('/') ? mailbox::without_slashes(folder) : folder;
}

std::string trimmed(const std::string& text) {
  const auto begin = text.find_first_not_of(" \t\n");
  return begin == std::string::npos ? "" : text.substr(begin, text.find_last_not_of(" \t\n") + 1 - begin);
}

// `formail -D`, which says 0 of a message that it has seen before.
bool asks_for_duplicates(const std::string& command) {
  std::istringstream words(command);
  bool is_formail = false;
  for (std::string word; words >> word;) {
    if (is_formail && word.starts_with("-D")) return true;
    if (word.find_first_of("|;&") != std::string::npos) is_formail = false;
    if (word.substr(word.rfind('/') + 1) == "formail") is_formail = true;
  }
  return false;
}

struct Answer {
  const char* mark;    // in front of the command
  const char* end;     // and behind it
  const char* result;  // what is assumed apart from the status
  std::optional<Action::Kind> action;
};

Answer answer_for(Purpose purpose) {
  switch (purpose) {
    case Purpose::Pipe:
      return {"| ", "", "", Action::Kind::Pipe};
    case Purpose::Filter:
      return {"| ", "", "the message unchanged", Action::Kind::Filter};
    case Purpose::Capture:
      return {"=| ", "", "no output", Action::Kind::Capture};
    case Purpose::Condition:
      return {"? ", "", "", std::nullopt};
    case Purpose::Backquote:
      return {"`", "`", "no output", std::nullopt};
    case Purpose::Forward:
      return {"! ", "", "", Action::Kind::Forward};
    case Purpose::Trap:
      break;
  }
  return {"TRAP ", "", "", std::nullopt};
}

}  // namespace

std::string DryHost::resolved(const rules::Place& place, const std::string& path) const {
  if (path.starts_with('/')) return path;
  // Only enter() makes directories for a Place, so they are ours.
  const std::string& from =
      place.directory ? static_cast<const DryDirectory&>(*place.directory).path() : setup_.directory;
  return from + '/' + path;
}

bool DryHost::is_reachable(const std::string& path) const {
  if (!confined_) return true;
  const std::string name = normal(path);
  const std::string home = normal(setup_.confined_to);
  return name == home || name.starts_with(home + '/') || name == normal(setup_.inbox);
}

rules::Result<std::shared_ptr<const rules::Directory>> DryHost::enter(const rules::Place& place,
                                                                      const std::string& path) {
  const std::string whole = resolved(place, path);
  if (!is_reachable(whole)) return mailbox::failure(mailbox::ErrorKind::Permanent, path + " is not below the home");
  const bool made = !setup_.made_directory.empty() && normal(whole) == normal(setup_.made_directory);
  if (!is_directory(whole) && !made) return mailbox::failure(mailbox::ErrorKind::NotFound, path + " is no directory");
  if (is_directory(whole) && !may(whole, X_OK)) return mailbox::system_failure("cannot enter " + path);
  return std::make_shared<const DryDirectory>(whole);
}

rules::Result<std::string> DryHost::load(const rules::Place& place, const std::string& path) {
  const std::string whole = resolved(place, path);
  if (!is_reachable(whole)) return mailbox::failure(mailbox::ErrorKind::NotFound, path + " is not below the home");
  return read_rule_file(whole, false);
}

// As mailbox/folder.cc chooses; nothing if the folder could not take the message.
std::optional<FolderKind> DryHost::folder_kind(const rules::Place& place, const std::string& folder,
                                               bool is_fall_back) const {
  if (folder.empty()) return std::nullopt;
  if (folder == "/dev/null") return FolderKind::Discard;
  // Of other devices nobody knows; this one always says that it is full.
  if (folder == "/dev/full") return std::nullopt;
  const std::string path = resolved(place, without_kind(folder));
  if (!is_reachable(path)) return std::nullopt;
  const bool directory = is_directory(path);
  const bool named_directory = folder.ends_with('/') || folder.ends_with("/.");
  struct stat status{};
  const bool exists = stat(path.c_str(), &status) == 0;
  if (directory) {
    if (!is_fall_back && !may(path, W_OK | X_OK)) return std::nullopt;
    return folder.ends_with('/') ? FolderKind::Maildir : named_directory ? FolderKind::Mh : FolderKind::Directory;
  }
  if (exists && !is_fall_back && !may(path, W_OK)) return std::nullopt;
  if (!exists && !may_make(path, is_fall_back)) {
    const bool folders_to_come =
        !setup_.made_directory.empty() && normal(parent_of(path)) == normal(setup_.made_directory);
    if (!folders_to_come) return std::nullopt;
  }
  // A file in a directory's place is an mbox (PROCMAIL.md 16.4).
  if (!named_directory || exists) return FolderKind::Mbox;
  return folder.ends_with('/') ? FolderKind::Maildir : FolderKind::Mh;
}

// Further words are directories to link into; behind a file they are not used.
std::string DryHost::names_used(const rules::Place& place, const rules::FolderDelivery& delivery, FolderKind kind) const {
  std::string names = without_kind(delivery.folders[0]);
  if (kind == FolderKind::Mbox || kind == FolderKind::Discard) return names;
  for (std::size_t i = 1; i < delivery.folders.size(); ++i) {
    const auto other = folder_kind(place, delivery.folders[i], false);
    struct stat status{};
    const bool is_file = other == FolderKind::Mbox && stat(resolved(place, delivery.folders[i]).c_str(), &status) == 0;
    if (other && !is_file && *other != FolderKind::Discard)
      names += ' ' + without_kind(delivery.folders[i]);
  }
  return names;
}

rules::FolderOutcome DryHost::deliver(const rules::Place& place, const rules::FolderDelivery& delivery) {
  mark_copy();
  rules::FolderOutcome outcome;
  for (const std::string& folder : delivery.folders) {
    const std::string& name = folder.empty() ? folder : without_kind(folder);
    outcome.folder += (outcome.folder.empty() ? "" : " ") + name;
  }
  const auto kind = folder_kind(place, delivery.folders[0], !delivery.rule.has_value());
  if (!kind && !delivery.ignore_errors) {
    outcome.notes = {"Error while writing to \"" + delivery.folders[0] + "\""};
    return outcome;
  }
  outcome.delivered = true;
  outcome.kind = kind.value_or(FolderKind::Mbox);
  outcome.folder = names_used(place, delivery, outcome.kind);
  outcome.octets = delivery.content.size();
  decision_.actions.push_back({action_kind(outcome.kind), outcome.folder, delivery.rule, delivery.copy});
  return outcome;
}

int DryHost::assumed_status(const rules::ProgramCall& call, int otherwise) const {
  const std::string command = trimmed(call.text);
  for (const Assumption& assumption : setup_.assumptions)
    if (fnmatch(assumption.glob.c_str(), command.c_str(), 0) == 0) return assumption.status;
  return asks_for_duplicates(command) ? 1 : otherwise;
}

void DryHost::assume(const std::string& text) {
  auto& list = decision_.assumed;
  if (std::find(list.begin(), list.end(), text) == list.end()) list.push_back(text);
}

rules::ProgramOutcome DryHost::run(const rules::Place& place, const rules::ProgramCall& call) {
  if (call.purpose != Purpose::Trap) mark_copy();
  if (confined_) return {};
  const Answer answer = answer_for(call.purpose);
  rules::ProgramOutcome outcome;
  const bool question = call.purpose == Purpose::Condition || call.purpose == Purpose::Backquote;
  outcome.status = assumed_status(call, -1);
  if (question && setup_.runs_conditions && outcome.status < 0) return really_run(place, call);
  if (outcome.status < 0) outcome.status = call.purpose == Purpose::Condition ? 1 : 0;
  outcome.started = true;
  if (call.purpose == Purpose::Filter) outcome.output = std::string(call.input.header) + std::string(call.input.body);
  std::string result = answer.result;
  if (result.empty() || outcome.status != 0)
    result += (result.empty() ? "exit " : " and exit ") + std::to_string(outcome.status);
  assume(answer.mark + trimmed(call.text) + answer.end + ": not run, " + result + " assumed");
  if (answer.action) pending_ = Action{*answer.action, trimmed(call.text), call.rule, call.copy};
  return outcome;
}

rules::ProgramOutcome DryHost::really_run(const rules::Place& place, const rules::ProgramCall& call) {
  auto directory = mailbox::open_at(AT_FDCWD, resolved(place, "."), O_PATH | O_DIRECTORY);
  if (!directory) return {};
  ChildPlace where;
  where.directory = directory->get();
  where.umask = place.umask;
  return children_.run(where, call);
}

bool DryHost::write_output(const mailbox::Outgoing&) {
  pending_ = Action{Action::Kind::Pipe, "|", std::nullopt, false};
  return true;
}

std::time_t DryHost::now() { return std::time(nullptr); }

std::string DryHost::local_time(std::time_t when) {
  std::tm local{};
  char text[64] = {};
  if (!localtime_r(&when, &local) || !asctime_r(&local, text)) return "";
  return std::string(text, std::string_view(text).find('\n'));
}

int DryHost::process_id() { return getpid(); }

void DryHost::begin_stage(std::size_t index) {
  if (index == kUserStage && !setup_.confined_to.empty()) confined_ = true;
}

// Nobody says whether `|` alone had the flag c; but only a copy lets the rules go on behind it.
void DryHost::mark_copy() {
  if (std::exchange(last_was_output_, false) && !decision_.actions.empty()) decision_.actions.back().copy = true;
}

void DryHost::observe(const rules::Event& event) {
  if (event.kind == rules::Event::Kind::Note) return;
  mark_copy();
  if (event.kind == rules::Event::Kind::Condition && setup_.traces) decision_.trace.push_back(event);
  if (event.kind != rules::Event::Kind::Action) return;
  decision_.applied.push_back(event);
  if (auto action = std::exchange(pending_, std::nullopt); action && event.held.value_or(false)) {
    last_was_output_ = action->target == "|" && !action->rule;
    if (!action->rule) action->rule = event.where;
    decision_.actions.push_back(std::move(*action));
  }
}

Outcome DryHost::outcome_of(const rules::Verdict& verdict) const {
  if (verdict.ending == rules::Ending::Stopped) return Outcome::Unknown;
  // What ended the run, or else the last copy that was kept.
  const Action* last = nullptr;
  const std::string last_folder = trimmed(verdict.last_folder);
  for (const Action& action : decision_.actions) {
    if (action.kind == Action::Kind::Filter || action.kind == Action::Kind::Capture) continue;
    const bool ends = verdict.ending == rules::Ending::Delivered && !action.copy && action.target == last_folder;
    if (ends || (verdict.ending != rules::Ending::Delivered && action.copy)) last = &action;
  }
  if (verdict.ending != rules::Ending::Delivered && verdict.exit_code != 0) return Outcome::Refused;
  if (!last) return verdict.ending == rules::Ending::Delivered ? Outcome::Delivered : Outcome::Lost;
  switch (last->kind) {
    case Action::Kind::Discard:
      return Outcome::Discarded;
    case Action::Kind::Forward:
      return Outcome::Forwarded;
    case Action::Kind::Pipe:
      return Outcome::Piped;
    default:
      return Outcome::Delivered;
  }
}

Decision DryHost::decision(const rules::Verdict& verdict) && {
  decision_.exit_code = verdict.exit_code;
  decision_.outcome = outcome_of(verdict);
  return std::move(decision_);
}

}  // namespace filter::tools
