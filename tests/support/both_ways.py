# Runs rules twice, as a dry-run and as a delivery, and tells where they disagree.
# SPDX-License-Identifier: Apache-2.0
#
#   pair = both_ways.Pair(scratch)                 # copies of our programs for the unprivileged user
#   verdict, text = pair.compare(case)             # "agree", "differ" with what, or "skipped" with why
#
# Both start in homes of the same path with the same variables. The dry-run must leave its home as it was; then the delivery
# runs there. Compared are the exit code, the folder of each delivery in its order (as LOGABSTRACT=all tells them), and the
# files that changed. Rules that would run a program are skipped: the dry-run says which, in "assumed". So are those that may
# leave the fall-back no rights: a dry-run takes it as one that the delivery may write.
import json
import os
import posixpath
import re
import shutil
import tempfile

import twin

FOLDER = re.compile(r"(?m)^  Folder: (.*?)\s+\d+$")
ASSIGNMENT = re.compile(r"^[A-Za-z_]\w*=")
DIRECTORIES = ("maildir", "mh", "directory")
FOUND_ERRORS = re.compile(rb"(?m)^sluice dry-run: .* has \d+ errors?, and is read as procmail reads it: .*\n")
NO_RIGHTS = re.compile(rb"closed|UMASK=[^0]|LOCKEXT=\n")
LOGS = re.compile(r"\b(LOGFILE|LOGABSTRACT|LASTFOLDER|HOST)\b")   # rules that change what the abstracts say, or where


class Pair:
    def __init__(self, scratch):
        self.scratch = scratch
        binaries = os.path.join(scratch, "bin")
        os.makedirs(binaries, exist_ok=True)
        for name in ("sluice", "sluice-tools", "procmail"):
            path = os.path.join(os.environ["SLUICE_BIN"], name)
            if os.path.exists(path):
                shutil.copyfile(path, os.path.join(binaries, name))
                os.chmod(os.path.join(binaries, name), 0o755)
        self.dry, self.wet = (os.path.join(binaries, name) for name in ("sluice", "procmail"))

    def compare(self, case):
        if any(word.startswith("-") for word in _words(case)):
            return "skipped", "it has options"
        if NO_RIGHTS.search(case.rc + b"".join(content for content, _ in case.files.values())):
            return "skipped", "it may take away rights"
        home = tempfile.mkdtemp(prefix="home-", dir=self.scratch)
        mail = tempfile.mkdtemp(prefix="mail-", dir=self.scratch)
        try:
            os.chown(home, *twin.running_as())
            os.chmod(mail, 0o755)
            twin._prepare(case, home)
            with open(os.path.join(mail, "1"), "wb") as file:
                file.write(case.message)
            return self._both(case, home, mail)
        finally:
            twin.remove(home)
            shutil.rmtree(mail)

    def _both(self, case, home, mail):
        words = ["HOME=" + home, "LOGNAME=anna", "MAILDIR=" + home, "DEFAULT=inbox", "ORGMAIL=orgbox", "LOGABSTRACT=all"]
        words += [word.replace("@HOME@", home) for word in _words(case)]
        environment = {"PATH": "/usr/local/bin:/usr/bin:/bin", "TZ": "UTC", "LC_ALL": "C"}
        environment.update({name: value for name, value in os.environ.items() if name.endswith("SAN_OPTIONS")})
        rc = os.path.join(home, "rc")
        before = _files(home)
        status, out, log = twin.run([self.dry, "dry-run", "--rules", rc, "--format", "json", *words, mail], b"", home, environment)
        if b"is no mail" in log:
            return "skipped", "the message has no header"
        log = FOUND_ERRORS.sub(b"", log)
        if status != 0 or log:
            return "differ", "dry-run: exit %s, %s" % (status, log)
        if _files(home) != before:
            return "differ", "dry-run changed the home"
        said = json.loads(out)
        if said["assumed"]:
            return "skipped", "it runs programs"
        status, out, log = twin.run([self.wet, *words, rc], case.message, home, environment)
        wrong = []
        if status != said["exit"]:
            wrong.append("exit: dry-run %s, delivery %s" % (said["exit"], status))
        # The action `|` writes to standard output, and is no folder.
        targets = [(action["kind"], action["target"]) for action in said["actions"]]
        if not LOGS.search(case.rc.decode("latin-1") + case.setup):
            wrong += _compare_abstracts(targets, FOLDER.findall(log.decode("utf-8", "surrogateescape")))
        stored = [t for t in targets if t[0] not in ("discard", "pipe") and not t[1].startswith("/dev/")]
        wrong += _compare_files(stored, before, _files(home), home)
        return ("differ", "\n".join(wrong + [json.dumps(said["actions"]), log.decode("utf-8", "backslashreplace")])) if wrong else ("agree", "")


def _words(case):
    """The case's words without what names the rules, which are given in another way."""
    words = [word for word in case.args if word not in ("-m", "rc", "./rc")]
    # Dry-run knows no arguments ($1): both go without.
    words = [word for at, word in enumerate(words) if word != "-a" and (at == 0 or words[at - 1] != "-a")]
    return [word for word in words if ASSIGNMENT.match(word) or word.startswith("-")]


def _files(home):
    return {os.fsdecode(path): state for path, state in twin._walk(home).items() if state[1] is not None or state[0] != "link"}


def _compare_abstracts(targets, folders):
    folders = [name for name in folders if name and not re.match(r"\*\*\w+\*\*$", name)]
    if len(folders) != len(targets):
        return ["deliveries: dry-run %s, the log %s" % (targets, folders)]
    wrong = []
    for (kind, target), folder in zip(targets, folders):
        inside = kind in DIRECTORIES
        # A CR at the end of a name is a blank in the log.
        fits = folder.startswith(target.split(" ")[0] + "/") if inside else folder == target.rstrip() or len(target) > 60
        if not fits:
            wrong.append("folder: dry-run %s %s, the log %s" % (kind, target, folder))
    return wrong


def _change(path):
    """What a changed file is a message of: the kind of the folder, and its path."""
    folder, name = posixpath.split(path)
    if posixpath.basename(folder) == "new":
        return "maildir", posixpath.dirname(folder)
    return ("mh", folder) if re.match(r"\d+$", name) and folder else ("file", path)


def _compare_files(targets, before, after, home):
    changed = {}
    for path, (mode, content) in after.items():
        if content is not None and before.get(path, (None, None))[1] != content:
            kind, folder = _change(path)
            changed.setdefault((kind, folder), []).append(path)
    told = set()
    wrong = []
    for kind, target in targets:
        # Further names are directories, of whatever kind, that the message was linked into.
        for at, name in enumerate(target.split(" ") if kind in DIRECTORIES else [target]):
            path = posixpath.normpath(name)
            path = posixpath.relpath(path, home) if path.startswith("/") else path
            mine = [key for key in changed if any(_fits(one, path, key) for one in ([kind] if at == 0 else DIRECTORIES))]
            told.update(mine)
            if not mine:
                wrong.append("dry-run says %s %s, and no such file has changed: %s" % (kind, target, sorted(changed)))
    for key in set(changed) - told:
        if not re.search(r"^(procmail: |  Subject: |  Folder: )", (after[changed[key][0]][1] or b"").decode("latin-1"), re.M):
            wrong.append("changed, and dry-run says nothing of it: %s" % (key,))
    return wrong


def _fits(kind, path, key):
    """Whether a change is that of a folder; MAILDIR may have been below the home."""
    what, changed = key
    if kind == "directory":
        what, changed = kind, posixpath.dirname(changed) if what == "file" else changed
    elif kind == "mbox":
        kind = "file"
    return what == kind and (changed == path or changed.endswith("/" + path) or (path == "." and kind != "file"))
