// The server's side of SCRAM-SHA-256.
// SPDX-License-Identifier: Apache-2.0
#include "pop3d/scram.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>

#include "pop3d/base64.h"

namespace pop3d {
namespace {

constexpr std::size_t kLongestMessage = 4096;
constexpr std::size_t kKeySize = 32;

const unsigned char* octets(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }

std::string hmac(std::string_view key, std::string_view text) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> out;
  unsigned size = 0;
  if (HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), octets(text), text.size(), out.data(), &size) ==
      nullptr)
    return {};
  return {reinterpret_cast<const char*>(out.data()), size};
}

std::string hash(std::string_view text) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> out;
  unsigned size = 0;
  if (EVP_Digest(text.data(), text.size(), out.data(), &size, EVP_sha256(), nullptr) != 1) return {};
  return {reinterpret_cast<const char*>(out.data()), size};
}

// Takes "k=value" up to a comma; nothing if the next attribute is another one.
std::optional<std::string_view> take_attribute(std::string_view& text, char key) {
  if (text.size() < 2 || text[0] != key || text[1] != '=') return std::nullopt;
  const auto value = text.substr(2, text.find(',') - 2);
  text.remove_prefix(std::min(text.size(), value.size() + 3));
  return value;
}

// "=2C" is a comma, "=3D" an equals sign.
std::optional<std::string> decode_name(std::string_view text) {
  std::string name;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '=') {
      name += text[i];
      continue;
    }
    const auto code = text.substr(i + 1, 2);
    if (code != "2C" && code != "3D") return std::nullopt;
    name += code == "2C" ? ',' : '=';
    i += 2;
  }
  return name;
}

}  // namespace

// "n,,", "y,," or "p=tls-exporter,,". A client that says "y" believes that we offer no channel binding: under TLS that
// is not true, and somebody took it out of the list of mechanisms (RFC 5802, 6).
bool ScramServer::take_header(std::string_view& message) {
  const auto first = message.find(',');
  const auto second = first == message.npos ? first : message.find(',', first + 1);
  if (second == message.npos) return false;
  header_ = message.substr(0, second + 1);
  const auto flag = message.substr(0, first);
  const auto acts_for = message.substr(first + 1, second - first - 1);
  message.remove_prefix(second + 1);
  if (flag == "p=tls-exporter") binding_ = bindings_.exporter;
  if (flag == "p=tls-server-end-point") binding_ = bindings_.end_point;
  if (plus_ ? binding_.empty() : flag != "n" && (flag != "y" || !bindings_.exporter.empty())) return false;
  if (acts_for.empty()) return true;
  auto name = acts_for;
  const auto decoded = take_attribute(name, 'a').transform(decode_name);
  if (!decoded || !*decoded) return false;
  user_ = **decoded;  // compared with the name below
  return true;
}

bool ScramServer::take_first(std::string_view message) {
  if (message.size() > kLongestMessage || message.find('\0') != message.npos || !take_header(message)) return false;
  first_bare_ = message;
  const auto name = take_attribute(message, 'n').transform(decode_name);
  const auto nonce = take_attribute(message, 'r');
  if (!name || !*name || (*name)->empty() || !nonce || nonce->empty()) return false;
  if (!user_.empty() && user_ != **name) return false;
  user_ = **name;
  nonce_.insert(0, *nonce);
  return true;
}

std::string ScramServer::challenge(const ScramKeys& keys) {
  keys_ = keys;
  server_first_ = "r=" + nonce_ + ",s=" + to_base64(keys.salt) + ",i=" + std::to_string(keys.iterations);
  return server_first_;
}

std::optional<std::string> ScramServer::take_final(std::string_view message) {
  const auto end = message.rfind(",p=");
  if (message.size() > kLongestMessage || end == message.npos) return std::nullopt;
  const auto without_proof = message.substr(0, end);
  auto proof = from_base64(message.substr(end + 3));
  auto rest = without_proof;
  const auto channel = take_attribute(rest, 'c').transform(from_base64);
  const auto nonce = take_attribute(rest, 'r');
  if (!channel || !*channel || **channel != header_ + binding_ || !nonce || *nonce != nonce_) return std::nullopt;
  const auto text = first_bare_ + ',' + server_first_ + ',' + std::string(without_proof);
  const auto signature = hmac(keys_.stored_key, text);
  if (!proof || proof->size() != kKeySize || signature.size() != kKeySize) return std::nullopt;
  for (std::size_t i = 0; i < kKeySize; ++i) (*proof)[i] = static_cast<char>((*proof)[i] ^ signature[i]);
  const auto stored = hash(*proof);
  OPENSSL_cleanse(proof->data(), proof->size());
  if (stored.size() != keys_.stored_key.size() || CRYPTO_memcmp(stored.data(), keys_.stored_key.data(), kKeySize) != 0)
    return std::nullopt;
  return "v=" + to_base64(hmac(keys_.server_key, text));
}

}  // namespace pop3d
