// Runs the rules' programs: feeds one the message, collects what it prints, and ends it when its time is up.
// SPDX-License-Identifier: Apache-2.0
#include "filter/child.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <ctime>
#include <memory>
#include <optional>
#include <string>

#include "filter/child_exec.h"
#include "mailbox/file.h"

namespace filter {
namespace {

using mailbox::UniqueFd;
using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;
using Purpose = rules::ProgramCall::Purpose;

constexpr std::size_t kReadSize = 64u << 10;
constexpr milliseconds kBlindPause{10};  // between looks at what cannot be polled for
constexpr milliseconds kLongestPoll{60000};
constexpr int kFirstOther = 3;  // descriptors below are the program's own

// Signals that ask us to stop arrive only while we wait, so that none is missed between a look and the wait; and none
// reaches the new process before it is ready to die of it. A broken pipe is an error code here, whatever the process
// has decided about SIGPIPE.
class SignalHold {
 public:
  SignalHold() {
    sigset_t held;
    sigemptyset(&held);
    for (const int number : {SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGPIPE}) sigaddset(&held, number);
    pthread_sigmask(SIG_BLOCK, &held, &before_);
    waiting_ = before_;
    sigaddset(&waiting_, SIGPIPE);
  }
  SignalHold(const SignalHold&) = delete;
  SignalHold& operator=(const SignalHold&) = delete;
  ~SignalHold() {
    if (broken_pipe_) {
      sigset_t pipe_only;
      sigemptyset(&pipe_only);
      sigaddset(&pipe_only, SIGPIPE);
      const timespec at_once{};
      sigtimedwait(&pipe_only, nullptr, &at_once);
    }
    pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }
  const sigset_t* waiting() const { return &waiting_; }
  void saw_broken_pipe() { broken_pipe_ = true; }

 private:
  sigset_t before_{};
  sigset_t waiting_{};
  bool broken_pipe_ = false;
};

// A descriptor that does not lie where the program's own three will.
UniqueFd above_stdio(int fd) {
  if (fd < 0 || fd >= kFirstOther) return UniqueFd(fd);
  UniqueFd low(fd);
  return UniqueFd(fcntl(fd, F_DUPFD_CLOEXEC, kFirstOther));
}

UniqueFd copy_above_stdio(int fd) { return UniqueFd(fcntl(fd, F_DUPFD_CLOEXEC, kFirstOther)); }

struct Pipe {
  UniqueFd read;
  UniqueFd write;
  bool open() {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) return false;
    read = above_stdio(ends[0]);
    write = above_stdio(ends[1]);
    return read.get() >= 0 && write.get() >= 0;
  }
};

void never_block(const UniqueFd& fd) { fcntl(fd.get(), F_SETFL, fcntl(fd.get(), F_GETFL) | O_NONBLOCK); }

bool is_own_name(std::string_view program) {
  return program == "formail" || program == "lockfile" || program == "mailstat";
}

int exit_status(int status) { return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status); }

// One program from its start to its end.
class Session {
 public:
  Session(const ChildPlace& place, const rules::ProgramCall& call);
  rules::ProgramOutcome run();
  // The process that is still to be reaped when run() has returned, or 0.
  pid_t left() const { return pid_; }

 private:
  enum class Phase { Running, Terminating, Killing, GivenUp };

  bool prepare_output();
  bool start();
  bool fork_and_exec();
  bool finished() const;
  void wait_for_events();
  void feed();
  void collect();
  void listen();
  void look_for_exit();
  void mind_the_time();
  void terminate();
  void end_group();
  void finish();
  milliseconds poll_time() const;

  const ChildPlace& place_;
  const rules::ProgramCall& call_;
  SignalHold signals_;
  std::array<std::string_view, 3> pending_;  // of the input, in order
  UniqueFd input_;
  UniqueFd output_;
  UniqueFd errors_;
  UniqueFd program_input_, program_output_, program_errors_;  // the program's ends
  UniqueFd ended_;  // a pidfd, readable when the program has ended; closed where the kernel has none
  pid_t pid_ = 0;
  bool exited_ = false;
  Phase phase_ = Phase::Running;
  std::optional<Clock::time_point> deadline_;
  std::size_t dropped_ = 0;
  std::size_t complained_ = 0;
  std::unique_ptr<char[]> buffer_;
  rules::ProgramOutcome outcome_;
};

Session::Session(const ChildPlace& place, const rules::ProgramCall& call) : place_(place), call_(call) {
  const auto& in = call.input;
  pending_ = {in.header, in.body, in.wants_final_newline() ? std::string_view("\n") : std::string_view()};
  if (call.timeout.count() > 0) deadline_ = Clock::now() + call.timeout;
}

// Where the program's standard output and error go. False: the system has no descriptor or no /dev/null.
bool Session::prepare_output() {
  if (place_.errors >= 0) {
    program_errors_ = copy_above_stdio(place_.errors);
  } else if (place_.error_sink && call_.wait) {
    Pipe pipe;
    if (!pipe.open()) return false;
    errors_ = std::move(pipe.read);
    never_block(errors_);
    program_errors_ = std::move(pipe.write);
  } else {
    program_errors_ = above_stdio(::open("/dev/null", O_RDWR | O_CLOEXEC));
  }
  if (call_.output_to_log) {
    program_output_ = copy_above_stdio(program_errors_.get());
  } else if (call_.output_limit > 0 && call_.wait) {
    Pipe pipe;
    if (!pipe.open()) return false;
    output_ = std::move(pipe.read);
    never_block(output_);
    program_output_ = std::move(pipe.write);
  } else {
    program_output_ = above_stdio(::open("/dev/null", O_RDWR | O_CLOEXEC));
  }
  return program_errors_.get() >= 0 && program_output_.get() >= 0;
}

bool Session::start() {
  Pipe pipe;
  if (call_.argv.empty() || !prepare_output() || !pipe.open()) return false;
  input_ = std::move(pipe.write);
  never_block(input_);
  program_input_ = std::move(pipe.read);
  feed();  // before there is a program that could close its end: what fits is taken, always
  const bool running = fork_and_exec();
  program_input_.reset();
  program_output_.reset();
  program_errors_.reset();
  return running;
}

// True when exec has succeeded. The report's pipe closes then; otherwise errno comes through it.
bool Session::fork_and_exec() {
  Pipe report;
  if (!report.open()) return false;
  const ExecPlan plan(call_.argv, call_.environment, is_own_name(call_.argv.front()) ? place_.own_binary : "");
  const ExecStand stand{program_input_.get(), program_output_.get(), program_errors_.get(),
                        place_.directory,     place_.umask,          report.write.get()};
  pid_ = fork();
  if (pid_ < 0) {
    pid_ = 0;
    return false;
  }
  if (pid_ == 0) plan.execute(stand);
  setpgid(pid_, pid_);  // here as well as there: whoever comes first, the group exists when we need it
  report.write.reset();
  int reason = 0;
  ssize_t got = 0;
  do {
    got = read(report.read.get(), &reason, sizeof reason);
  } while (got < 0 && errno == EINTR);
  if (got == 0) return true;
  while (waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
  }
  pid_ = 0;
  return false;
}

rules::ProgramOutcome Session::run() {
  if (!start()) return outcome_;
  outcome_.started = true;
  buffer_ = std::make_unique_for_overwrite<char[]>(kReadSize);
  ended_ = above_stdio(static_cast<int>(syscall(SYS_pidfd_open, pid_, 0)));
  while (!finished()) {
    wait_for_events();
    if (input_) feed();
    if (output_) collect();
    if (errors_) listen();
    look_for_exit();
    mind_the_time();
  }
  finish();
  return std::move(outcome_);
}

bool Session::finished() const {
  if (phase_ == Phase::GivenUp) return true;
  if (phase_ != Phase::Running) return exited_;
  if (!call_.wait) return !input_;
  return exited_ && !input_ && !output_;
}

milliseconds Session::poll_time() const {
  milliseconds time = kLongestPoll;
  if (!ended_) time = kBlindPause;
  if (!deadline_) return time;
  const auto left = std::chrono::ceil<milliseconds>(*deadline_ - Clock::now());
  return std::clamp(left, milliseconds(0), time);
}

void Session::wait_for_events() {
  std::array<pollfd, 4> watched{};
  nfds_t count = 0;
  if (input_) watched[count++] = {input_.get(), POLLOUT, 0};
  if (output_) watched[count++] = {output_.get(), POLLIN, 0};
  if (errors_) watched[count++] = {errors_.get(), POLLIN, 0};
  if (ended_ && !exited_) watched[count++] = {ended_.get(), POLLIN, 0};
  const auto time = poll_time().count();
  const timespec limit{static_cast<std::time_t>(time / 1000), static_cast<long>(time % 1000) * 1000000};
  ppoll(watched.data(), count, &limit, signals_.waiting());
}

// Writes what the pipe takes now, and closes it behind the last byte, or when nobody will ever read it.
void Session::feed() {
  while (std::any_of(pending_.begin(), pending_.end(), [](std::string_view piece) { return !piece.empty(); })) {
    std::array<iovec, 3> pieces{};
    for (std::size_t i = 0; i < pieces.size(); ++i) {
      pieces[i] = {const_cast<char*>(pending_[i].data()), pending_[i].size()};  // writev only reads
    }
    const ssize_t written = writev(input_.get(), pieces.data(), static_cast<int>(pieces.size()));
    if (written < 0 && errno == EINTR) continue;
    if (written < 0 && errno == EAGAIN) return;
    if (written < 0) {
      if (errno == EPIPE) signals_.saw_broken_pipe();
      outcome_.input_taken = false;
      break;
    }
    auto rest = static_cast<std::size_t>(written);
    for (std::string_view& piece : pending_) {
      const std::size_t gone = std::min(rest, piece.size());
      piece.remove_prefix(gone);
      rest -= gone;
    }
  }
  input_.reset();
}

void Session::collect() {
  const ssize_t got = read(output_.get(), buffer_.get(), kReadSize);
  if (got < 0 && (errno == EINTR || errno == EAGAIN)) return;
  if (got <= 0) return output_.reset();
  const auto size = static_cast<std::size_t>(got);
  const std::size_t kept = std::min(size, call_.output_limit - outcome_.output.size());
  outcome_.output.append(buffer_.get(), kept);
  if (kept == size) return;
  // The program may go on with its work, so the rest is read and dropped; within reason.
  outcome_.output_cut = true;
  dropped_ += size - kept;
  if (dropped_ > kOutputDrainLimit) output_.reset();
}

void Session::listen() {
  const ssize_t got = read(errors_.get(), buffer_.get(), kReadSize);
  if (got < 0 && (errno == EINTR || errno == EAGAIN)) return;
  if (got <= 0) return errors_.reset();
  const std::size_t told = std::min(static_cast<std::size_t>(got), kErrorOutputLimit - complained_);
  complained_ += told;
  if (told > 0) place_.error_sink(std::string_view(buffer_.get(), told));
}

// Looks without reaping: as long as the process is a zombie, its group's number belongs to nobody else.
void Session::look_for_exit() {
  if (exited_) return;
  siginfo_t info{};
  if (waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOHANG | WNOWAIT) == 0) exited_ = info.si_pid == pid_;
}

void Session::mind_the_time() {
  if (finished()) return;
  if (phase_ == Phase::Running && place_.stop && place_.stop()) return terminate();
  if (!deadline_ || Clock::now() < *deadline_) return;
  switch (phase_) {
    case Phase::Running:
      outcome_.timed_out = true;
      return terminate();
    case Phase::Terminating:
      kill(-pid_, SIGKILL);
      deadline_ = Clock::now() + place_.kill_grace;
      phase_ = Phase::Killing;
      return;
    case Phase::Killing:  // it hangs in the kernel: let it be
      phase_ = Phase::GivenUp;
      return;
    case Phase::GivenUp:
      return;
  }
}

void Session::terminate() {
  kill(-pid_, SIGTERM);
  kill(-pid_, SIGCONT);  // a stopped process would hear the first only when it goes on
  deadline_ = Clock::now() + place_.kill_grace;
  phase_ = Phase::Terminating;
}

// What the program left behind in its group was told to end when it was, and has the same time for it.
void Session::end_group() {
  const timespec pause{0, std::chrono::nanoseconds(kBlindPause).count()};
  while (phase_ == Phase::Terminating && Clock::now() < *deadline_) {
    if (kill(-pid_, 0) != 0 && errno == ESRCH) return;
    nanosleep(&pause, nullptr);
  }
  kill(-pid_, SIGKILL);
}

void Session::finish() {
  if (input_) outcome_.input_taken = false;  // its time was up first
  if (call_.ignore_write_errors || call_.purpose == Purpose::Condition || call_.purpose == Purpose::Backquote ||
      call_.purpose == Purpose::Trap) {
    outcome_.input_taken = true;
  }
  while (errors_ && complained_ < kErrorOutputLimit) {
    const std::size_t before = complained_;
    listen();
    if (complained_ == before) break;
  }
  if (phase_ == Phase::GivenUp) {
    outcome_.status = -SIGKILL;
    return;
  }
  if (!exited_ && !call_.wait && phase_ == Phase::Running) return;
  int status = 0;
  pid_t reaped = 0;
  do {
    reaped = waitpid(pid_, &status, 0);
  } while (reaped < 0 && errno == EINTR);
  if (call_.wait || phase_ != Phase::Running) outcome_.status = exit_status(status);
  if (phase_ != Phase::Running) end_group();
  pid_ = 0;
}

}  // namespace

rules::ProgramOutcome Children::run(const ChildPlace& place, const rules::ProgramCall& call) {
  reap();
  Session session(place, call);
  rules::ProgramOutcome outcome = session.run();
  if (session.left() > 0) unwaited_.push_back(session.left());
  return outcome;
}

void Children::reap() {
  std::erase_if(unwaited_, [](pid_t pid) { return waitpid(pid, nullptr, WNOHANG) != 0; });
}

}  // namespace filter
