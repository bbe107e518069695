// The program mailstat(1): what a log of procmail's holds, told folder by folder.
// SPDX-License-Identifier: Apache-2.0
#include "filter/compat/mailstat.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <optional>
#include <string_view>
#include <vector>

#include "filter/compat/mailstat_table.h"
#include "filter/exit_code.h"
#include "mailbox/file.h"

namespace filter::compat {
namespace {

constexpr const char* kUsage = "Usage: mailstat [-klmots] [logfile]\n";
constexpr const char* kHelp =
    "\t-k\tkeep logfile intact\n"
    "\t-l\tlong display format\n"
    "\t-m\tmerge any errors into one line\n"
    "\t-o\tuse the old logfile\n"
    "\t-t\tterse display format\n"
    "\t-s\tsilent in case of no mail\n";
constexpr int kMail = 0;
constexpr int kNoMail = 1;
constexpr std::size_t kChunk = 64 * 1024;
constexpr time_t kRecent = 31556952 / 2;  // half a year, in seconds, as ls(1) has it
constexpr mode_t kLogMode = 0600;

struct Options {
  bool keep = false, averages = false, merge = false, old = false, terse = false, silent = false;
  std::string log;  // empty or "-": standard input
  bool from_input() const { return !old && (log.empty() || log == "-"); }
};

enum class Refusal { Short, Long };  // the usage, without and with the options' meaning

std::optional<Refusal> read_letters(std::string_view letters, Options& options) {
  for (const char letter : letters) {
    switch (letter) {
      case 'k':
        options.keep = true;
        break;
      case 'l':
        options.averages = true;
        break;
      case 'm':
        options.merge = true;
        break;
      case 'o':
        options.old = true;
        break;
      case 't':
        options.terse = true;
        break;
      case 's':
        options.silent = true;
        break;
      case 'h':
      case '?':
        return Refusal::Long;
      default:
        return Refusal::Short;
    }
  }
  return std::nullopt;
}

std::optional<Refusal> read_options(std::span<const std::string> words, Options& options) {
  std::size_t next = 0;
  for (; next < words.size() && words[next].size() > 1 && words[next][0] == '-'; ++next) {
    if (words[next] == "--") {
      ++next;
      break;
    }
    if (const auto refused = read_letters(std::string_view(words[next]).substr(1), options)) return refused;
  }
  if (words.size() - next > 1) return Refusal::Long;
  if (next < words.size()) options.log = words[next];
  return std::nullopt;
}

// When the log was last moved away: as ls -l tells it, " Nov 23 10:44" or " Jan 5 2020"; empty: it never was.
std::string since(const std::string& old_log) {
  struct stat about{};
  tm parts{};
  if (lstat(old_log.c_str(), &about) != 0 || localtime_r(&about.st_mtim.tv_sec, &parts) == nullptr) return "";
  const time_t now = time(nullptr), moved = about.st_mtim.tv_sec;
  char text[64];
  const bool recent = now - kRecent < moved && moved <= now;
  if (std::strftime(text, sizeof text, recent ? " %b %-d %H:%M" : " %b %-d %Y", &parts) == 0) return "";
  return text;
}

void say(const std::string& name, const std::string& text) { std::fputs((name + ": " + text + "\n").c_str(), stderr); }

// The log becomes LOG.old. Lines of deliveries that have it open still reach it there.
void move_away(const std::string& name, const std::string& log, const std::string& old_log) {
  if (std::rename(log.c_str(), old_log.c_str()) != 0) {
    return say(name, "cannot move '" + log + "' to '" + old_log + "': " + std::strerror(errno));
  }
  const auto made = mailbox::create_at(AT_FDCWD, log, kLogMode);
  if (!made && made.error().code != EEXIST) say(name, made.error().text);  // EEXIST: a delivery was faster
}

mailbox::Result<void> add_all(int fd, MailSums& sums) {
  std::vector<char> chunk(kChunk);
  for (;;) {
    const ssize_t length = read(fd, chunk.data(), chunk.size());
    if (length == 0) return {};
    if (length < 0 && errno != EINTR) return mailbox::system_failure("cannot read");
    if (length > 0) sums.add({chunk.data(), static_cast<std::size_t>(length)});
  }
}

mailbox::Result<void> add_file(const std::string& path, MailSums& sums) {
  const auto file = mailbox::open_at(AT_FDCWD, path, O_RDONLY | O_NONBLOCK);
  if (!file) return std::unexpected(file.error());
  return add_all(file->get(), sums);
}

int print(const std::string& name, std::string_view text) {
  if (const auto done = mailbox::write_all(STDOUT_FILENO, text); !done) {
    say(name, done.error().text);
    return to_status(ExitCode::IoError);
  }
  return kMail;
}

int no_mail(const std::string& name, const Options& options, const std::string& text) {
  if (!options.silent) print(name, text + "\n");
  return kNoMail;
}

}  // namespace

int mailstat_command(const std::string& name, std::span<const std::string> words) {
  Options options;
  if (const auto refused = read_options(words, options)) {
    std::fputs(kUsage, stderr);
    if (*refused == Refusal::Long) std::fputs(kHelp, stderr);
    return to_status(ExitCode::Usage);
  }
  MailSums sums(options.merge ? MailSums::Errors::Merged : MailSums::Errors::Each);
  mailbox::Result<void> read_all;
  if (options.from_input()) {
    read_all = add_all(STDIN_FILENO, sums);
  } else {
    const std::string old_log = options.log + ".old";
    std::string log = options.old ? old_log : options.log;
    struct stat about{};
    if (stat(log.c_str(), &about) != 0 || !S_ISREG(about.st_mode)) {
      return no_mail(name, options, "Can't find your LOGFILE=" + log);
    }
    if (about.st_size == 0) return no_mail(name, options, "No mail arrived since" + since(old_log));
    if (!options.keep && !options.old) {
      move_away(name, log, old_log);
      log = old_log;
    }
    read_all = add_file(log, sums);
  }
  if (!read_all) say(name, read_all.error().text);
  return print(name, sums.table({.averages = options.averages, .frame = !options.terse}));
}

}  // namespace filter::compat
