// Groups tokens into recipes and blocks.
// SPDX-License-Identifier: Apache-2.0
#include "rules/parser.h"

#include <utility>

#include "rules/limits.h"
#include "rules/quote.h"

namespace rules {
namespace {

class Parser {
 public:
  explicit Parser(std::vector<Token> tokens) : tokens_(std::move(tokens)) {}
  ParserResult run() {
    while (at_ < tokens_.size()) {
      parse_statements(result_.script.statements, 0);
      if (at_ == tokens_.size()) break;
      // A brace that closes nothing: procmail says so and goes on.
      complain(tokens_[at_], "unexpected-brace", "this '}' closes no block: remove it, or open the block with a '{' as a recipe's action");
      result_.script.statements.push_back({tokens_[at_++].where, Note{"Closing brace unexpected"}});
    }
    return std::move(result_);
  }

 private:
  void complain(const Token& token, const char* check, std::string message) {
    result_.diagnostics.push_back({Severity::Error, token.where, check, std::move(message)});
  }
  bool at_end_or_close() const { return at_ == tokens_.size() || tokens_[at_].kind == Token::Kind::Close; }
  void parse_statements(std::vector<Statement>& statements, std::size_t depth);
  void parse_recipe(std::vector<Statement>& statements, std::size_t depth);
  Action parse_action(Token& token, std::size_t depth);

  std::vector<Token> tokens_;
  std::size_t at_ = 0;
  ParserResult result_;
};

void Parser::parse_statements(std::vector<Statement>& statements, std::size_t depth) {
  while (!at_end_or_close()) {
    Token& token = tokens_[at_];
    switch (token.kind) {
      case Token::Kind::Assignment:
        statements.push_back({token.where, Assignment{token.name, std::move(token.words)}});
        break;
      case Token::Kind::Unset: statements.push_back({token.where, Assignment{token.name, std::nullopt}}); break;
      case Token::Kind::Simple: statements.push_back({token.where, SimpleRecipes{std::move(token.recipes)}}); break;
      case Token::Kind::Skipped: statements.push_back({token.where, Note{"Skipped \"" + token.text + "\""}}); break;
      case Token::Kind::Note: statements.push_back({token.where, Note{std::move(token.text)}}); break;
      default: parse_recipe(statements, depth); continue;
    }
    ++at_;
  }
}

// A head, its conditions, what procmail says when it reads the action's line, and the action, if there is one.
void Parser::parse_recipe(std::vector<Statement>& statements, std::size_t depth) {
  Statement statement{tokens_[at_].where, Recipe{}};
  Recipe& recipe = std::get<Recipe>(statement.what);
  recipe.head = std::move(tokens_[at_++].words);
  while (at_ < tokens_.size() && tokens_[at_].kind == Token::Kind::Condition) {
    recipe.conditions.push_back({tokens_[at_].where, read_condition(tokens_[at_].text)});
    ++at_;
  }
  for (; at_ < tokens_.size() && tokens_[at_].kind == Token::Kind::Note; ++at_)
    recipe.notes.push_back(std::move(tokens_[at_].text));
  const bool next_recipe = at_ == tokens_.size() || tokens_[at_].kind == Token::Kind::Head || tokens_[at_].kind == Token::Kind::Simple;
  if (next_recipe) {
    recipe.action = NoAction{};
  } else {
    Token& token = tokens_[at_++];
    recipe.action_at = token.where;
    recipe.action = parse_action(token, depth);
  }
  statements.push_back(std::move(statement));
}

Action Parser::parse_action(Token& token, std::size_t depth) {
  switch (token.kind) {
    case Token::Kind::Forward: return ForwardAction{std::move(token.words)};
    case Token::Kind::Program: return ProgramAction{read_command(token.text)};
    case Token::Kind::Capture:
      return CaptureAction{token.name, read_command(token.text), std::move(token.words), token.forwards};
    case Token::Kind::Open: break;
    default: return FolderAction{std::move(token.words)};
  }
  Block block;
  if (depth >= kMaxNesting) {
    complain(token, "nesting", "blocks are nested too deep: what follows is read as if this one were closed");
    block.closed = false;
    return block;
  }
  const Token open = token;
  parse_statements(block.statements, depth + 1);
  block.closed = at_ < tokens_.size();
  if (block.closed) {
    ++at_;
  } else {
    complain(open, "missing-brace", "this block is never closed: put a '}' on a line of its own behind its last recipe");
    block.statements.push_back({open.where, Note{"Missing closing brace"}});
  }
  return block;
}

}  // namespace

ParserResult parse(std::vector<Token> tokens) { return Parser(std::move(tokens)).run(); }

}  // namespace rules
