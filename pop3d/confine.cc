// What a process that talks to strangers gives up before it does.
// SPDX-License-Identifier: Apache-2.0
#include "pop3d/confine.h"

#include <fcntl.h>
#include <grp.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/landlock.h>
#include <linux/seccomp.h>
#include <pwd.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <string>
#include <vector>

#include "mailbox/file.h"

namespace pop3d {
namespace {

using mailbox::ErrorKind;
using mailbox::failure;
using mailbox::Result;
using mailbox::system_failure;
using mailbox::UniqueFd;

constexpr uid_t kNobody = 65534;
constexpr const char* kUser = "sluice-pop3d";

// Whether a confinement is there; an error where it is and could not be had.
using Confined = Result<bool>;

// The call does not exist, or a container forbids it.
bool is_not_offered() { return errno == ENOSYS || errno == EOPNOTSUPP || errno == EPERM; }

// A directory without a name: nothing is in it, and nothing can be made there.
Confined enter_nowhere() {
  std::string path = "/tmp/sluice-pop3d.XXXXXX";
  if (::mkdtemp(path.data()) == nullptr) return false;
  const bool inside = ::chdir(path.c_str()) == 0;
  if (::rmdir(path.c_str()) != 0 || !inside) return system_failure("cannot enter an empty root directory");
  if (::chroot(".") == 0) return true;
  return is_not_offered() ? Confined(false) : system_failure("cannot enter an empty root directory");
}

Confined drop_root() {
  const auto* entry = ::getpwnam(kUser);
  const uid_t uid = entry != nullptr ? entry->pw_uid : kNobody;
  const gid_t gid = entry != nullptr ? entry->pw_gid : kNobody;
  if (uid == 0) return failure(ErrorKind::Permanent, std::string(kUser) + " must not be root");
  auto nowhere = enter_nowhere();
  if (!nowhere) return nowhere;
  if (::setgroups(0, nullptr) != 0 || ::setresgid(gid, gid, gid) != 0 || ::setresuid(uid, uid, uid) != 0)
    return system_failure("cannot give up root");
  if (::setuid(0) == 0) return failure(ErrorKind::Permanent, "root could be taken back");
  return nowhere;
}

// No path leads anywhere.
Confined forbid_files() {
  landlock_ruleset_attr rules{};
  rules.handled_access_fs = (LANDLOCK_ACCESS_FS_MAKE_SYM << 1) - 1;  // all of the first version
  const UniqueFd fd(static_cast<int>(::syscall(SYS_landlock_create_ruleset, &rules, sizeof rules, 0)));
  if (fd && ::syscall(SYS_landlock_restrict_self, fd.get(), 0) == 0) return true;
  return is_not_offered() ? Confined(false) : system_failure("cannot use Landlock");
}

#if defined(__SANITIZE_ADDRESS__)
Confined filter_calls() { return false; }
#else

#if defined(__x86_64__)
constexpr unsigned kArchitecture = AUDIT_ARCH_X86_64;
#elif defined(__aarch64__)
constexpr unsigned kArchitecture = AUDIT_ARCH_AARCH64;
#else
#error "pop3d/confine.cc: name this architecture's AUDIT_ARCH"
#endif

// What a front does once it runs: sockets that it holds, memory, time.
constexpr int kCalls[] = {
    SYS_read,          SYS_write,        SYS_readv,        SYS_writev,      SYS_pread64,      SYS_recvfrom,
    SYS_sendto,        SYS_recvmsg,      SYS_sendmsg,      SYS_accept4,     SYS_socketpair,   SYS_shutdown,
    SYS_setsockopt,    SYS_getsockopt,   SYS_getsockname,  SYS_getpeername, SYS_close,        SYS_fcntl,
    SYS_fstat,         SYS_newfstatat,   SYS_lseek,        SYS_epoll_ctl,   SYS_epoll_pwait,  SYS_epoll_create1,
    SYS_memfd_create,  SYS_munmap,       SYS_mremap,       SYS_madvise,     SYS_brk,          SYS_futex,
    SYS_clock_gettime, SYS_clock_getres, SYS_gettimeofday, SYS_getrandom,   SYS_getpid,       SYS_gettid,
    SYS_getuid,        SYS_geteuid,      SYS_getgid,       SYS_getegid,     SYS_rt_sigaction, SYS_rt_sigprocmask,
    SYS_rt_sigreturn,  SYS_sigaltstack,  SYS_sched_yield,  SYS_exit,        SYS_exit_group,   SYS_restart_syscall,
    SYS_tgkill,        SYS_ppoll,
#if defined(__x86_64__)
    SYS_epoll_wait,    SYS_poll,         SYS_time,
#endif
};
// Allowed for memory that is not to be executed.
constexpr int kMemoryCalls[] = {SYS_mmap, SYS_mprotect};

sock_filter load(std::size_t offset) { return BPF_STMT(BPF_LD | BPF_W | BPF_ABS, static_cast<unsigned>(offset)); }
sock_filter answer(unsigned action) { return BPF_STMT(BPF_RET | BPF_K, action); }

// Anything else fails with EPERM, so that a bug is a refused call and not ten thousand lost sessions.
std::vector<sock_filter> call_filter() {
  constexpr auto kNumber = offsetof(seccomp_data, nr);
  constexpr auto kProtection = offsetof(seccomp_data, args) + 2 * sizeof(std::uint64_t);  // little-endian: low half
  std::vector<sock_filter> filter{load(offsetof(seccomp_data, arch)),
                                  BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, kArchitecture, 1, 0),
                                  answer(SECCOMP_RET_KILL_PROCESS), load(kNumber)};
  for (const int call : kCalls) {
    filter.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, static_cast<unsigned>(call), 0, 1));
    filter.push_back(answer(SECCOMP_RET_ALLOW));
  }
  for (const int call : kMemoryCalls) {
    filter.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, static_cast<unsigned>(call), 0, 4));
    filter.push_back(load(kProtection));
    filter.push_back(BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, PROT_EXEC, 1, 0));
    filter.push_back(answer(SECCOMP_RET_ALLOW));
    filter.push_back(answer(SECCOMP_RET_ERRNO | EPERM));
  }
  filter.push_back(answer(SECCOMP_RET_ERRNO | EPERM));
  return filter;
}

Confined filter_calls() {
  auto filter = call_filter();
  const sock_fprog program{static_cast<unsigned short>(filter.size()), filter.data()};
  if (::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0) return true;
  return errno == EINVAL || is_not_offered() ? Confined(false) : system_failure("cannot filter system calls");
}
#endif

}  // namespace

std::size_t raise_descriptor_limit(std::size_t wanted) {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return 0;
  rlimit higher{std::max<rlim_t>(limit.rlim_cur, wanted), std::max<rlim_t>(limit.rlim_max, wanted)};
  if (::setrlimit(RLIMIT_NOFILE, &higher) == 0) return higher.rlim_cur;
  higher = {std::max(limit.rlim_cur, std::min<rlim_t>(limit.rlim_max, wanted)), limit.rlim_max};
  return ::setrlimit(RLIMIT_NOFILE, &higher) == 0 ? higher.rlim_cur : limit.rlim_cur;
}

void hide_memory() {
  const rlimit none{0, 0};
  ::setrlimit(RLIMIT_CORE, &none);
  ::prctl(PR_SET_DUMPABLE, 0);
}

Result<std::vector<std::string>> confine_front() {
  std::vector<std::string> missing;
  std::string broken;
  const auto confine = [&](const char* name, const Confined& done) {
    if (!done && broken.empty()) broken = done.error().text;
    if (done && !*done) missing.emplace_back(name);
  };
  if (::geteuid() == 0) confine("chroot", drop_root());
  hide_memory();
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return system_failure("cannot give up new privileges");
  confine("landlock", forbid_files());
  confine("seccomp", filter_calls());
  if (!broken.empty()) return failure(ErrorKind::Temporary, broken);
  return missing;
}

}  // namespace pop3d
