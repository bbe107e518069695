// Values that remember where their bytes came from, and which file names made of them are safe.
// SPDX-License-Identifier: Apache-2.0
#include "rules/value.h"

namespace rules {

Value::Value(std::string text, Origin origin) : text_(std::move(text)) {
  if (origin != Origin::Author) origins_.assign(text_.size(), static_cast<char>(origin));
}

Origin Value::origin(std::size_t index) const {
  return origins_.empty() ? Origin::Author : static_cast<Origin>(origins_[index]);
}

void Value::append(const Value& other) {
  if (!other.origins_.empty() || !origins_.empty()) {
    origins_.resize(text_.size(), static_cast<char>(Origin::Author));
    origins_ += other.origins_;
    origins_.resize(text_.size() + other.text_.size(), static_cast<char>(Origin::Author));
  }
  text_ += other.text_;
}

void Value::append(std::string_view text, Origin origin) {
  if (origin != Origin::Author || !origins_.empty()) {
    origins_.resize(text_.size(), static_cast<char>(Origin::Author));
    origins_.append(text.size(), static_cast<char>(origin));
  }
  text_ += text;
}

void Value::cut(std::size_t size) {
  if (size >= text_.size()) return;
  text_.resize(size);
  if (!origins_.empty()) origins_.resize(size);
}

std::optional<std::string> escape_of(const Value& name) {
  const std::string& text = name.text();
  if (!text.empty() && text[0] == '/' && name.origin(0) == Origin::Sender) return "a leading \"/\" out of a match";
  for (std::size_t begin = 0; begin <= text.size();) {
    std::size_t end = text.find('/', begin);
    if (end == std::string::npos) end = text.size();
    if (text.compare(begin, end - begin, "..") == 0) {
      // The slashes beside the dots count too: "$MATCH.." with "a/" in MATCH leads out just as well.
      const std::size_t from = begin == 0 ? 0 : begin - 1;
      const std::size_t to = end == text.size() ? end : end + 1;
      for (std::size_t i = from; i < to; ++i)
        if (name.origin(i) != Origin::Author) return "a \"..\" out of a match or a program's output";
    }
    begin = end + 1;
  }
  return std::nullopt;
}

bool is_foreign_option(const Value& word) {
  return !word.empty() && word.text()[0] == '-' && word.origin(0) == Origin::Sender;
}

}  // namespace rules
