// A recipe's first line: what its flags and lock mean, in words.
// SPDX-License-Identifier: Apache-2.0
//
//   Head head = read_head({"0", "fhw:", "x.lock"});   // filter, header, wait, lock "x.lock"
//
// Ground floor: the parser reads constant heads, the interpreter those made by variables (procmailrc(5), "Flags";
// PROCMAIL.md 7).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "rules/expansion.h"
#include "rules/value.h"

namespace rules {

// What becomes of a program's exit status (flags w, W).
enum class Wait { No, Loud, Quiet };

struct Head {
  bool search_header = false;       // H; neither H nor B means the header
  bool search_body = false;         // B
  bool case_sensitive = false;      // D
  bool if_last_matched = false;     // A
  bool if_last_succeeded = false;   // a
  bool if_last_did_not = false;     // E
  bool if_last_failed = false;      // e
  bool feed_header = false;         // h; neither h nor b means both
  bool feed_body = false;           // b
  bool filter = false;              // f
  bool copy = false;                // c
  Wait wait = Wait::No;             // w, W
  bool ignore_errors = false;       // i
  bool raw = false;                 // r
  bool locks = false;               // a second ':'
  Value lock;                       // the lock file's name; empty: the implicit one
  std::string skipped;              // what stood there and means nothing, for `Skipped "x"`; empty: nothing

  bool sends_header() const { return feed_header || !feed_body; }
  bool sends_body() const { return feed_body || !feed_header; }
};

// The words behind the first ':', its number included. Reading of flags ends at the first unknown letter; that and all
// behind it are skipped.
Head read_head(const std::vector<Value>& words);
// The head, where the file alone decides its words; nothing: variables or programs make it.
std::optional<Head> constant_head(const Expansion& expansion);

// "filter feed-header wait lock \"x.lock\""
std::string dump(const Head& head);

}  // namespace rules
