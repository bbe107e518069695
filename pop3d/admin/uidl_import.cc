// Gives messages the unique ids that they had on another server: "uidl import USER [FILE]".
// SPDX-License-Identifier: Apache-2.0
//
// FILE is what the other server kept or said (uidl_lists.h). Without one the ids are those of the messages' own X-UIDL
// fields, as qpopper leaves them.
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <map>
#include <nlohmann/json.hpp>
#include <string>

#include "mailbox/file.h"
#include "mailbox/foreign_uidls.h"
#include "mailbox/maildrop.h"
#include "pop3d/admin/commands.h"
#include "pop3d/admin/subject.h"
#include "pop3d/admin/uidl_lists.h"

namespace pop3d::admin {
namespace {

using mailbox::ErrorKind;
using mailbox::failure;
using mailbox::ForeignUidls;
using mailbox::Maildrop;
using mailbox::Result;
using nlohmann::ordered_json;

constexpr std::size_t kLargestList = 512u << 20;
constexpr std::size_t kLongestHeader = 256 << 10;
constexpr std::chrono::seconds kPatience{20};

struct Outcome {
  std::size_t messages = 0, imported = 0, refused = 0;
};

// Opened as whoever calls: an admin's list need not be the user's to read.
Result<ForeignList> read_foreign_list(const std::string& path) {
  const auto bytes = path == "-" ? mailbox::read_bounded(STDIN_FILENO, kLargestList)
                                 : mailbox::read_file(AT_FDCWD, path, kLargestList);
  if (!bytes) return std::unexpected(bytes.error());
  auto list = read_uidl_list(*bytes);
  if (list.by_file.empty() && list.by_number.empty())
    return failure(ErrorKind::Permanent,
                   path + ": neither a list of Dovecot's or Courier's, nor lines of number and id");
  return list;
}

// What the list says of a message; empty: nothing.
std::string id_in_list(const ForeignList& list, const Maildrop& drop, std::size_t index) {
  if (list.by_file.empty()) {
    const auto found = list.by_number.find(index + 1);
    return found == list.by_number.end() ? "" : found->second;
  }
  const auto found = list.by_file.find(drop.file_name(index));
  return found == list.by_file.end() ? "" : found->second;
}

Result<std::string> id_in_message(const Maildrop& drop, std::size_t index) {
  std::string text;
  const auto done = drop.fetch(index, [&](std::string_view piece) {
    text += piece;
    return text.size() < kLongestHeader && text.find("\r\n\r\n") == text.npos;
  });
  if (!done) return std::unexpected(done.error());
  return x_uidl_of(text);
}

Result<Outcome> import_ids(const Subject& subject, const ForeignList* list) {
  const auto drop =
      Maildrop::open({.inbox = subject.inbox, .state = subject.state, .peer = "sluice-admin", .wait = kPatience});
  if (!drop) return std::unexpected(drop.error());
  if (list != nullptr && !list->by_file.empty() && !subject.inbox.ends_with('/'))
    return failure(ErrorKind::Permanent, "the list names files of a Maildir, but " + subject.inbox + " is none");
  auto ids = ForeignUidls::read(subject.state);
  if (!ids) return std::unexpected(ids.error());
  Outcome outcome{.messages = drop->size()};
  for (std::size_t i = 0; i < drop->size(); ++i) {
    const auto id = list != nullptr ? Result<std::string>(id_in_list(*list, *drop, i)) : id_in_message(*drop, i);
    if (!id) return std::unexpected(id.error());
    if (id->empty()) continue;
    const auto place = drop->place(i);
    ++(ids->add(place.base, place.ordinal, *id) ? outcome.imported : outcome.refused);
  }
  if (outcome.imported > 0) {
    if (auto done = ids->save(subject.state); !done) return std::unexpected(done.error());
  }
  return outcome;
}

}  // namespace

int import_uidls(const CommandLine& line, const mailbox::site::Config& config) {
  auto about = line;
  const bool has_list = about.words.size() == 4;
  if (has_list) about.words.pop_back();
  if (about.words.size() != 3) return complain("uidl import USER [FILE] is what there is");
  const auto list = has_list ? read_foreign_list(line.words[3]) : Result<ForeignList>(ForeignList{});
  if (!list) return complain(list.error().text);
  const auto subject = take_subject(about, 2, config);
  if (!subject) return complain(subject.error().text);
  const auto outcome = import_ids(*subject, has_list ? &*list : nullptr);
  if (!outcome) return complain(outcome.error().text);
  if (line.json) {
    std::puts(ordered_json{{"user", subject->account.name},
                           {"messages", outcome->messages},
                           {"imported", outcome->imported},
                           {"refused", outcome->refused}}
                  .dump()
                  .c_str());
  } else {
    std::printf("%zu of %zu messages have the ids of the other server", outcome->imported, outcome->messages);
    if (outcome->refused > 0) std::printf("; %zu ids are doubled, or none", outcome->refused);
    std::puts("");
  }
  return outcome->refused > 0 || outcome->imported == 0 ? kFindings : kFine;
}

}  // namespace pop3d::admin
