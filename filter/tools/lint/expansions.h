// Every place of a rule file where variables are filled in.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>

#include "filter/tools/lint/model.h"

namespace filter::tools::lint {

struct ExpansionView {
  enum class Use { Value, Head, Folder, Forward, Program, Condition };
  Use use = Use::Value;
  const rules::Expansion* expansion = nullptr;
  rules::Position where;
  const rules::Assignment* assignment = nullptr;  // of Value
};

// In the file's order within each kind. Left out are commands that a shell reads: variables there are the shell's.
void for_each_expansion(const Model& model, const std::function<void(const ExpansionView&)>& look_at);

// Each piece, those within defaults included.
void for_each_piece(const std::vector<rules::Piece>& pieces, const std::function<void(const rules::Piece&)>& look_at);

}  // namespace filter::tools::lint
