# procmail as the system's delivery agent, side by side with the real one: accounts, -d, /var/mail, trust, /etc/procmailrc.
# SPDX-License-Identifier: Apache-2.0
#
#   SLUICE_BIN=build/dev/bin python3 tests/e2e/system_mailbox_test.py [PART-OF-A-NAME...]
#
# As root, in a mount namespace with an /etc and a /var/mail of its own, so that nothing of the machine is touched. Both
# programs run on the same accounts, one after the other; exit status, output, and every file with its owner, mode and
# content must be alike. Where ours is meant to differ, the case names the line of rules/README.md and what ours does.
import os
import re
import shutil
import stat
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "support"))
import twin

SPOOL = "/var/mail"
USERS = {"anna": 5001, "bob": 5002, "Mixed": 5003}
LIMIT = 30
MESSAGE = b"From: y@example.org\nSubject: x\n\nbody\n"
WITH_FROM = b"From sender@example.org  Mon Nov 23 09:00:00 2026\n" + MESSAGE


@dataclass
class Case:
    name: str
    words: list
    message: bytes = WITH_FROM
    user: str = "root"
    setup: str = ""            # a shell script, as root; $H is the folder of all homes, $S the spool
    environment: dict = field(default_factory=dict)
    differs: str = ""          # why ours is meant to do something else
    ours: str = ""             # and a pattern that its outcome must then hold


def rc(user, text, mode="600"):
    return "printf '%%s' '%s' >$H/%s/.procmailrc; chown %s $H/%s/.procmailrc; chmod %s $H/%s/.procmailrc\n" % (
        text.replace("'", "'\\''"), user, user, user, mode, user)


def global_rc(text):
    return "printf '%%s' '%s' >/etc/procmailrc\n" % text.replace("'", "'\\''")


SAY = 'LOG="$LOGNAME|$HOME|$SHELL|$ORGMAIL|$DEFAULT|$MAILDIR|$PATH|$COMSAT|$1|$2\n"\n'
CASES = [
    Case("root for a user", ["-d", "anna"]),
    Case("two recipients", ["-d", "anna", "bob"]),
    Case("an unknown one", ["-d", "nobody-here"]),
    Case("an unknown one between two", ["-d", "anna", "nobody-here", "bob"]),
    Case("an address", ["-d", "anna@example.org"]),
    Case("an address in capitals", ["-d", "ANNA@Example.org"]),
    Case("capitals", ["-d", "ANNA"]),
    Case("a name with capitals", ["-d", "Mixed"]),
    Case("a name with capitals, in small", ["-d", "mixed"]),
    Case("no recipient", ["-d"]),
    Case("for oneself", ["-d", "anna"], user="anna"),
    Case("for another", ["-d", "bob"], user="anna"),
    Case("no option, for oneself", [], user="anna"),
    Case("no From_ line", ["-d", "anna"], message=MESSAGE),
    Case("no From_ line, sender given", ["-f", "who@x", "-d", "anna"], message=MESSAGE),
    Case("a From_ line, sender given", ["-f", "who@x", "-d", "anna"]),
    Case("a From_ line renewed", ["-f", "-", "-d", "anna"]),
    Case("override", ["-o", "-d", "anna"]),
    Case("override by a user", ["-o", "-d", "anna"], user="anna"),
    Case("sender by a user", ["-f", "who@x", "-d", "anna"], user="anna"),
    Case("arguments", ["-a", "one", "-a", "two", "-d", "anna"], setup=rc("anna", SAY)),
    Case("conflict of d and m", ["-m", "-d", "anna"]),
    Case("conflict of d and p", ["-p", "-d", "anna"]),
    Case("leading empty lines", ["-d", "anna"], message=b"\n\n" + WITH_FROM),
    Case("an empty message", ["-d", "anna"], message=b""),
    Case("presets", ["-d", "anna"], setup=rc("anna", SAY)),
    Case("presets, run by oneself", [], user="anna", setup=rc("anna", SAY)),
    Case("environment is dropped", ["-d", "anna"], setup=rc("anna", 'LOG="[$FOO][$TZ]\n"\n'), environment={"FOO": "x", "TZ": "UTC"}),
    Case("environment is kept", ["-p"], user="anna", setup=rc("anna", 'LOG="[$FOO][$TZ][$IFS][$LD_X]\n"\n'),
         environment={"FOO": "x", "TZ": "UTC", "IFS": "y", "LD_X": "1"}),
    Case("rules of one's own", ["-d", "anna"], setup=rc("anna", ":0:\nbox\n")),
    Case("rules that fail", ["-d", "anna"], setup=rc("anna", ":0:\nno/such\n")),
    Case("EXITCODE", ["-d", "anna"], setup=rc("anna", "EXITCODE=7\n:0\nbox\n")),
    Case("nothing takes it", ["-d", "anna"], setup=rc("anna", "DEFAULT ORGMAIL\n")),
    Case("nothing takes it, softly", ["-t", "-d", "anna"], setup=rc("anna", "DEFAULT ORGMAIL\n")),
    Case("rules writable for the world", ["-d", "anna"], setup=rc("anna", ":0\nbox\n", "666")),
    Case("rules writable for the own group", ["-d", "anna"], setup=rc("anna", ":0\nbox\n", "660") + "chgrp 5001 $H/anna/.procmailrc\n"),
    Case("rules writable for another group", ["-d", "anna"], setup=rc("anna", ":0\nbox\n", "660") + "chgrp 5002 $H/anna/.procmailrc\n"),
    Case("rules of another", ["-d", "anna"], setup=rc("anna", ":0\nbox\n") + "chown bob $H/anna/.procmailrc\n"),
    Case("rules of root", ["-d", "anna"], setup=rc("anna", ":0\nbox\n", "644") + "chown root $H/anna/.procmailrc\n"),
    Case("unreadable rules of root", ["-d", "anna"], setup=rc("anna", ":0\nbox\n", "600") + "chown root $H/anna/.procmailrc\n"),
    Case("a home writable for the world", ["-d", "anna"], setup=rc("anna", ":0\nbox\n") + "chmod 777 $H/anna\n"),
    Case("a sticky home", ["-d", "anna"], setup=rc("anna", ":0\nbox\n") + "chmod 1777 $H/anna\n"),
    Case("a home writable for a group", ["-d", "anna"], setup=rc("anna", ":0\nbox\n") + "chmod 770 $H/anna; chgrp 5002 $H/anna\n"),
    Case("a home of the own group", ["-d", "anna"], setup=rc("anna", ":0\nbox\n") + "chmod 770 $H/anna; chgrp 5001 $H/anna\n"),
    Case("rules that are a link", ["-d", "anna"], setup=rc("anna", ":0\nbox\n") + "mv $H/anna/.procmailrc $H/anna/r; ln -s r $H/anna/.procmailrc\n"),
    Case("rules that are a folder", ["-d", "anna"], setup="mkdir $H/anna/.procmailrc\n"),
    Case("no home", ["-d", "anna"], setup="rm -r $H/anna\n"),
    Case("named rules", ["rc"], user="anna", setup="printf ':0\\nbox\\n' >$H/anna/rc; chown anna $H/anna/rc\n"),
    Case("named rules of another", ["rc"], user="anna", setup="printf ':0\\nbox\\n' >$H/anna/rc; chown bob $H/anna/rc\n"),
    Case("named rules writable for a group", ["rc"], user="anna", setup="printf ':0\\nbox\\n' >$H/anna/rc; chown anna:bob $H/anna/rc; chmod 660 $H/anna/rc\n"),
    # The mailbox in /var/mail.
    Case("a mailbox that is there", ["-d", "anna"], setup="echo >$S/anna; chown anna:mail $S/anna; chmod 660 $S/anna\n"),
    Case("a mailbox readable for its group", ["-d", "anna"], setup="echo >$S/anna; chown anna:mail $S/anna; chmod 640 $S/anna\n"),
    Case("a mailbox of the world", ["-d", "anna"], setup="echo >$S/anna; chown anna:mail $S/anna; chmod 666 $S/anna\n"),
    Case("a mailbox of another", ["-d", "anna"], setup="echo old >$S/anna; chown bob $S/anna; chmod 666 $S/anna\n"),
    Case("a mailbox that is a link", ["-d", "anna"], setup="ln -s $H/anna/in $S/anna; chown -h anna $S/anna\n"),
    Case("a mailbox that is a link elsewhere", ["-d", "anna"], setup="echo >$H/bob/secret; chown bob $H/bob/secret; chmod 666 $H/bob/secret; ln -s $H/bob/secret $S/anna\n"),
    Case("a mailbox with two names", ["-d", "anna"], setup="echo old >$S/x; chown anna $S/x; ln $S/x $S/anna\n"),
    Case("a mailbox that is a folder", ["-d", "anna"], setup="mkdir $S/anna; chown anna $S/anna\n"),
    Case("a mailbox that forwards by itself", ["-d", "anna"], setup="echo >$S/anna; chown anna $S/anna; chmod 4600 $S/anna\n"),
    Case("a mailbox full of rights", ["-d", "anna"], setup="echo >$S/anna; chown anna $S/anna; chmod 700 $S/anna\n"),
    Case("a mailbox nobody may write", ["-d", "anna"], setup="echo >$S/anna; chown anna $S/anna; chmod 400 $S/anna\n"),
    Case("a spool for the world", ["-d", "anna"], setup="chmod 1777 $S\n"),
    Case("a spool for the world, a link", ["-d", "anna"], setup="chmod 1777 $S; ln -s $H/anna/in $S/anna; chown -h bob $S/anna\n"),
    Case("a closed spool", ["-d", "anna"], setup="chmod 755 $S; chgrp root $S\n",
         differs="a new mailbox is for its owner only", ours="/var/mail/anna 100600 5001:0"),
    Case("a closed spool, a mailbox in it", ["-d", "anna"], setup="chmod 755 $S; chgrp root $S; echo >$S/anna; chown anna $S/anna; chmod 600 $S/anna\n"),
    # The rules for all.
    Case("rules for all", ["-d", "anna"], setup=global_rc(SAY + "UNSEEN=x\n") + rc("anna", SAY + 'LOG="[$UNSEEN]\n"\n')),
    Case("rules for all, dropped privileges", ["-d", "anna"], setup=global_rc('DROPPRIVS=yes\nLOG=`id -un`"\n"\nMAILDIR=$HOME/m\n') + "mkdir $H/anna/m; chown anna $H/anna/m\n" + rc("anna", ":0\nbox\n")),
    Case("rules for all that deliver", ["-d", "anna"], setup=global_rc("DROPPRIVS=yes\n:0\n* ^Subject: x\nall\n") + rc("anna", ":0\nbox\n")),
    Case("rules for all that copy", ["-d", "anna"], setup=global_rc("DROPPRIVS=yes\n:0c:\nall\n") + rc("anna", ":0:\nbox\n")),
    Case("rules for all, verbose", ["-d", "anna"], setup=global_rc("VERBOSE=yes\nA=1\nDROPPRIVS=yes\nB=2\n") + rc("anna", "C=3\n:0\nbox\n")),
    Case("rules for all, with rules named", ["./rc"], user="anna", setup=global_rc("LOG=all\n") + "printf ':0\\nbox\\n' >$H/anna/rc; chown anna $H/anna/rc\n"),
    Case("rules for all of another", ["-d", "anna"], setup=global_rc("LOG=all\n") + "chown bob /etc/procmailrc\n",
         differs="rules that root did not write are not for all", ours="Suspicious rcfile \"/etc/procmailrc"),
    Case("rules for all, writable", ["-d", "anna"], setup=global_rc("LOG=all\n") + "chmod 666 /etc/procmailrc\n",
         differs="nor those that anybody can write", ours="Suspicious rcfile \"/etc/procmailrc"),
    Case("rules for all, HOST", ["-d", "anna"], setup=global_rc("HOST=nope\n") + rc("anna", ":0\nbox\n")),
    Case("rules for all, SWITCHRC", ["-d", "anna"], setup=global_rc("DROPPRIVS=yes\nSWITCHRC=$HOME/other\n") + rc("anna", ":0\nbox\n") + "printf 'LOG=other\\n' >$H/anna/other\n"),
    Case("rules for all, by a user", [], user="anna", setup=global_rc(SAY) + rc("anna", ":0\nbox\n")),
    Case("filter mode by root", ["-m", "/etc/rc", "x", "y"], setup="printf 'LOG=\"$1|$2|$HOME|$MAILDIR|$LOGNAME|$DEFAULT\n\"\n:0\n/dev/null\n' >/etc/rc\n"),
    Case("filter mode, a system's file", ["-m", "/etc/procmailrcs/rc", "x"], user="anna",
         setup="mkdir /etc/procmailrcs; printf 'LOG=`id -un`\n:0\n/dev/null\n' >/etc/procmailrcs/rc\n"),
    Case("an unknown one first", ["-d", "no-one", "anna"]),
    Case("an unknown one last", ["-d", "anna", "no-one"]),
    Case("an unknown one, softly", ["-t", "-d", "no-one", "anna"]),
    Case("rules for all, a folder of theirs", ["-d", "anna"], setup=global_rc("MAILDIR=$HOME/m\n") + "mkdir $H/anna/m; chown anna $H/anna/m\n" + rc("anna", SAY + ":0\nbox\n")),
    Case("rules for all, a folder that is not there", ["-d", "anna"], setup=global_rc("MAILDIR=/no/such\n") + rc("anna", SAY + ":0\nbox\n")),
    Case("rules for all, PATH", ["-d", "anna"], setup=global_rc("PATH=/x\n") + rc("anna", SAY)),
    Case("a Maildir by default", ["-d", "anna"], setup=rc("anna", "DEFAULT=$HOME/Maildir/\n")),
    Case("UMASK and the mailbox", ["-d", "anna"], setup=rc("anna", "UMASK=022\n")),
]


class Machine:
    """Accounts, homes, a spool: made anew for each run."""

    def __init__(self):
        self.scratch = tempfile.mkdtemp(prefix="sluice-system-")
        os.chmod(self.scratch, 0o755)
        self.homes = os.path.join(self.scratch, "home")
        self.etc = os.path.join(self.scratch, "etc")
        os.makedirs(os.path.join(self.scratch, "mail"))
        shutil.copytree("/etc", self.etc, symlinks=True, ignore_dangling_symlinks=True)
        for name, line in (("passwd", "%s:x:%d:%d::" + self.homes + "/%s:/bin/sh\n"), ("group", "%s:x:%d:\n")):
            with open(os.path.join(self.etc, name), "a", encoding="ascii") as file:
                file.writelines(line % ((user, uid, uid, user) if name == "passwd" else (user, uid)) for user, uid in USERS.items())
        subprocess.run(["mount", "--bind", self.etc, "/etc"], check=True)
        subprocess.run(["mount", "--bind", os.path.join(self.scratch, "mail"), SPOOL], check=True)

    def reset(self, case):
        for name in ("procmailrc", "procmailrcs", "rc"):
            path = os.path.join("/etc", name)
            shutil.rmtree(path) if os.path.isdir(path) else os.path.exists(path) and os.unlink(path)
        for entry in os.scandir(SPOOL):
            shutil.rmtree(entry.path) if entry.is_dir(follow_symlinks=False) else os.unlink(entry.path)
        os.chown(SPOOL, 0, 8)
        os.chmod(SPOOL, 0o2775)
        shutil.rmtree(self.homes, ignore_errors=True)
        os.mkdir(self.homes)
        for user, uid in USERS.items():
            os.mkdir(os.path.join(self.homes, user), 0o755)
            os.chown(os.path.join(self.homes, user), uid, uid)
        # The real one is set-gid mail for this: a user cannot make a mailbox in the spool.
        if case.user != "root":
            with open(os.path.join(SPOOL, case.user), "wb") as file:
                os.chown(file.fileno(), USERS[case.user], 8)
                os.chmod(file.fileno(), 0o660)
        subprocess.run(["sh", "-e", "-c", case.setup], check=True, umask=0o022, env={"PATH": "/usr/bin:/bin", "H": self.homes, "S": SPOOL})

    def observe(self, case, program, name="procmail"):
        self.reset(case)
        environment = {"PATH": "/usr/bin:/bin", "TZ": "UTC", **case.environment, **program.environment}
        environment.update({name: value for name, value in os.environ.items() if name.endswith("SAN_OPTIONS")})
        who = {} if case.user == "root" else {"user": USERS[case.user], "group": USERS[case.user], "extra_groups": []}
        home = os.path.join(self.homes, case.user)
        done = subprocess.run([name, *case.words], executable=program.path, input=case.message, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              cwd=home if os.path.isdir(home) else "/", env=environment, timeout=LIMIT, umask=0o022, check=False, **who)
        lines = ["exit: %d" % done.returncode, "stdout: %r" % done.stdout, *("log: %s" % line for line in self.plain(done.stderr).splitlines())]
        for top in (self.homes, SPOOL):
            lines += self.tree(top)
        return "\n".join(lines)

    def plain(self, text):
        text = re.sub(twin.NEW_SECOND, b"", text)
        text = re.sub(twin.DATE, b"@DATE@", text)
        text = re.sub(rb"(BOGUS\.\w+)\.[\w-]+", rb"\1.*", text)
        # Root could make it; ours is the account by then, and asks dotlockfile, which may not be installed here.
        text = re.sub(rb'procmail: Lock failure on "/var/mail/\w+\.lock"\n', b"", text)
        return text.replace(self.scratch.encode(), b"@").decode("utf-8", "backslashreplace")

    def tree(self, top):
        lines = []
        for folder, folders, files in os.walk(top):
            folders.sort()
            for name in sorted(folders + files):
                path = os.path.join(folder, name)
                about = os.lstat(path)
                shown = re.sub(r"/(new|cur|tmp/|msg\.).+", r"/\1*", re.sub(r"BOGUS\.(\w+)\..*", r"BOGUS.\1.*", path.replace(self.scratch, "@")))
                content = self.plain(open(path, "rb").read()) if stat.S_ISREG(about.st_mode) else ""
                lines.append("%s %o %d:%d %r" % (shown, about.st_mode, about.st_uid, about.st_gid, content))
        return lines


# What sluice deliver does as root where the spool has no mailbox yet, or a wrong one. Nobody to compare with.
DELIVER = [
    ("a first delivery", "", "exit: 0\n(.*\n)*/var/mail/anna 100600 5001:8 'From "),
    ("a link in a sticky spool", "chmod 1777 $S; ln -s $H/bob/secret $S/anna; chown -h bob $S/anna",
     "exit: 0\n(.*\n)*/var/mail/BOGUS.anna.\\* 120777(.*\n)*/var/mail/anna 100600 5001:8 'From "),
    ("another's file in a sticky spool", "chmod 1777 $S; echo >$S/anna; chown bob $S/anna; chmod 666 $S/anna",
     "exit: 0\n(.*\n)*/var/mail/BOGUS.anna.\\* 100666(.*\n)*/var/mail/anna 100600 5001:8 'From "),
]


def check_deliver(machine, program):
    configuration = os.path.join(machine.scratch, "sluice.conf")
    with open(configuration, "w", encoding="ascii") as file:
        file.write("[state]\ndir = %s/state\n" % machine.scratch)
    wrong = 0
    for name, setup, expected in DELIVER:
        words = ["deliver", "--config", configuration, "--user", "anna"]
        seen = machine.observe(Case(name, words, setup=setup + "\n"), program, "sluice")
        if not re.search(expected, seen):
            wrong += 1
            print("FAILED deliver: %s\n%s" % (name, seen))
    return wrong


def isolated():
    """Starts this script again in a mount namespace of its own. False: there can be none."""
    if "SLUICE_ISOLATED" in os.environ:
        return True
    space = ["unshare", "--mount", "--propagation", "private"]
    if os.geteuid() != 0 or subprocess.run([*space, "true"], stderr=subprocess.DEVNULL, check=False).returncode != 0:
        return False
    done = subprocess.run([*space, sys.executable, "-B", *sys.argv], env={**os.environ, "SLUICE_ISOLATED": "yes"}, check=False)
    sys.exit(done.returncode)


def main(words):
    if not isolated():
        print("needs root and mount namespaces: nothing was tried")
        return 0
    scratch = twin.scratch_folder()
    programs = twin.Programs(scratch)
    machine = Machine()
    wrong = 0
    try:
        for case in CASES:
            if words and not any(word in case.name for word in words):
                continue
            ours = machine.observe(case, programs.ours)
            real = machine.observe(case, programs.real) if programs.real else ours
            meant = re.search(case.ours, ours) and (ours != real or not programs.real)
            alike = meant if case.differs else ours == real
            if not alike:
                wrong += 1
                print("FAILED %s\n--- ours\n%s\n--- real\n%s" % (case.name, ours, real))
        if not words:
            wrong += check_deliver(machine, programs.ours)
    finally:
        subprocess.run(["umount", SPOOL], check=False)
        subprocess.run(["umount", "/etc"], check=False)
        shutil.rmtree(machine.scratch, ignore_errors=True)
        twin.remove(scratch)
    print("%d cases against %s: %d complaints" % (len(CASES), "the real procmail" if programs.real else "nothing", wrong))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
