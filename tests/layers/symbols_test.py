# The pure rooms touch no file, process, socket or clock: their libraries need no name beyond a short list.
# SPDX-License-Identifier: Apache-2.0
#
# Reads `nm` of libmail.a (the pure part of mailbox) and librules.a in SLUICE_BUILD. What they take from each other is
# theirs; of the rest only memory, text, exceptions, number conversion and PCRE2 are allowed.
import os
import re
import subprocess
import sys

BUILD = os.environ.get("SLUICE_BUILD", os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../build/dev"))
LIBRARIES = ("mailbox/libmail.a", "rules/librules.a")

# Parts of the C++ library that reach out into the world.
WORLD_OF_STD = re.compile(
    r"std::(basic_)?[io]?f(stream|ilebuf)|std::(basic_)?filebuf|std::filesystem|std::(this_)?thread"
    r"|std::condition_variable|std::random_device|std::chrono::.*::now\(|std::(cout|cerr|cin|clog)"
    r"|std::ios_base::Init|std::locale::locale\(char|std::__cxx11::basic_filebuf|std::system\b|std::getenv")
ALLOWED = re.compile(
    r"^(guard variable|typeinfo|vtable|VTT|construction vtable|non-virtual thunk).*"
    r"|^std::|^operator (new|delete)|^__cxa_|^__gxx_personality|^_Unwind_|^__dynamic_cast|^__cxxabiv1"
    r"|^_GLOBAL_OFFSET_TABLE_$|^__dso_handle$|^__tls_get_addr$|^__libc_single_threaded$|^__stack_chk_fail$|^__assert_fail$|^abort$"
    r"|^(__)?(mem|str)[a-z0-9_]*?(_chk)?$|^(malloc|calloc|realloc|free|bcmp|abs)$"
    r"|^(__)?v?snprintf(_chk)?$|^strto(d|l|ul|ll|ull)$|^__ctype_|^(is|to)[a-z]+$|^(floor|ceil|trunc|pow|fmod|modf|isinf|isnan|ldexp)$"
    r"|^pthread_(once|mutex_lock|mutex_unlock)$|^__once_proxy$|^__popcountdi2$"
    r"|^(timegm|gmtime_r)$"       # arithmetic on dates: no clock, no zone file
    r"|^pcre2_[a-z_]+_8$"
    r"|^__(asan|ubsan|sanitizer)_|^__odr_asan")
# Allowed by a pattern above, and yet of the world.
WORLD_OF_C = re.compile(r"^(strftime_l|memfd_create|strsignal)$")


def refused(name):
    """Whether a pure library must not need this name."""
    return bool(WORLD_OF_STD.search(name) or WORLD_OF_C.match(name) or not ALLOWED.match(name))


def names(library, *options):
    listed = subprocess.run(["nm", "--demangle", "--format=posix", *options, library], check=True, text=True,
                            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout
    # "NAME TYPE [VALUE SIZE]", where a demangled NAME may hold blanks.
    return set(re.findall(r"^(.+?) [A-Za-z?](?: [0-9a-f ]*)?$", listed, re.M))


def self_test():
    bad = ["open", "openat", "read", "write", "close", "fork", "execve", "execvp", "posix_spawn", "socket", "connect",
           "time", "clock_gettime", "gettimeofday", "getenv", "getpid", "stat", "unlink", "rename", "system", "localtime_r",
           "std::chrono::_V2::system_clock::now()", "std::filesystem::status(std::filesystem::path const&)", "printf",
           "std::basic_ifstream<char, std::char_traits<char> >::basic_ifstream(char const*)", "std::cout"]
    good = ["memcpy", "strlen", "__memcpy_chk", "operator new(unsigned long)", "std::terminate()", "pcre2_match_8",
            "__asan_report_load1", "__cxa_throw", "strtod"]
    return (["self-test: %s was not refused" % name for name in bad if not refused(name)] +
            ["self-test: %s was refused" % name for name in good if refused(name)])


def main():
    libraries = [os.path.join(BUILD, library) for library in LIBRARIES]
    absent = [library for library in libraries if not os.path.exists(library)]
    if absent:
        print("not built: " + ", ".join(absent))
        return 1
    own = set().union(*(names(library, "--defined-only") for library in libraries))
    complaints = self_test()
    for library in libraries:
        for name in sorted(names(library, "--undefined-only") - own):
            if refused(name):
                complaints.append("%s needs %s" % (os.path.basename(library), name))
    print("\n".join(complaints + ["%d complaints" % len(complaints)]))
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
