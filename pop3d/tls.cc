// TLS as this server speaks it.
// SPDX-License-Identifier: Apache-2.0
#include "pop3d/tls.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

namespace pop3d {
namespace {

using mailbox::ErrorKind;
using mailbox::failure;
using mailbox::Result;

template <auto Free>
struct Freer {
  template <class T>
  void operator()(T* object) const {
    Free(object);
  }
};
using Context = std::unique_ptr<SSL_CTX, Freer<SSL_CTX_free>>;
using Bio = std::unique_ptr<BIO, Freer<BIO_free>>;
using Certificate = std::unique_ptr<X509, Freer<X509_free>>;
using Key = std::unique_ptr<EVP_PKEY, Freer<EVP_PKEY_free>>;

constexpr unsigned char kProtocol[] = {4, 'p', 'o', 'p', '3'};
constexpr unsigned char kSessionContext[] = "sluice-pop3d";

Bio text_bio(const std::string& text) { return Bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size()))); }

int no_passphrase(char*, int, int, void*) { return -1; }

// A client that asks for other protocols only is served all the same: it has come to the right port.
int choose_protocol(SSL*, const unsigned char** out, unsigned char* size, const unsigned char* offered,
                    unsigned offered_size, void*) {
  unsigned char* chosen = nullptr;
  if (SSL_select_next_proto(&chosen, size, kProtocol, sizeof kProtocol, offered, offered_size) !=
      OPENSSL_NPN_NEGOTIATED)
    return SSL_TLSEXT_ERR_NOACK;
  *out = chosen;
  return SSL_TLSEXT_ERR_OK;
}

Result<void> use_chain(SSL_CTX* context, const std::string& pem) {
  const auto bio = text_bio(pem);
  const Certificate own(PEM_read_bio_X509_AUX(bio.get(), nullptr, no_passphrase, nullptr));
  if (!own || SSL_CTX_use_certificate(context, own.get()) != 1) return failure(ErrorKind::Permanent, "no certificate");
  for (;;) {
    Certificate next(PEM_read_bio_X509(bio.get(), nullptr, no_passphrase, nullptr));
    if (!next) break;
    if (SSL_CTX_add0_chain_cert(context, next.get()) != 1) return failure(ErrorKind::Permanent, "its chain is broken");
    next.release();
  }
  if (ERR_GET_REASON(ERR_peek_last_error()) != PEM_R_NO_START_LINE)
    return failure(ErrorKind::Permanent, "its chain is broken");
  ERR_clear_error();
  return {};
}

Result<void> use_key(SSL_CTX* context, const std::string& pem) {
  const auto bio = text_bio(pem);
  const Key key(PEM_read_bio_PrivateKey(bio.get(), nullptr, no_passphrase, nullptr));
  if (!key) return failure(ErrorKind::Permanent, "its key cannot be read (one with a passphrase never can)");
  if (SSL_CTX_use_PrivateKey(context, key.get()) != 1 || SSL_CTX_check_private_key(context) != 1)
    return failure(ErrorKind::Permanent, "its key does not fit");
  return {};
}

Result<Context> make_context(const CertificatePair& pair) {
  ERR_clear_error();
  Context context(SSL_CTX_new(TLS_server_method()));
  if (!context) return failure(ErrorKind::Temporary, "out of memory");
  SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
  SSL_CTX_set_options(context.get(), SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_IGNORE_UNEXPECTED_EOF);
  SSL_CTX_set_mode(context.get(),
                   SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_OFF);
  SSL_CTX_set_session_id_context(context.get(), kSessionContext, sizeof kSessionContext);
  SSL_CTX_set_alpn_select_cb(context.get(), choose_protocol, nullptr);
  if (auto done = use_chain(context.get(), pair.chain); !done) return std::unexpected(std::move(done).error());
  if (auto done = use_key(context.get(), pair.key); !done) return std::unexpected(std::move(done).error());
  return context;
}

}  // namespace

struct Tls::State {
  std::vector<Context> contexts;

  // SNI: the first certificate that is good for the name.
  static int choose_certificate(SSL* connection, int*, void* self) {
    const char* name = SSL_get_servername(connection, TLSEXT_NAMETYPE_host_name);
    if (name == nullptr) return SSL_TLSEXT_ERR_NOACK;
    for (const auto& context : static_cast<const State*>(self)->contexts) {
      if (X509_check_host(SSL_CTX_get0_certificate(context.get()), name, 0, 0, nullptr) != 1) continue;
      SSL_set_SSL_CTX(connection, context.get());
      return SSL_TLSEXT_ERR_OK;
    }
    return SSL_TLSEXT_ERR_NOACK;
  }
};

Tls::Tls(std::unique_ptr<State> state) : state_(std::move(state)) {}
Tls::~Tls() = default;

Result<std::shared_ptr<const Tls>> Tls::make(const std::vector<CertificatePair>& pairs) {
  auto state = std::make_unique<State>();
  for (const auto& pair : pairs) {
    auto context = make_context(pair);
    if (!context) {
      return std::unexpected(
          std::move(context).error().about("tls.certificate " + std::to_string(state->contexts.size() + 1)));
    }
    state->contexts.push_back(std::move(*context));
  }
  if (state->contexts.empty()) return failure(ErrorKind::Permanent, "no tls.certificate");
  SSL_CTX_set_tlsext_servername_callback(state->contexts[0].get(), State::choose_certificate);
  SSL_CTX_set_tlsext_servername_arg(state->contexts[0].get(), state.get());
  return std::shared_ptr<const Tls>(new Tls(std::move(state)));
}

Tls::Connection Tls::connect(int fd) const {
  Connection connection(SSL_new(state_->contexts[0].get()));
  if (connection && SSL_set_fd(connection.get(), fd) != 1) connection.reset();
  if (connection) SSL_set_accept_state(connection.get());
  return connection;
}

void Tls::FreeConnection::operator()(ssl_st* connection) const { SSL_free(connection); }

std::string tls_error() {
  const auto code = ERR_peek_last_error();
  ERR_clear_error();
  const char* reason = code == 0 ? nullptr : ERR_reason_error_string(code);
  return reason == nullptr ? "the connection broke" : reason;
}

}  // namespace pop3d
