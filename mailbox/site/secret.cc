// Checks passwords against a passwd-file's secrets: libcrypt's hashes, salted SHA-2, SCRAM and plain text.
// SPDX-License-Identifier: Apache-2.0
#include "mailbox/site/secret.h"

#include <crypt.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>

#include <array>
#include <charconv>
#include <cstring>
#include <memory>
#include <optional>
#include <string>

namespace mailbox::site {
namespace {

constexpr std::size_t kLongestPassword = CRYPT_MAX_PASSPHRASE_SIZE - 1;  // crypt_r takes no more
constexpr std::size_t kLongestSecret = 4096;
constexpr int kMostIterations = 10'000'000;  // of a SCRAM secret: some seconds

// What an empty or unreadable secret is checked against; the result is thrown away.
constexpr char kNobody[] = "$6$sluicenobody$";

using Bytes = std::string;

enum class Check { No, Yes, Unreadable };
Check answer(bool same) { return same ? Check::Yes : Check::No; }

// Nothing is never the same: a digest that could not be made is empty.
bool same_bytes(std::string_view a, std::string_view b) {
  return !a.empty() && a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

const unsigned char* octets(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }

Bytes digest(std::string_view text, const EVP_MD* method) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> out;
  unsigned size = 0;
  if (EVP_Digest(text.data(), text.size(), out.data(), &size, method, nullptr) != 1) return {};
  return Bytes(reinterpret_cast<const char*>(out.data()), size);
}

int value_of_base64(char c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  return c == '+' ? 62 : c == '/' ? 63 : -1;
}

std::optional<Bytes> from_base64(std::string_view text) {
  while (text.ends_with('=')) text.remove_suffix(1);
  Bytes bytes;
  unsigned bits = 0;
  unsigned held = 0;
  for (const char c : text) {
    const int value = value_of_base64(c);
    if (value < 0) return std::nullopt;
    bits = (bits << 6) | static_cast<unsigned>(value);
    held += 6;
    if (held < 8) continue;
    held -= 8;
    bytes += static_cast<char>((bits >> held) & 0xFF);
  }
  return bytes;
}

std::optional<Bytes> from_hex(std::string_view text) {
  if (text.size() % 2 != 0) return std::nullopt;
  Bytes bytes;
  for (std::size_t i = 0; i < text.size(); i += 2) {
    unsigned value = 0;
    const char* end = text.data() + i + 2;
    if (std::from_chars(text.data() + i, end, value, 16).ptr != end) return std::nullopt;
    bytes += static_cast<char>(value);
  }
  return bytes;
}

// libcrypt says what failed by "*0" or "*1", which no hash begins with; a locked account's "!" or "*" is no hash
// either.
Check check_crypt(std::string_view hash, std::string_view password) {
  const auto data = std::make_unique<crypt_data>();
  std::memset(data.get(), 0, sizeof(crypt_data));
  const std::string setting(hash);
  std::string text(password);
  const char* made = ::crypt_r(text.c_str(), setting.c_str(), data.get());
  const bool failed = made == nullptr || made[0] == '*';
  const Check result = failed ? Check::Unreadable : answer(same_bytes(made, hash));
  OPENSSL_cleanse(data.get(), sizeof(crypt_data));
  OPENSSL_cleanse(text.data(), text.size());
  return result;
}

// Compared by digests, so that the time says nothing of how long the secret is or where it differs.
Check check_plain(std::string_view secret, std::string_view password) {
  if (secret.empty()) return Check::Unreadable;
  return answer(same_bytes(digest(secret, EVP_sha256()), digest(password, EVP_sha256())));
}

// digest(password + salt) + salt
Check check_salted(std::string_view secret, bool hexadecimal, std::string_view password, const EVP_MD* method) {
  const auto stored = hexadecimal ? from_hex(secret) : from_base64(secret);
  const auto size = static_cast<std::size_t>(EVP_MD_get_size(method));
  if (!stored || stored->size() < size) return Check::Unreadable;
  std::string text = std::string(password) + stored->substr(size);
  const Check result = answer(same_bytes(digest(text, method), stored->substr(0, size)));
  OPENSSL_cleanse(text.data(), text.size());
  return result;
}

// RFC 5802, 3: StoredKey = H(HMAC(Hi(password, salt, i), "Client Key")); kept as "i,salt,StoredKey,ServerKey".
Check check_scram(std::string_view secret, std::string_view password) {
  std::array<std::string_view, 4> parts;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const auto comma = secret.find(',');
    if ((comma == std::string_view::npos) != (i + 1 == parts.size())) return Check::Unreadable;
    parts[i] = secret.substr(0, comma);
    secret.remove_prefix(comma == std::string_view::npos ? secret.size() : comma + 1);
  }
  int iterations = 0;
  const char* end = parts[0].data() + parts[0].size();
  if (std::from_chars(parts[0].data(), end, iterations).ptr != end) return Check::Unreadable;
  if (iterations < 1 || iterations > kMostIterations) return Check::Unreadable;
  const auto salt = from_base64(parts[1]);
  const auto stored = from_base64(parts[2]);
  if (!salt || !stored || stored->size() != SHA256_DIGEST_LENGTH) return Check::Unreadable;

  std::array<unsigned char, SHA256_DIGEST_LENGTH> salted;
  std::array<unsigned char, SHA256_DIGEST_LENGTH> client;
  constexpr std::string_view kClientKey = "Client Key";
  unsigned size = 0;
  const bool derived = PKCS5_PBKDF2_HMAC(password.data(), static_cast<int>(password.size()), octets(*salt),
                                         static_cast<int>(salt->size()), iterations, EVP_sha256(),
                                         static_cast<int>(salted.size()), salted.data()) == 1 &&
                       HMAC(EVP_sha256(), salted.data(), static_cast<int>(salted.size()), octets(kClientKey),
                            kClientKey.size(), client.data(), &size) != nullptr;
  if (!derived) return Check::Unreadable;
  const std::string_view key(reinterpret_cast<const char*>(client.data()), client.size());
  const Check result = answer(same_bytes(digest(key, EVP_sha256()), *stored));
  OPENSSL_cleanse(salted.data(), salted.size());
  OPENSSL_cleanse(client.data(), client.size());
  return result;
}

// The schemes that are CRYPT, and only with a hash of their own kind.
struct CryptScheme {
  std::string_view name;
  std::string_view prefix;
};
constexpr std::array<CryptScheme, 6> kCryptSchemes{{{"CRYPT", ""},
                                                    {"MD5-CRYPT", "$1$"},
                                                    {"SHA256-CRYPT", "$5$"},
                                                    {"SHA512-CRYPT", "$6$"},
                                                    {"BLF-CRYPT", "$2"},
                                                    {"YESCRYPT", "$y$"}}};

Check check(std::string_view scheme, std::string_view hash, std::string_view password) {
  for (const CryptScheme& known : kCryptSchemes)
    if (scheme == known.name)
      return !hash.empty() && hash.starts_with(known.prefix) ? check_crypt(hash, password) : Check::Unreadable;
  if (scheme == "PLAIN") return check_plain(hash, password);
  if (scheme == "SCRAM-SHA-256") return check_scram(hash, password);
  const bool hexadecimal = scheme.ends_with(".HEX");
  for (const std::string_view suffix : {".HEX", ".B64", ".BASE64"})
    if (scheme.ends_with(suffix)) scheme.remove_suffix(suffix.size());
  if (scheme == "SSHA256") return check_salted(hash, hexadecimal, password, EVP_sha256());
  if (scheme == "SSHA512") return check_salted(hash, hexadecimal, password, EVP_sha512());
  return Check::Unreadable;
}

std::string upper(std::string_view text) {
  std::string result(text);
  for (char& c : result)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  return result;
}

}  // namespace

bool verify_secret(std::string_view secret, std::string_view password) {
  std::string scheme = "CRYPT";
  std::string_view hash = secret;
  if (const auto close = secret.find('}'); secret.starts_with('{') && close != std::string_view::npos) {
    scheme = upper(secret.substr(1, close - 1));
    hash = secret.substr(close + 1);
  }
  const bool readable = secret.size() <= kLongestSecret && hash.find('\0') == std::string_view::npos;
  const bool possible = password.size() <= kLongestPassword && password.find('\0') == std::string_view::npos;
  const Check result = readable && possible ? check(scheme, hash, password) : Check::Unreadable;
  if (result == Check::Unreadable) check_crypt(kNobody, possible ? password : std::string_view());
  return result == Check::Yes;
}

}  // namespace mailbox::site
