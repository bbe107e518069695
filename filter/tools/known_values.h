// What variables hold, as far as the text of rule files alone decides it.
// SPDX-License-Identifier: Apache-2.0
//
//   KnownValues known;
//   known.take(assignment);                     // LISTS=$HOME/lists
//   known.value(words);                         // "$LISTS/dev" -> "/home/anna/lists/dev", if HOME is known
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>

#include "rules/ast.h"
#include "rules/expansion.h"

namespace filter::tools {

class KnownValues {
 public:
  void set(const std::string& name, std::string value) { values_[name] = std::move(value); }
  void forget(const std::string& name) { values_.erase(name); }
  // The variable gets its value, or is forgotten where that depends on more than the text.
  void take(const std::string& name, const std::optional<rules::Expansion>& value);

  const std::string* find(const std::string& name) const;
  // Nothing: it depends on a message, a program, or a variable of unknown value.
  std::optional<std::string> value(std::span<const rules::Piece> pieces) const;
  std::optional<std::string> value(const rules::Expansion& expansion) const {
    return value(std::span(expansion.pieces));
  }

 private:
  std::map<std::string, std::string> values_;
};

// Forgets what the statements may set: whether they will be run depends on the message.
void forget_set_by(const std::vector<rules::Statement>& statements, KnownValues& known);

// The words of an expansion: its pieces between breaks.
std::vector<std::span<const rules::Piece>> words_of(const rules::Expansion& expansion);

}  // namespace filter::tools
