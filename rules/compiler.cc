// Flattens blocks into jumps, and prepares what the file alone decides: flags and patterns.
// SPDX-License-Identifier: Apache-2.0
#include "rules/compiler.h"

#include <algorithm>
#include <utility>

#include "rules/ast.h"
#include "rules/lexer.h"
#include "rules/parser.h"
#include "rules/quote.h"

namespace rules {
namespace {

// Why a part of a recipe's first line means nothing.
std::string why_skipped(const Head& head) {
  const std::string what = quoted_in_short(head.skipped) + ' ';
  if (head.skipped.starts_with('*')) return what + "is skipped: conditions stand on lines of their own";
  if (head.locks) return what + "is skipped: behind the second ':' there is one word, the lock file's name, or none";
  return what + "is skipped: flags are the letters H B D A a E e h b f c w W i r, and only ':' and a lock file's name may follow";
}

class Compiler {
 public:
  Compiler(std::vector<Instruction>& code, std::vector<Diagnostic>& diagnostics) : code_(code), diagnostics_(diagnostics) {}

  void compile(std::vector<Statement>& statements) {
    for (Statement& statement : statements)
      std::visit([&](auto& what) { compile_statement(statement.where, what); }, statement.what);
  }

 private:
  template <class Op>
  std::size_t emit(const Position& where, Op op) {
    code_.push_back({where, std::move(op)});
    return code_.size() - 1;
  }
  void compile_statement(const Position& where, Assignment& assignment) {
    emit(where, op::Assign{std::move(assignment.name), std::move(assignment.value)});
  }
  void compile_statement(const Position& where, Note& note) {
    // An unclosed block is complained about only where it was entered.
    const bool when_skipped = note.text != "Missing closing brace";
    emit(where, op::Say{std::move(note.text), when_skipped});
  }
  void compile_statement(const Position& where, SimpleRecipes& simple) { emit(where, op::PassBy{std::move(simple.recipes)}); }
  void compile_statement(const Position& where, Recipe& recipe);
  void compile_test(TreeCondition& condition, const std::optional<Head>& head);
  void complain_about_head(const Position& where, const Head& head);

  void compile_action(const Position& where, FolderAction& a) { emit(where, op::Deliver{std::move(a.words)}); }
  void compile_action(const Position& where, ForwardAction& a) { emit(where, op::Forward{std::move(a.words)}); }
  void compile_action(const Position& where, ProgramAction& a) { emit(where, op::RunProgram{std::move(a.command)}); }
  void compile_action(const Position& where, CaptureAction& a) {
    emit(where, op::Capture{std::move(a.name), std::move(a.command), std::move(a.words), a.forwards});
  }
  void compile_action(const Position&, NoAction&) {}
  void compile_action(const Position& where, Block& block) {
    const std::size_t enter = emit(where, op::Enter{});
    compile(block.statements);
    emit(where, op::Leave{});
    std::get<op::Enter>(code_[enter].what).end = code_.size();
  }

  std::vector<Instruction>& code_;
  std::vector<Diagnostic>& diagnostics_;
};

void Compiler::compile_statement(const Position& where, Recipe& recipe) {
  const std::optional<Head> head = constant_head(recipe.head);
  if (head) complain_about_head(where, *head);
  emit(where, op::Begin{head, std::move(recipe.head)});
  for (TreeCondition& condition : recipe.conditions) compile_test(condition, head);
  for (std::string& note : recipe.notes) emit(where, op::Say{std::move(note)});
  if (std::holds_alternative<NoAction>(recipe.action)) return;
  const std::size_t decide = emit(where, op::Decide{});
  std::visit([&](auto& action) { compile_action(recipe.action_at, action); }, recipe.action);
  std::get<op::Decide>(code_[decide].what).otherwise = code_.size();
}

void Compiler::complain_about_head(const Position& where, const Head& head) {
  if (head.skipped.empty() || head.skipped == "\r") return;
  if (head.skipped[0] == 'O' || head.skipped[0] == 'o') {
    diagnostics_.push_back({Severity::Error, where, "letter-o",
                            "a recipe starts with ':0', the digit; with the letter O this line's flags and lock are skipped, "
                            "and the first line without '*' behind it is a condition"});
    return;
  }
  diagnostics_.push_back({Severity::Error, where, "skipped-flags", why_skipped(head)});
}

void Compiler::compile_test(TreeCondition& condition, const std::optional<Head>& head) {
  op::Test test{std::move(condition.condition), std::nullopt};
  if (head && test.condition.kind == Condition::Kind::Regexp) {
    test.pattern = Pattern::compile(test.condition.text, head->case_sensitive ? Pattern::Case::Exact : Pattern::Case::Fold);
    for (const std::string& problem : test.pattern->problems())
      diagnostics_.push_back({Severity::Error, condition.where, "invalid-regexp", problem + ": only the part before the error counts"});
  }
  emit(condition.where, std::move(test));
}

}  // namespace

Compiled compile(const Source& source) {
  LexerResult lexed = tokenize(source);
  ParserResult parsed = parse(std::move(lexed.tokens));
  Compiled compiled;
  compiled.diagnostics = std::move(lexed.diagnostics);
  std::move(parsed.diagnostics.begin(), parsed.diagnostics.end(), std::back_inserter(compiled.diagnostics));
  auto program = std::make_shared<Program>();
  program->name = source.name();
  Compiler(program->instructions, compiled.diagnostics).compile(parsed.script.statements);
  compiled.program = std::move(program);
  std::stable_sort(compiled.diagnostics.begin(), compiled.diagnostics.end(), [](const Diagnostic& a, const Diagnostic& b) {
    return std::pair(a.where.line, a.where.column) < std::pair(b.where.line, b.where.column);
  });
  // One sentence a line and kind of mistake: what follows from the first only hides it.
  const auto again = std::unique(compiled.diagnostics.begin(), compiled.diagnostics.end(), [](const auto& a, const auto& b) {
    return a.where.line == b.where.line && a.check == b.check;
  });
  compiled.diagnostics.erase(again, compiled.diagnostics.end());
  return compiled;
}

std::shared_ptr<const Program> compile_lazily(const Source& source) {
  std::vector<Diagnostic> unread;
  ParserResult parsed = parse(tokenize(source, true).tokens);
  auto program = std::make_shared<Program>();
  program->name = source.name();
  program->text = source.shared_text();
  Compiler(program->instructions, unread).compile(parsed.script.statements);
  return program;
}

}  // namespace rules
