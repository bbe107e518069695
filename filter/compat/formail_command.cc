// Puts formail together: options, header by header, body by body, to standard output or to programs.
// SPDX-License-Identifier: Apache-2.0
#include "filter/compat/formail_command.h"

#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <ctime>

#include "filter/compat/formail_body.h"
#include "filter/compat/formail_cache.h"
#include "filter/compat/formail_edit.h"
#include "filter/compat/formail_input.h"
#include "filter/compat/formail_options.h"
#include "filter/compat/formail_programs.h"
#include "filter/exit_code.h"

namespace filter::compat {
namespace {

constexpr std::size_t kOutputBuffer = 64 * 1024;

class StandardInput : public ByteSource {
 public:
  std::size_t read(std::span<char> room) override {
    for (;;) {
      const ssize_t got = ::read(STDIN_FILENO, room.data(), room.size());
      if (got >= 0) return static_cast<std::size_t>(got);
      if (errno != EINTR) return 0;
    }
  }
};

// Counts what a message is made of, and writes it where it goes: to a descriptor, or nowhere.
class Output : public ByteSink {
 public:
  void open(int fd) {
    fd_ = fd;
    size_ = 0;
  }
  void write(std::string_view bytes) override {
    size_ += bytes.size();
    if (fd_ >= 0) print(fd_, bytes);
  }
  // Not counted.
  void print(int fd, std::string_view bytes) {
    if (fd != pending_fd_ || pending_.size() + bytes.size() > kOutputBuffer) flush();
    pending_fd_ = fd;
    pending_ += bytes;
  }
  bool flush();
  unsigned long long size() const { return size_; }

 private:
  int fd_ = -1;
  int pending_fd_ = -1;
  unsigned long long size_ = 0;
  bool failed_ = false;
  std::string pending_;
};

// False: something since the last call could not be written.
bool Output::flush() {
  std::string_view rest = pending_;
  while (!rest.empty() && pending_fd_ >= 0) {
    const ssize_t put = ::write(pending_fd_, rest.data(), rest.size());
    if (put < 0 && errno == EINTR) continue;
    if (put <= 0) {
      failed_ = true;
      break;
    }
    rest.remove_prefix(static_cast<std::size_t>(put));
  }
  pending_.clear();
  return !failed_;
}

void complain(const std::string& text) { std::fputs(("formail: " + text + "\n").c_str(), stderr); }

std::string now_text() {
  const std::time_t now = std::time(nullptr);
  std::tm parts = {};
  char text[64];
  ::localtime_r(&now, &parts);
  return std::string(text, std::strftime(text, sizeof text, "%a %b %e %H:%M:%S %Y", &parts));
}

// Unique on this host as long as its clock does not go back: time to the nanosecond, process, message.
std::string new_message_id(long index) {
  std::timespec now = {};
  ::clock_gettime(CLOCK_REALTIME, &now);
  utsname host = {};
  ::uname(&host);
  return "<" + std::to_string(now.tv_sec) + "." + std::to_string(now.tv_nsec) + "." + std::to_string(::getpid()) + "." +
         std::to_string(index) + "@" + host.nodename + ">";
}

// What Content-Length: says, if it is more than nothing, and printed where -X chooses and a body follows.
std::optional<unsigned long long> promised_length(const EditedHeader& header, const FormailOptions& options) {
  if (!header.length) return std::nullopt;
  if (!options.extract_whole.empty() && options.keep_body && !is_printed(*header.length, options)) return std::nullopt;
  const long length = std::strtol(std::string(header.length->content()).c_str(), nullptr, 10);
  if (length <= 0) return std::nullopt;
  return static_cast<unsigned long long>(length);
}

class Formail {
 public:
  explicit Formail(FormailOptions options) : options_(std::move(options)), window_(input_) {}
  int run();

 private:
  bool may_begin_here(bool from_line_added, bool own_from_line);
  BodyRules body_rules(bool own_from_line) const;
  bool one_message();
  std::optional<bool> look_up(const std::optional<std::string>& key);
  bool is_wanted(const EditedHeader& header);
  bool is_done();
  bool open_output();
  BodyEnd write_message(const EditedHeader& header, const BodyRules& rules, bool blank, bool may_begin);
  void close_output();
  bool prints_body() const { return options_.keep_body || !(options_.reply || options_.extracts()); }
  void fail(int status) {
    if (status_ == 0) status_ = status;
  }

  const FormailOptions options_;
  StandardInput input_;
  Window window_;
  Output output_;
  std::optional<Programs> programs_;
  mailbox::UniqueFd feed_;
  long read_ = 0;     // messages
  long written_ = 0;  // messages
  int status_ = 0;
  bool stopped_ = false;
};

// Not set: the file cannot be opened, which has been said, and ends the run.
std::optional<bool> Formail::look_up(const std::optional<std::string>& key) {
  const auto known = remember(options_.cache->file, options_.cache->length, key);
  if (known) return *known;
  complain(known.error().text);
  fail(to_status(ExitCode::CannotCreate));
  stopped_ = true;
  return std::nullopt;
}

// -D and +skip; without -s, whether the message was known is the exit code.
bool Formail::is_wanted(const EditedHeader& header) {
  bool wanted = read_++ >= options_.skip;
  if (!options_.cache) return wanted;
  const auto known = look_up(header.key);
  if (!known) return false;
  if (*known && !options_.quiet) complain("Duplicate key found:" + header.key.value_or(""));
  if (!options_.split) {
    fail(*known ? 0 : 1);
    return false;
  }
  // A known message counts, and a program is started that gets nothing of it.
  if (wanted && *known && open_output()) close_output();
  return wanted && !*known;
}

// -total. No message at all is something formail cannot write.
bool Formail::is_done() {
  if (!options_.total || written_ < *options_.total) return false;
  if (*options_.total == 0) {
    if (!options_.quiet) complain("Couldn't write to stdout");
    fail(to_status(ExitCode::IoError));
  }
  return true;
}

bool Formail::open_output() {
  const long index = written_++;
  if (!programs_) {
    output_.open(STDOUT_FILENO);
    return true;
  }
  auto feed = programs_->start(index);
  if (!feed) {
    complain(feed.error().text);
    fail(to_status(ExitCode::OsError));
    stopped_ = true;
    return false;
  }
  feed_ = std::move(*feed);
  output_.open(feed_.get());
  return true;
}

void Formail::close_output() {
  if (!output_.flush()) {
    if (!options_.quiet) complain(std::string("Couldn't write to stdout") + (options_.split ? ", continuing..." : ""));
    fail(to_status(ExitCode::IoError));
  }
  feed_.reset();
  if (programs_) programs_->fed();
}

BodyEnd Formail::write_message(const EditedHeader& header, const BodyRules& rules, bool blank, bool may_begin) {
  const int target = programs_ ? feed_.get() : STDOUT_FILENO;
  if (options_.log_folder) output_.open(-1);
  output_.write(print_header(header.fields, options_));
  if (prints_body() || !options_.extracts()) output_.write("\n");
  Output nowhere;
  BodyCopier copier(window_, prints_body() ? static_cast<ByteSink&>(output_) : nowhere, rules);
  const BodyEnd end = copier.copy(blank, may_begin);
  if (options_.log_folder) output_.print(target, log_lines(header) + folder_line(*options_.log_folder, output_.size()));
  return end;
}

BodyRules Formail::body_rules(bool own_from_line) const {
  BodyRules rules;
  rules.scan = {options_.any_line, options_.digest, options_.babyl, options_.min_fields};
  rules.split = options_.split;
  rules.escape = options_.escape;
  rules.own_from_line = own_from_line && options_.add_from_line && !options_.reply;
  rules.quote = options_.reply && options_.keep_body;
  rules.prefix = options_.prefix;
  return rules;
}

// Whether the line that ended the header, and is not empty, may begin a message.
bool Formail::may_begin_here(bool from_line_added, bool own_from_line) {
  if (options_.digest && own_from_line && window_.starts_with(kArticle)) return true;
  const bool plain = !options_.digest && !options_.any_line;
  return window_.starts_with(kFromName) && (options_.extracts() ? own_from_line && plain : from_line_added);
}

// Reads one message and does with it what is asked; false: there is none behind it.
bool Formail::one_message() {
  std::vector<Field> fields = read_header(window_, options_.digest || options_.babyl);
  const bool blank = window_.at_end() || window_.at(0) == '\n';
  if (blank) window_.consume(1);
  for (Field& field : fields) {
    if (options_.tidy) field.space_content();
    if (options_.join_lines) field.join_lines();
  }
  const bool article = options_.digest && !fields.empty() && equal_ignoring_case(fields[0].name(), "Article:");
  const bool own_from_line = !fields.empty() && fields[0].is_from_line();
  const EditedHeader header = edit_header(std::move(fields), options_, {now_text(), new_message_id(read_)});
  BodyRules rules = body_rules(own_from_line);
  if (options_.content_length && !options_.digest && !rules.quote) rules.verbatim = promised_length(header, options_);
  rules.spare_first = !blank && article && !options_.reply;
  const bool may_begin = !blank && may_begin_here(header.from_line_added && !article, own_from_line);
  BodyEnd end;
  const bool wanted = is_wanted(header);
  if (options_.reply && !header.sender_found) fail(to_status(ExitCode::NoUser));
  if (wanted && open_output()) {
    end = write_message(header, rules, blank, may_begin);
    close_output();
  } else if (!stopped_) {
    Output nowhere;
    end = BodyCopier(window_, nowhere, rules).copy(blank, may_begin);
  }
  if (end.missing > 0 && !options_.quiet && (options_.split || (prints_body() && !options_.cache)))
    complain("Content-Length: field exceeds actual length by " + std::to_string(end.missing) + " bytes");
  return end.another && !stopped_;
}

int Formail::run() {
  std::signal(SIGPIPE, SIG_IGN);
  if (!options_.program.empty()) programs_.emplace(options_.program, options_.parallel.value_or(1));
  if (options_.cache && !look_up(std::nullopt)) return status_;
  if (options_.babyl && !skip_babyl_options(window_)) return 0;
  while (window_.at(0) == '\n') window_.consume(1);
  if (options_.split && window_.at_end()) return 0;
  while (!is_done() && one_message()) continue;
  if (programs_) fail(programs_->finish());
  return status_;
}

}  // namespace

int formail_command(const std::string&, std::span<const std::string> words) {
  auto options = read_formail_options(words);
  if (!options) {
    std::fputs(options.error().text.c_str(), stderr);
    return to_status(ExitCode::Usage);
  }
  return Formail(std::move(*options)).run();
}

}  // namespace filter::compat
