// formail run for the rules within the agent: what it reads, prints and keeps is data and descriptors of the run.
// SPDX-License-Identifier: Apache-2.0
#include "filter/compat/builtin.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <string_view>
#include <utility>

#include "filter/child_exec.h"
#include "filter/compat/formail_cache.h"
#include "filter/compat/formail_clock.h"
#include "filter/compat/formail_options.h"
#include "filter/compat/formail_run.h"
#include "mailbox/file.h"

namespace filter::compat {
namespace {

constexpr std::string_view kFormail = "formail";
constexpr mode_t kCacheMode = 0666;
constexpr off_t kLargestCache = 1 << 20;        // beyond it a process has the time that the rules give it
constexpr std::size_t kLargestInput = 64 << 20;  // likewise

// The message in its three pieces.
class Pieces : public ByteSource {
 public:
  explicit Pieces(const mailbox::Outgoing& input)
      : pieces_{input.header, input.body, input.wants_final_newline() ? std::string_view("\n") : std::string_view()} {}
  std::size_t read(std::span<char> room) override {
    std::size_t done = 0;
    for (std::string_view& piece : pieces_) {
      const std::size_t size = std::min(piece.size(), room.size() - done);
      std::copy_n(piece.begin(), size, room.begin() + static_cast<std::ptrdiff_t>(done));
      piece.remove_prefix(size);
      done += size;
    }
    return done;
  }

 private:
  std::array<std::string_view, 3> pieces_;
};

class BuiltinWorld : public FormailWorld {
 public:
  BuiltinWorld(const rules::ProgramCall& call, mailbox::UniqueFd cache)
      : limit_(call.wait ? call.output_limit : 0), input_(call.input), cache_(std::move(cache)) {}
  ByteSource& input() override { return input_; }
  EditClock clock(long index) override { return read_clock(index); }
  void complain(const std::string& text) override { complaints += "formail: " + text + "\n"; }
  mailbox::Result<bool> remember(const DuplicateCache& cache, std::optional<std::string_view> key) override {
    return key && remember_in(cache_.get(), cache.length, *key);
  }
  mailbox::Result<void> open(long) override { return {}; }
  void write(std::string_view bytes) override {
    const std::size_t kept = std::min(bytes.size(), limit_ - output.size());
    output += bytes.substr(0, kept);
    cut = cut || (limit_ > 0 && kept < bytes.size());
  }
  bool close() override { return true; }
  int finish() override { return 0; }

  std::string output;
  bool cut = false;  // there was more
  std::string complaints;

 private:
  std::size_t limit_;
  Pieces input_;
  mailbox::UniqueFd cache_;
};

// The cache, open and locked; nothing where that would take more than a moment, or fail: a process waits, and says so.
std::optional<mailbox::UniqueFd> open_cache(const ChildPlace& place, const std::string& file) {
  struct stat status{};
  const bool there = fstatat(place.directory, file.c_str(), &status, 0) == 0;
  if (!there && errno != ENOENT) return std::nullopt;
  if (there && (!S_ISREG(status.st_mode) || status.st_size > kLargestCache)) return std::nullopt;
  constexpr int kFlags = O_RDWR | O_NOCTTY | O_NONBLOCK;
  auto fd = there ? mailbox::open_at(place.directory, file, kFlags)
                  : mailbox::create_at(place.directory, file, kCacheMode & ~static_cast<mode_t>(place.umask));
  if (!fd) return std::nullopt;
  struct flock whole = {};
  whole.l_type = F_WRLCK;
  whole.l_whence = SEEK_SET;
  if (::fcntl(fd->get(), F_SETLK, &whole) != 0) return std::nullopt;
  return std::move(*fd);
}

// Dates are told in the agent's own time zone, so the program must have been given the same.
bool same_time_zone(const std::vector<std::string>& environment) {
  constexpr std::string_view kName = "TZ=";
  const char* const ours = std::getenv("TZ");
  for (const std::string& entry : environment)
    if (entry.starts_with(kName)) return ours != nullptr && entry.substr(kName.size()) == ours;
  return ours == nullptr;
}

void tell(const ChildPlace& place, const rules::ProgramCall& call, std::string_view text) {
  if (text.empty()) return;
  if (place.errors >= 0) {
    static_cast<void>(mailbox::write_all(place.errors, text));
  } else if (place.error_sink && call.wait) {
    place.error_sink(text.substr(0, kErrorOutputLimit));
  }
}

}  // namespace

OwnBinary::OwnBinary(const std::string& path) { known_ = stat(path.c_str(), &file_) == 0; }

bool OwnBinary::is_meant_by(const ChildPlace& place, const rules::ProgramCall& call) const {
  if (!known_ || call.argv.empty()) return false;
  const std::string& program = call.argv.front();
  struct stat found{};
  for (const std::string& candidate : program_candidates(program, call.environment)) {
    if (fstatat(place.directory, candidate.c_str(), &found, 0) != 0 || !S_ISREG(found.st_mode)) continue;
    if (faccessat(place.directory, candidate.c_str(), X_OK, AT_EACCESS) != 0) continue;
    return mailbox::same_file(found, file_);
  }
  // A file of that name that is no program of the PATH's would be a script for the shell.
  return program.find('/') == std::string::npos && fstatat(place.directory, program.c_str(), &found, 0) != 0;
}

std::optional<rules::ProgramOutcome> run_builtin(const OwnBinary& own, const ChildPlace& place,
                                                 const rules::ProgramCall& call) {
  if (call.argv.empty() || call.output_to_log || (place.stop && place.stop())) return std::nullopt;
  const std::string& program = call.argv.front();
  if (std::string_view(program).substr(program.rfind('/') + 1) != kFormail) return std::nullopt;
  if (call.input.header.size() + call.input.body.size() > kLargestInput) return std::nullopt;
  const auto options = read_formail_options(std::span(call.argv).subspan(1));
  if (!options || options->split || !same_time_zone(call.environment)) return std::nullopt;
  if (!own.is_meant_by(place, call)) return std::nullopt;
  mailbox::UniqueFd cache;
  if (options->cache) {
    auto opened = open_cache(place, options->cache->file);
    if (!opened) return std::nullopt;
    cache = std::move(*opened);
  }
  BuiltinWorld world(call, std::move(cache));
  const int status = run_formail(*options, world);
  tell(place, call, world.complaints);
  rules::ProgramOutcome outcome;
  outcome.started = true;
  outcome.status = call.wait ? status : 0;
  outcome.output = std::move(world.output);
  outcome.output_cut = world.cut;
  return outcome;
}

}  // namespace filter::compat
