# Runs rule files as people write them over the mail of the corpus, on our programs and on the real ones.
# SPDX-License-Identifier: Apache-2.0
#
#   SLUICE_BIN=build/release/bin python3 tests/support/corpus.py [PART-OF-A-NAME...]      every rule file, every message
#   SLUICE_BIN=build/release/bin python3 tests/support/corpus.py --show NAME MESSAGE      what both did with one message
#
# A rule file has one home on each side, and gets its messages one after the other, as in life: mailboxes grow, caches
# fill. After each message everything that a user could see is told as text: exit status, stdout, log, and every file
# that came, grew, changed or went. The first message whose text differs between the two is shown.
#
#   rules/NAME.rc       the rules. Lines `#: ...` are shell commands that prepare the home, `#@ ...` words for procmail
#   rules/NAME/         or a folder with an rc, and the files that lie beside it in the home
#   NAME.differs        lines `MESSAGE NUMBER why`: where it may differ, by its number in rules/README.md. `*`: all messages
#   bin/                stand-ins for programs that rules call; PATH is $HOME/bin, these with formail and lockfile, /usr/bin, /bin
import collections
import concurrent.futures
import ctypes
import difflib
import hashlib
import os
import re
import shlex
import shutil
import signal
import stat
import subprocess
import sys
import time

import twin

CORPUS = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "corpus")
sys.path.insert(0, CORPUS)
import messages  # noqa: E402

PR_SET_CHILD_SUBREAPER = 36
TOOLS = {"ours": ("procmail", "formail", "lockfile", "sluice", "sluice-tools"), "real": ("procmail", "formail", "lockfile")}
SETUP = """umask 077
mkdir Mail bin sent
printf 'Anna\\n' >.signature
"""
# What a run may not be asked to repeat: names that a program makes up, and what the two tell in different detail
# (rules/README.md, "Log").
MASKS = [(re.compile(rb"\b\d{9,}\.\d+_\d+\.[^\s/\"']+\t*"), b"@UNIQUE@"), (re.compile(rb"\bmsg\.[A-Za-z0-9_-]+\t*"), b"msg.@UNIQUE@"),
         (twin.NEW_SECOND, b""), (twin.SYSTEM_MAILBOX, b""),
         (re.compile(rb"(?m)^procmail: (Opening \".*\"|Acquiring kernel-lock|Rescue of unfiltered data succeeded)\n"), b"")]
CRASH = re.compile(r"AddressSanitizer|LeakSanitizer|runtime error:|terminate called|Assertion .* failed")


class Rules:
    """One rule file of the corpus."""

    def __init__(self, path):
        # Read now: the tree may be in a folder that the unprivileged user cannot enter.
        self.beside = _read_tree(path) if os.path.isdir(path) else {}
        self.path = os.path.join(path, "rc") if os.path.isdir(path) else path
        stem = path.removesuffix(".rc")
        self.name = os.path.relpath(stem, CORPUS)
        self.examples = self.name.startswith("procmailex")
        with open(self.path, "rb") as file:
            self.rc = file.read()
        lines = self.rc.decode("latin-1").splitlines()
        self.setup = "\n".join(line[2:] for line in lines if line.startswith("#: "))
        self.words = [word for line in lines if line.startswith("#@ ") for word in shlex.split(line[2:])]
        self.differs = _read_differences(stem + ".differs")

    def messages(self):
        return messages.examples() if self.examples else messages.everyday()

    def prepare(self, home, tools):
        """Makes a home. Rules may name @HOME@, and @BIN@ where they give a program's whole path."""
        os.makedirs(home)
        for name, (content, mode) in self.beside.items():
            os.makedirs(os.path.dirname(os.path.join(home, name)), exist_ok=True)
            with open(os.path.join(home, name), "wb") as file:
                file.write(content)
                os.chmod(file.fileno(), mode)
        text = self.rc.replace(b"@HOME@", home.encode()).replace(b"@BIN@", tools.encode())
        with open(os.path.join(home, ".procmailrc"), "wb") as file:
            file.write(text)
        subprocess.run(["sh", "-e", "-c", SETUP + self.setup], cwd=home, check=True, env=dict(os.environ, PATH=_path(home, tools)))

    def command(self, home, tools):
        """As a .forward file starts it, for a user anna whose home and inbox are here. -Y: the real one would rewrite
        Content-Length."""
        given = ["HOME=" + home, "MAILDIR=" + home, "LOGNAME=anna", "SHELL=/bin/sh", "PATH=" + _path(home, tools), "SENDMAIL=sendmail",
                 "DEFAULT=" + home + "/inbox", "ORGMAIL=" + home + "/inbox"]
        return [os.path.join(tools, "procmail"), "-Y", *self.words, *given, home + "/.procmailrc"]


def _path(home, tools):
    return "%s/bin:%s:/usr/bin:/bin" % (home, tools)


def _read_tree(top):
    """{relative name: (content, mode)} of the files below a folder."""
    found = {}
    for folder, _, files in os.walk(top):
        for name in files:
            path = os.path.join(folder, name)
            with open(path, "rb") as file:
                found[os.path.relpath(path, top)] = (file.read(), stat.S_IMODE(os.fstat(file.fileno()).st_mode))
    return found


def _read_differences(path):
    """{message: number}"""
    if not os.path.exists(path):
        return {}
    with open(path, encoding="utf-8") as file:
        return {line.split()[0]: line.split()[1] for line in file if line.strip() and not line.startswith("#")}


class Home:
    """A home's files, looked at again and again: what did not change is not read again."""

    def __init__(self, path):
        self.path = path
        self.files = {}

    def look(self):
        """The texts of what changed since the last look."""
        before, self.files = self.files, {}
        self._walk(self.path, before)
        blocks = [self._described(name, before.get(name), now) for name, now in self.files.items() if before.get(name) is not now]
        blocks += ["gone " + self._shown(name) for name in before.keys() - self.files.keys()]
        return sorted(block for block in blocks if block)

    def _walk(self, folder, before):
        try:
            entries = list(os.scandir(folder))
        except PermissionError:
            return
        for entry in entries:
            status = entry.stat(follow_symlinks=False)
            name = os.fsencode(os.path.relpath(entry.path, self.path))
            seen = (status.st_ino, status.st_mode, status.st_size, status.st_mtime_ns, status.st_ctime_ns)
            is_folder = stat.S_ISDIR(status.st_mode)
            old = before.get(name)
            if old and (old[0] == seen or (is_folder and old[1] == status.st_mode)):
                self.files[name] = old
            else:
                self.files[name] = (seen, status.st_mode, _content(entry.path, status.st_mode))
            if is_folder:
                self._walk(entry.path, before)

    def _described(self, name, old, now):
        title = "%s %s %04o" % (_kind(now[1]), self._shown(name), stat.S_IMODE(now[1]))
        if old and old[1:] == now[1:]:
            return None
        if old and old[1] == now[1] and old[2] and now[2].startswith(old[2]):
            return block(title + " grown by", now[2][len(old[2]):], self.path)
        return title if now[2] is None else block(title, now[2], self.path)

    def _shown(self, name):
        return twin.visible(twin.stable(name), self.path)


def _kind(mode):
    return "folder" if stat.S_ISDIR(mode) else "link" if stat.S_ISLNK(mode) else "file"


def _content(path, mode):
    if stat.S_ISLNK(mode):
        return os.fsencode(os.readlink(path))
    if not stat.S_ISREG(mode):
        return None
    try:
        with open(path, "rb") as file:
            return file.read()
    except PermissionError:
        return b"(unreadable)"


def block(title, content, home):
    """Bytes as text that both sides can agree on; the longest by their hash."""
    for mask, instead in MASKS:
        content = mask.sub(instead, content)
    content = content.replace(os.fsencode(os.path.dirname(os.path.dirname(home))), b"@TOP@")
    if not content:
        return title + ": empty"
    text = twin.visible(content, home, keep_lines=True)
    if len(text) > twin.LONG:
        return "%s: %d letters, sha256 %s" % (title, len(text), hashlib.sha256(text.encode()).hexdigest()[:16])
    return title + ":\n" + "\n".join("| " + line for line in text.split("\n"))


class Player:
    """Plays one rule file on one side: started as the unprivileged user, it owns all that its runs leave behind."""

    def __init__(self, rules, scratch, side, mail):
        self.rules, self.mail = rules, mail
        self.home = os.path.join(scratch, side, "home", rules.name.replace("/", "-"))
        self.tools = os.path.join(scratch, side, "bin")
        self.outputs = [os.path.join(scratch, side, "home", "%s-%d" % (name, os.getpid())) for name in ("stdout", "log")]
        library = os.path.join(scratch, "short_sleeps.so")
        self.environment = {"TZ": "UTC", "LC_ALL": "C", "PATH": "/usr/bin:/bin"}
        if side == "real" and os.path.exists(library):
            self.environment["LD_PRELOAD"] = library
        self.environment.update({name: value for name, value in os.environ.items() if name.endswith("SAN_OPTIONS")})

    def play(self, numbers):
        """The text of each run, in order."""
        self.rules.prepare(self.home, self.tools)
        try:
            os.chdir(self.home)
            home = Home(self.home)
            home.look()
            return [self._run(home, self.mail[number]) for number in numbers]
        finally:
            os.chdir("/")
            twin.remove(self.home)

    def _run(self, home, message):
        modes = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
        command = self.rules.command(self.home, self.tools)
        actions = [(os.POSIX_SPAWN_OPEN, 0, message, os.O_RDONLY, 0)]
        actions += [(os.POSIX_SPAWN_OPEN, number + 1, path, modes, 0o600) for number, path in enumerate(self.outputs)]
        pid = os.posix_spawn(command[0], command, self.environment, file_actions=actions, setsid=True,
                             setsigdef=[signal.SIGPIPE, signal.SIGXFSZ])
        status = _wait_for_all(pid)
        parts = ["exit: %s" % status]
        for path in self.outputs:
            with open(path, "rb") as file:
                content = file.read()
            parts.append(block("stdout" if path == self.outputs[0] else "log", content, self.home))
        return "\n".join(parts + home.look())


def _wait_for_all(pid):
    """Waits for a run and for all that it left behind (we are its orphans' parent); its exit status."""
    def too_long(*_):
        os.killpg(pid, signal.SIGKILL)
    signal.signal(signal.SIGALRM, too_long)
    signal.alarm(twin.TIME_LIMIT)
    result = None
    try:
        while True:
            ended, status = os.waitpid(-1, 0)
            if ended == pid:
                result = os.waitstatus_to_exitcode(status)
    except ChildProcessError:
        return result
    finally:
        signal.alarm(0)


def become_unprivileged():
    """In a worker: no way back, and orphans of its children become its own."""
    os.umask(0o022)
    if os.geteuid() == 0:
        uid, gid = twin.running_as()
        os.setgroups([])
        os.setgid(gid)
        os.setuid(uid)
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


Result = collections.namedtuple("Result", "rules runs differing crashed first outcomes texts")


def compare(rules, scratch, mail, numbers, sides, keep):
    """Plays a rule file on each side. Where they differ without being meant to: how often, and the first as a diff."""
    texts = [Player(rules, scratch, side, mail).play(numbers) for side in sides]
    names = [name for name, _ in rules.messages()]
    crashed = [names[number] for number, text in zip(numbers, texts[0])
               if CRASH.search(text) or re.match(r"exit: (-|None)", text)]
    differing = [] if len(sides) < 2 else [index for index, number in enumerate(numbers) if texts[0][index] != texts[1][index]]
    allowed = [index for index in differing if names[numbers[index]] in rules.differs or "*" in rules.differs]
    bad = [index for index in differing if index not in allowed]
    first = None
    if bad:
        lines = difflib.unified_diff(texts[-1][bad[0]].splitlines(), texts[0][bad[0]].splitlines(), "real", "ours", lineterm="", n=4)
        first = "%s\n%s" % (names[numbers[bad[0]]], "\n".join("  " + line for line in lines))
    outcomes = len({re.sub(r"(?m)^\|.*\n?", "", text) for text in texts[0]})
    return Result(rules.name, len(numbers), (len(bad), len(allowed)), crashed, first, outcomes, texts if keep else None)


def read_rules(words=()):
    found = []
    for folder in ("rules", "procmailex"):
        for entry in sorted(os.scandir(os.path.join(CORPUS, folder)), key=lambda entry: entry.name):
            if entry.name.endswith(".rc") or entry.is_dir():
                found.append(Rules(entry.path))
    return [rules for rules in found if not words or any(word in rules.name for word in words)]


def build_sides(scratch):
    """Copies programs and stand-ins to where the unprivileged user can start them; the names of the sides."""
    programs = twin.Programs(scratch)
    source = os.path.dirname(os.path.dirname(CORPUS))
    places = {"ours": os.environ.get("SLUICE_BIN", os.path.join(source, "build/dev/bin")),
              "real": os.path.join(os.environ.get("SLUICE_PEERS", os.path.join(source, "build/peers")), "procmail/usr/bin")}
    sides = ["ours"] + (["real"] if programs.real else [])
    for side in sides:
        folder = os.path.join(scratch, side, "bin")
        shutil.copytree(os.path.join(CORPUS, "bin"), folder)
        for tool in TOOLS[side]:
            shutil.copyfile(os.path.join(places[side], tool), os.path.join(folder, tool))
            os.chmod(os.path.join(folder, tool), 0o755)
        os.makedirs(os.path.join(scratch, side, "home"))
        os.chown(os.path.join(scratch, side, "home"), *twin.running_as())
    return sides


def write_mail(scratch):
    """The messages as files: {procmailex or not: [path of each]}"""
    written = {}
    for examples, made in ((False, messages.everyday()), (True, messages.examples())):
        written[examples] = []
        for number, (_, content) in enumerate(made):
            path = os.path.join(scratch, "mail-%d-%d" % (examples, number))
            with open(path, "wb") as file:
                file.write(content)
            written[examples].append(path)
    return written


def slice_of(rules, position, share):
    """Every share-th message, beginning elsewhere for each rule file, so that all messages are used. Of the examples'
    messages those that they ask for come first, and it is a part of these."""
    count = len(rules.messages())
    if share == 1:
        return list(range(count))
    if rules.examples:
        return list(range(position % (share // 10), messages.WANTED, share // 10))
    return list(range(position % share, count, share))


def play(found, share=1, keep=False):
    """Compares the rule files; the sides there were, and the results in their order."""
    scratch = twin.scratch_folder()
    try:
        sides = build_sides(scratch)
        mail = write_mail(scratch)
        with concurrent.futures.ProcessPoolExecutor(2 * (os.cpu_count() or 1), initializer=become_unprivileged) as pool:
            waiting = [pool.submit(compare, rules, scratch, mail[rules.examples],
                                   slice_of(rules, position, share), sides, keep)
                       for position, rules in enumerate(found)]
            return sides, [one.result() for one in waiting]
    finally:
        twin.remove(scratch)


def report(sides, results, seconds):
    for result in results:
        for name in result.crashed:
            print("CRASHED %s on %s" % (result.rules, name))
        if result.first:
            print("DIFFERS %s on %d of %d messages; the first: %s" % (result.rules, result.differing[0], result.runs, result.first))
    runs = sum(result.runs for result in results)
    allowed = sum(result.differing[1] for result in results)
    bad = sum(result.differing[0] for result in results)
    if len(sides) < 2:
        print("skipped: the real procmail is not in build/peers, so nothing was compared; ours ran for crashes only")
    print("%d rule files, %d runs on each of %d sides: %d disagreements, %d that are meant, %d crashes; %d s"
          % (len(results), runs, len(sides), bad, allowed, sum(len(result.crashed) for result in results), seconds))
    return 1 if bad or not results or any(result.crashed for result in results) else 0


def show(name, message):
    [rules] = [rules for rules in read_rules() if rules.name.removeprefix("rules/") == name]
    sides, [result] = play([rules], keep=True)
    index = [one for one, _ in rules.messages()].index(message)
    for side, texts in zip(sides, result.texts):
        print("---- %s\n%s" % (side, texts[index]))
    return 0


def main(words, share=1):
    if words[:1] == ["--show"]:
        return show(*words[1:])
    start = time.monotonic()
    sides, results = play(read_rules(words), share)
    if os.environ.get("SLUICE_CORPUS_FIGURES"):
        for result in results:
            print("%-50s %3d runs, %2d kinds of outcome" % (result.rules, result.runs, result.outcomes))
    return report(sides, results, time.monotonic() - start)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
