// A client's socket, in the clear or under TLS.
// SPDX-License-Identifier: Apache-2.0
#include "pop3d/stream.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/objects.h>
#include <openssl/ssl.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>

namespace pop3d {
namespace {

int bounded(std::size_t size) { return static_cast<int>(std::min<std::size_t>(size, INT_MAX)); }

Stream::Progress plain(ssize_t result, std::uint32_t wants) {
  if (result > 0) return {Stream::Status::Done, static_cast<std::size_t>(result)};
  if (result == 0) return {Stream::Status::Ended};
  if (errno == EAGAIN) return {Stream::Status::Again, 0, wants};
  return {Stream::Status::Broken};
}

}  // namespace

bool Stream::start_tls(std::shared_ptr<const Tls> tls) {
  tls_ = std::move(tls);
  connection_ = tls_->connect(fd_);
  return is_secure();
}

// What OpenSSL means by a result that is not positive.
Stream::Progress Stream::after(int result) {
  switch (SSL_get_error(connection_.get(), result)) {
    case SSL_ERROR_WANT_READ:
      return {Status::Again, 0, EPOLLIN};
    case SSL_ERROR_WANT_WRITE:
      return {Status::Again, 0, EPOLLOUT};
    case SSL_ERROR_ZERO_RETURN:
      return {Status::Ended};
    default:
      return {Status::Broken};
  }
}

Stream::Progress Stream::handshake() {
  ERR_clear_error();
  const int result = SSL_do_handshake(connection_.get());
  return result == 1 ? Progress{Status::Done} : after(result);
}

Stream::Progress Stream::read(std::span<char> buffer) {
  if (!is_secure()) {
    ssize_t got;
    do got = ::recv(fd_, buffer.data(), buffer.size(), MSG_DONTWAIT);
    while (got < 0 && errno == EINTR);
    return plain(got, EPOLLIN);
  }
  ERR_clear_error();
  const int got = SSL_read(connection_.get(), buffer.data(), bounded(buffer.size()));
  return got > 0 ? Progress{Status::Done, static_cast<std::size_t>(got)} : after(got);
}

Stream::Progress Stream::write(std::string_view bytes) {
  if (!is_secure()) {
    ssize_t sent;
    do sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    while (sent < 0 && errno == EINTR);
    return plain(sent, EPOLLOUT);
  }
  ERR_clear_error();
  const int sent = SSL_write(connection_.get(), bytes.data(), bounded(bytes.size()));
  return sent > 0 ? Progress{Status::Done, static_cast<std::size_t>(sent)} : after(sent);
}

bool Stream::has_more() const { return is_secure() && SSL_has_pending(connection_.get()) == 1; }

void Stream::shut_down() {
  if (is_secure() && SSL_is_init_finished(connection_.get())) {
    ERR_clear_error();
    SSL_shutdown(connection_.get());
  }
  ::shutdown(fd_, SHUT_WR);
}

std::string Stream::describe() const {
  if (!is_secure()) return {};
  return std::string(SSL_get_version(connection_.get())) + ' ' + SSL_get_cipher_name(connection_.get());
}

std::string Stream::exporter() const {
  constexpr std::string_view kLabel = "EXPORTER-Channel-Binding";
  std::string bytes(32, '\0');
  if (!is_secure() || SSL_export_keying_material(connection_.get(), reinterpret_cast<unsigned char*>(bytes.data()),
                                                 bytes.size(), kLabel.data(), kLabel.size(), nullptr, 0, 1) != 1) {
    return {};
  }
  return bytes;
}

// The certificate's digest by its signature's own hash, but at least SHA-256 (RFC 5929, 4.1).
std::string Stream::server_end_point() const {
  X509* certificate = is_secure() ? SSL_get_certificate(connection_.get()) : nullptr;
  if (certificate == nullptr) return {};
  int hash = NID_undef;
  OBJ_find_sigid_algs(X509_get_signature_nid(certificate), &hash, nullptr);
  const bool weak = hash == NID_undef || hash == NID_md5 || hash == NID_sha1;
  const EVP_MD* method = weak ? EVP_sha256() : EVP_get_digestbynid(hash);
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest;
  unsigned size = 0;
  if (method == nullptr || X509_digest(certificate, method, digest.data(), &size) != 1) return {};
  return {reinterpret_cast<const char*>(digest.data()), size};
}

}  // namespace pop3d
