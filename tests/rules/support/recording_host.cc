// Answers from tables, and a record of every question.
// SPDX-License-Identifier: Apache-2.0
#include "tests/rules/support/recording_host.h"

#include "rules/compiler.h"
#include "rules/quote.h"

namespace testing_support {
namespace {

std::string directory_of(const rules::Place& place) {
  const auto* named = dynamic_cast<const NamedDirectory*>(place.directory.get());
  return named ? named->path : "~";
}

std::string name_of(const rules::ProgramCall& call) {
  if (call.argv.size() == 3 && call.argv[1] == "-c") return call.argv[2];
  std::string out;
  for (const std::string& word : call.argv) out += (out.empty() ? "" : ",") + word;
  return out;
}

const char* purpose_of(const rules::ProgramCall& call) {
  static constexpr const char* kNames[] = {"pipe", "filter", "capture", "condition", "backquote", "forward", "trap"};
  return kNames[static_cast<std::size_t>(call.purpose)];
}

}  // namespace

std::string RecordingHost::run(const std::string& rc) {
  const rules::Source source("rc", rc);
  plan.stages = {{.settings = {}, .candidates = {{.path = "rc", .program = rules::compile(source).program, .notes = {}}}}};
  rules::Start start;
  start.message = mailbox::Message(message);
  for (const std::string& argument : arguments) start.arguments.emplace_back(argument, rules::Origin::Sender);
  start.variables.set("SHELL", "/bin/sh");
  start.variables.set("SHELLFLAGS", "-c");
  start.variables.set("SHELLMETAS", "&|<>~;?*[");
  start.variables.set("LOCKEXT", ".lock");
  start.variables.set("MSGPREFIX", "msg.");
  start.variables.set("SENDMAIL", "sendmail");
  const rules::Verdict verdict = rules::run(plan, std::move(start), *this);
  record_ += "exit " + std::to_string(verdict.exit_code) + '\n';
  return record_;
}

rules::Result<std::shared_ptr<const rules::Directory>> RecordingHost::enter(const rules::Place& place, const std::string& path) {
  if (missing_directories.contains(path)) return mailbox::failure(mailbox::ErrorKind::NotFound, "no such directory");
  const std::string whole = path.starts_with('/') ? path : directory_of(place) + '/' + path;
  return std::make_shared<const NamedDirectory>(whole);
}

rules::Result<std::string> RecordingHost::load(const rules::Place&, const std::string& path) {
  const auto found = files.find(path);
  if (found == files.end()) return mailbox::failure(mailbox::ErrorKind::NotFound, "no such file");
  return found->second;
}

rules::FolderOutcome RecordingHost::deliver(const rules::Place& place, const rules::FolderDelivery& delivery) {
  rules::FolderOutcome outcome;
  for (const std::string& folder : delivery.folders) outcome.folder += (outcome.folder.empty() ? "" : " ") + folder;
  outcome.delivered = !full.contains(delivery.folders[0]) && ++deliveries_ != failing_delivery;
  outcome.octets = delivery.content.size();
  record_ += (outcome.delivered ? "box " : "fail ") + outcome.folder;
  if (!quiet) {
    char mode[8];
    std::snprintf(mode, sizeof mode, "%03o", place.umask);
    record_ += " in " + directory_of(place) + " umask " + mode + ' ' +
               rules::quoted(std::string(delivery.content.header) + std::string(delivery.content.body));
  }
  record_ += '\n';
  if (!outcome.delivered) outcome.notes.push_back("No space left to finish writing \"" + outcome.folder + "\"");
  return outcome;
}

rules::ProgramOutcome RecordingHost::run(const rules::Place&, const rules::ProgramCall& call) {
  const std::string name = name_of(call);
  record_ += std::string(purpose_of(call)) + ' ' + name;
  if (!quiet) record_ += (call.wait ? " waited " : " ") + rules::quoted(std::string(call.input.header) + std::string(call.input.body));
  record_ += '\n';
  const auto found = programs.find(name);
  const Answer answer = found == programs.end() ? Answer() : found->second;
  rules::ProgramOutcome outcome;
  outcome.started = answer.started;
  outcome.timed_out = answer.timed_out;
  outcome.input_taken = answer.input_taken;
  outcome.status = answer.status;
  outcome.output = answer.output.substr(0, call.output_limit);
  outcome.output_cut = call.output_limit > 0 && answer.output.size() > call.output_limit;
  return outcome;
}

bool RecordingHost::write_output(const mailbox::Outgoing& content) {
  record_ += "output " + std::to_string(content.size()) + '\n';
  return true;
}

rules::LockOutcome RecordingHost::lock(const rules::Place&, const rules::LockRequest& request) {
  record_ += "lock " + request.name + '\n';
  if (busy_locks.contains(request.name)) return {.held = false, .notes = {"Lock failure on \"" + request.name + "\""}};
  return {.held = true, .notes = {}};
}

void RecordingHost::unlock(const rules::Place&, const std::string& name) { record_ += "unlock " + name + '\n'; }

bool RecordingHost::open_log(const rules::Place&, const std::string& path) {
  record_ += "logfile " + path + '\n';
  return true;
}

void RecordingHost::log(std::string_view text) {
  if (text.starts_with("procmail: ")) text.remove_prefix(10);
  record_ += "log " + rules::escaped(text.substr(0, text.size() - (text.ends_with('\n') ? 1 : 0))) + '\n';
}

void RecordingHost::notify(const rules::Place&, const std::string& service, const std::string& text) {
  record_ += "notify " + service + ' ' + text + '\n';
}

std::string RecordingHost::local_time(std::time_t) { return "Mon Nov 23 09:00:00 2026"; }

std::optional<int> RecordingHost::stop_requested() {
  return ++questions_ == stop_at_question ? std::optional<int>(75) : std::nullopt;
}

}  // namespace testing_support
