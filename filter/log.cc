// Where the delivery agent's diagnostics go: LOGFILE, standard error, or the system's log.
// SPDX-License-Identifier: Apache-2.0
#include "filter/log.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <syslog.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <utility>

namespace filter {
namespace {

constexpr char kName[] = "sluice";
constexpr timeval kSendPatience{0, 200000};
constexpr mode_t kFileMode = 0667;  // the last bit tells readers of new text, as in a folder (PROCMAIL.md 16.3)

// RFC 3164: "<22>Oct 11 22:14:15 sluice[4711]: text".
std::string syslog_datagram(std::string_view line) {
  const std::time_t now = std::time(nullptr);
  std::tm local{};
  localtime_r(&now, &local);
  static constexpr std::array kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  char stamp[64];
  std::snprintf(stamp, sizeof stamp, "<%d>%s %2d %02d:%02d:%02d ", LOG_MAIL | LOG_INFO,
                kMonths[static_cast<std::size_t>(local.tm_mon)], local.tm_mday, local.tm_hour, local.tm_min,
                local.tm_sec);
  return std::string(stamp) + kName + "[" + std::to_string(getpid()) + "]: " + std::string(line);
}

// systemd's native protocol: one NAME=value a line.
std::string journal_datagram(std::string_view line) {
  return "PRIORITY=" + std::to_string(LOG_INFO) + "\nSYSLOG_FACILITY=" + std::to_string(LOG_MAIL >> 3) +
         "\nSYSLOG_IDENTIFIER=" + kName + "\nSYSLOG_PID=" + std::to_string(getpid()) +
         "\nMESSAGE=" + std::string(line) + "\n";
}

bool is_control(char byte) { return (static_cast<unsigned char>(byte) < 0x20 && byte != '\t') || byte == 0x7f; }

}  // namespace

Log Log::to_descriptor(int fd) {
  Log log;
  log.descriptor_ = fd;
  return log;
}

Log Log::for_delivery(const std::string& target, LogSockets sockets) {
  Log log;
  log.sockets_ = std::move(sockets);
  log.system_ = target == "journal" ? System::Journal : System::Syslog;
  if (target.starts_with('/') && log.open_file(AT_FDCWD, target, 077)) log.has_file_ = false;
  return log;
}

Log::~Log() {
  if (!line_.empty()) send(line_);
}

mailbox::Result<void> Log::open_file(int directory, const std::string& path, unsigned umask) {
  const std::string name = path.empty() ? "/dev/null" : path;
  constexpr int flags = O_WRONLY | O_APPEND | O_NONBLOCK | O_NOCTTY;
  auto file = mailbox::open_at(directory, name, flags);
  if (!file && file.error().code == ENOENT) {
    file = mailbox::create_at(directory, name, kFileMode & ~static_cast<mode_t>(umask), O_APPEND);
    if (!file && file.error().code == EEXIST) file = mailbox::open_at(directory, name, flags);  // another was first
  }
  if (!file) return std::unexpected(std::move(file.error()));
  fcntl(file->get(), F_SETFL, O_APPEND);  // O_NONBLOCK was for the opening only
  if (!line_.empty()) send(std::exchange(line_, {}));
  file_ = std::make_shared<mailbox::UniqueFd>(std::move(*file));
  descriptor_ = file_->get();
  has_file_ = true;
  return {};
}

void Log::restore(const Kept& kept) {
  if (!line_.empty()) send(std::exchange(line_, {}));
  file_ = kept.file;
  descriptor_ = kept.descriptor;
  has_file_ = kept.has_file;
}

void Log::write(std::string_view text) {
  if (descriptor_ < 0) {
    line_ += text;
    return send_lines();
  }
  while (!text.empty()) {
    const ssize_t written = ::write(descriptor_, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
}

void Log::send_lines() {
  std::size_t start = 0;
  for (;;) {
    const std::size_t end = line_.find('\n', start);
    if (end == std::string::npos && line_.size() - start <= kLogLineLimit) break;
    const std::size_t size = std::min(end - start, kLogLineLimit);
    if (size > 0) send(std::string_view(line_).substr(start, size));
    start += start + size == end ? size + 1 : size;
  }
  line_.erase(0, start);
}

bool Log::connect_to(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) return false;
  std::memcpy(address.sun_path, path.data(), path.size());
  mailbox::UniqueFd socket(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (!socket) return false;
  setsockopt(socket.get(), SOL_SOCKET, SO_SNDTIMEO, &kSendPatience, sizeof kSendPatience);
  if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) return false;
  socket_ = std::move(socket);
  return true;
}

bool Log::connect() {
  if (socket_) return true;
  if (system_ == System::Journal) {
    if (connect_to(sockets_.journal)) return true;
    system_ = System::Syslog;
  }
  if (system_ == System::Syslog && connect_to(sockets_.syslog)) return true;
  system_ = System::None;  // nobody listens: not asked again
  return false;
}

void Log::send(std::string_view line) {
  if (!connect()) return;
  std::string clean(line);
  std::replace_if(clean.begin(), clean.end(), is_control, '?');
  const std::string datagram = system_ == System::Journal ? journal_datagram(clean) : syslog_datagram(clean);
  [[maybe_unused]] const ssize_t sent = ::send(socket_.get(), datagram.data(), datagram.size(), MSG_NOSIGNAL);
}

}  // namespace filter
