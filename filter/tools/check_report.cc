// Writes findings as text, JSON and SARIF.
// SPDX-License-Identifier: Apache-2.0
#include "filter/tools/check_report.h"

#include <algorithm>
#include <string_view>

#include "filter/tools/json.h"
#include "filter/tools/lint/lint.h"
#include "filter/tools/lint/page.h"
#include "rules/diagnostic.h"

namespace filter::tools {
namespace {

using rules::Diagnostic;
using rules::Severity;

const char* word_for(Severity severity) { return severity == Severity::Error ? "error" : "warning"; }

// The first line's "error:" or "warning:" in red or magenta, and the caret in green.
std::string coloured(std::string text, Severity severity) {
  const std::string word = std::string(" ") + word_for(severity) + ": ";
  const auto caret = text.rfind('^');
  text.insert(caret + 1, "\033[0m");
  text.insert(caret, "\033[32m");
  const auto at = text.find(word);
  text.insert(at + word.size() - 1, "\033[0m");
  text.insert(at + 1, severity == Severity::Error ? "\033[1;31m" : "\033[1;35m");
  return text;
}

// A path as a URI: relative ones stay relative.
std::string as_uri(std::string_view path) {
  static constexpr char kHex[] = "0123456789ABCDEF";
  static constexpr std::string_view kPlain = "/-._~";
  std::string uri = path.starts_with('/') ? "file://" : "";
  for (const char c : path) {
    const auto byte = static_cast<unsigned char>(c);
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (letter || kPlain.find(c) != std::string_view::npos) {
      uri += c;
    } else {
      uri += {'%', kHex[byte >> 4], kHex[byte & 15]};
    }
  }
  return uri;
}

// Counted in characters of UTF-8, from 1.
std::size_t character_column(std::string_view line, unsigned column) {
  const std::string_view before = line.substr(0, column - 1);
  return 1 + static_cast<std::size_t>(std::count_if(
                 before.begin(), before.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

Json sarif_result(const RuleFile& file, const Diagnostic& diagnostic) {
  const std::string_view line = file.source.line(diagnostic.where.line);
  Json::Object result{{"ruleId", diagnostic.check}};
  if (const lint::Check* check = lint::find_check(diagnostic.check))
    result.emplace_back("ruleIndex", static_cast<std::size_t>(check - lint::checks().data()));
  result.emplace_back("level", word_for(diagnostic.severity));
  result.emplace_back("message", Json::Object{{"text", diagnostic.message}});
  const Json::Object region{{"startLine", diagnostic.where.line},
                            {"startColumn", character_column(line, diagnostic.where.column)},
                            {"snippet", Json::Object{{"text", line}}}};
  const Json::Object place{{"artifactLocation", Json::Object{{"uri", as_uri(diagnostic.where.file)}}},
                           {"region", region}};
  result.emplace_back("locations", Json::Array{Json::Object{{"physicalLocation", place}}});
  return result;
}

Json sarif_rules() {
  Json::Array rules;
  for (const lint::Check& check : lint::checks())
    rules.push_back(Json::Object{{"id", check.name},
                                 {"shortDescription", Json::Object{{"text", check.summary}}},
                                 {"help", Json::Object{{"text", std::string("sluice-checks(7), ") + check.name},
                                                       {"markdown", lint::page_of(check.name)}}},
                                 {"defaultConfiguration", Json::Object{{"level", word_for(check.severity)}}}});
  return rules;
}

}  // namespace

std::string as_text(const std::vector<RuleFile>& files, bool colours) {
  std::string text;
  for (const RuleFile& file : files)
    for (const Diagnostic& diagnostic : file.compiled.diagnostics) {
      auto rendered = rules::render(file.source, diagnostic);
      text += colours ? coloured(std::move(rendered), diagnostic.severity) : rendered;
    }
  return text;
}

std::string as_json(const std::vector<RuleFile>& files) {
  Json::Array list;
  for (const RuleFile& file : files)
    for (const Diagnostic& diagnostic : file.compiled.diagnostics)
      list.push_back(Json::Object{{"file", diagnostic.where.file},
                                  {"line", diagnostic.where.line},
                                  {"column", diagnostic.where.column},
                                  {"severity", word_for(diagnostic.severity)},
                                  {"check", diagnostic.check},
                                  {"message", diagnostic.message}});
  return text(Json::Object{{"diagnostics", std::move(list)}}) + "\n";
}

std::string as_sarif(const std::vector<RuleFile>& files) {
  Json::Array results;
  for (const RuleFile& file : files)
    for (const Diagnostic& diagnostic : file.compiled.diagnostics) results.push_back(sarif_result(file, diagnostic));
  const Json::Object driver{{"name", "sluice check"}, {"version", SLUICE_VERSION}, {"rules", sarif_rules()}};
  const Json::Object run{
      {"tool", Json::Object{{"driver", driver}}}, {"columnKind", "unicodeCodePoints"}, {"results", std::move(results)}};
  return text(Json::Object{{"$schema", "https://json.schemastore.org/sarif-2.1.0.json"},
                           {"version", "2.1.0"},
                           {"runs", Json::Array{run}}}) +
         "\n";
}

}  // namespace filter::tools
