// A message that was decided about, and its JSON.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "filter/tools/dry_host.h"
#include "mailbox/message.h"

namespace filter::tools {

// What is absent in the message is nothing.
struct DecidedMessage {
  std::string source;
  std::size_t index = 0;
  std::optional<std::string> message_id;
  std::optional<std::string> subject;
  std::optional<std::string> from;
  Decision decision;
};

const char* name_of(Outcome outcome);
const char* name_of(Action::Kind kind);
// "mbox lists/dev"
std::string place_text(const Action& action);
// A header's words as people read them: encoded words as UTF-8.
std::string readable(const std::string& words);

// Fills in what the message's header says: unfolded, without blanks around.
DecidedMessage decided(std::string source, std::size_t index, const mailbox::Message& message, Decision decision);

// CONTRACT.md 2's object, one line with its LF; with `traced` also its "trace".
std::string json_line(const DecidedMessage& message, bool traced);
// The same for the page: words readable, with "from", and "path": each recipe that applied, and what it came to.
std::string page_line(const DecidedMessage& message, bool traced);

}  // namespace filter::tools
