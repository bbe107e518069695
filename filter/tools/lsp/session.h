// A session of the language server protocol: requests in, answers out. Knows no pipe; reads no file.
// SPDX-License-Identifier: Apache-2.0
//
//   Session session("/home/anna", check);
//   for (const std::string& answer : session.take(body)) …       // bodies of messages, in order
//   if (auto code = session.exit_code()) …                       // the client said "exit"
//   for (const std::string& news : session.findings()) …         // once nothing more waits to be read
//
// Of changes that come one upon the other only the last text is checked, so that fast typing never queues up.
// Whatever comes is answered or passed over; nothing ends the session but "exit". At most kMostDocuments are open.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "filter/tools/json.h"
#include "filter/tools/lsp/document.h"
#include "rules/diagnostic.h"

namespace filter::tools::lsp {

inline constexpr std::size_t kMostDocuments = 1000;

// What is wrong with a text that stands for the file at `path`.
using CheckText = std::function<std::vector<rules::Diagnostic>(const std::string& path, const std::string& text)>;

class Session {
 public:
  Session(std::string home, CheckText check) : home_(std::move(home)), check_(std::move(check)) {}

  std::vector<std::string> take(std::string_view body);
  // In texts that changed and were not checked yet.
  std::vector<std::string> findings();
  std::optional<int> exit_code() const { return exit_code_; }

 private:
  // Nothing: there is no such method.
  std::optional<Json> answer(const std::string& method, const Json& parameters);
  void notice(const std::string& method, const Json& parameters);
  Json initialize(const Json& parameters);
  Json hover(const std::string& uri, const Document& document, const Json& parameters) const;
  Json definition(const Document& document, const Json& parameters) const;
  Json completion(const Document& document, const Json& parameters) const;
  void open(const std::string& uri, const std::string& text);
  std::string explained_findings(const std::string& uri, const Place& place) const;
  void tell_findings();
  void publish(const std::string& uri, Json::Array diagnostics);
  const std::pair<const std::string, Document>* document(const Json& parameters) const;
  Place place(const Document& document, const Json& position) const;
  Json position(std::string_view line, std::size_t number, std::size_t byte) const;
  void send(Json::Object message);

  enum class State { Fresh, Ready, ShutDown };
  State state_ = State::Fresh;
  bool counts_bytes_ = false;  // the client takes UTF-8 offsets; else UTF-16 units
  std::string home_;
  CheckText check_;
  std::map<std::string, Document> documents_;                    // by URI
  std::map<std::string, std::vector<rules::Diagnostic>> found_;  // in them, when they were last checked
  std::set<std::string> changed_;                                // URIs of those not checked since
  std::vector<std::string> out_;
  std::optional<int> exit_code_;
};

// "file:///a%20b" is "/a b"; other URIs have no path.
std::string path_of_uri(std::string_view uri);
std::string uri_of_path(std::string_view path);

}  // namespace filter::tools::lsp
