# lockfile and mailstat side by side with Debian's: command lines, random and not, logs of hostile bytes, races, signals.
# SPDX-License-Identifier: Apache-2.0
#
#   python3 tests/e2e/lockfile_mailstat_test.py [SEED [CASES]]      # the same cases by default
#
# Both programs get twin folders; exit status, output and every file must be alike. Without the real programs (tests/run
# unpacks them into build/peers) only ours is tried. As root the tests have a /var/mail of their own, for -ml and -mu.
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "support"))
import twin

SPOOL = "/var/mail"
LIMIT = 120    # seconds for one run, on however busy a machine
LONG_AGO = 100000
# The real lockfile undoes twice what a wrong value follows, and then says so; it cannot do without privileges.
UNDONE_TWICE = re.compile(rb"lockfile: Can't unlock \"[^\"]*\" again,\n already dropped my privileges\n")
# What mailstat's helpers say about files that are not there is theirs.
HELPERS = re.compile(rb"(?m)^(?:ls|mv|sed|awk|[^\n]*/mailstat: \d+): [^\n]*\n")
VERSION = re.compile(rb"lockfile v3\.23pre .*?\n(?=\nYour system|$)", re.S)


class Sides:
    """Copies of our program and the real one that anybody can start, and folders for both."""

    def __init__(self):
        self.scratch = twin.scratch_folder()
        source = os.environ.get("SLUICE_SOURCE", os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
        ours = os.environ.get("SLUICE_BIN", os.path.join(source, "build/dev/bin"))
        real = os.path.join(os.environ.get("SLUICE_PEERS", os.path.join(source, "build/peers")), "procmail/usr/bin")
        self.bins = {"ours": self._copy("ours", ours)}
        if os.path.exists(os.path.join(real, "lockfile")):
            self.bins["real"] = self._copy("real", real)
        self.preload = None
        if "real" in self.bins:
            library = os.path.join(self.scratch, "short_sleeps.so")
            made = subprocess.run(["cc", "-shared", "-fPIC", "-O1", "-o", library,
                                   os.path.join(source, "tests/support/short_sleeps.c")], check=False)
            self.preload = library if made.returncode == 0 else None

    def _copy(self, side, folder):
        place = os.path.join(self.scratch, side)
        os.makedirs(place)
        for name in ("lockfile", "mailstat"):
            shutil.copyfile(os.path.join(folder, name), os.path.join(place, name))
            os.chmod(os.path.join(place, name), 0o755)
        return place

    def environment(self, side):
        given = {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}
        given.update({name: value for name, value in os.environ.items() if name.endswith("SAN_OPTIONS")})
        if side == "real" and self.preload:
            given["LD_PRELOAD"] = self.preload
        return given

    def start(self, side, words, folder, **more):
        command = [os.path.join(self.bins[side], words[0]), *words[1:]]
        return subprocess.Popen(command, cwd=folder, env=self.environment(side), stdin=subprocess.PIPE,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, **{"umask": 0o022, **twin.identity(), **more})

    def folder(self):
        folder = tempfile.mkdtemp(prefix="home-", dir=self.scratch)
        os.chown(folder, *twin.running_as())
        return folder

    def observe(self, side, words, setup, text=b"", **more):
        """Runs words in a fresh folder that setup(folder) fills; what could be seen afterwards."""
        folder = self.folder()
        try:
            empty_spool()
            setup(folder)
            process = self.start(side, words, folder, **more)
            try:
                out, err = process.communicate(text, timeout=LIMIT)
            except subprocess.TimeoutExpired:
                process.kill()
                out, err = process.communicate()
                err += b"still running"
            return [process.returncode, out, plain(err), tree(folder), tree(SPOOL) if own_spool() else None]
        finally:
            twin.remove(folder)

    def compare(self, words, setup=lambda folder: None, text=b"", **more):
        """The difference between the two, as text; None where there is none, or no real one."""
        seen = {side: self.observe(side, words, setup, text, **more) for side in self.bins}
        if "real" not in seen or seen["ours"] == seen["real"]:
            return None
        return "%r\n  ours %r\n  real %r" % (words, seen["ours"], seen["real"])


def plain(err):
    return HELPERS.sub(b"", UNDONE_TWICE.sub(b"", VERSION.sub(b"VERSION\n", err)))


def own_spool():
    return os.environ.get("SLUICE_OWN_SPOOL") == "yes"


def empty_spool():
    if own_spool():
        for name in os.listdir(SPOOL):
            os.unlink(os.path.join(SPOOL, name))


def tree(top):
    """Names, kinds, modes and contents of all below a folder."""
    found = {}
    for folder, folders, files in os.walk(top):
        for name in folders + files:
            path = os.path.join(folder, name)
            about = os.lstat(path)
            with open(path, "rb") if os.path.isfile(path) else open(os.devnull, "rb") as file:
                found[os.path.relpath(path, top)] = (oct(about.st_mode), file.read(1 << 20))
    return found


def put(folder, name, content=b"0", old=0, owner=None, then=None):
    """A file that is `old` seconds old, or of the time `then`."""
    path = os.path.join(folder, name)
    with open(path, "wb") as file:
        file.write(content)
    os.chown(path, *(owner or twin.running_as()))
    then = time.time() - old if then is None else then
    os.utime(path, (then, then))


def have_own_spool():
    """Starts this script again where /var/mail is a folder of its own."""
    if os.geteuid() != 0 or "SLUICE_OWN_SPOOL" in os.environ:
        return
    space = ["unshare", "--mount", "--propagation", "private"]
    if subprocess.run([*space, "true"], stderr=subprocess.DEVNULL, check=False).returncode != 0:
        return   # a chroot, say, may have no mounts of its own
    spool = tempfile.mkdtemp(prefix="sluice-spool-")
    os.chmod(spool, 0o777)
    script = 'mount --bind "$0" %s && export SLUICE_OWN_SPOOL=yes; SLUICE_OWN_SPOOL=${SLUICE_OWN_SPOOL:-no} "$@"' % SPOOL
    done = subprocess.run([*space, "sh", "-c", script, spool, sys.executable, "-B", *sys.argv], check=False)
    shutil.rmtree(spool, ignore_errors=True)
    sys.exit(done.returncode)


# --- lockfile

FIXED = [
    [], ["a"], ["a", "b", "c"], ["-h"], ["-?"], ["-x"], ["-"], ["--"], ["-v"], ["a", "-v"], ["-ml", "-v"], ["a", "-h"],
    ["-!", "a"], ["-r0", "a", "busy"], ["-!r0", "busy"], ["-!!r0", "busy"], ["-0", "-r3", "busy"], ["-r0", "a", "a"],
    ["-r", "busy"], ["-r"], ["a", "-l"], ["-s", "-1", "a"], ["-r", "x", "a"], ["-r", "0r", "b"], ["-r", "0h"], ["-r0h"],
    ["-r0", "none/a"], ["-!r0", "none/a"], ["-r0", "d"], ["-r0", "d/"], ["-r0", "d/."], ["-r0", "d//a"], ["-r0", "busy/a"],
    ["-r0", "closed/a"], ["-r0", "a", "closed/a"], ["-r0", ""], ["-r0", "."], ["-r0", "link"], ["-r0", "x" * 255],
    ["-r0", "x" * 258], ["-r0", "x" * 257 + "/yy"], ["-r0", "d/" + "x" * 256], ["-r0", "\udcff\n\t "],
    ["-ml"], ["-mu"], ["-ml", "-mu"], ["-mu", "-ml"], ["-ml", "-ml"], ["-mu", "-mu"], ["a", "-ml", "b"], ["-r0", "-ml", "busy"],
    ["-r0", "-mu", "busy"], ["a", "-mu", "-x"], ["-mu", "a"], ["-m"], ["-mx"], ["-mlx"], ["-!ml"], ["-!!ml"], ["-!", "-!ml"], ["-!ml", "-r0", "busy"],
    ["-r0", "-l10", "-s0", "stale"], ["-r0", "-l", "10", "-s0", "a", "stale", "stale-big"], ["-r0", "-l", "200000", "stale"],
    ["-r0", "-l0", "stale"], ["-r0", "-l-5", "-s0", "stale"], ["-r0", "-l10", "-s0", "busy"], ["-r0", "-l10", "-s0", "stale-link"],
    ["-r0", "-l10", "-s0", "future"], ["-r0", "-s0", "-l10", "stale", "-l0", "stale-big"],
]
FILES = ["a", "b", "c", "busy", "stale", "stale-big", "d/x", "none/x", "closed/x", "link", "stale-link", "d", ""]
FLAGS = ["-0", "--0", "-+0", "-r0", "-r1", "-r2", "-l10", "-l0", "-l-1", "-l200000", "-s0", "-!", "-!!", "-ml", "-mu"]
ODD = ["-r", "-l", "-s", "0", "0!", "0r0", "!", "-!r1", "-0r0", "-x", "-h", "-v", "-?", "-", "--", "-m", "-mlx", "-s-1", "-r0ml", "-0!"]


def lock_files(folder):
    put(folder, "busy")
    put(folder, "stale", old=LONG_AGO)
    put(folder, "stale-big", b"x" * 5000, old=LONG_AGO)
    put(folder, "future", old=-LONG_AGO)
    os.mkdir(os.path.join(folder, "d"))
    os.chown(os.path.join(folder, "d"), *twin.running_as())
    os.mkdir(os.path.join(folder, "closed"), 0o555)
    os.symlink("nowhere", os.path.join(folder, "link"))
    os.symlink("nowhere", os.path.join(folder, "stale-link"))
    os.utime(os.path.join(folder, "stale-link"), (1, 1), follow_symlinks=False)
    # Kinds of lock that a directory would be are left out: the real one then asks for ever.


def mailbox_locks(chance):
    """Sets up a lock of the system mailbox: none, the caller's, a stale one, somebody else's."""
    def setup(folder):
        lock_files(folder)
        if own_spool() and chance:
            put(SPOOL, "nobody.lock", old=LONG_AGO if chance == 2 else 0, owner=(0, 0) if chance == 3 else None)
    return setup


def lockfile_words(dice):
    words = ["-0", "-s0", "-r%d" % dice.randrange(3)]
    for _ in range(dice.randrange(1, 7)):
        kinds = [FILES] * 5 + [FLAGS] * 4 + [ODD] * (1 if dice.random() < 0.3 else 0)
        words.append(dice.choice(dice.choice(kinds)))
    stale = any(word.startswith("-l") for word in words)
    return [word for word in words if not (stale and word == "d")]


def check_lockfile(sides, dice, cases):
    complaints = [sides.compare(["lockfile", *words], mailbox_locks(0)) for words in FIXED]
    complaints += [sides.compare(["lockfile", "-r0", *words], mailbox_locks(1)) for words in FIXED]
    complaints += [sides.compare(["lockfile", "a"], umask=mask) for mask in (0, 0o027, 0o077, 0o777)]
    for _ in range(cases):
        words = lockfile_words(dice)
        complaints.append(sides.compare(["lockfile", *words], mailbox_locks(dice.randrange(4))))
    return complaints


def check_nobody(sides):
    """A user without a name has no mailbox: exit 64, and nothing stays (the real one says 0)."""
    if os.geteuid() != 0:
        return []
    seen = sides.observe("ours", ["lockfile", "a", "-ml"], lambda folder: os.chmod(folder, 0o777), user=54321, group=54321)
    return [None if seen[0] == 64 and not seen[3] and b"who are you?" in seen[2] else "without a name: %r" % seen]


def check_patience(sides):
    """Retries cost whole sleep times; a lock that goes is had long before one is over."""
    complaints = []
    folder = sides.folder()
    put(folder, "busy")
    begin = time.monotonic()
    process = sides.start("ours", ["lockfile", "-1", "-r2", "busy"], folder)
    process.communicate(timeout=LIMIT)
    took = time.monotonic() - begin
    if process.returncode != 73 or took < 1.9:
        complaints.append("two retries of a second: %s after %.1f s" % (process.returncode, took))
    process = sides.start("ours", ["lockfile", "-%d" % (10 * LIMIT), "-r1", "busy"], folder)
    time.sleep(0.3)
    os.unlink(os.path.join(folder, "busy"))
    process.communicate(timeout=LIMIT)
    if process.returncode != 0:
        complaints.append("a lock that went: %s" % process.returncode)
    twin.remove(folder)
    return complaints


def waits(folder, last):
    """Whether lockfile has made its first file, and waits for the second or has just forced it."""
    return os.path.exists(os.path.join(folder, "a")) and (last == "busy" or not os.path.exists(os.path.join(folder, last)))


def after_signal(sides, side, words, number, ignored):
    folder = sides.folder()
    put(folder, "busy")
    put(folder, "stale", old=LONG_AGO)

    def prepare():
        signal.signal(number, signal.SIG_IGN if ignored else signal.SIG_DFL)
    process = sides.start(side, ["lockfile", *words], folder, preexec_fn=prepare)
    deadline = time.monotonic() + LIMIT
    while time.monotonic() < deadline and not waits(folder, words[-1]):
        time.sleep(0.01)
    time.sleep(0.1)
    process.send_signal(number)
    if ignored:
        time.sleep(0.3)
        os.unlink(os.path.join(folder, "busy"))
    _, err = process.communicate(timeout=LIMIT)
    seen = [process.returncode, err, tree(folder)]
    twin.remove(folder)
    return seen


def check_signals(sides):
    complaints = []
    sides.preload, kept = None, sides.preload     # the real one must sleep for long enough to be interrupted
    runs = [(["-9", "a", "busy"], False), (["-9", "-!", "a", "busy"], False), (["-l9", "-s9", "a", "stale"], False),
            (["-1", "a", "busy"], True)]
    for number in (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGTERM, signal.SIGUSR1):
        for words, ignored in runs:
            seen = [after_signal(sides, side, words, number, ignored) for side in sides.bins]
            if seen[0] != seen[-1]:
                complaints.append("%s %s ignored=%s\n  ours %r\n  real %r" % (number, words, ignored, *seen))
    sides.preload = kept
    return complaints


def check_race(sides, makers, turns):
    """Nobody is inside together with another; everybody gets there."""
    folder = sides.folder()
    trouble = []

    def take_turns(side):
        for _ in range(turns):
            process = sides.start(side, ["lockfile", "-1", "box.lock"], folder)
            _, err = process.communicate(timeout=4 * LIMIT)
            if process.returncode != 0:
                return trouble.append("%s: %s %s" % (side, process.returncode, err))
            try:
                os.close(os.open(os.path.join(folder, "inside"), os.O_CREAT | os.O_EXCL))
            except FileExistsError:
                trouble.append("%s is inside together with another" % side)
            time.sleep(0.001)
            os.unlink(os.path.join(folder, "inside"))
            os.unlink(os.path.join(folder, "box.lock"))
    workers = [threading.Thread(target=take_turns, args=(side,)) for side in makers]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    trouble += ["left behind: %s" % name for name in os.listdir(folder)]
    twin.remove(folder)
    return trouble


def check_forced_race(sides, rounds):
    """Of several that find a stale lock one gets it."""
    complaints = []
    for _ in range(rounds):
        folder = sides.folder()
        put(folder, "stale", old=LONG_AGO)
        runs = [sides.start("ours", ["lockfile", "-0", "-s0", "-l50", "-r3", "stale"], folder) for _ in range(6)]
        ends = sorted(process.communicate(timeout=LIMIT) and process.returncode for process in runs)
        if ends != [0] + [73] * 5 or os.listdir(folder) != ["stale"]:
            complaints.append("six who force a lock end with %s and leave %s" % (ends, os.listdir(folder)))
        twin.remove(folder)
    return complaints


# --- mailstat

NAMES = [b"inbox", b"Mail/lists", b"/var/mail/x", b"a b", b"d/msg.aB-_1", b"d/msg.", b"d/msg.x y", b"Maildir/new/17.1_2.host",
         b"Maildir/.s/new/17.1:2,S", b"m/new/.x", b"new/12", b"d/new/12", b"mh/1", b"mh/23", b"mh/2x", b"mh/1/2", b"**Bounced**",
         b"**Requeued**", b"/usr/sbin/sendmail -oi a@b", b"", b" ", b" x", b"%s%d\\t", b"\xff\xfe", b"\xc3\xa9", b"a\0b", b"\x01",
         b"d/12\r", b"d/", b"d/."]
SIZES = [b"1", b"0", b"1234", b"   77", b"2147483647", b"2147483648", b"99999999999", b"-5", b"1.7", b"1e3", b"x", b"", b"12x", b"12 3", b"+4"]
LINES = [b"", b" ", b"\t", b"From a@b  Mon Nov 23 10:26:06 2026", b"From", b"Fromx", b">From x", b" Subject: x", b" SUBJECT:", b"Subject: x",
         b" Subject x", b"  Folder:", b"  Folder: ", b"  Folder:\t5", b"  Folder:a\t5", b"  Folder:a b", b"   Folder: a\t5", b"  folder: a\t5",
         b"Folder: a\t5", b"procmail: Skipped \"x\"", b"procmail: [12] Mon Nov 23 10:26:06 2026", b"## x", b"a\tb\t", b"a\r", b"a\0b", b"\xff\xe9",
         b"\x1b[31m", b"%s\\n", b"-n"]


def random_line(dice):
    kind = dice.random()
    if kind < 0.5:
        return b"  Folder: " + dice.choice(NAMES) + dice.choice([b"\t", b"\t\t\t", b"\t \t", b" ", b""]) + dice.choice(SIZES)
    if kind < 0.9:
        return dice.choice(LINES)
    return bytes(dice.choice(b"\0\t \r/.0159AZaz_-%:,@\x7f\x80\xff  FolderSubjc") for _ in range(dice.randrange(40)))


def is_numeric(line):
    """Whether a folder's name is a number: the real one's awk then compares it as such, and takes 12 for 012."""
    try:
        return line.startswith(b"  Folder: ") and float(line[10:].split(b"\t")[0]) is not None
    except ValueError:
        return False


def random_log(dice):
    lines = [random_line(dice) for _ in range(dice.choice([0, 1, 2, 10, 60]))]
    log = b"\n".join(line for line in lines if not is_numeric(line))
    return log + b"\n" if log and dice.random() < 0.9 else log


def mailstat_setup(log, old_log):
    then = time.time() - 3600   # the same for both, who print it

    def setup(folder):
        for name, content in (("log", log), ("log.old", old_log)):
            if content is not None:
                put(folder, name, content, then=then)
    return setup


def check_mailstat(sides, dice, cases):
    some = b"  Folder: inbox\t\t    1234\n"
    words = [[], ["log"], ["-k", "log"], ["-o", "log"], ["-ok", "log"], ["-s", "log"], ["-ks", "none"], ["none"], ["-t", "log"], ["-klt", "log"],
             ["-x"], ["-h"], ["-?"], ["-kx"], ["-hx"], ["-xh"], ["-k-"], ["-"], ["--"], ["--", "log"], ["-k", "--", "-x"], ["-", "log"],
             ["log", "log"], ["log", "-k"], ["log", ""], [""], ["-o"], ["-o", "-"], ["-kk", "-t", "-l", "log"], ["/dev/null"]]
    states = [(log, old) for log in (some, b"", None) for old in (some + some, b"", None)]
    complaints = [sides.compare(["mailstat", *some_words], mailstat_setup(log, old), text=some)
                  for some_words in words for log, old in (states if some_words[-1:] == ["log"] else states[::4])]
    for _ in range(cases):
        flags = ["-" + letter for letter in dice.sample("klmots", dice.randrange(5))]
        flags = ["-" + "".join(flag[1] for flag in flags)] if flags and dice.random() < 0.5 else flags
        log = random_log(dice)
        setup = mailstat_setup(log, dice.choice([None, b"", random_log(dice)]))
        complaints.append(sides.compare(["mailstat", *flags, *dice.choice([["log"]] * 4 + [[], ["-"]])], setup, text=log))
    return complaints


def main():
    have_own_spool()
    seed = int(sys.argv[1]) if len(sys.argv) > 1 else 1
    cases = int(sys.argv[2]) if len(sys.argv) > 2 else 120
    dice = random.Random(seed)
    sides = Sides()
    try:
        complaints = check_lockfile(sides, dice, cases) + check_mailstat(sides, dice, cases)
        complaints += check_nobody(sides) + check_patience(sides) + check_signals(sides)
        complaints += check_race(sides, ["ours"] * 4, 25) + check_forced_race(sides, 10)
        if sides.preload:
            complaints += check_race(sides, ["ours", "ours", "real", "real"], 15)
    finally:
        twin.remove(sides.scratch)
    complaints = [text for text in complaints if text]
    for text in complaints[:20]:
        print("FAILED " + text)
    judge = "Debian's programs" if "real" in sides.bins else "nothing: the real programs are not there (build/peers)"
    print("seed %d, %d random cases each, against %s; own %s: %s; %d complaints"
          % (seed, cases, judge, SPOOL, "yes" if own_spool() else "no (not root)", len(complaints)))
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
