// Who sent a message: an address out of a field, and which field's address is believed.
// SPDX-License-Identifier: Apache-2.0
//
//   address_in("Joe <joe@example.org> (home)")                 // "joe@example.org"
//   find_sender(fields, {.trust_header = true})                // Reply-To:, then From:, Sender: …; "" if there is none
//
// Source: formail(1) on -r, -t and -a Resent-; the ranks and what makes an address a bad one were found by trying
// formail 3.22 (README.md). Not set: no address at all.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "filter/compat/formail_field.h"

namespace filter::compat {

// The first address of a field's content in its shortest form: without comments, names and blanks. It keeps its angle
// brackets if it holds a comma or a semicolon. Empty: there is none. "<>" comes back as it is.
std::string address_in(std::string_view content);

// What a "From " line and the ">From " lines that follow it say: an address, with the hosts that "remote from" names in
// front if it has no @. `path`: those hosts, of a sender that came through several.
struct EnvelopeSender {
  std::string address;
  std::string path;
};
EnvelopeSender envelope_sender(const Field& from_line);

struct SenderChoice {
  bool trust_header = false;  // -t
  bool resent_first = false;  // -a Resent-
};

// The address of the field that ranks highest; a doubtful address loses to any better one.
std::optional<std::string> find_sender(std::span<const Field> fields, SenderChoice choice);

}  // namespace filter::compat
