// Puts the page together.
// SPDX-License-Identifier: Apache-2.0
#include "filter/tools/dry_html.h"

#include <utility>

#include "filter/tools/json.h"

namespace filter::tools {

std::string for_script(std::string_view json) {
  std::string out;
  out.reserve(json.size());
  for (std::size_t i = 0; i < json.size(); ++i) {
    const std::string_view rest = json.substr(i, 3);
    if (json[i] == '<') {
      out += "\\u003c";
    } else if (rest == "\xE2\x80\xA8" || rest == "\xE2\x80\xA9") {
      out += rest[2] == '\xA8' ? "\\u2028" : "\\u2029";
      i += 2;
    } else {
      out += json[i];
    }
  }
  return out;
}

std::string page_begin() {
  return "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
         "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
         "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; "
         "script-src 'unsafe-inline'\">\n"
         "<title>sluice dry-run</title>\n<style>\n" +
         std::string(kPageStyle) + "</style>\n</head>\n<body>\n" + std::string(kPageBody) +
         "<script id=\"data\" type=\"application/json\">{\"messages\":[\n";
}

std::string page_row(const DecidedMessage& message, bool traced) { return for_script(page_line(message, traced)); }

std::string page_end(const std::string& rules_name, const std::vector<ListedRules>& rules) {
  Json::Array files;
  for (const ListedRules& file : rules) {
    Json::Array recipes;
    for (const ListedRecipe& recipe : file.recipes)
      recipes.push_back(Json::Object{{"line", recipe.line}, {"text", recipe.text}});
    files.push_back(Json::Object{{"path", file.path}, {"text", file.text}, {"recipes", std::move(recipes)}});
  }
  return "\n],\"rules_name\":" + for_script(text(rules_name)) + ",\"rules\":" + for_script(text(std::move(files))) +
         "}</script>\n<script>\n" + std::string(kPageScript) + "</script>\n</body>\n</html>\n";
}

}  // namespace filter::tools
