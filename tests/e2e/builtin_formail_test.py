# Rules that call formail: no process is started, and nothing else changes.
# SPDX-License-Identifier: Apache-2.0
#
#   python3 tests/e2e/builtin_formail_test.py [SEED [CASES]]      # the same cases by default
#
# Our procmail runs each random case three times: with ours as the PATH's formail (which it runs itself), with a copy of
# it (which is another file, so it starts it), and with the real one. Files, log and exit code must be alike. strace then
# tells that no process is started where none has to be.
import os
import re
import shutil
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "support"))
import random_formail
import twin

SOURCE = os.environ["SLUICE_SOURCE"]
PEERS = os.environ.get("SLUICE_PEERS", os.path.join(SOURCE, "build/peers"))
REAL = os.path.join(PEERS, "procmail/usr/bin/formail")
LIMIT = 120
STRACE = shutil.which("strace")
# What neither procmail nor a shell reads in another way.
PLAIN_WORD = re.compile(r"[A-Za-z0-9:@._+ -]+\Z")
VARIABLE = re.compile(rb"(?m)^procmail: \[\d+\] .*\n|^From .*\n")
RULES = """LOGFILE=log
VERBOSE=yes
DEFAULT=inbox
KEPT=`%(command)s`
STATUS=$?
:0
* ? %(command)s
{ HELD=yes }
:0 f%(flags)s
| %(command)s
:0 Wc
| %(command)s
:0 E
{ FAILED=yes }
LOG="$KEPT/$STATUS/$HELD/$FAILED"
"""


class Ground:
    """A folder with our procmail, and one folder each for the PATH's formail."""

    def __init__(self):
        self.scratch = twin.scratch_folder()
        self.procmail = os.path.join(self.scratch, "procmail")
        shutil.copy(os.path.realpath(os.path.join(os.environ["SLUICE_BIN"], "procmail")), self.procmail)
        os.chmod(self.procmail, 0o755)
        self.paths = {name: self._folder(name) for name in ("none", "ours", "copy", "real")}
        os.symlink(self.procmail, os.path.join(self.paths["ours"], "formail"))
        os.symlink(self.procmail, os.path.join(self.paths["ours"], "lockfile"))
        shutil.copy(self.procmail, os.path.join(self.paths["copy"], "formail"))
        if os.path.exists(REAL):
            shutil.copy(REAL, os.path.join(self.paths["real"], "formail"))
        else:
            del self.paths["real"]

    def _folder(self, name):
        path = os.path.join(self.scratch, name)
        os.mkdir(path)
        return path

    def run(self, which, rules, message, setup=None, before=()):
        """Exit code, log and files of one delivery; the cache among them."""
        home = os.path.join(self.scratch, "home")
        os.mkdir(home)
        os.chown(home, *twin.running_as())
        try:
            for name, content in {"rc": rules, **(setup or {})}.items():
                with open(os.path.join(home, name), "wb") as file:
                    file.write(content)
                os.chown(os.path.join(home, name), *twin.running_as())
            environment = {"PATH": self.paths[which], "TZ": "UTC", "HOME": home,
                           **{name: value for name, value in os.environ.items() if name.endswith("SAN_OPTIONS")}}
            if before:   # the leak checker cannot work under strace
                environment["ASAN_OPTIONS"] = environment.get("ASAN_OPTIONS", "") + ":detect_leaks=0"
            done = subprocess.run([*before, self.procmail, "-m", "PATH=" + self.paths[which], "rc"], input=message, cwd=home,
                                  env=environment, capture_output=True, timeout=LIMIT, umask=0o022, check=False,
                                  **twin.identity())
            return done.returncode, done.stdout, done.stderr, self._files(home)
        finally:
            twin.remove(home)

    def _files(self, home):
        found = {}
        for name in sorted(set(os.listdir(home)) - {"rc"}):
            path = os.path.join(home, name)
            content = open(path, "rb").read()
            content = VARIABLE.sub(b"", random_formail.DATE.sub(b"DATE", content))
            for folder in self.paths.values():
                content = content.replace(folder.encode(), b"PATH")
            found[name] = (oct(os.stat(path).st_mode), content)
        return found


def cases(seed, count):
    """Random cases that rules can ask without a shell."""
    while count > 0:
        what = random_formail.case(seed)
        seed += 1
        if "-s" in what["words"] or not all(PLAIN_WORD.match(word) for word in what["words"]):
            continue
        count -= 1
        yield seed - 1, what


def compare(ground, seed, what):
    command = "formail" + "".join(' "%s"' % word for word in what["words"])
    rules = (RULES % {"command": command, "flags": "hbw"[seed % 3:] + "w"}).encode()
    setup = {} if what["cache"] is None else {"cache": what["cache"]}
    seen = {which: ground.run(which, rules, what["input"], setup) for which in ground.paths if which != "none"}
    if b"Program failure (-" in seen.get("real", (0, 0, 0, {}))[3].get("log", ("", b""))[1]:
        del seen["real"]   # it crashes there
    same = seen["ours"]
    return ["seed %d: %s\n  ours %r\n  %s %r" % (seed, command, same, which, other)
            for which, other in seen.items() if other != same]


STARTS = re.compile(r"(?m)^\d+ +(?:execve|fork|vfork|clone|clone3)\(.*")
NO_PROCESS = b"""DEFAULT=inbox
FROM=`formail -rtzxTo:`
:0 fhw
| formail -I "X-From: $FROM" -A "X-Seen: yes"
:0
* ? formail -x Subject:
{ HAS=subject }
:0 Wh: id.lock
| formail -D 8192 id.cache
:0 w
| lockfile -r0 nothing.lock
"""
MESSAGE = b"From joe@example.org  Thu Jan  1 00:00:00 2015\nFrom: joe@example.org\nSubject: x\nMessage-ID: <1@x>\n\nhello\n"


def started(ground, which, rules):
    """How many programs and processes one delivery starts, itself left out; and what was delivered."""
    trace = [STRACE, "-f", "-qq", "-e", "trace=execve,fork,vfork,clone,clone3", "-o", "trace"]
    files = ground.run(which, rules, MESSAGE, before=trace)[3]
    return len(STARTS.findall(files["trace"][1].decode())) - 1, files


def check_processes(ground):
    complaints = []
    quiet = NO_PROCESS[:NO_PROCESS.index(b":0 w\n")]
    for which in ("ours", "none"):
        count, files = started(ground, which, quiet)
        if count != 0 or b"X-From: joe@example.org\nX-Seen" not in files["inbox"][1] and b"X-Seen" not in files["inbox"][1]:
            complaints.append("%s: %d processes, %r" % (which, count, files))
    for what, which, rules in (("a copy", "copy", quiet), ("a shell", "ours", b":0 fw\n| formail -I A: ; true\n"),
                               ("-s", "ours", b":0 fw\n| formail -s\n")):
        if started(ground, which, b"DEFAULT=inbox\nSHELL=/bin/sh\n" + rules)[0] == 0:
            complaints.append("%s was not started" % what)
    return complaints


def main():
    seed = int(sys.argv[1]) if len(sys.argv) > 1 else 1
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 6 if twin.SANITIZED else 40
    ground = Ground()
    try:
        complaints = check_processes(ground) if STRACE else []
        for number, what in cases(seed, count):
            complaints += compare(ground, number, what)
    finally:
        twin.remove(ground.scratch)
    for text in complaints[:10]:
        print("FAILED " + text)
    print("seed %d, %d cases; the real one: %s; %d complaints" % (seed, count, "real" in ground.paths, len(complaints)))
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
