// Answers an editor.
// SPDX-License-Identifier: Apache-2.0
#include "filter/tools/lsp/session.h"

#include <algorithm>
#include <utility>

#include "filter/tools/lint/page.h"
#include "filter/tools/utf8.h"

namespace filter::tools::lsp {
namespace {

// JSON-RPC's and the protocol's numbers of errors.
constexpr int kParseError = -32700;
constexpr int kInvalidRequest = -32600;
constexpr int kNoSuchMethod = -32601;
constexpr int kNotInitialized = -32002;

// CompletionItemKind
int kind_number(Proposal::Kind kind) {
  switch (kind) {
    case Proposal::Kind::Flag:
      return 20;  // EnumMember
    case Proposal::Kind::Variable:
      return 6;  // Variable
    case Proposal::Kind::Macro:
      return 14;  // Keyword
    case Proposal::Kind::Snippet:
      break;
  }
  return 15;  // Snippet
}

std::size_t utf16_units(std::string_view text) {
  std::size_t units = 0;
  while (!text.empty()) {
    const std::size_t size = std::max<std::size_t>(utf8_size(text), 1);
    units += size == 4 ? 2 : 1;
    text.remove_prefix(size);
  }
  return units;
}

// Where so many UTF-16 units of a line end.
std::size_t byte_of_units(std::string_view line, std::size_t units) {
  std::size_t byte = 0;
  while (units > 0 && byte < line.size()) {
    const std::size_t size = std::max<std::size_t>(utf8_size(line.substr(byte)), 1);
    units -= std::min<std::size_t>(units, size == 4 ? 2 : 1);
    byte += size;
  }
  return byte;
}

int digit_of(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  const char lower = static_cast<char>(c | 0x20);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

bool takes_bytes(const Json& capabilities) {
  const Json::Array* offered = capabilities["general"]["positionEncodings"].array();
  return offered &&
         std::ranges::any_of(*offered, [](const Json& one) { return one.string() && *one.string() == "utf-8"; });
}

}  // namespace

std::string path_of_uri(std::string_view uri) {
  static constexpr std::string_view kScheme = "file://";
  if (!uri.starts_with(kScheme)) return {};
  uri.remove_prefix(std::min(uri.find('/', kScheme.size()), uri.size()));
  std::string path;
  for (std::size_t i = 0; i < uri.size(); ++i) {
    const int high = uri[i] == '%' && i + 2 < uri.size() ? digit_of(uri[i + 1]) : -1;
    const int low = high >= 0 ? digit_of(uri[i + 2]) : -1;
    path += low >= 0 ? static_cast<char>(high * 16 + low) : uri[i];
    if (low >= 0) i += 2;
  }
  return path;
}

std::string uri_of_path(std::string_view path) {
  static constexpr char kDigits[] = "0123456789ABCDEF";
  std::string uri = "file://";
  for (const char c : path) {
    const bool plain = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
                       std::string_view("/-._~").find(c) != std::string_view::npos;
    const auto byte = static_cast<unsigned char>(c);
    if (plain)
      uri += c;
    else
      uri += {'%', kDigits[byte >> 4], kDigits[byte & 15]};
  }
  return uri;
}

void Session::send(Json::Object message) {
  message.insert(message.begin(), {"jsonrpc", "2.0"});
  out_.push_back(text(std::move(message)));
}

std::vector<std::string> Session::take(std::string_view body) {
  out_.clear();
  const auto fail = [&](const Json& id, int code, const char* why) {
    send({{"id", id}, {"error", Json::Object{{"code", code}, {"message", why}}}});
  };
  const auto message = parsed_json(body);
  if (!message) {
    fail(nullptr, kParseError, "that is no JSON");
    return std::move(out_);
  }
  const std::string* method = (*message)["method"].string();
  if (!method || *method != "textDocument/didChange") tell_findings();
  const Json& id = (*message)["id"];
  const Json& parameters = (*message)["params"];
  if (!method) {
    // An answer to a question that was never asked is passed over.
    if (!message->has("result") && !message->has("error")) fail(id, kInvalidRequest, "which method?");
  } else if (id.is_null()) {
    notice(*method, parameters);
  } else if (state_ == State::Fresh && *method != "initialize") {
    fail(id, kNotInitialized, "initialize comes first");
  } else if (state_ == State::ShutDown) {
    fail(id, kInvalidRequest, "the session is shut down");
  } else if (auto result = answer(*method, parameters)) {
    send({{"id", id}, {"result", std::move(*result)}});
  } else {
    fail(id, kNoSuchMethod, "no such method");
  }
  return std::move(out_);
}

std::optional<Json> Session::answer(const std::string& method, const Json& parameters) {
  if (method == "initialize") return initialize(parameters);
  if (method == "shutdown") {
    state_ = State::ShutDown;
    return Json();
  }
  const auto* known = document(parameters);
  if (method == "textDocument/hover") return known ? hover(known->first, known->second, parameters) : Json();
  if (method == "textDocument/definition") return known ? definition(known->second, parameters) : Json();
  if (method == "textDocument/completion") return known ? completion(known->second, parameters) : Json();
  return std::nullopt;
}

void Session::notice(const std::string& method, const Json& parameters) {
  if (method == "exit") exit_code_ = state_ == State::ShutDown ? 0 : 1;
  if (state_ != State::Ready) return;
  const Json& named = parameters["textDocument"];
  const std::string* uri = named["uri"].string();
  if (!uri) return;
  if (method == "textDocument/didOpen") {
    if (const std::string* whole = named["text"].string()) open(*uri, *whole);
  } else if (method == "textDocument/didChange") {
    const Json::Array* changes = parameters["contentChanges"].array();
    const std::string* whole = changes && !changes->empty() ? changes->back()["text"].string() : nullptr;
    if (whole && documents_.contains(*uri)) open(*uri, *whole);
  } else if (method == "textDocument/didClose") {
    changed_.erase(*uri);
    found_.erase(*uri);
    if (documents_.erase(*uri) > 0) publish(*uri, {});
  }
}

Json Session::initialize(const Json& parameters) {
  state_ = State::Ready;
  counts_bytes_ = takes_bytes(parameters["capabilities"]);
  Json::Array starts{"$", "{", "^", ":"};
  return Json::Object{
      {"capabilities", Json::Object{{"positionEncoding", counts_bytes_ ? "utf-8" : "utf-16"},
                                    {"textDocumentSync", Json::Object{{"openClose", true}, {"change", 1}}},
                                    {"hoverProvider", true},
                                    {"definitionProvider", true},
                                    {"completionProvider", Json::Object{{"triggerCharacters", std::move(starts)}}}}},
      {"serverInfo", Json::Object{{"name", "sluice"}, {"version", SLUICE_VERSION}}}};
}

const std::pair<const std::string, Document>* Session::document(const Json& parameters) const {
  const std::string* uri = parameters["textDocument"]["uri"].string();
  const auto found = uri ? documents_.find(*uri) : documents_.end();
  return found == documents_.end() ? nullptr : &*found;
}

Place Session::place(const Document& document, const Json& position) const {
  const auto line = static_cast<std::size_t>(std::max<std::int64_t>(position["line"].number().value_or(0), 0));
  const auto units = static_cast<std::size_t>(std::max<std::int64_t>(position["character"].number().value_or(0), 0));
  const std::string_view text = document.line(line);
  return {line, counts_bytes_ ? std::min(units, text.size()) : byte_of_units(text, units)};
}

Json Session::position(std::string_view line, std::size_t number, std::size_t byte) const {
  byte = std::min(byte, line.size());
  const std::size_t units = counts_bytes_ ? byte : utf16_units(line.substr(0, byte));
  return Json::Object{{"line", static_cast<std::uint64_t>(number)}, {"character", static_cast<std::uint64_t>(units)}};
}

void Session::open(const std::string& uri, const std::string& whole) {
  if (documents_.size() >= kMostDocuments && !documents_.contains(uri)) return;
  const std::string path = path_of_uri(uri);
  documents_.insert_or_assign(uri, Document(path.empty() ? uri : path, whole));
  changed_.insert(uri);
}

std::vector<std::string> Session::findings() {
  out_.clear();
  tell_findings();
  return std::move(out_);
}

void Session::tell_findings() {
  for (const std::string& uri : std::exchange(changed_, {})) {
    const Document& document = documents_.at(uri);
    const auto& found = found_[uri] = check_(document.path(), document.text());
    Json::Array list;
    for (const rules::Diagnostic& one : found) {
      const std::size_t number = one.where.line > 0 ? one.where.line - 1 : 0;
      const std::string_view line = document.line(number);
      const std::size_t begin = one.where.column > 0 ? one.where.column - 1 : 0;
      const Json::Object range{{"start", position(line, number, begin)}, {"end", position(line, number, line.size())}};
      list.push_back(Json::Object{{"range", range},
                                  {"severity", one.severity == rules::Severity::Error ? 1 : 2},
                                  {"code", one.check},
                                  {"source", "sluice"},
                                  {"message", one.message}});
    }
    publish(uri, std::move(list));
  }
}

void Session::publish(const std::string& uri, Json::Array diagnostics) {
  send({{"method", "textDocument/publishDiagnostics"},
        {"params", Json::Object{{"uri", uri}, {"diagnostics", std::move(diagnostics)}}}});
}

// The manual's pages of what was found here; the editor itself shows the messages.
std::string Session::explained_findings(const std::string& uri, const Place& place) const {
  const auto found = found_.find(uri);
  if (found == found_.end() || changed_.contains(uri)) return {};
  std::string out;
  for (const rules::Diagnostic& one : found->second) {
    if (one.where.line != place.line + 1 || one.where.column > place.byte + 1) continue;
    const std::string page = lint::page_of(one.check);
    if (!page.empty()) out += "\n\n---\n**" + one.check + "**, sluice-checks(7). " + page;
  }
  return out;
}

Json Session::hover(const std::string& uri, const Document& document, const Json& parameters) const {
  const Place at = place(document, parameters["position"]);
  std::string meaning = document.hover(at, home_).value_or("") + explained_findings(uri, at);
  if (meaning.starts_with("\n\n---\n")) meaning.erase(0, 6);
  if (meaning.empty()) return nullptr;
  return Json::Object{{"contents", Json::Object{{"kind", "markdown"}, {"value", std::move(meaning)}}}};
}

Json Session::definition(const Document& document, const Json& parameters) const {
  const auto target = document.definition(place(document, parameters["position"]), home_);
  if (!target) return nullptr;
  const Json start = position({}, target->line, 0);
  return Json::Object{{"uri", uri_of_path(target->path)}, {"range", Json::Object{{"start", start}, {"end", start}}}};
}

Json Session::completion(const Document& document, const Json& parameters) const {
  const Place where = place(document, parameters["position"]);
  const std::string_view line = document.line(where.line);
  Json::Array items;
  for (const Proposal& one : document.completion(where)) {
    Json::Object item{{"label", one.text},
                      {"kind", kind_number(one.kind)},
                      {"documentation", Json::Object{{"kind", "markdown"}, {"value", one.meaning}}}};
    if (one.kind == Proposal::Kind::Macro) {
      // Editors' words do not begin with '^': say what is replaced.
      std::size_t begin = where.byte;
      while (begin > 0 && (line[begin - 1] == '_' || (line[begin - 1] >= 'A' && line[begin - 1] <= 'Z'))) --begin;
      if (begin > 0 && line[begin - 1] == '^') --begin;
      item.emplace_back("textEdit",
                        Json::Object{{"range", Json::Object{{"start", position(line, where.line, begin)},
                                                            {"end", position(line, where.line, where.byte)}}},
                                     {"newText", one.text}});
    }
    items.push_back(std::move(item));
  }
  return Json::Object{{"isIncomplete", false}, {"items", std::move(items)}};
}

}  // namespace filter::tools::lsp
