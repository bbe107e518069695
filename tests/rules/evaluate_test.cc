// Expansions filled in: values, words, "$@" (PROCMAIL.md 6).
// SPDX-License-Identifier: Apache-2.0
#include "rules/evaluate.h"

#include <catch2/catch.hpp>
#include <map>

#include "rules/limits.h"
#include "rules/word_reader.h"

using rules::TextMode;
using rules::Value;

namespace {

class Table : public rules::Holes {
 public:
  std::map<std::string, Value> variables{{"a", "1 2"}, {"empty", ""}, {"re", "a.b*"}, {"list", " x\ty\n"}};
  std::vector<Value> words{"one", "two 2"};
  std::string said;

  const Value* variable(const std::string& name) override {
    const auto found = variables.find(name);
    return found == variables.end() ? nullptr : &found->second;
  }
  const std::vector<Value>& arguments() override { return words; }
  Value special(char name) override { return Value(std::string("<") + name + '>'); }
  Value backquote(const std::string& command, std::size_t) override { return said += command + ';', Value("out put"); }
  void bad_substitution(const std::string& name) override { said += "bad " + name + ';'; }
};

rules::Expansion read(const std::string& text, TextMode mode) {
  std::size_t at = 0;
  return rules::read_words(text, at, mode).expansion;
}

std::string joined(const std::vector<Value>& words) {
  std::string out;
  for (const Value& word : words) out += '[' + word.text() + ']';
  return out;
}

struct Row {
  std::string input;
  std::string value;
  std::string said = "";
};

}  // namespace

TEST_CASE("one value") {
  for (const Row& row : std::vector<Row>{
           {"$a", "1 2"}, {"x${a}y", "x1 2y"}, {"$none", ""}, {"$1$2$3", "onetwo 2"}, {"$0", "<0>"}, {"$#", "<#>"},
           {"${none:-d}", "d"}, {"${empty:-d}", "d"}, {"${empty-d}", ""}, {"${a:+s}", "s"}, {"${empty:+s}", ""}, {"${empty+s}", "s"},
           {"${1:-d}${3:-d}", "oned"}, {"${a-${none:-`x`}}", "1 2"}, {"${none-`x`}", "out put", "x;"}, {"\"$@\"", ""},
           {"$\\re", "()a\\.b\\*"}, {"$\\none", "()"}, {"$\\1", "()one"}, {"${a:=v}", "v}", "bad a;"},
           {"${a:-${b:=v}}", "1 2}", "bad b;"}, {"${a-x y}", "x"}, {"${none-x y}", "x"}}) {
    CAPTURE(row.input);
    Table table;
    CHECK(rules::fill_text(read(row.input, TextMode::Assignment), table).text() == row.value);
    CHECK(table.said == row.said);
  }
}

TEST_CASE("words are split where nothing quotes them") {
  for (const Row& row : std::vector<Row>{
           {"$a \"$a\" '$a'", "[1][2][1 2][$a]"}, {"x$a", "[x1][2]"}, {"${list}z", "[x][y][z]"}, {"`c` \"`c`\"", "[out][put][out put]"},
           {"$empty \"\" \"$empty\"", "[][]"}, {"", ""}, {"$none", ""}, {"$\\re", "[()a\\.b\\*]"}}) {
    CAPTURE(row.input);
    Table table;
    CHECK(joined(rules::fill_words(read(row.input, TextMode::Words), table)) == row.value);
  }
}

TEST_CASE("\"$@\" takes the place of the last word that ends in it") {
  for (const Row& row : std::vector<Row>{
           {"p \"$@\" q", "[p][one][two 2][q]"}, {"p x\"$@\"", "[p][one][two 2]"}, {"p \"$@\"x", "[p][x]"},
           {"\"$@\" \"$@\"", "[][one][two 2]"}, {"$@", "[@]"}}) {
    CAPTURE(row.input);
    Table table;
    CHECK(joined(rules::fill_program(read(row.input, TextMode::Words), table).given) == row.value);
    CHECK(joined(rules::fill_program(read(row.input, TextMode::Words), table, false).given) ==
          joined(rules::fill_program(read(row.input, TextMode::Words), table).named));
  }
  Table table;
  CHECK(joined(rules::fill_program(read("x\"$@\"", TextMode::Words), table).named) == "[x]");
  table.words.clear();
  CHECK(joined(rules::fill_program(read("p \"$@\"", TextMode::Words), table).given) == "[p][]");
}

TEST_CASE("a value beyond its bound shows that it is") {
  for (const std::size_t size : {rules::kMaxLine - 1, rules::kMaxLine, rules::kMaxLine + 1}) {
    Table table;
    table.variables["a"] = Value(std::string(size, 'x'));
    CHECK(rules::fill_text(read("$a", TextMode::Assignment), table).text().size() == size);
    CHECK((rules::fill_text(read("$a$a", TextMode::Assignment), table).text().size() > rules::kMaxLine));
  }
}

TEST_CASE("values keep who chose them") {
  Table table;
  table.variables["m"] = Value("x.y", rules::Origin::Sender);
  const Value value = rules::fill_text(read("a$m${none:-$m}", TextMode::Assignment), table);
  CHECK(value.text() == "ax.yx.y");
  CHECK(value.origin(0) == rules::Origin::Author);
  CHECK(value.origin(1) == rules::Origin::Sender);
  CHECK(value.origin(6) == rules::Origin::Sender);
  CHECK(rules::fill_text(read("$\\m", TextMode::Assignment), table).origin(3) == rules::Origin::Sender);
}
