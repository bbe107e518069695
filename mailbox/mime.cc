// Encoded words, multiparts, transfer encodings and the commonest character sets.
// SPDX-License-Identifier: Apache-2.0
#include "mailbox/mime.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include "mailbox/message.h"

namespace mailbox {
namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }

bool same(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, [](char x, char y) { return lower(x) == lower(y); });
}

bool is_blank(char c) { return c == ' ' || c == '\t'; }
bool is_space(char c) { return is_blank(c) || c == '\n' || c == '\r'; }

std::string_view without_end(std::string_view text) {
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  return without_end(text);
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  const char l = lower(c);
  return l >= 'a' && l <= 'f' ? l - 'a' + 10 : -1;
}

int base64_digit(char c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  return c == '+' ? 62 : c == '/' ? 63 : -1;
}

void append_utf8(std::string& out, std::uint32_t point) {
  const auto byte = [&out](std::uint32_t value) { out += static_cast<char>(static_cast<std::uint8_t>(value)); };
  if (point < 0x80) {
    byte(point);
  } else if (point < 0x800) {
    byte(0xc0 | point >> 6);
    byte(0x80 | (point & 0x3f));
  } else {
    byte(0xe0 | point >> 12);
    byte(0x80 | (point >> 6 & 0x3f));
    byte(0x80 | (point & 0x3f));
  }
}

// Where windows-1252 is not ISO-8859-1: 0x80 to 0x9f.
constexpr std::array<std::uint16_t, 32> kWindows1252 = {0x20ac, 0xfffd, 0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021,
                                                        0x02c6, 0x2030, 0x0160, 0x2039, 0x0152, 0xfffd, 0x017d, 0xfffd,
                                                        0xfffd, 0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014,
                                                        0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0xfffd, 0x017e, 0x0178};

struct EncodedWord {
  std::string_view charset;
  std::string bytes;
  std::size_t size = 0;  // of the word as it stands
};

// =?charset*language?B or Q?text?= at the start of `text`.
std::optional<EncodedWord> encoded_word(std::string_view text) {
  text = text.substr(0, kMaxEncodedWord);
  if (!text.starts_with("=?")) return std::nullopt;
  const std::size_t encoding = text.find('?', 2);
  if (encoding == std::string_view::npos || encoding + 3 >= text.size() || text[encoding + 2] != '?')
    return std::nullopt;
  const std::size_t content = encoding + 3;
  const std::size_t end = text.find('?', content);
  if (end == std::string_view::npos || end + 1 >= text.size() || text[end + 1] != '=') return std::nullopt;
  EncodedWord word;
  word.charset = text.substr(2, encoding - 2);
  word.charset = word.charset.substr(0, word.charset.find('*'));
  word.size = end + 2;
  if (word.charset.empty() || std::ranges::any_of(text.substr(0, end), is_space)) return std::nullopt;
  const std::string_view encoded = text.substr(content, end - content);
  const char kind = lower(text[encoding + 1]);
  if (kind != 'b' && kind != 'q') return std::nullopt;
  word.bytes = kind == 'b' ? from_base64(encoded) : from_quoted_printable(encoded, true);
  return word;
}

class WordReader {
 public:
  WordReader(std::string_view header, const ToUtf8& convert) : text_(header), convert_(convert) {}

  std::string read() {
    for (std::size_t at = 0; at < text_.size();) {
      const std::size_t next = std::min(text_.find("=?", at), text_.size());
      take_plain(at, next);
      at = next;
      if (at == text_.size()) break;
      if (const auto word = encoded_word(text_.substr(at))) {
        take_word(*word, at);
        at += word->size;
      } else {
        take_plain(at, at + 2);
        at += 2;
      }
    }
    flush();
    return std::move(out_);
  }

 private:
  // Blanks between two encoded words mean nothing, and a character may be split between them.
  void take_word(const EncodedWord& word, std::size_t at) {
    gap_.clear();
    if (!same(charset_, word.charset)) flush();
    if (pending_.empty()) first_ = at;
    charset_ = word.charset;
    pending_ += word.bytes;
    behind_ = at + word.size;
    open_ = true;
  }

  void take_plain(std::size_t from, std::size_t to) {
    const std::string_view plain = text_.substr(from, to - from);
    if (open_ && std::ranges::all_of(plain, is_space) && text_.substr(to).starts_with("=?")) {
      gap_ += plain;
      return;
    }
    flush();
    out_ += plain;
  }

  void flush() {
    if (open_) {
      auto text = convert_(charset_, pending_);
      if (text) {
        for (char& c : *text) c = static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? ' ' : c;
        out_ += *text;
      } else {
        out_ += text_.substr(first_, behind_ - first_);
      }
    }
    out_ += gap_;
    gap_.clear();
    pending_.clear();
    open_ = false;
  }

  std::string_view text_;
  const ToUtf8& convert_;
  std::string out_;
  std::string gap_;      // blanks behind the words that are pending
  std::string pending_;  // bytes of words of one charset
  std::string_view charset_;
  std::size_t first_ = 0;
  std::size_t behind_ = 0;
  bool open_ = false;
};

// A field's value up to its first ';', and its parameters.
struct Parameters {
  std::string_view value;
  std::string boundary;
  std::string charset;
};

std::string take_parameter_value(std::string_view& rest) {
  std::string value;
  if (!rest.starts_with('"')) {
    const std::size_t end = std::min(rest.find(';'), rest.size());
    value = trimmed(rest.substr(0, end));
    rest.remove_prefix(end);
    return value;
  }
  std::size_t at = 1;
  for (; at < rest.size() && rest[at] != '"'; ++at) {
    if (rest[at] == '\\' && at + 1 < rest.size()) ++at;
    value += rest[at];
  }
  rest.remove_prefix(std::min(at + 1, rest.size()));
  rest.remove_prefix(std::min(rest.find(';'), rest.size()));
  return value;
}

Parameters read_parameters(std::string_view field) {
  Parameters found;
  std::size_t end = std::min(field.find(';'), field.size());
  found.value = trimmed(field.substr(0, end));
  std::string_view rest = field.substr(end);
  while (!rest.empty()) {
    rest.remove_prefix(1);  // the ';'
    end = rest.find_first_of("=;");
    if (end == std::string_view::npos) break;
    const std::string_view name = trimmed(rest.substr(0, end));
    const bool has_value = rest[end] == '=';
    rest.remove_prefix(end + (has_value ? 1 : 0));
    if (!has_value) continue;
    while (!rest.empty() && is_space(rest.front())) rest.remove_prefix(1);
    std::string value = take_parameter_value(rest);
    if (same(name, "boundary")) found.boundary = without_end(value);
    if (same(name, "charset")) found.charset = trimmed(value);
  }
  return found;
}

bool starts_with_type(std::string_view type, std::string_view wanted) {
  return type.size() >= wanted.size() && same(type.substr(0, wanted.size()), wanted);
}

// CR LF, the line end of text in transfer, becomes LF.
void use_plain_line_ends(std::string& text) {
  std::size_t kept = 0;
  for (std::size_t i = 0; i < text.size(); ++i)
    if (text[i] != '\r' || i + 1 == text.size() || text[i + 1] != '\n') text[kept++] = text[i];
  text.resize(kept);
}

class BodyReader {
 public:
  explicit BodyReader(const ToUtf8& convert) : convert_(convert) {}

  // `otherwise`: the type of a part that names none.
  void entity(std::string_view header, std::string_view body, std::string_view otherwise, unsigned depth);
  std::string take() { return std::move(out_); }

 private:
  void multipart(std::string_view body, const std::string& boundary, std::string_view otherwise, unsigned depth);
  void part(std::string_view whole, std::string_view otherwise, unsigned depth);
  void text(std::string_view body, std::string_view encoding, std::string_view charset);

  const ToUtf8& convert_;
  std::string out_;
  std::size_t parts_ = 0;
};

void BodyReader::entity(std::string_view header, std::string_view body, std::string_view otherwise, unsigned depth) {
  const auto field = find_field(header, "Content-Type");
  const Parameters type = read_parameters(field ? *field : otherwise);
  const std::string_view encoding = trimmed(find_field(header, "Content-Transfer-Encoding").value_or(""));
  if (out_.size() > kMaxDecodedBody || depth > kMaxMimeDepth) {
    out_ += body;
  } else if (starts_with_type(type.value, "multipart/") && !type.boundary.empty()) {
    multipart(body, type.boundary, same(type.value, "multipart/digest") ? "message/rfc822" : "text/plain", depth);
  } else if (same(type.value, "message/rfc822")) {
    part(body, "text/plain", depth);
  } else if (starts_with_type(type.value, "text/") || same(type.value, "text")) {
    text(body, encoding, type.charset);
  } else {
    out_ += body;
  }
}

// A header, an empty line, and a body.
void BodyReader::part(std::string_view whole, std::string_view otherwise, unsigned depth) {
  const std::size_t empty_line = whole.find("\n\n");
  const bool no_header = whole.starts_with('\n');
  const std::size_t end = no_header ? 1 : empty_line == std::string_view::npos ? whole.size() : empty_line + 2;
  const std::string_view header = whole.substr(0, end);
  out_ += decoded_words(header, convert_);
  entity(header, whole.substr(end), otherwise, depth + 1);
}

// What stands before the first boundary and behind the last stays; so do the boundaries. The LF before a boundary is
// its.
void BodyReader::multipart(std::string_view body, const std::string& boundary, std::string_view otherwise,
                           unsigned depth) {
  const std::string delimiter = "--" + boundary;
  bool inside = false;
  std::size_t begin = 0;
  for (std::size_t at = 0; at < body.size();) {
    const std::size_t line_end = std::min(body.find('\n', at), body.size() - 1) + 1;
    const std::string_view line = without_end(body.substr(at, line_end - at));
    const bool is_last = line.starts_with(delimiter) && line.substr(delimiter.size()) == "--";
    if (line != delimiter && !is_last) {
      at = line_end;
      continue;
    }
    if (inside && parts_++ < kMaxMimeParts) {
      const std::size_t end = at > begin ? at - 1 : at;
      part(body.substr(begin, end - begin), otherwise, depth);
      begin = end;
    }
    out_ += body.substr(begin, line_end - begin);
    begin = at = line_end;
    inside = !is_last;
    if (is_last) break;
  }
  if (inside && parts_++ < kMaxMimeParts) return part(body.substr(begin), otherwise, depth);
  out_ += body.substr(begin);
}

void BodyReader::text(std::string_view body, std::string_view encoding, std::string_view charset) {
  std::string bytes;
  if (same(encoding, "base64")) {
    bytes = from_base64(body);
    use_plain_line_ends(bytes);
  } else if (same(encoding, "quoted-printable")) {
    bytes = from_quoted_printable(body);
    use_plain_line_ends(bytes);
  } else {
    bytes = body;
  }
  auto converted = convert_(charset.empty() ? "us-ascii" : charset, bytes);
  out_ += converted ? *converted : bytes;
}

}  // namespace

std::optional<std::string> common_to_utf8(std::string_view charset, std::string_view bytes) {
  if (same(charset, "utf-8") || same(charset, "us-ascii") || same(charset, "utf8") || same(charset, "ascii"))
    return std::string(bytes);
  const bool windows = same(charset, "windows-1252") || same(charset, "cp1252");
  if (!windows && !same(charset, "iso-8859-1") && !same(charset, "latin1")) return std::nullopt;
  std::string out;
  out.reserve(bytes.size() + bytes.size() / 8);
  for (const char c : bytes) {
    const auto byte = static_cast<std::uint8_t>(c);
    append_utf8(out, windows && byte >= 0x80 && byte < 0xa0 ? kWindows1252[byte - 0x80u] : byte);
  }
  return out;
}

std::string decoded_words(std::string_view header, const ToUtf8& convert) { return WordReader(header, convert).read(); }

std::string decoded_body(std::string_view header, std::string_view body, const ToUtf8& convert) {
  BodyReader reader(convert);
  reader.entity(header, body, "text/plain", 0);
  return reader.take();
}

std::string from_base64(std::string_view text) {
  std::string out;
  out.reserve(text.size() / 4 * 3 + 3);
  std::uint32_t bits = 0;
  unsigned count = 0;
  for (const char c : text) {
    if (c == '=') count = 0;  // the end of one encoding; another may follow
    const int digit = base64_digit(c);
    if (digit < 0) continue;
    bits = bits << 6 | static_cast<std::uint32_t>(digit);
    count += 6;
    if (count < 8) continue;
    count -= 8;
    out += static_cast<char>(static_cast<std::uint8_t>(bits >> count));
  }
  return out;
}

std::string from_quoted_printable(std::string_view text, bool words) {
  std::string out;
  out.reserve(text.size());
  std::size_t kept = 0;  // what blanks at a line's end must not take away
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '=') {
      const int high = i + 2 < text.size() ? hex_digit(text[i + 1]) : -1;
      const int low = i + 2 < text.size() ? hex_digit(text[i + 2]) : -1;
      std::size_t line_end = i + 1;
      while (line_end < text.size() && (is_blank(text[line_end]) || text[line_end] == '\r')) ++line_end;
      if (high >= 0 && low >= 0) {
        out += static_cast<char>(static_cast<std::uint8_t>(high << 4 | low));
        i += 2;
      } else if (!words && (line_end == text.size() || text[line_end] == '\n')) {
        i = line_end;
      } else {
        out += c;
      }
      kept = out.size();
    } else if (c == '\n' && !words) {
      while (out.size() > kept && is_blank(out.back())) out.pop_back();
      out += c;
      kept = out.size();
    } else {
      out += words && c == '_' ? ' ' : c;
    }
  }
  return out;
}

}  // namespace mailbox
