// SCRAM's server side: the example of RFC 7677, channel bindings, downgrades, and what is malformed.
// SPDX-License-Identifier: Apache-2.0
#include "pop3d/scram.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>
#include <catch2/catch.hpp>

#include "pop3d/base64.h"

using namespace pop3d;

namespace {

const std::string kServerNonce = "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0";
const std::string kClientNonce = "rOprNGfwEbeRWgbNEkqO";
const ChannelBindings kBindings{"exported", "end point"};

const unsigned char* octets(const std::string& text) { return reinterpret_cast<const unsigned char*>(text.data()); }

std::string hmac(const std::string& key, const std::string& text) {
  std::array<unsigned char, 32> out;
  unsigned size = 0;
  HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), octets(text), text.size(), out.data(), &size);
  return {reinterpret_cast<const char*>(out.data()), size};
}

std::string hash(const std::string& text) {
  std::array<unsigned char, 32> out;
  EVP_Digest(text.data(), text.size(), out.data(), nullptr, EVP_sha256(), nullptr);
  return {reinterpret_cast<const char*>(out.data()), out.size()};
}

std::string salted(const std::string& password, const std::string& salt) {
  std::array<unsigned char, 32> out;
  PKCS5_PBKDF2_HMAC(password.data(), static_cast<int>(password.size()), octets(salt), static_cast<int>(salt.size()),
                    4096, EVP_sha256(), 32, out.data());
  return {reinterpret_cast<const char*>(out.data()), out.size()};
}

ScramKeys keys_of(const std::string& password) {
  const auto salt = *from_base64("W22ZaJ0SNY7soEsUEjb6gQ==");
  const auto key = salted(password, salt);
  return {salt, 4096, hash(hmac(key, "Client Key")), hmac(key, "Server Key")};
}

// What a client that knows the password answers.
std::string final_message(const std::string& password, const std::string& header, const std::string& binding,
                          const std::string& first_bare, const std::string& challenge) {
  const auto nonce = challenge.substr(2, challenge.find(',') - 2);
  const auto without_proof = "c=" + to_base64(header + binding) + ",r=" + nonce;
  const auto key = hmac(salted(password, keys_of(password).salt), "Client Key");
  auto proof = hmac(hash(key), first_bare + "," + challenge + "," + without_proof);
  for (std::size_t i = 0; i < proof.size(); ++i) proof[i] = static_cast<char>(proof[i] ^ key[i]);
  return without_proof + ",p=" + to_base64(proof);
}

// Whether a whole exchange succeeds.
bool succeeds(Mechanism mechanism, const ChannelBindings& bindings, const std::string& header,
              const std::string& binding, const std::string& password = "pencil") {
  ScramServer server(mechanism, bindings, "nonce");
  const std::string bare = "n=user,r=abc";
  if (!server.take_first(header + bare)) return false;
  const auto challenge = server.challenge(keys_of("pencil"));
  return server.take_final(final_message(password, header, binding, bare, challenge)).has_value();
}

}  // namespace

TEST_CASE("the example of RFC 7677") {
  ScramServer server(Mechanism::ScramSha256, {}, kServerNonce);
  REQUIRE(server.take_first("n,,n=user,r=" + kClientNonce));
  CHECK(server.user() == "user");
  CHECK(server.challenge(keys_of("pencil")) ==
        "r=" + kClientNonce + kServerNonce + ",s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096");
  const auto proof =
      server.take_final("c=biws,r=" + kClientNonce + kServerNonce + ",p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=");
  CHECK(proof == "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=");
}

TEST_CASE("channel bindings") {
  const auto plus = Mechanism::ScramSha256Plus, bare = Mechanism::ScramSha256;
  CHECK(succeeds(plus, kBindings, "p=tls-exporter,,", "exported"));
  CHECK(succeeds(plus, kBindings, "p=tls-server-end-point,,", "end point"));
  CHECK(!succeeds(plus, kBindings, "p=tls-exporter,,", "another channel"));
  CHECK(!succeeds(plus, kBindings, "p=tls-unique,,", ""));
  CHECK(!succeeds(plus, kBindings, "n,,", ""));
  CHECK(!succeeds(plus, {}, "p=tls-exporter,,", ""));
  CHECK(!succeeds(bare, kBindings, "p=tls-exporter,,", "exported"));
  CHECK(succeeds(bare, kBindings, "n,,", ""));
  CHECK(succeeds(bare, {}, "y,,", ""));
  CHECK(!succeeds(bare, kBindings, "y,,", ""));  // somebody took PLUS out of the list
  CHECK(!succeeds(bare, {}, "n,,", "", "pencils"));
}

TEST_CASE("first messages") {
  const struct {
    std::string message, user;  // no user: refused
  } rows[] = {
      {"n,,n=user,r=x", "user"},
      {"n,a=user,n=user,r=x", "user"},
      {"n,,n=a=2Cb=3Dc,r=x", "a,b=c"},
      {"n,,n=user,r=x,extension=1", "user"},
      {"n,a=other,n=user,r=x", ""},
      {"n,,n=a=2cb,r=x", ""},
      {"n,,n=,r=x", ""},
      {"n,,n=user,r=", ""},
      {"n,,m=1,n=user,r=x", ""},
      {"n,,r=x,n=user", ""},
      {"n=user,r=x", ""},
      {"n,", ""},
      {"", ""},
      {"n,,n=user,r=" + std::string(5000, 'x'), ""},
  };
  for (const auto& row : rows) {
    CAPTURE(row.message);
    ScramServer server(Mechanism::ScramSha256, {}, "nonce");
    CHECK(server.take_first(row.message) == !row.user.empty());
    if (!row.user.empty()) CHECK(server.user() == row.user);
  }
}

TEST_CASE("final messages that are none") {
  for (const auto* message : {"", "c=biws", "c=biws,r=abcnonce", "c=biws,r=abcnonce,p=", "c=biws,r=abcnonce,p=AAAA",
                              "c=biws,r=other,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=",
                              "r=abcnonce,c=biws,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ="}) {
    CAPTURE(message);
    ScramServer server(Mechanism::ScramSha256, {}, "nonce");
    REQUIRE(server.take_first("n,,n=user,r=abc"));
    server.challenge(keys_of("pencil"));
    CHECK(!server.take_final(message));
  }
}
