// What a dry-run says: a JSON object or a table row for each message, and totals.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "filter/tools/dry_host.h"
#include "mailbox/message.h"

namespace filter::tools {

// A message that was decided about; what is absent in the message is nothing.
struct DecidedMessage {
  std::string source;
  std::size_t index = 0;
  std::optional<std::string> message_id;
  std::optional<std::string> subject;
  Decision decision;
};

// Fills in what the message's header says: unfolded, without blanks around.
DecidedMessage decided(std::string source, std::size_t index, const mailbox::Message& message, Decision decision);

// CONTRACT.md 2's object, one line with its LF; with `traced` also its "trace".
std::string json_line(const DecidedMessage& message, bool traced);

// The table for people. `width`: columns of the terminal, 0 for a file or pipe; colours only as asked.
class TextReport {
 public:
  TextReport(std::size_t width, bool colours, bool traced) : width_(width), colours_(colours), traced_(traced) {}

  std::string header() const;
  // The message's row, and with --trace a line for each condition.
  std::string row(const DecidedMessage& message);
  // How many messages went where, which recipe acted how often, what was assumed.
  std::string totals() const;

 private:
  std::size_t subject_width() const;
  std::string colour(Outcome outcome, const std::string& text) const;

  std::size_t width_;
  bool colours_;
  bool traced_;
  std::size_t messages_ = 0;
  std::map<std::string, std::size_t> places_;
  std::map<std::pair<std::string, unsigned>, std::size_t> recipes_;
  std::map<std::string, std::size_t> assumed_;
};

}  // namespace filter::tools
