// The text form of expansions.
// SPDX-License-Identifier: Apache-2.0
#include "rules/expansion.h"

#include "rules/quote.h"

namespace rules {
namespace {

void dump_pieces(const std::vector<Piece>& pieces, std::string& out) {
  for (const Piece& piece : pieces) {
    if (!out.empty() && out.back() != '{' && out.back() != '-' && out.back() != '+') out += ' ';
    const char* mark = piece.quoted ? "\"" : "";
    switch (piece.kind) {
      case Piece::Kind::Text: out += quoted(piece.text); break;
      case Piece::Kind::Break: out += "<break>"; break;
      case Piece::Kind::Variable: out += mark + ("${" + piece.text + "}") + mark; break;
      case Piece::Kind::Escaped: out += "$\\" + piece.text; break;
      case Piece::Kind::Positional:
      case Piece::Kind::Special: out += mark + ("$" + piece.text) + mark; break;
      case Piece::Kind::AllArguments: out += "\"$@\""; break;
      case Piece::Kind::Default:
        out += mark + ("${" + piece.text) + (piece.when_empty ? ":" : "") + (piece.when_set ? "+" : "-");
        dump_pieces(piece.other, out);
        out += std::string("}") + mark;
        break;
      case Piece::Kind::Backquote: out += mark + ("`" + escaped(piece.text) + "`") + mark; break;
      case Piece::Kind::BadSubstitution: out += "<bad substitution of " + quoted(piece.text) + ">"; break;
    }
  }
}

}  // namespace

const std::string* Expansion::constant() const {
  static const std::string kNothing;
  if (pieces.empty()) return &kNothing;
  return pieces.size() == 1 && pieces[0].kind == Piece::Kind::Text ? &pieces[0].text : nullptr;
}

void for_each_bad_substitution(const std::vector<Piece>& pieces, const std::function<void(const std::string& name)>& say) {
  for (const Piece& piece : pieces) {
    if (piece.kind == Piece::Kind::BadSubstitution) say(piece.text);
    for_each_bad_substitution(piece.other, say);
  }
}

std::string dump(const Expansion& expansion) {
  std::string out;
  dump_pieces(expansion.pieces, out);
  return out;
}

}  // namespace rules
