// Follows constant values through assignments.
// SPDX-License-Identifier: Apache-2.0
#include "filter/tools/known_values.h"

namespace filter::tools {

using rules::Piece;

void KnownValues::take(const std::string& name, const std::optional<rules::Expansion>& value) {
  auto text = value ? this->value(*value) : std::nullopt;
  if (text) {
    set(name, std::move(*text));
  } else {
    forget(name);
  }
}

const std::string* KnownValues::find(const std::string& name) const {
  const auto found = values_.find(name);
  return found == values_.end() ? nullptr : &found->second;
}

std::optional<std::string> KnownValues::value(std::span<const Piece> pieces) const {
  std::string text;
  for (const Piece& piece : pieces) {
    const bool named = piece.kind == Piece::Kind::Variable || (piece.kind == Piece::Kind::Default && !piece.when_set);
    const std::string* known = named ? find(piece.text) : nullptr;
    if (piece.kind == Piece::Kind::Text) {
      text += piece.text;
    } else if (known && (piece.kind == Piece::Kind::Variable || !known->empty())) {
      text += *known;
    } else {
      return std::nullopt;
    }
  }
  return text;
}

void forget_set_by(const std::vector<rules::Statement>& statements, KnownValues& known) {
  for (const rules::Statement& statement : statements) {
    if (const auto* assignment = std::get_if<rules::Assignment>(&statement.what)) known.forget(assignment->name);
    const auto* recipe = std::get_if<rules::Recipe>(&statement.what);
    if (!recipe) continue;
    if (const auto* capture = std::get_if<rules::CaptureAction>(&recipe->action)) known.forget(capture->name);
    if (const auto* block = std::get_if<rules::Block>(&recipe->action)) forget_set_by(block->statements, known);
  }
}

std::vector<std::span<const Piece>> words_of(const rules::Expansion& expansion) {
  std::vector<std::span<const Piece>> words;
  const std::span<const Piece> pieces(expansion.pieces);
  for (std::size_t begin = 0; begin < pieces.size();) {
    std::size_t end = begin;
    while (end < pieces.size() && pieces[end].kind != Piece::Kind::Break) ++end;
    if (end > begin) words.push_back(pieces.subspan(begin, end - begin));
    begin = end + 1;
  }
  return words;
}

}  // namespace filter::tools
