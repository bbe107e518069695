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
constexpr unsigned kMostIterations = 10'000'000;  // of a SCRAM secret: some seconds

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

Bytes hmac(std::string_view key, std::string_view text) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> out;
  unsigned size = 0;
  if (HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), octets(text), text.size(), out.data(), &size) ==
      nullptr) {
    return {};
  }
  return Bytes(reinterpret_cast<const char*>(out.data()), size);
}

// RFC 5802, 3: StoredKey = H(HMAC(Hi(password, salt, i), "Client Key")), ServerKey = HMAC(Hi(…), "Server Key").
std::optional<ScramKeys> derive_keys(std::string_view password, std::string_view salt, unsigned iterations) {
  Bytes salted(SHA256_DIGEST_LENGTH, '\0');
  if (PKCS5_PBKDF2_HMAC(password.data(), static_cast<int>(password.size()), octets(salt), static_cast<int>(salt.size()),
                        static_cast<int>(iterations), EVP_sha256(), static_cast<int>(salted.size()),
                        reinterpret_cast<unsigned char*>(salted.data())) != 1) {
    return std::nullopt;
  }
  Bytes client = hmac(salted, "Client Key");
  ScramKeys keys{Bytes(salt), iterations, digest(client, EVP_sha256()), hmac(salted, "Server Key")};
  OPENSSL_cleanse(salted.data(), salted.size());
  OPENSSL_cleanse(client.data(), client.size());
  if (keys.stored_key.empty() || keys.server_key.empty()) return std::nullopt;
  return keys;
}

// "iterations,salt,StoredKey,ServerKey"
std::optional<ScramKeys> read_keys(std::string_view secret) {
  std::array<std::string_view, 4> parts;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const auto comma = secret.find(',');
    if ((comma == std::string_view::npos) != (i + 1 == parts.size())) return std::nullopt;
    parts[i] = secret.substr(0, comma);
    secret.remove_prefix(comma == std::string_view::npos ? secret.size() : comma + 1);
  }
  unsigned iterations = 0;
  const char* end = parts[0].data() + parts[0].size();
  if (std::from_chars(parts[0].data(), end, iterations).ptr != end) return std::nullopt;
  const auto salt = from_base64(parts[1]);
  const auto stored = from_base64(parts[2]);
  const auto server = from_base64(parts[3]);
  if (iterations < 1 || iterations > kMostIterations || !salt || !stored || !server) return std::nullopt;
  if (stored->size() != SHA256_DIGEST_LENGTH) return std::nullopt;
  return ScramKeys{*salt, iterations, *stored, *server};
}

Check check_scram(std::string_view secret, std::string_view password) {
  const auto known = read_keys(secret);
  if (!known) return Check::Unreadable;
  const auto derived = derive_keys(password, known->salt, known->iterations);
  return derived ? answer(same_bytes(derived->stored_key, known->stored_key)) : Check::Unreadable;
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

struct Secret {
  std::string scheme = "CRYPT";
  std::string_view hash;
};

Secret split_scheme(std::string_view secret) {
  const auto close = secret.find('}');
  if (!secret.starts_with('{') || close == std::string_view::npos) return {.hash = secret};
  return {upper(secret.substr(1, close - 1)), secret.substr(close + 1)};
}

}  // namespace

bool verify_secret(std::string_view secret, std::string_view password) {
  const auto [scheme, hash] = split_scheme(secret);
  const bool readable = secret.size() <= kLongestSecret && hash.find('\0') == std::string_view::npos;
  const bool possible = password.size() <= kLongestPassword && password.find('\0') == std::string_view::npos;
  const Check result = readable && possible ? check(scheme, hash, password) : Check::Unreadable;
  if (result == Check::Unreadable) check_crypt(kNobody, possible ? password : std::string_view());
  return result == Check::Yes;
}

std::optional<ScramKeys> scram_keys(std::string_view secret, std::string_view salt) {
  const auto [scheme, hash] = split_scheme(secret);
  if (scheme == "SCRAM-SHA-256") return read_keys(hash);
  const bool is_plain = scheme == "PLAIN" && !hash.empty();
  auto keys = derive_keys(is_plain ? hash : "nobody", salt, ScramKeys().iterations);
  return is_plain ? keys : std::nullopt;
}

bool can_scram(std::string_view secret) {
  const auto scheme = split_scheme(secret).scheme;
  return scheme == "SCRAM-SHA-256" || scheme == "PLAIN";
}

}  // namespace mailbox::site
