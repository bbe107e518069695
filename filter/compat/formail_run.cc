// Puts formail together: options, header by header, body by body.
// SPDX-License-Identifier: Apache-2.0
#include "filter/compat/formail_run.h"

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "filter/compat/formail_body.h"
#include "filter/exit_code.h"

namespace filter::compat {
namespace {

// Counts what a message is made of, and hands it on.
class CountingSink : public ByteSink {
 public:
  explicit CountingSink(FormailWorld* target) : target_(target) {}
  void write(std::string_view bytes) override {
    size_ += bytes.size();
    if (target_ != nullptr) target_->write(bytes);
  }
  unsigned long long size() const { return size_; }

 private:
  FormailWorld* target_;  // null: nowhere
  unsigned long long size_ = 0;
};

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
  Formail(const FormailOptions& options, FormailWorld& world)
      : options_(options), world_(world), window_(world.input()) {}
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

  const FormailOptions& options_;
  FormailWorld& world_;
  Window window_;
  long read_ = 0;     // messages
  long written_ = 0;  // messages
  int status_ = 0;
  bool stopped_ = false;
};

// Not set: the file cannot be opened, which has been said, and ends the run.
std::optional<bool> Formail::look_up(const std::optional<std::string>& key) {
  const auto known = world_.remember(*options_.cache, key);
  if (known) return *known;
  world_.complain(known.error().text);
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
  if (*known && !options_.quiet) world_.complain("Duplicate key found:" + header.key.value_or(""));
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
    if (!options_.quiet) world_.complain("Couldn't write to stdout");
    fail(to_status(ExitCode::IoError));
  }
  return true;
}

bool Formail::open_output() {
  const auto opened = world_.open(written_++);
  if (opened) return true;
  world_.complain(opened.error().text);
  fail(to_status(ExitCode::OsError));
  stopped_ = true;
  return false;
}

void Formail::close_output() {
  if (world_.close()) return;
  if (!options_.quiet) world_.complain(std::string("Couldn't write to stdout") + (options_.split ? ", continuing..." : ""));
  fail(to_status(ExitCode::IoError));
}

BodyEnd Formail::write_message(const EditedHeader& header, const BodyRules& rules, bool blank, bool may_begin) {
  CountingSink message(options_.log_folder ? nullptr : &world_), nowhere(nullptr);
  message.write(print_header(header.fields, options_));
  if (prints_body() || !options_.extracts()) message.write("\n");
  BodyCopier copier(window_, prints_body() ? message : nowhere, rules);
  const BodyEnd end = copier.copy(blank, may_begin);
  if (options_.log_folder) world_.write(log_lines(header) + folder_line(*options_.log_folder, message.size()));
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
  const EditedHeader header = edit_header(std::move(fields), options_, world_.clock(read_));
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
    CountingSink nowhere(nullptr);
    end = BodyCopier(window_, nowhere, rules).copy(blank, may_begin);
  }
  if (end.missing > 0 && !options_.quiet && (options_.split || (prints_body() && !options_.cache)))
    world_.complain("Content-Length: field exceeds actual length by " + std::to_string(end.missing) + " bytes");
  return end.another && !stopped_;
}

int Formail::run() {
  if (options_.cache && !look_up(std::nullopt)) return status_;
  if (options_.babyl && !skip_babyl_options(window_)) return 0;
  while (window_.at(0) == '\n') window_.consume(1);
  if (options_.split && window_.at_end()) return 0;
  while (!is_done() && one_message()) continue;
  fail(world_.finish());
  return status_;
}

}  // namespace

int run_formail(const FormailOptions& options, FormailWorld& world) { return Formail(options, world).run(); }

}  // namespace filter::compat
