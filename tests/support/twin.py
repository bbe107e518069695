# Runs one mail program in a fresh home as an unprivileged user, and tells as text everything a user could see of it.
# SPDX-License-Identifier: Apache-2.0
#
#   programs = twin.Programs(scratch)                     # copies what the unprivileged user must be able to start
#   text = twin.observe(case, programs.ours, scratch)     # "exit: 0\nlog:\n| procmail: ...\nfile box 0600:\n| ..."
#
# The home is removed before observe() returns. Names and times that differ from run to run are replaced: the home by
# @HOME@, the user by @USER@, dates by @DATE@, unique file names by *.
import hashlib
import os
import pwd
import re
import shutil
import signal
import stat
import subprocess
import tempfile
from dataclasses import dataclass, field

UNPRIVILEGED = 65534
# Under sanitizers a program takes twenty times as long to start: tests that start thousands ask less there.
SANITIZED = os.path.basename(os.environ.get("SLUICE_BUILD", "")) == "sanitize"
TIME_LIMIT = 60
NO_ANSWER = "none: still running after %d s"
LONG = 8192   # files beyond it are told by size and hash
DATE = re.compile(rb"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) (?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) "
                  rb"[ \d]\d \d\d:\d\d:\d\d \d{4}")
# A verbose log has such a line at the first diagnostic of each new second, wherever that falls.
NEW_SECOND = re.compile(rb"(?m)^procmail: \[\d+\] " + DATE.pattern + rb"\n")
# Whether it is said depends on the machine's /var/mail, not on the program.
SYSTEM_MAILBOX = re.compile(rb"(?m)^procmail: Couldn't create \"/var/mail/[^/\"\n]*\"\n")
# The stand-in for /usr/sbin/sendmail that every home holds: rules say SENDMAIL=./sendmail.
SENDMAIL = """#!/bin/sh
{ printf 'argument: %s\\n' "$@"; cat; } >>sent
"""
GIVEN = {"rc", "sendmail"}


@dataclass
class Case:
    """One run: the rules, the mail, the words on the command line, and what prepares the home: a shell script, or folders,
    files (content and mode) and the folders' modes, which cost less."""
    name: str
    rc: bytes
    message: bytes
    args: list = field(default_factory=lambda: ["-m", "rc"])
    setup: str = ""
    folders: list = field(default_factory=list)
    files: dict = field(default_factory=dict)
    modes: dict = field(default_factory=dict)


@dataclass
class Program:
    """A program to observe, with what its environment needs."""
    path: str
    environment: dict


def running_as():
    """The uid and gid that programs run with: nobody's when we are root, else our own."""
    return (UNPRIVILEGED, UNPRIVILEGED) if os.geteuid() == 0 else (os.geteuid(), os.getegid())


def identity():
    """How to start a process as running_as(): keyword arguments of subprocess.Popen."""
    if os.geteuid() != 0:
        return {}
    uid, gid = running_as()
    return {"user": uid, "group": gid, "extra_groups": []}


def scratch_folder():
    """A new folder that the unprivileged user owns."""
    folder = tempfile.mkdtemp(prefix="sluice-cases-")
    os.chown(folder, *running_as())
    os.chmod(folder, 0o755)
    return folder


def reachable(path):
    """Whether the unprivileged user gets through to a file or folder; a clone under /root, say, is closed to it."""
    path = os.path.abspath(path)
    while path != "/":
        if not os.stat(path).st_mode & stat.S_IXOTH:
            return False
        path = os.path.dirname(path)
    return True


class Programs:
    """Our procmail and, when its package lies unpacked in the build folder, the real one. Copies: the tree may be in a
    folder that only root can enter, and the real one must lose its set-uid bit."""

    def __init__(self, scratch):
        source = os.environ.get("SLUICE_SOURCE", os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
        binaries = os.environ.get("SLUICE_BIN", os.path.join(source, "build/dev/bin"))
        peers = os.environ.get("SLUICE_PEERS", os.path.join(source, "build/peers"))
        self.ours = self._take(os.path.join(binaries, "procmail"), os.path.join(scratch, "ours"))
        self.real = self._take(os.path.join(peers, "procmail/usr/bin/procmail"), os.path.join(scratch, "real"))
        if self.real:
            self._shorten_sleeps(scratch)

    @staticmethod
    def _take(path, folder):
        if not os.path.exists(path):
            return None
        os.makedirs(folder)
        copy = os.path.join(folder, "procmail")
        shutil.copyfile(path, copy)
        os.chmod(copy, 0o755)
        return Program(copy, {})

    def _shorten_sleeps(self, scratch):
        library = os.path.join(scratch, "short_sleeps.so")
        source = os.path.join(os.path.dirname(os.path.abspath(__file__)), "short_sleeps.c")
        built = subprocess.run(["cc", "-shared", "-fPIC", "-O1", "-o", library, source], check=False)
        if built.returncode == 0:
            self.real.environment = {"LD_PRELOAD": library}


def observe(case, program, scratch, limit=None):
    """Runs the case with the program in a home of its own; the text of what could be seen."""
    home = tempfile.mkdtemp(prefix="home-", dir=scratch)
    try:
        if os.geteuid() == 0:
            os.chown(home, *running_as())
        _prepare(case, home)
        before = _walk(home)
        words = [word.replace("@HOME@", home) for word in case.args]
        environment = {"PATH": "/usr/local/bin:/usr/bin:/bin", "TZ": "UTC", "LC_ALL": "C", **program.environment}
        environment.update({name: value for name, value in os.environ.items() if name.endswith("SAN_OPTIONS") or name.startswith("GCOV_")})
        status, out, log = run([program.path, *words], case.message, home, environment, limit)
        log = NEW_SECOND.sub(b"", SYSTEM_MAILBOX.sub(b"", log))
        return _describe(status, out, log, before, _walk(home), home)
    finally:
        remove(home)


def run(command, text, folder, environment, limit=None):
    """Runs a command as the unprivileged user until it and whatever it left behind have closed their output."""
    limit = limit or TIME_LIMIT
    process = subprocess.Popen(command, cwd=folder, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE, start_new_session=True, umask=0o022, **identity())
    try:
        out, log = process.communicate(text, timeout=limit)
        return process.returncode, out, log
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        out, log = process.communicate()
        return NO_ANSWER % limit, out, log


def _prepare(case, home):
    def put(name, content, mode):
        path = os.path.join(home, name)
        with open(path, "wb") as file:
            file.write(content)
        own(path)
        os.chmod(path, mode)

    def own(path):
        if os.geteuid() == 0:
            os.chown(path, *running_as())
    put("rc", case.rc, 0o644)
    put("sendmail", SENDMAIL.encode(), 0o755)
    for name in case.folders:
        os.mkdir(os.path.join(home, name), 0o755)
        own(os.path.join(home, name))
    for name, (content, mode) in case.files.items():
        put(name, content, mode)
    for name, mode in case.modes.items():
        os.chmod(os.path.join(home, name), mode)
    if case.setup:
        subprocess.run(["sh", "-e", "-c", case.setup], cwd=home, check=True, umask=0o022, **identity())


def remove(home):
    """Removes a folder and all in it, folders without rights included."""
    shutil.rmtree(home, ignore_errors=True)
    if not os.path.exists(home):
        return
    for folder, _, _ in os.walk(home):   # top down, so that folders without rights are opened before they are entered
        os.chmod(folder, 0o700)
    shutil.rmtree(home, ignore_errors=True)


def _walk(home):
    """Every path below home with its mode and content (None for a folder, text for a link)."""
    seen = {}
    for folder, folders, files in os.walk(home):
        for name in folders + files:
            path = os.path.join(folder, name)
            status = os.lstat(path)
            key = os.fsencode(os.path.relpath(path, home))
            if stat.S_ISLNK(status.st_mode):
                seen[key] = ("link", os.readlink(path).encode())
            elif stat.S_ISDIR(status.st_mode):
                seen[key] = ("%04o" % stat.S_IMODE(status.st_mode), None)
            elif stat.S_ISREG(status.st_mode):
                seen[key] = ("%04o" % stat.S_IMODE(status.st_mode), _read(path))
    return seen


def _read(path):
    if os.path.getsize(path) == 0:
        return b""
    try:
        with open(path, "rb") as file:
            return file.read()
    except PermissionError:
        return b"(unreadable)\n"


def _describe(status, out, log, before, after, home):
    lines = ["exit: %s" % status]
    lines += _block("stdout", out, home) + _block("log", log, home)
    made = []
    for path, (mode, content) in after.items():
        if before.get(path) == (mode, content):
            continue
        name = visible(stable(path), home)
        if content is None:
            made.append(["folder %s %s" % (name, mode)])
        else:
            made.append(_block("file %s %s" % (name, mode), content, home) or ["file %s %s: empty" % (name, mode)])
    for path in before:
        if path not in after:
            made.append(["gone %s" % visible(path, home)])
    for block in sorted(made):
        lines += block
    return "\n".join(lines) + "\n"


def stable(path):
    """Names that a program makes up: a Maildir's files, and those of message directories."""
    path = re.sub(rb"(^|/)(new|cur|tmp)/[^/]+$", rb"\1\2/*", path)
    return re.sub(rb"(^|/)msg\.[A-Za-z0-9_-]+$", rb"\1msg.*", path)


def _block(title, content, home):
    if not content:
        return []
    if len(content) > LONG:
        return ["%s: %d bytes, sha256 %s" % (title, len(content), hashlib.sha256(content).hexdigest()[:16])]
    lines = visible(content, home, keep_lines=True).split("\n")
    end = ["\\ no line end"] if lines[-1] else []
    return [title + ":"] + ["| " + line for line in (lines if lines[-1] else lines[:-1])] + end


def visible(content, home, keep_lines=False):
    """Bytes as text in which nothing is lost: what cannot be printed is \\xHH, a backslash is doubled."""
    content = content.replace(os.fsencode(home), b"@HOME@")
    content = DATE.sub(b"@DATE@", content)
    user = pwd.getpwuid(running_as()[0]).pw_name.encode()
    content = re.sub(rb"(?m)^(>?From )" + re.escape(user) + rb"  @DATE@", rb"\1@USER@  @DATE@", content)
    text = content.decode("utf-8", "surrogateescape")
    return "".join(_letter(letter, keep_lines) for letter in text)


def _letter(letter, keep_lines):
    if letter == "\\":
        return "\\\\"
    if letter == "\n" and keep_lines:
        return letter
    if "\udc80" <= letter <= "\udcff":
        return "\\x%02x" % (ord(letter) - 0xdc00)
    return letter if letter.isprintable() else "\\x%02x" % ord(letter)
