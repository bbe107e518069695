// A session of the language server protocol: requests in, answers out. Knows no pipe; reads no file.
// SPDX-License-Identifier: Apache-2.0
//
//   Session session("/home/anna");
//   for (const std::string& answer : session.take(body)) …       // bodies of messages, in order
//   if (auto code = session.exit_code()) …                       // the client said "exit"
//
// Whatever comes is answered or passed over; nothing ends the session but "exit". At most kMostDocuments are open.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "filter/tools/json.h"
#include "filter/tools/lsp/document.h"

namespace filter::tools::lsp {

inline constexpr std::size_t kMostDocuments = 1000;

class Session {
 public:
  explicit Session(std::string home) : home_(std::move(home)) {}

  std::vector<std::string> take(std::string_view body);
  std::optional<int> exit_code() const { return exit_code_; }

 private:
  // Nothing: there is no such method.
  std::optional<Json> answer(const std::string& method, const Json& parameters);
  void notice(const std::string& method, const Json& parameters);
  Json initialize(const Json& parameters);
  Json hover(const Document& document, const Json& parameters) const;
  Json definition(const Document& document, const Json& parameters) const;
  Json completion(const Document& document, const Json& parameters) const;
  void open(const std::string& uri, const std::string& text);
  void publish(const std::string& uri, Json::Array diagnostics);
  const Document* document(const Json& parameters) const;
  Place place(const Document& document, const Json& position) const;
  Json position(std::string_view line, std::size_t number, std::size_t byte) const;
  void send(Json::Object message);

  enum class State { Fresh, Ready, ShutDown };
  State state_ = State::Fresh;
  bool counts_bytes_ = false;  // the client takes UTF-8 offsets; else UTF-16 units
  std::string home_;
  std::map<std::string, Document> documents_;  // by URI
  std::vector<std::string> out_;
  std::optional<int> exit_code_;
};

// "file:///a%20b" is "/a b"; other URIs have no path.
std::string path_of_uri(std::string_view uri);
std::string uri_of_path(std::string_view path);

}  // namespace filter::tools::lsp
