// Prints a rule file in sentences, or one of the stages of its compilation.
// SPDX-License-Identifier: Apache-2.0
#include "filter/tools/explain_command.h"

#include <cstdlib>
#include <optional>
#include <string_view>

#include "filter/tools/explain/explanation.h"
#include "filter/tools/json.h"
#include "filter/tools/option_value.h"
#include "filter/tools/printable.h"
#include "filter/tools/rule_files.h"
#include "filter/tools/site_tool.h"
#include "rules/compiler.h"
#include "rules/lexer.h"
#include "rules/parser.h"

namespace filter::tools {
namespace {

constexpr std::string_view kHelp =
    "usage: sluice explain RC [--format text|json] [--dump tokens|tree|program]\n"
    "Says in sentences what a rule file does: each recipe with the messages that it takes, what becomes of them, and\n"
    "whether the rules go on; blocks are indented, variables filled in where the file alone decides them.\n"
    "  --format json   "
    "{\"file\",\"sentences\":[{\"line\",\"depth\",\"kind\":\"recipe|assignment|note|end\",\"text\"}]}\n"
    "  --dump STAGE    how the file is read instead: its tokens, its tree, or the program that is run\n"
    "Exit status: 0, or 2 for usage and a file that cannot be read.\n";

struct Options {
  std::string file;
  bool json = false;
  std::optional<std::size_t> dump;  // an index of kStages
  bool help = false;
  bool version = false;
};

constexpr std::string_view kFormats[] = {"text", "json"};
constexpr std::string_view kStages[] = {"tokens", "tree", "program"};

// True if words[at] was an option.
mailbox::Result<bool> take_option(Options& options, std::span<const std::string> words, std::size_t& at) {
  const auto format = option_value(words, at, "--format");
  if (!format) return std::unexpected(format.error());
  const auto stage = *format ? format : option_value(words, at, "--dump");
  if (!stage) return std::unexpected(stage.error());
  if (*stage) {
    const auto chosen = *format ? choice("format", **format, kFormats) : choice("stage", **stage, kStages);
    if (!chosen) return std::unexpected(chosen.error());
    if (*format)
      options.json = *chosen == 1;
    else
      options.dump = *chosen;
    return true;
  }
  if (words[at] == "--help") return options.help = true;
  if (words[at] == "--version") return options.version = true;
  return false;
}

mailbox::Result<Options> read_options(std::span<const std::string> words) {
  using mailbox::ErrorKind;
  Options options;
  for (std::size_t at = 0; at < words.size(); ++at) {
    const auto taken = take_option(options, words, at);
    if (!taken) return std::unexpected(taken.error());
    if (*taken) continue;
    if (words[at].size() > 1 && words[at].starts_with('-'))
      return mailbox::failure(ErrorKind::Permanent, "unknown option '" + words[at] + "'; try --help");
    if (!options.file.empty()) return mailbox::failure(ErrorKind::Permanent, "one rule file at a time; try --help");
    options.file = words[at];
  }
  if (options.file.empty() && !options.help && !options.version)
    return mailbox::failure(ErrorKind::Permanent, "which rule file? sluice explain RC; try --help");
  return options;
}

std::string dumped(const rules::Source& source, std::size_t stage) {
  if (stage == 2) return rules::dump(*rules::compile(source).program);
  const auto tokens = rules::tokenize(source).tokens;
  return stage == 0 ? rules::dump(tokens) : rules::dump(rules::parse(tokens).script);
}

std::string as_text(const std::vector<Sentence>& sentences) {
  std::string text;
  for (const Sentence& sentence : sentences) {
    std::string line = sentence.where.line > 0 ? std::to_string(sentence.where.line) : "";
    line.insert(0, line.size() < 4 ? 4 - line.size() : 0, ' ');
    text += line + "  " + std::string(2 * sentence.depth, ' ') + printable(sentence.text) + ".\n";
  }
  return text;
}

const char* kind_of(Sentence::Kind kind) {
  switch (kind) {
    case Sentence::Kind::Recipe:
      return "recipe";
    case Sentence::Kind::Assignment:
      return "assignment";
    case Sentence::Kind::Note:
      return "note";
    case Sentence::Kind::End:
      break;
  }
  return "end";
}

std::string as_json(const std::string& file, const std::vector<Sentence>& sentences) {
  Json::Array list;
  for (const Sentence& sentence : sentences)
    list.push_back(Json::Object{{"line", sentence.where.line > 0 ? Json(sentence.where.line) : Json()},
                                {"depth", sentence.depth},
                                {"kind", kind_of(sentence.kind)},
                                {"text", sentence.text}});
  return text(Json::Object{{"file", file}, {"sentences", std::move(list)}}) + "\n";
}

}  // namespace

int explain_command(std::span<const std::string> arguments) {
  const auto options = read_options(arguments);
  if (!options) return complain("explain", options.error().text);
  if (options->help) return print(kHelp);
  if (options->version) return print("sluice " SLUICE_VERSION "\n");
  auto rules_text = read_rule_file(options->file, true);
  if (!rules_text) return complain("explain", rules_text.error().text);
  const rules::Source source(options->file, std::move(*rules_text));
  if (options->dump) {
    const std::string stage = dumped(source, *options->dump);
    return print(options->json
                     ? text(Json::Object{{"file", options->file}, {"dump", kStages[*options->dump]}, {"text", stage}}) +
                           "\n"
                     : stage);
  }
  const char* home = std::getenv("HOME");
  KnownValues known;
  if (home != nullptr && *home != '\0') known.set("HOME", home);
  const auto sentences = explain(rules::parse(rules::tokenize(source).tokens).script, std::move(known));
  return print(options->json ? as_json(options->file, sentences) : as_text(sentences));
}

}  // namespace filter::tools
