// Answers as the test says.
// SPDX-License-Identifier: Apache-2.0
#include "filter/tools/rule_test_host.h"

#include <fnmatch.h>

#include <algorithm>
#include <filesystem>
#include <utility>

#include "filter/tools/rule_files.h"
#include "mailbox/file.h"

namespace filter::tools {
namespace {

using Purpose = rules::ProgramCall::Purpose;
using FolderKind = rules::FolderOutcome::Kind;

class NamedDirectory : public rules::Directory {
 public:
  explicit NamedDirectory(std::string path) : path_(std::move(path)) {}
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

// Only enter() makes directories for a Place, so they are ours.
std::string directory_of(const rules::Place& place) {
  return place.directory ? static_cast<const NamedDirectory&>(*place.directory).path() : "/";
}

std::string resolved(const rules::Place& place, const std::string& path) {
  return path.starts_with('/') ? path : directory_of(place) + '/' + path;
}

std::string trimmed(const std::string& text) {
  const auto begin = text.find_first_not_of(" \t\n");
  return begin == std::string::npos ? "" : text.substr(begin, text.find_last_not_of(" \t\n") + 1 - begin);
}

const char* word_for(FolderKind kind) {
  switch (kind) {
    case FolderKind::Mbox:
      return "mbox";
    case FolderKind::Maildir:
      return "maildir";
    case FolderKind::Mh:
      return "mh";
    case FolderKind::Directory:
      return "directory";
    case FolderKind::Discard:
      break;
  }
  return "discard";
}

FolderKind kind_of(const std::string& name) {
  if (name == "/dev/null") return FolderKind::Discard;
  if (name.ends_with("/.")) return FolderKind::Mh;
  return name.ends_with('/') ? FolderKind::Maildir : FolderKind::Mbox;
}

}  // namespace

std::string shown_path(const std::string& path, const std::string& directory) {
  std::string name = path.ends_with("/.") ? path.substr(0, path.size() - 1) : path;
  name = std::filesystem::path(mailbox::without_slashes(name)).lexically_normal().string();
  const std::string below = std::filesystem::path(directory).lexically_normal().string() + "/";
  return below.size() > 1 && name.starts_with(below) ? name.substr(below.size()) : name;
}

rules::Result<std::shared_ptr<const rules::Directory>> RuleTestHost::enter(const rules::Place& place,
                                                                           const std::string& path) {
  return std::make_shared<const NamedDirectory>(
      std::filesystem::path(resolved(place, path)).lexically_normal().string());
}

// As the path says; else what lies beside the rules, as if they lay in the home or in MAILDIR.
rules::Result<std::string> RuleTestHost::load(const rules::Place& place, const std::string& path) {
  std::vector<std::string> paths;
  if (path.starts_with('/')) paths.push_back(path);
  for (const std::string& from : {home_, directory_of(place)}) paths.push_back(folder_ + '/' + shown_path(path, from));
  paths.push_back(folder_ + '/' + path.substr(path.rfind('/') + 1));
  for (const std::string& candidate : paths)
    if (auto text = read_rule_file(candidate, false)) return text;
  return read_rule_file(paths.front(), false);
}

bool RuleTestHost::is_expected_directory(const std::string& path) const {
  return std::any_of(test_.expected.begin(), test_.expected.end(),
                     [&](const Deed& deed) { return deed.kind == "directory" && shown_path(deed.what, "") == path; });
}

rules::FolderOutcome RuleTestHost::deliver(const rules::Place& place, const rules::FolderDelivery& delivery) {
  rules::FolderOutcome outcome;
  const std::string& name = delivery.folders[0];
  const std::string path = shown_path(name, directory_of(place));
  outcome.kind = kind_of(name);
  if (outcome.kind == FolderKind::Mbox && is_expected_directory(path)) outcome.kind = FolderKind::Directory;
  outcome.folder = name;
  outcome.octets = delivery.content.size();
  outcome.delivered = true;
  const std::string header(delivery.content.header);
  happened_.push_back({{word_for(outcome.kind), outcome.kind == FolderKind::Discard ? "" : path},
                       header,
                       shown_path(resolved(place, name), "")});
  // The further ones are directories to link into.
  for (std::size_t i = 1; i < delivery.folders.size(); ++i)
    happened_.push_back({{"directory", shown_path(delivery.folders[i], directory_of(place))},
                         header,
                         shown_path(resolved(place, delivery.folders[i]), "")});
  return outcome;
}

const StandIn* RuleTestHost::stand_in(const std::string& command) const {
  for (const StandIn& program : test_.programs)
    if (program.command == command || fnmatch(program.command.c_str(), command.c_str(), 0) == 0) return &program;
  return nullptr;
}

rules::ProgramOutcome RuleTestHost::run(const rules::Place&, const rules::ProgramCall& call) {
  const std::string command = trimmed(call.text);
  const StandIn* program = stand_in(command);
  rules::ProgramOutcome outcome;
  outcome.started = true;
  const bool seen_before = command.find("formail") != std::string::npos && command.find(" -D") != std::string::npos;
  outcome.status = program ? program->status : call.purpose == Purpose::Condition || seen_before ? 1 : 0;
  if (program && program->has_output)
    outcome.output = program->output;
  else if (call.purpose == Purpose::Filter)
    outcome.output = std::string(call.input.header) + std::string(call.input.body);
  if (!program && call.purpose != Purpose::Forward && call.purpose != Purpose::Pipe)
    assumed_.push_back("\"" + command + "\" exits with " + std::to_string(outcome.status) +
                       ", for no exec line says otherwise");
  if (call.purpose == Purpose::Pipe) pending_ = Happened{{"pipe", command}, std::string(call.input.header), {}};
  if (call.purpose == Purpose::Forward) pending_ = Happened{{"forward", {}}, std::string(call.input.header), {}};
  return outcome;
}

bool RuleTestHost::write_output(const mailbox::Outgoing& content) {
  pending_ = Happened{{"pipe", "|"}, std::string(content.header), {}};
  return true;
}

void RuleTestHost::observe(const rules::Event& event) {
  trace_.push_back(event);
  if (event.kind != rules::Event::Kind::Action || !pending_) return;
  Happened happened = *std::exchange(pending_, std::nullopt);
  if (!event.held.value_or(false)) return;
  if (happened.deed.kind == "forward")
    happened.deed.what = event.text.substr(std::min<std::size_t>(2, event.text.size()));
  happened_.push_back(std::move(happened));
}

}  // namespace filter::tools
