// Conversion by iconv(3).
// SPDX-License-Identifier: Apache-2.0
#include "filter/charset.h"

#include <iconv.h>

#include <cerrno>

#include "mailbox/mime.h"

namespace filter {
namespace {

// Letters, digits and a few signs: no "//TRANSLIT", no path.
bool is_charset_name(std::string_view name) {
  constexpr std::string_view kSigns = "-_.:+";
  if (name.empty() || name.size() > kMaxCharsetName) return false;
  for (const char c : name) {
    const bool plain = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
    if (!plain && kSigns.find(c) == std::string_view::npos) return false;
  }
  return true;
}

class Converter {
 public:
  explicit Converter(const std::string& charset) : handle_(iconv_open("UTF-8", charset.c_str())) {}
  ~Converter() {
    if (is_open()) iconv_close(handle_);
  }
  Converter(const Converter&) = delete;
  Converter& operator=(const Converter&) = delete;

  bool is_open() const { return handle_ != reinterpret_cast<iconv_t>(-1); }

  std::string convert(std::string_view bytes) {
    std::string out;
    std::string input(bytes);
    char* from = input.data();
    std::size_t left = input.size();
    char chunk[4096];
    for (bool flushing = false;;) {
      char* to = chunk;
      std::size_t room = sizeof chunk;
      const std::size_t result =
          flushing ? iconv(handle_, nullptr, nullptr, &to, &room) : iconv(handle_, &from, &left, &to, &room);
      const int error = result == static_cast<std::size_t>(-1) ? errno : 0;
      out.append(chunk, sizeof chunk - room);
      if (error == E2BIG) continue;
      if (flushing) return out;
      if (error != 0 && left > 0) {  // a byte that means nothing, or a character cut short
        out += "\xef\xbf\xbd";
        ++from;
        --left;
      }
      flushing = left == 0;
    }
  }

 private:
  iconv_t handle_;
};

}  // namespace

std::optional<std::string> to_utf8(std::string_view charset, std::string_view bytes) {
  if (auto common = mailbox::common_to_utf8(charset, bytes)) return common;
  if (!is_charset_name(charset)) return std::nullopt;
  Converter converter{std::string(charset)};
  if (!converter.is_open()) return std::nullopt;
  return converter.convert(bytes);
}

}  // namespace filter
