// The delivery agent's answers to the rules: folders, programs, locks, logs and rule files of the real world.
// SPDX-License-Identifier: Apache-2.0
#include "filter/agent_host.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <thread>
#include <utility>

#include "filter/comsat.h"
#include "filter/exit_code.h"
#include "filter/stop_signal.h"
#include "mailbox/file.h"

namespace filter {
namespace {

using mailbox::Error;
using mailbox::ErrorKind;
using mailbox::UniqueFd;
using rules::FolderOutcome;
using Kind = rules::FolderOutcome::Kind;

constexpr char kNull[] = "/dev/null";
constexpr char kLockExtension[] = ".lock";
constexpr char kShell[] = "/bin/sh";
constexpr std::chrono::milliseconds kNap{50};  // between looks whether we are to stop

class AgentDirectory : public rules::Directory {
 public:
  explicit AgentDirectory(UniqueFd fd) : fd_(std::move(fd)) {}
  int fd() const { return fd_.get(); }

 private:
  UniqueFd fd_;
};

std::string quoted(std::string_view text, std::string_view name) {
  return std::string(text) + " \"" + std::string(name) + "\"";
}

Kind kind_of(mailbox::FolderKind kind) {
  switch (kind) {
    case mailbox::FolderKind::Mbox:
      return Kind::Mbox;
    case mailbox::FolderKind::Maildir:
      return Kind::Maildir;
    case mailbox::FolderKind::Mh:
      return Kind::Mh;
    case mailbox::FolderKind::Directory:
      return Kind::Directory;
    case mailbox::FolderKind::Discard:
      return Kind::Discard;
  }
  return Kind::Mbox;
}

// A folder's name without what only tells its type.
std::string_view without_type(std::string_view path) {
  if (path.size() > 2 && path.ends_with("/.")) path.remove_suffix(1);
  while (path.size() > 1 && path.ends_with('/')) path.remove_suffix(1);
  return path;
}

// Puts the name that the rules used in place of the one that we did.
void rename(std::string& text, std::string_view before, std::string_view used, std::string_view given) {
  if (used == given) return;
  const std::string from = std::string(before) + std::string(used);
  const std::string to = std::string(before) + std::string(given);
  for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
    if (before.empty()) return;  // the first name only: it stands at the start
  }
}

// A file that is not there, or not for us to read, is no rules; anything else may pass.
bool means_no_rules(int code) {
  constexpr std::array kAnswers{ENOENT, ENOTDIR, EACCES, ELOOP, EISDIR, ENXIO, ENAMETOOLONG, EXDEV, ENODEV, EPERM};
  return std::find(kAnswers.begin(), kAnswers.end(), code) != kAnswers.end();
}

}  // namespace

AgentHost::AgentHost(AgentSetup setup) : setup_(std::move(setup)) {
  if (!setup_.own_binary.empty()) own_binary_ = compat::OwnBinary(setup_.own_binary);
  if (setup_.confined_to >= 0) confinement_.emplace(setup_.confined_to, setup_.home);
}

AgentHost::~AgentHost() {
  while (!held_.empty()) held_.pop_back();
}

void AgentHost::confine(int home, const std::string& path) {
  confinement_.reset();
  if (home >= 0) confinement_.emplace(home, path);
}

int AgentHost::directory_of(const rules::Place& place) const {
  // Only enter() makes directories for a Place, so they are ours.
  return place.directory ? static_cast<const AgentDirectory&>(*place.directory).fd() : setup_.directory;
}

rules::Result<std::shared_ptr<const rules::Directory>> AgentHost::enter(const rules::Place& place,
                                                                        const std::string& path) {
  const auto open = [&](int flags) {
    const int from = directory_of(place);
    return confinement_ ? confinement_->open(from, path, flags) : mailbox::open_at(from, path, flags);
  };
  auto fd = open(O_RDONLY | O_DIRECTORY);
  if (!fd && fd.error().code == EACCES) fd = open(O_PATH | O_DIRECTORY);  // x without r is enough for chdir(2)
  if (!fd) return std::unexpected(std::move(fd).error());
  if (faccessat(fd->get(), ".", X_OK, AT_EACCESS) != 0) return mailbox::system_failure("cannot enter " + path);
  return std::make_shared<const AgentDirectory>(std::move(*fd));
}

rules::Result<std::string> AgentHost::load(const rules::Place& place, const std::string& path) {
  const int from = directory_of(place);
  const auto no_rules = [&](const std::string& why, int code) {
    return mailbox::failure(ErrorKind::NotFound, path + ": " + why, code);
  };
  struct stat status{};
  // Looked at before it is opened: opening a device or a FIFO would already be a deed.
  if (!confinement_ && fstatat(from, path.c_str(), &status, 0) == 0 && !S_ISREG(status.st_mode)) {
    return no_rules("not a regular file", 0);
  }
  constexpr int flags = O_RDONLY | O_NONBLOCK | O_NOCTTY;
  auto fd = confinement_ ? confinement_->open(from, path, flags) : mailbox::open_at(from, path, flags);
  if (!fd && means_no_rules(fd.error().code)) return no_rules(std::strerror(fd.error().code), fd.error().code);
  if (!fd) return std::unexpected(std::move(fd).error());
  if (fstat(fd->get(), &status) != 0) return mailbox::system_failure("cannot read " + path);
  if (!S_ISREG(status.st_mode)) return no_rules("not a regular file", 0);
  auto text = mailbox::read_bounded(fd->get(), kRuleFileLimit);
  if (!text) return std::unexpected(std::move(text).error().about(path));
  return std::move(*text);
}

// The inbox stays reachable whatever the confinement; so does /dev/null, which no call opens.
mailbox::Result<AgentHost::Reached> AgentHost::reach(int directory, const std::string& path) const {
  if (!confinement_ || path.empty() || path == kNull) return Reached{UniqueFd(), directory, path};
  if (is_inbox(directory, path)) return Reached{UniqueFd(), directory, path};
  if (is_inbox_lock(directory, path)) return Reached{UniqueFd(), directory, path};
  auto located = confinement_->locate(directory, path);
  if (!located) return std::unexpected(std::move(located).error());
  const int parent = located->directory.get();
  return Reached{std::move(located->directory), parent, std::move(located->name)};
}

bool AgentHost::is_inbox(int directory, const std::string& path) const {
  if (setup_.inbox.empty() || path.empty()) return false;
  const std::string inbox(without_type(setup_.inbox));
  const std::string folder(without_type(path));
  struct stat ours{}, theirs{};
  if (fstatat(directory, folder.c_str(), &theirs, 0) == 0) {
    return stat(inbox.c_str(), &ours) == 0 && mailbox::same_file(ours, theirs);
  }
  const std::string absolute = mailbox::absolute_path(directory, folder);
  return !absolute.empty() && absolute == mailbox::absolute_path(AT_FDCWD, inbox);
}

bool AgentHost::is_inbox_lock(int directory, const std::string& path) const {
  if (setup_.inbox.empty() || !path.ends_with(kLockExtension)) return false;
  const std::string absolute = mailbox::absolute_path(directory, path);
  return !absolute.empty() && absolute == mailbox::absolute_path(AT_FDCWD, setup_.inbox + kLockExtension);
}

bool AgentHost::holds(const std::string& path) const {
  return std::any_of(held_.begin(), held_.end(), [&](const Held& held) { return held.path == path; });
}

// Links are made from other directories, which only a path can name; a descriptor's own path under /proc follows no
// link.
std::vector<AgentHost::Reached> AgentHost::reach_links(int directory, const rules::FolderDelivery& delivery,
                                                       mailbox::StoreRequest& request,
                                                       std::vector<std::string>& notes) const {
  std::vector<Reached> kept;
  for (std::size_t i = 1; i < delivery.folders.size(); ++i) {
    auto reached = reach(directory, delivery.folders[i]);
    if (!reached) {
      notes.push_back(quoted("Couldn't make link to", delivery.folders[i]));
      continue;
    }
    if (reached->keep) reached->name = "/proc/self/fd/" + std::to_string(reached->directory) + "/" + reached->name;
    request.links.push_back(reached->name);
    kept.push_back(std::move(*reached));
    kept.back().which = i;
  }
  return kept;
}

// The inbox is locked, journalled and written under its own name, whichever of its names the rules used.
void AgentHost::use_inbox(Reached& reached, mailbox::StoreRequest& request) const {
  request.state = setup_.state;
  struct stat status{};
  const bool is_file = without_type(reached.name) == reached.name && !setup_.inbox.ends_with('/') &&
                       !(stat(setup_.inbox.c_str(), &status) == 0 && S_ISDIR(status.st_mode));
  if (!is_file) return;
  reached.directory = AT_FDCWD;
  reached.name = setup_.inbox;
  request.locks.dotlock = !holds(mailbox::absolute_path(AT_FDCWD, setup_.inbox + kLockExtension));
}

mailbox::StoreRequest AgentHost::request_for(const rules::FolderDelivery& delivery) const {
  mailbox::StoreRequest request;
  request.content = delivery.content;
  request.ignore_errors = delivery.ignore_errors;
  request.message_prefix = delivery.message_prefix;
  request.locks = setup_.locks;
  request.locks.interrupted = [] { return stop_exit_code().has_value(); };
  request.quota = setup_.quota;
  return request;
}

bool AgentHost::means_directory(const rules::Place& place, const std::string& path) {
  const auto reached = reach(directory_of(place), path);
  struct stat status{};
  return reached && fstatat(reached->directory, reached->name.c_str(), &status, 0) == 0 && S_ISDIR(status.st_mode);
}

FolderOutcome AgentHost::deliver(const rules::Place& place, const rules::FolderDelivery& delivery) {
  FolderOutcome outcome;
  const std::string& folder = delivery.folders.front();
  const int directory = directory_of(place);
  auto reached = reach(directory, folder);
  if (!reached) {
    note_failure({UniqueFd(), directory, folder}, delivery, reached.error(), outcome);
    return outcome;
  }
  auto request = request_for(delivery);
  if (is_inbox(reached->directory, reached->name)) use_inbox(*reached, request);
  request.path = reached->name;
  struct stat status{};
  const bool there = fstatat(reached->directory, reached->name.c_str(), &status, 0) == 0;
  const auto links = reach_links(directory, delivery, request, outcome.notes);
  auto stored = mailbox::store({reached->directory, static_cast<mode_t>(place.umask)}, request);
  if (!stored) {
    note_failure(*reached, delivery, stored.error(), outcome);
    return outcome;
  }
  outcome.delivered = true;
  outcome.kind = kind_of(stored->kind);
  outcome.octets = stored->octets;
  if (outcome.kind == Kind::Mbox) outcome.offset = there ? static_cast<std::uint64_t>(status.st_size) : 0;
  outcome.folder = std::move(stored->name);
  outcome.links = std::move(stored->links);
  std::move(stored->notes.begin(), stored->notes.end(), std::back_inserter(outcome.notes));
  restore_names(outcome, *reached, links, delivery.folders);
  return outcome;
}

// Logs and LASTFOLDER name folders as the rules do, whatever name they were reached by.
void AgentHost::restore_names(FolderOutcome& outcome, const Reached& first, const std::vector<Reached>& links,
                              const std::vector<std::string>& given) {
  const auto in_notes = [&](std::string_view used, std::string_view name) {
    for (std::string& note : outcome.notes) rename(note, "\"", used, name);
  };
  const auto used = without_type(first.name);
  if (outcome.folder.starts_with(used)) rename(outcome.folder, "", used, without_type(given.front()));
  in_notes(used, without_type(given.front()));
  for (const Reached& link : links) {
    const auto name = without_type(given[link.which]);
    rename(outcome.folder, " ", without_type(link.name), name);
    for (std::string& file : outcome.links) rename(file, "", without_type(link.name), name);
    in_notes(without_type(link.name), name);
  }
}

// A directory that takes no new file: LASTFOLDER stays as it was.
void AgentHost::note_closed_directory(const std::string& folder, FolderOutcome& outcome) {
  const std::string name(without_type(folder));
  if (folder.ends_with('/')) {
    outcome.notes.push_back(quoted("Unable to treat as directory", name + "/new"));
    outcome.notes.push_back(quoted("Skipped", name));
  } else {
    outcome.notes.push_back(quoted("Couldn't create or rename temp file", folder.ends_with("/.") ? folder : folder + "/"));
  }
}

void AgentHost::note_failure(const Reached& reached, const rules::FolderDelivery& delivery, const Error& error,
                             FolderOutcome& outcome) {
  remember(error);
  struct stat status{};
  const bool there = fstatat(reached.directory, reached.name.c_str(), &status, 0) == 0;
  const bool device = there && !S_ISREG(status.st_mode) && !S_ISDIR(status.st_mode);
  const std::string& given = delivery.folders.front();
  std::vector<std::string>& notes = outcome.notes;
  if (there && S_ISDIR(status.st_mode) && (error.code == EACCES || error.code == EISDIR)) {
    note_closed_directory(given, outcome);
    if (setup_.explain) notes.push_back(error.text);
    return;
  }
  outcome.folder = given.ends_with("/.") ? given : std::string(without_type(given));
  const std::string& folder = outcome.folder;
  if (folder.size() < given.size()) notes.push_back(quoted("Unable to treat as directory", folder));
  std::string rest;
  for (std::size_t i = 1; i < delivery.folders.size(); ++i) rest += (i > 1 ? " " : "") + delivery.folders[i];
  if (!rest.empty()) notes.push_back(quoted("Skipped", rest));
  if (error.is_busy()) notes.push_back(quoted("Timeout, was waiting for", folder));
  if (error.code == ENOSPC && !device) {
    notes.push_back(quoted("No space left to finish writing", folder));
  } else if (error.is_over_quota() || error.code == EDQUOT) {
    notes.push_back(quoted("Quota exceeded while writing", folder));
  } else {
    notes.push_back(quoted("Error while writing to", folder));
  }
  // Procmail says so only where there is a LOGFILE to say it in.
  const bool was_writing = error.code == ENOSPC || error.code == EDQUOT || error.code == EFBIG || error.code == EIO;
  outcome.opened = there && was_writing;
  if (there && S_ISREG(status.st_mode) && was_writing && !error.is_over_quota() && setup_.log->has_file()) {
    notes.push_back("Truncated file to former size");
  }
  if (setup_.explain) notes.push_back(error.text);
}

void AgentHost::remember(const Error& error) {
  last_error_ = error.text;
  if (error.is_over_quota()) {
    if (!refusal_) refusal_ = error;
  } else if (error.is_busy() || error.kind == ErrorKind::Temporary) {
    if (!temporary_) temporary_ = error;
  }
}

rules::ProgramOutcome AgentHost::run(const rules::Place& place, const rules::ProgramCall& call) {
  if (confinement_) return {};
  ChildPlace where;
  where.directory = directory_of(place);
  where.umask = place.umask;
  where.errors = setup_.log->program_errors();
  where.error_sink = [this](std::string_view text) { setup_.log->write(text); };
  where.own_binary = setup_.own_binary;
  where.stop = [] { return stop_exit_code().has_value(); };
  if (auto builtin = compat::run_builtin(own_binary_, where, call)) return std::move(*builtin);
  auto outcome = children_.run(where, call);
  if (outcome.started || call.argv.empty()) return outcome;
  // What is no program is tried as a shell script, and the shell says what is wrong with it; a failure it stays.
  rules::ProgramCall script = call;
  script.argv.insert(script.argv.begin(), kShell);
  script.wait = true;
  outcome = children_.run(where, script);
  outcome.started = false;
  return outcome;
}

bool AgentHost::write_output(const mailbox::Outgoing& content) {
  if (setup_.output < 0) return false;
  const std::array<std::string_view, 3> pieces{content.header, content.body, content.wants_final_newline() ? "\n" : ""};
  const auto written = mailbox::write_all(setup_.output, pieces);
  if (!written) remember(written.error());
  return written.has_value();
}

rules::LockOutcome AgentHost::lock(const rules::Place& place, const rules::LockRequest& request) {
  setup_.locks.longest_pause = request.longest_pause;
  setup_.locks.stale_after = request.stale_after;
  rules::LockOutcome outcome;
  const auto reached = reach(directory_of(place), request.name);
  const std::string path = reached ? mailbox::absolute_path(reached->directory, reached->name) : "";
  if (!path.empty() && holds(path)) {  // waiting for ourselves would never end
    outcome.notes.push_back(quoted("Deadlock attempted on", request.name));
    return outcome;
  }
  mailbox::LockWait wait;
  wait.longest_pause = request.longest_pause;
  wait.stale_after = request.stale_after;
  wait.interrupted = [] { return stop_exit_code().has_value(); };
  auto lock = reached ? mailbox::DotLock::take(reached->directory, reached->name, wait)
                      : mailbox::Result<mailbox::DotLock>(std::unexpected(reached.error()));
  if (!lock) {
    outcome.notes.push_back(quoted("Lock failure on", request.name));
    outcome.writable = lock.error().is_busy();
    if (setup_.explain) outcome.notes.push_back(lock.error().text);
    return outcome;
  }
  outcome.held = true;
  const bool forced = lock->was_forced();
  held_.push_back({path, request.name, std::move(*lock)});
  if (!forced) return outcome;
  // Whoever held it may be alive and still writing: procmail gives it this long (PROCMAIL.md 18.3).
  outcome.notes.push_back(quoted("Forcing lock on", request.name));
  const auto until = std::chrono::steady_clock::now() + request.suspend;
  while (std::chrono::steady_clock::now() < until && !stop_exit_code()) std::this_thread::sleep_for(kNap);
  return outcome;
}

void AgentHost::unlock(const rules::Place& place, const std::string& name) {
  const auto reached = reach(directory_of(place), name);
  const std::string path = reached ? mailbox::absolute_path(reached->directory, reached->name) : "";
  const auto by_path = [&](const Held& held) { return !path.empty() && held.path == path; };
  const auto by_name = [&](const Held& held) { return held.name == name; };
  auto found = std::find_if(held_.rbegin(), held_.rend(), by_path);
  // MAILDIR may have changed since: then the name tells.
  if (found == held_.rend()) found = std::find_if(held_.rbegin(), held_.rend(), by_name);
  if (found != held_.rend()) held_.erase(std::next(found).base());
}

bool AgentHost::open_log(const rules::Place& place, const std::string& path) {
  const auto reached = reach(directory_of(place), path);
  return reached && setup_.log->open_file(reached->directory, reached->name, place.umask);
}

void AgentHost::log(std::string_view text) { setup_.log->write(text); }

std::shared_ptr<const void> AgentHost::keep_log() { return std::make_shared<const Log::Kept>(setup_.log->keep()); }

void AgentHost::restore_log(const std::shared_ptr<const void>& log) {
  if (log) setup_.log->restore(*static_cast<const Log::Kept*>(log.get()));
}

void AgentHost::notify(const rules::Place&, const std::string& service, const std::string& text) {
  tell_comsat(service, text, confinement_ ? HostNames::LocalOnly : HostNames::Resolve);
}

// The child takes over everything, locks included: they belong to open descriptors, which it shares.
void AgentHost::report_delivered() {
  if (reported_) return;
  const pid_t child = fork();
  if (child > 0) _exit(to_status(ExitCode::Ok));
  reported_ = child == 0;
}

void AgentHost::drop_privileges() {
  if (setup_.drop_privileges && !setup_.drop_privileges()) still_privileged_ = true;
}

std::time_t AgentHost::now() { return std::time(nullptr); }

// As ctime(3) has it, in the time zone of the process (TZ), without the line end.
std::string AgentHost::local_time(std::time_t when) {
  std::tm local{};
  char text[64] = {};
  if (!localtime_r(&when, &local) || !asctime_r(&local, text)) return "";
  return std::string(text, std::string_view(text).find('\n'));
}

int AgentHost::process_id() { return getpid(); }

std::optional<int> AgentHost::stop_requested() {
  if (still_privileged_) return to_status(ExitCode::TempFail);
  return stop_exit_code();
}

}  // namespace filter
