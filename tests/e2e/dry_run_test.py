# A dry-run acts on nothing: under strace it opens for reading only, starts no process and opens no socket.
# SPDX-License-Identifier: Apache-2.0
#
# The rules are as busy as rules can be: logs, locks, programs, filters, captures, backquotes, folders of each kind, TRAP,
# COMSAT. Whatever the mail and the format. With more mail it may start threads, and --output's file is the only one it
# writes. That `sluice` becomes `sluice-tools` is the one program that is started.
import json
import os
import re
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "support"))
import twin

SLUICE = os.path.join(os.environ["SLUICE_BIN"], "sluice")
RULES = """LOGFILE=$HOME/log
VERBOSE=yes
LOCKFILE=$HOME/global.lock
COMSAT=yes
TRAP="touch trapped"
MAILDIR=$HOME/Mail
NOW=`date`
:0 fw
| sed s/a/b/
:0 c:
mbox
:0 c
maildir/
:0 c
mh/.
:0 c
there
:0 c
/dev/null
:0 Wh: seen.lock
| formail -D 8192 seen
:0
ANSWER=| cat
:0 c
* ? touch touched
! b@example.org
:0 c
| cat >piped
DELIVERED=yes
DROPPRIVS=yes
INCLUDERC=more
"""
MESSAGE = "From y@example.org  Thu Jan  1 00:00:00 1970\nSubject: x%d\n\nbody\n\n"
FORBIDDEN = ("fork", "vfork", "execveat", "socket", "socketpair", "connect", "bind", "sendto", "kill", "truncate", "ftruncate",
             "mkdir", "mkdirat", "link", "linkat", "symlink", "symlinkat", "unlink", "unlinkat", "rename", "renameat", "renameat2",
             "chmod", "fchmod", "fchmodat", "chown", "fchown", "fchownat", "utimensat", "mknod", "mknodat", "creat")


def run(home, words, trace):
    environment = {"HOME": home, "LOGNAME": "anna", "PATH": "/usr/bin:/bin", "ASAN_OPTIONS": "detect_leaks=0"}
    with open(os.path.join(home, "many"), "rb") as mail:
        return subprocess.run(["strace", "-f", "-qq", "-o", trace, SLUICE, "dry-run", "--rules", "rc", *words],
                              cwd=home, env=environment, capture_output=True, timeout=120, stdin=mail)


def deeds(trace, output, threads):
    """Lines of a trace that do more than read; the starts of sluice and of its tools are none."""
    for line in trace.splitlines():
        call = re.search(r"^\d+ +(\w+)\((.*)", line)
        if not call:
            continue
        name, rest = call.groups()
        foreign = name == "execve" and not re.match(r'"[^"]*/sluice(-tools)?"', rest)
        for_writing = name.startswith("open") and re.search(r"O_(WRONLY|RDWR|CREAT|TRUNC|APPEND)", rest)
        own_output = (output and '"%s"' % output in rest) or '"/dev/null"' in rest
        process = name in ("clone", "clone3") and not (threads and "CLONE_THREAD" in rest)
        if name in FORBIDDEN or process or foreign or (for_writing and not own_output):
            yield line


def listing(home):
    return sorted(os.path.join(folder, name) for folder, _, names in os.walk(home) for name in names)


def prepare(home):
    for folder in ("Mail", "Mail/there", "maildir", "maildir/cur", "maildir/new", "maildir/tmp", "mh"):
        os.mkdir(os.path.join(home, folder))
    files = {"rc": RULES, "Mail/more": ":0 c\nincluded\n", "one": MESSAGE % 1, "many": "".join(MESSAGE % i for i in range(300)),
             "maildir/cur/1:2,S": MESSAGE % 1, "maildir/new/2": MESSAGE % 2, "mh/1": MESSAGE % 1, "foreign": "\x7fELF\n\n"}
    for name, text in files.items():
        with open(os.path.join(home, name), "w", encoding="ascii") as file:
            file.write(text)


def decisions_in(said, form):
    """What each message's actions are, by any of the forms."""
    if form == "json":
        return [json.loads(line) for line in said.splitlines()]
    if form == "html":
        return json.loads(re.search(rb'<script id="data" type="application/json">(.*?)</script>', said, re.S).group(1))["messages"]
    # A row begins in the first column, behind the header and before the totals.
    return [{"index": None, "actions": None} for line in said.split(b"\n\n")[0].splitlines()[1:] if not line.startswith(b" ")]


EXPECTED = ["filter", "mbox", "maildir", "mh", "directory", "discard", "capture", "pipe", "mbox", "mbox"]
RUNS = [  # words, --output, whether threads may start, messages, exit code
    (["-j", "1", "one"], None, False, 1, 0), (["one"], None, False, 1, 0), (["-j", "1", "many"], None, False, 300, 0),
    (["-j", "4", "--output", "out", "many"], "out", True, 300, 0), (["-"], None, True, 300, 0), (["--trace", "maildir", "mh/", "one"], None, True, 4, 0),
    (["foreign", "one"], None, True, 1, 2)]


def complaints_about(home, form, words, output, threads, messages, exit_code):
    complaints = []
    trace = os.path.join(home, "trace")
    done = run(home, ["--format", form, *words], trace)
    with open(trace, encoding="utf-8", errors="replace") as file:
        complaints += list(deeds(file.read(), output, threads))
    os.unlink(trace)
    said = done.stdout
    if output:
        with open(os.path.join(home, output), "rb") as file:
            said = file.read()
        os.unlink(os.path.join(home, output))
    if done.returncode != exit_code or (exit_code == 0) != (not done.stderr):
        complaints.append("exit %d, %s" % (done.returncode, done.stderr))
    decisions = decisions_in(said, form)
    if len(decisions) != messages or (messages == 300 and form != "text" and [one["index"] for one in decisions] != list(range(messages))):
        complaints.append("%d decisions" % len(decisions))
    for one in decisions[:1]:
        kinds = EXPECTED if one["actions"] is None else [action["kind"] for action in one["actions"]]
        if kinds != EXPECTED:
            complaints.append("%s, not %s" % (kinds, EXPECTED))
    return ["%s %s: %s" % (form, words, text) for text in complaints]


def main():
    complaints = []
    home = twin.scratch_folder()
    try:
        prepare(home)
        before = listing(home)
        for form in ("json", "text", "html"):
            for words, output, threads, messages, exit_code in RUNS:
                complaints += complaints_about(home, form, words, output, threads, messages, exit_code)
                if listing(home) != before:
                    complaints.append("%s: files were made: %s" % (words, set(listing(home)) - set(before)))
    finally:
        twin.remove(home)
    print("\n".join(complaints + ["%d complaints" % len(complaints)]))
    return 1 if complaints else 0


sys.exit(main())
