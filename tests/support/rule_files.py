# Random rule files with a message and a command line for each: the case of a seed.
# SPDX-License-Identifier: Apache-2.0
#
#   case = rule_files.case_of(5001)
#   twin.observe(case.for_twin(), program, scratch)
#
# A case is all that its seed says, so a disagreement is found again by its seed. What hangs or races under the real
# procmail is not made: a clone that asks for the lock its parent holds, programs that do not read their input.
from dataclasses import dataclass, replace

import twin
from rule_conditions import Conditions
from rule_words import NAMES

FOLDERS = ["sub", "sub/deep", "dir1", "md1", "md1/new", "md1/cur", "md1/tmp", "mh1", "closed"]
FILES = {"old": (b"From old\n\nold\n\n", 0o600), "torn": (b"From torn\n\ntorn", 0o600), "readonly": (b"", 0o400), "mh1/3": (b"x", 0o600), "mh1/12": (b"x", 0o600), "mh1/x4": (b"", 0o600)}
MODES = {"closed": 0o500}
SUBJECTS = ["hello", "Hello World", "re: [dev] x-y", "a.b one two", "", "  spaced  out ", "5 apples", "(p|q) $A `x`", "caf\xc3\xa9 \xe2\x82\xac", "../../up", "/nonexistent/x", "-C/x a", "a/../b", "o" * 200]
BODY_LINES = ["hello", "From me to you", ">From quoted", "", "one two three", "a.b*c", "5", "  indented", "x-y x-y x-y", "Subject: inner",
              "aaaa", "lists dev", "To: body", "caf\xe9", "From", "\ttab", "end.", "From ", "a\0b", "\\ ^ $", "dev\r"]
FIELDS = ["X-Num: 12345", "Precedence: bulk", "Sender: owner-dev@example.org", "List-Id: <dev.example.org>", "Cc: a@b, c@d", "From: Anna <anna@example.org>",
          "From: mailer-daemon@x", "Apparently-To: dev", "Resent-Bcc: x, dev@y", "From: postmaster@x.y (Post Master)", "Mailing-List: contact x", "Subject: second", "no field at all", "X-A:b",
          "From inner line", "Precedence: JUNK", "X-Envelope-From: root"]


@dataclass(frozen=True)
class RandomCase:
    name: str
    rc: str
    message: str
    options: tuple                # of the command line
    words: tuple                  # behind them: assignments, rule files, arguments
    includes: tuple = ()          # the texts of inc0, inc1, ...
    clones: bool = False          # some `c` block may run beside its parent: the order of lines and messages is open

    def with_texts(self, change, **more):
        """The same case with each of its rule files changed."""
        return replace(self, rc=change(self.rc), includes=tuple(change(text) for text in self.includes), **more)

    def with_option(self, option):
        return replace(self, options=(option,) + self.options)

    def with_setting(self, setting):
        return replace(self, words=(setting,) + self.words)

    def for_twin(self):
        files = dict(FILES)
        for number, text in enumerate(self.includes):
            for folder in ("", "sub/", "sub/deep/"):
                files["%sinc%d" % (folder, number)] = (text.encode("latin-1"), 0o644)
        for folder in ("sub/", "sub/deep/"):
            files[folder + "sendmail"] = (twin.SENDMAIL.encode(), 0o755)
        words = list(self.options + self.words)
        return twin.Case(self.name, self.rc.encode("latin-1"), self.message.encode("latin-1"), words, folders=FOLDERS, files=files, modes=MODES)


def case_of(seed):
    return Generator(seed).case()


class Generator(Conditions):
    def __init__(self, seed):
        super().__init__(seed)
        self.seed = seed
        self.folders = 0
        self.clones = False
        self.includes = []
        self.depth = 0

    def case(self):
        filters = self.chance(0.5)
        start = self.one("", "", "VERBOSE=on ", "VERBOSE=1\n", "LINEBUF=128\n" if self.chance(0.3) else "", "LOGABSTRACT=all VERBOSE=yes\n", "LOGABSTRACT=yes ")
        body = self.some(self.statement, *range(1, 10))
        rc = start + "SHELL=/bin/sh SENDMAIL=./sendmail\n" + body + self.tail()
        arguments = self.one([], [], ["p 1"], ["one", "two"], ["+x", "y/z", ""], ["-b", "../x", "/abs"])
        if filters:
            options = ["-m" + self.one("", "", "", "Y", "t")]
            words = self.some_settings() + [self.one("rc", "rc", "./rc")] + arguments
        else:
            options = self.options() + [word for a in arguments for word in ("-a", a)]
            words = self.defaults() + self.some_settings() + self.one([], [], [], ["./missing"], ["./inc0"]) + ["./rc"]
        return RandomCase("seed %d" % self.seed, rc, self.message(), tuple(options), tuple(words), tuple(self.includes), self.clones)

    def options(self):
        out = [self.one("-t", "-o", "-Y", "-", "-tY", "-p", "-Yo", "-oY")] if self.chance(0.3) else []
        return out + (self.one(["-f", "bob@example.org"], ["-f", "-"], ["-r", "x y"], ["-fjoe"]) if self.chance(0.2) else [])

    def defaults(self):
        return self.one(["DEFAULT=inbox", "ORGMAIL=orgbox"], ["DEFAULT=inbox", "ORGMAIL=orgbox"], ["ORGMAIL=orgmd/", "DEFAULT=no/such"], ["DEFAULT=dir1", "ORGMAIL=orgbox"], ["DEFAULT=/dev/null", "ORGMAIL=x"])

    def some_settings(self):
        if self.chance(0.7):
            return []
        return [self.one("VERBOSE=on", "A=$B x", "B='q r' \"$A\"", "LOGFILE=early", "UMASK=022", "C=`echo z`", "MATCH=m", "MAILDIR=sub/..", "EXITCODE=3", "LOGABSTRACT=all", "SHELL=/bin/sh",
                         lambda: "A=" + self.value().replace("\n", " ").replace("\0", ""), "LIST=", "1=2", "=x", "LOG=cli\n", "LINEBUF=300", "LOCKFILE=cli.lock") for _ in range(self.one(1, 2))]

    def tail(self):
        names = NAMES + ["MATCH", "LASTFOLDER", "PROCMAIL_OVERFLOW", "LOCKFILE", "EXITCODE"]
        told = "".join('LOG="%s=[$%s]\n"\n' % (name, name) for name in names)
        return 'LOG="?=[$?] ==[$=] #=[$#] 1=[$1]\n"\n%s%s' % (told, self.one("", ":0\nlastbox\n", "EXITCODE=$=\n", "HOST=x\n", "VERBOSE=off\n"))

    def new_name(self, stem):
        if self.folders and self.chance(0.2):
            return stem + str(self.random.randint(1, self.folders))
        self.folders += 1
        return stem + str(self.folders)

    # The message.

    def message(self):
        lines = []
        if self.chance(0.8):
            lines.append("From anna@example.org  Mon Nov 23 09:00:00 2026")
            if self.chance(0.1):
                lines.append(">From old@example.org  Mon Nov 23 08:00:00 2026")
        if self.chance(0.97):
            lines.append("To: dev@lists.example.org" + self.one("", ",\n bob@example.org", "\n\tx@y"))
        lines.append("Subject: " + self.one(*SUBJECTS) + self.one("", "", "", "\n folded", "\n\ttab folded", "\n ", "\n a\n b"))
        lines += [self.one(*FIELDS) for _ in range(self.one(0, 1, 2, 3))]
        if self.chance(0.04):
            lines.append("X-Long: " + "word " * self.random.randint(1, 700))
        if self.chance(0.04):
            lines.append(self.one("Content-Length: 5", "Content-Length:        999", "Content-Length: 1\n 2"))
        text = "\n".join(lines) + "\n"
        if self.chance(0.02):
            text = self.one("", "\n", "\n\n" + text, "no header\n\nbody\n", "x\0y\n" + text, "From only\n", "\n" + text)
        if self.chance(0.95):
            text += "\n" + "".join(self.one(*BODY_LINES) + "\n" for _ in range(self.random.randint(0, 8)))
            text += self.one("", "", "", "\n", "\n\n", "no line end" if self.chance(0.5) else "")
        return text.replace("\n", "\r\n") if self.chance(0.01) else text

    # Statements.

    def statement(self):
        return self.one(*[self.assignment] * 5, *[self.recipe] * 8, self.odd_line, self.special, self.special, self.include, self.comment)

    def comment(self):
        return self.one("# a comment { } \" '\n", "\n", "  # indented\n", "\t\n", "#\n", "# joined \\\nA=joined\n")

    def odd_line(self):
        return self.one("foo-bar baz\n", "1A=1\n", "* ^Subject\n", "A B\n", "} \n", "A=1 B=2\n", "C=z A=b C\n", "A=\n", "B = two words\n", "= x\n",
                        "| cat\n", "A=1}\n", "x_1 # comment\n", "A=#hash\n", "A=\\#hash\n", "A= # nothing\n", "LIST=a\\\n  B=x\n", "LIST=\\\n", "{ A=1 }\n",
                        "A=1 :0\n* !\nnobox\n", "A==b\n", "export A=1\n", "A+=1\n", ": A\n", "A=1;B=2\n", "\\A=1\n", "A:B\n", "\"A\"=1\n", "A=x\r\n", ":0\n", "\x00\n" if self.chance(0.1) else "\n", "A\n",
                        "B=${2:+} LOG=\"$B\n\"\n", "A=$B$C B=$A\n", "_=1\n", "A=a'b'\"c\"\\d\n", ":0 c\n\n\n\nlater\n", "A\t=\tb\n", "$A=1\n")

    def assignment(self):
        line = self.name() + self.one("=", "=", "=", " = ", "= ", "\t=") + self.value() + self.one("", "", "", " # comment", "  ")
        # Behind "${A:-}" the next line would be part of the value, whatever it is (rules/README.md).
        end = self.one("\n", "\n", "\n", " " if self.chance(0.5) else "\n")
        return line + ("\n" if line.rstrip(" ").endswith("}") else end)

    def special(self):
        return self.one(
            "LOG=%s\n", "LOG=%s", "EXITCODE=%s\n", "LASTFOLDER=%s\n", "MATCH=%s\n", "LOGABSTRACT=all\n", "LOGABSTRACT=yes\n", "LOGABSTRACT=no\n", "UMASK=022\n", "UMASK=007\n", "UMASK=%s\n", "UMASK=0\n",
            "MAILDIR=sub\n", "MAILDIR=sub/deep\n", "MAILDIR=nowhere\n", "MAILDIR=closed\n", "SHIFT=1\n", "SHIFT=9\n", "SHIFT=-1\n", "SHIFT=%s\n", "LOCKFILE=global.lock\n", "LOCKFILE\n", "LOCKFILE=sub/g.lock\n", "LOCKFILE=closed/x\n",
            "TRAP='cat >>trapped; echo EX=$EXITCODE LF=$LASTFOLDER'\n", "TRAP='cat >/dev/null; exit 9' EXITCODE=\n", "TRAP='sed -n 1p'\n", "TRAP='exit 3'\n" if self.chance(0.3) else "TRAP\n", "EXITCODE=\n", "EXITCODE=7\n", "EXITCODE=abc\n", "EXITCODE=-1\n",
            "EXITCODE\n", "EXITCODE=300\n", "LOGFILE=logged\n", "LOGFILE=no/log\n", "LOGFILE=\n", "LOGFILE=closed\n", "DEFAULT=%s\n", "DEFAULT\n", "ORGMAIL=\n", "ORGMAIL=other/\n", "LOCKEXT=.lk\n", "LOCKEXT=\n", "SHELLFLAGS=-uc\n", "MSGPREFIX=m.\n",
            "VERBOSE=no\n", "VERBOSE=on\n", "VERBOSE\n", "VERBOSE=\n", "HOST\n", "HOST=%s\n", "HOST=$HOST\n", "DELIVERED=yes\n", "COMSAT=no\n", "LINEBUF=4096\n", "LINEBUF=%s\n", "LINEBUF=150\n" if self.chance(0.3) else "LINEBUF=2048\n", "SHELLMETAS=;\n", "SHELLMETAS=\n", "SHELLMETAS\n",
            "SENDMAILFLAGS=-oi\n", "SENDMAILFLAGS='-x  -y'\n", "SENDMAILFLAGS\n", "TIMEOUT=100\n", "MAILDIR=$MAILDIR\n", "LOG=\"$MAILDIR|$_|$-\n\"\n", "PATH=/bin:/usr/bin\n", "DROPPRIVS=yes\n", "SHELL=/bin/sh\n", "SUSPEND=1\n", "LOCKSLEEP=1\n", "NORESRETRY=2\n",
            "LOG=`env | grep -E '^(A|B|C|MATCH|DEFAULT|HOST|LOCKEXT|IFS|PWD|TZ|SHELL[A-Z]*)=' | sort`\n", "INCLUDERC\n", "SWITCHRC\n", "LOG\n", "UMASK\n", "MAILDIR\n", "LASTFOLDER\n", "LINEBUF\n").replace("%s", self.plain_value())

    def plain_value(self):
        return self.one("$A", "x", "on", "\"text\n\"", "other", "'1 2'", "300", "$MATCH", "off")

    def include(self):
        if self.depth > 1:
            return "INCLUDERC=/dev/null\n"
        self.depth += 1
        text = self.some(self.statement, 0, 1, 2, 3)
        if self.chance(0.1):
            text = text.rstrip("\n")
        self.depth -= 1
        self.includes.append(text)
        path = self.one(*["inc%d" % (len(self.includes) - 1)] * 5, "missing", "", "sub", "$LIST", "closed/x", "$MATCH")
        return "%s=%s" % (self.one("INCLUDERC", "INCLUDERC", "SWITCHRC"), path) + self.one("\n", "\n", " LOG=\"behind\n\"\n")

    # Recipes.

    def recipe(self):
        conditions = self.some(self.condition, 0, 1, 1, 1, 2, 3)
        gap = self.one(*[""] * 12, "\n", "# between\n", "\n:0\n" if self.chance(0.2) else "", " \n\t")
        kind = self.one(*["folder"] * 5, "program", "program", "forward", "filter", "filter", "capture", "capture", *["block"] * 4)
        return self.head(kind) + conditions + gap + self.action(kind)

    def head(self, kind):
        flags = self.one(*[""] * 6, "A", "a", "E", "e", "AE", "aE", "Ae", "eE", "ea", "H", "B", "HB", "D", "BD", "HBD")
        flags += self.one(*[""] * 5, "h", "b", "hb", "r", "i", "W", "hr", "br")
        self.copy = kind in ("folder", "program", "forward", "block") and self.chance(0.55 if kind != "block" else 0.2) or self.chance(0.02)
        flags += "c" if self.copy else ""
        self.waits = kind not in ("folder",) and self.chance(0.6)
        flags += self.one("w", "W", "wW") if self.waits else ""
        flags += "f" if kind == "filter" or self.chance(0.03) else ""
        letters = list(flags)
        self.random.shuffle(letters)
        flags = self.one("", " ").join(letters) + self.one(*[""] * 24, "Z", " x.lock", " $A", "\"h\"", "${unset}c", "$unset", "HBDAahbfcwWiEer" if self.chance(0.2) else "hh")
        own = self.new_name("lock")   # a clone that asks for the lock its parent holds waits for ever under the real one
        lock = self.one(*[""] * 5, ":" if kind != "block" else "", ": " + own, ":" + own + ".lock", ": $A" + own, ": %s b" % own, ":\"%s x\"" % own, ": `echo %s`" % own, ":closed/" + own, ":no/" + own) if self.chance(0.5) else ""
        number = self.one(*["0"] * 12, "", "1", "2", "00")
        if number == "" and "$" in flags:
            number = "0"   # how many conditions need no star would hang on the variable (rules/README.md)
        if kind == "block" and self.copy and not self.waits:
            self.clones = True
        return ":" + number + self.one("", " ", "  ") + flags + lock + self.one("\n", "\n", "\n", " # comment\n", "  \n")

    def action(self, kind):
        if kind == "block":
            return self.block()
        if kind == "forward":
            return "!" + self.one("", " ") + self.one("a@b", "a@b c@d", "$A", "\"$A\" x", "`echo u@v w@x`", "'q r'", "\"$@\" z", "a \"$@\"", "", "a # b", "$MATCH", "$1 x", "$unset", "${B:-x y}", "x\\\n y", "a \\\n") + "\n"
        if kind == "filter":
            return "|" + self.one("", " ") + self.one(
                "cat", "tr a-z A-Z", "sed -e s/e/E/", "grep -v '^$'", "cat; exit 1", "cat >/dev/null", "cat >/dev/null; exit 2", "sed 's/^Subject: /&new /'", "sed -e 's/[aeiou]/*/g'", "cat; echo more",
                "sh -c \"cat; exit 5\"", "head -n 3 && cat >/dev/null", "printf 'X-New: 1\\n'; cat", "cat - |\\\ncat", "cat;\\\n\\\necho ok", "nosuch" if self.chance(0.3) else "cat", "sh -c 'kill -9 $$'", "sed -e 1d", "sed -n $A", "printf '\\n\\n'; cat",
                "cat >>f$A; sed -n 1p f$A") + "\n"
        if kind == "capture":
            return self.one(*NAMES, "EXITCODE", "UMASK", "LOG", "MATCH", "LASTFOLDER", "TRAP", "VERBOSE", "INCLUDERC") + self.one("=", "= ", "=\t") + self.one("|", "|", "| ") + self.one(
                "cat", "sed -n 1p", "wc -l", "cat >/dev/null; exit 3", "cat >/dev/null; echo 022", "sed -n 1p; exit 1", "sed -n 's/^Subject: //p'", "sh -c \"cat >/dev/null; echo $A $1\"", "sed -n \"/$A/p\"", "nosuch" if self.chance(0.3) else "cat", "",
                "cat; cat >>cap", "sed -e 's/$/x/'") + "\n" if self.chance(0.93) else self.name() + "=!" + self.one("a", " $A", "") + "\n"
        if kind == "program":
            return "|" + self.one("", " ") + self.program_action(self.new_name("out")) + "\n"
        name = self.folder()
        if name.startswith("box") and self.chance(0.2):
            return name.rstrip("/.") + self.one(" # comment\n", " extra words\n", "  \n", "\\\n  more\n", " \\\n more\n")
        return name if name.endswith("\n") else name + "\n"

    def block(self):
        inner = ""
        if self.depth < 3:
            self.depth += 1
            inner = self.some(self.statement, 0, 1, 2, 3)
            self.depth -= 1
        return "{" + self.one("\n", " ", "\t") + inner + self.one("}\n", "}\n", "\n}\n", "} LOG=\"after\n\"\n", "" if self.chance(0.2) else "}\n")

    def program_action(self, name):
        return self.one("cat >>%s", "cat >>%s", "cat >> %s", "cat >>%s; exit 4", "cat >/dev/null; exit 3", "sed -n w%s", "sh -c \"cat >>%s\"", "cat >>'%s'", "sed -n \"w%s\"", "(cat; echo \"$A\" '$B') >>%s", "cat >>${%s:-%s}",
                        "sh -c 'cat >/dev/null; exit 2' # c", "(echo \"$@\"; cat) >>%s", "tee %s", "cat >>%s;\\\n true", "", "nosuch" if self.chance(0.5) else "cat >>%s", "sh -c 'kill -15 $$'" if self.chance(0.5) else "cat >>%s", "$unset", "\"\"",
                        "cat >>$A%s", "tee -a %s $1", "tee %s \"$@\"", "cat >>%s # >>x", "\\\ncat >>%s", "sed -n \\\nw%s", "cat >>%s\\\n").replace("%s", name)

    def folder(self):
        name = self.new_name("box")
        return self.one(*[name] * 8, name + "/", "md1/", name + "/.", "mh1/.", "dir1\n", "dir1 " + name + "d\n", "md1/ " + name + "d/\n", "mh1/. dir1 md1/\n", "/dev/null", "no/such/box", "readonly", "old", "torn", "'" + name + " q'", "$A", "\"$A\"",
                        "l.$A", "${LIST:-%s}" % name, "`echo %s`" % name, "{}", "{x", "A=1", "^Subject", "\"\"", name + "/", "$MAILDIR/" + name, "sub/" + name, "./" + name, ":0", "}", "$unset", "l.$MATCH", "'|'", "$MATCH", "$1", "dir1 # comment\n", "closed/x",
                        "dir1 %s/. readonly\n" % name, "/dev/full", "a\\ b", "no/such/dir/", "old/", "x.`cat`", "$LIST $B", "md1", "../up", "*", "#" + name, "\\#" + name, "`echo ../q`")
