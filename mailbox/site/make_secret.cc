// Makes secrets for a passwd-file: libcrypt's hashes, and SCRAM's keys.
// SPDX-License-Identifier: Apache-2.0
#include "mailbox/site/make_secret.h"

#include <crypt.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <openssl/sha.h>

#include <array>
#include <cstring>
#include <memory>

namespace mailbox::site {
namespace {

constexpr std::size_t kLongestPassword = CRYPT_MAX_PASSPHRASE_SIZE - 1;
constexpr int kIterations = 4096;  // RFC 7677, 4: the least that is allowed, and what clients expect
constexpr std::size_t kSaltBytes = 16;

using Key = std::array<unsigned char, SHA256_DIGEST_LENGTH>;

struct Hash {
  std::string_view scheme;
  const char* prefix;
  unsigned long rounds;  // 0: libcrypt's own default
};
constexpr std::array<Hash, 4> kHashes{{{"YESCRYPT", "$y$", 0},
                                       {"SHA512-CRYPT", "$6$", 0},
                                       {"SHA256-CRYPT", "$5$", 0},
                                       {"BLF-CRYPT", "$2b$", 10}}};

std::string base64(const unsigned char* bytes, std::size_t size) {
  std::string text(4 * ((size + 2) / 3) + 1, '\0');
  const int length = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()), bytes, static_cast<int>(size));
  text.resize(static_cast<std::size_t>(length));
  return text;
}

Result<std::string> hashed(const Hash& hash, std::string_view password) {
  std::array<char, CRYPT_GENSALT_OUTPUT_SIZE> setting{};
  if (!crypt_gensalt_rn(hash.prefix, hash.rounds, nullptr, 0, setting.data(), static_cast<int>(setting.size()))) {
    return system_failure("libcrypt makes no " + std::string(hash.scheme));
  }
  const auto data = std::make_unique<crypt_data>();
  std::memset(data.get(), 0, sizeof(crypt_data));
  std::string text(password);
  const char* made = ::crypt_r(text.c_str(), setting.data(), data.get());
  OPENSSL_cleanse(text.data(), text.size());
  if (!made || made[0] == '*') return failure(ErrorKind::Permanent, "libcrypt makes no " + std::string(hash.scheme));
  return "{" + std::string(hash.scheme) + "}" + made;
}

bool keyed(const Key& key, std::string_view text, Key& out) {
  unsigned size = 0;
  return HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
              reinterpret_cast<const unsigned char*>(text.data()), text.size(), out.data(), &size) != nullptr;
}

// RFC 5802, 3.
Result<std::string> scram(std::string_view password) {
  std::array<unsigned char, kSaltBytes> salt{};
  Key salted{}, client{}, stored{}, server{};
  const bool done = RAND_bytes(salt.data(), static_cast<int>(salt.size())) == 1 &&
                    PKCS5_PBKDF2_HMAC(password.data(), static_cast<int>(password.size()), salt.data(),
                                      static_cast<int>(salt.size()), kIterations, EVP_sha256(),
                                      static_cast<int>(salted.size()), salted.data()) == 1 &&
                    keyed(salted, "Client Key", client) && keyed(salted, "Server Key", server);
  if (!done) return failure(ErrorKind::Temporary, "OpenSSL makes no SCRAM-SHA-256 keys");
  SHA256(client.data(), client.size(), stored.data());
  OPENSSL_cleanse(salted.data(), salted.size());
  OPENSSL_cleanse(client.data(), client.size());
  return "{SCRAM-SHA-256}" + std::to_string(kIterations) + "," + base64(salt.data(), salt.size()) + "," +
         base64(stored.data(), stored.size()) + "," + base64(server.data(), server.size());
}

}  // namespace

Result<std::string> make_secret(std::string_view scheme, std::string_view password) {
  if (password.empty() || password.size() > kLongestPassword || password.find('\0') != std::string_view::npos) {
    return failure(ErrorKind::Permanent, "a password has 1 to " + std::to_string(kLongestPassword) + " bytes, and no NUL");
  }
  std::string upper(scheme);
  for (char& c : upper) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  for (const auto& hash : kHashes) {
    if (upper == hash.scheme) return hashed(hash, password);
  }
  if (upper == "SCRAM-SHA-256") return scram(password);
  if (upper == "PLAIN") return "{PLAIN}" + std::string(password);
  return failure(ErrorKind::Permanent, "there is no scheme '" + std::string(scheme) + "' to make");
}

}  // namespace mailbox::site
