# Random small rule files and messages: our procmail and the real one must do the same with them.
# SPDX-License-Identifier: Apache-2.0
#
#   SLUICE_BIN=build/dev/bin python3 tests/support/random_rules.py [CASES [SEED]]    # 150 cases from a fresh seed
#   SLUICE_BIN=build/dev/bin python3 tests/support/random_rules.py show SEED         # one case, and what both did
#
# A case is all that its seed says, so a disagreement is found again by its seed. What CONTRACT 5 (rules/README.md, the
# table of differences) makes different is not generated: missing and killed programs, `..` out of a message, lines
# beyond 2048 bytes, NUL, Content-Length, `+` in front of `\/`. Two differences are evened out: empty lines between the
# messages of an mbox (number 11), and the order of log lines and messages where clones ran beside each other.
import concurrent.futures
import difflib
import os
import random
import re
import shutil
import sys

import twin

NAMES = ["A", "B", "C", "LIST", "x_1"]
WORDS = ["one", "two", "lists", "hello", "dev", "a.b", "x-y", "5", "anna@example.org", "foo/bar", "^Sub", "a,b", "%z", "~/k", "k;l",
         "=v", "(p|q)", "a*", "[x]", "!", "+", "{", "a}b", "a#b", "caf\xe9", ":"]
SETUP = """mkdir sub sub/deep dir1 md1 md1/new md1/cur md1/tmp
cp sendmail sub; cp sendmail sub/deep
printf 'From old\\n\\nold\\n\\n' >old; chmod 600 old
: >readonly; chmod 400 readonly
"""
SUBJECTS = ["hello", "Hello World", "re: [dev] x-y", "a.b one two", "", "  spaced  out ", "5 apples", "(p|q) $A `x`", "caf\xe9 \u20ac"]
BODY_LINES = ["hello", "From me to you", ">From quoted", "", "one two three", "a.b*c", "5", "  indented", "x-y x-y x-y", "Subject: inner",
              "aaaa", "lists dev", "To: body", "caf\xe9", "From", "\ttab", "end."]


class Generator:
    """Makes the case of a seed."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.seed = seed
        self.folders = 0
        self.clones = False      # some `c` block is not waited for
        self.includes = []       # the texts of inc0, inc1, ...
        self.depth = 0

    def case(self):
        self.home_mode = self.chance(0.4)
        statements = [self.statement() for _ in range(self.random.randint(1, 9))]
        rc = "SHELL=/bin/sh SENDMAIL=./sendmail\n" + "".join(statements) + self.tail()
        setup = SETUP
        for number, text in enumerate(self.includes):
            setup += "cat >inc%d <<'END-OF-INC'\n%sEND-OF-INC\ncp inc%d sub; cp inc%d sub/deep\n" % (number, text, number, number)
        arguments = self.random.choice([[], ["p 1"], ["one", "two"], ["+x", "y/z", ""]])
        if self.home_mode:
            args = [word for a in arguments for word in ("-a", a)] + ["DEFAULT=inbox", "ORGMAIL=orgbox", "./rc"]
        else:
            args = ["-m", "rc"] + arguments
        return twin.Case("seed %d" % self.seed, _bytes(rc), self.message(), args, setup)

    def tail(self):
        names = " ".join("%s=[$%s]" % (name, name) for name in NAMES + ["MATCH", "LASTFOLDER", "PROCMAIL_OVERFLOW"])
        return 'LOG="end: %s ?=[$?] ==[$=] #=[$#] 1=[$1]\n"\n%s' % (names, self.random.choice(["", ":0\nlastbox\n", "EXITCODE=$=\n"]))

    def chance(self, share):
        return self.random.random() < share

    def one(self, *choices):
        """One of the choices; those that can be called are."""
        choice = self.random.choice(choices)
        return choice() if callable(choice) else choice

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
        lines.append("To: dev@lists.example.org" + self.one("", ",\n bob@example.org", "\n\tx@y"))
        lines.append("Subject: " + self.one(*SUBJECTS) + self.one("", "", "", "\n folded", "\n\ttab folded"))
        for _ in range(self.random.randint(0, 3)):
            lines.append(self.one("X-Num: 12345", "Precedence: bulk", "Sender: owner-dev@example.org", "List-Id: <dev.example.org>", "Cc: a@b, c@d",
                                  "From: Anna <anna@example.org>", "X-Long: " + "word " * self.random.randint(1, 30), "From: mailer-daemon@x"))
        body = [self.one(*BODY_LINES) for _ in range(self.random.randint(0, 8))]
        if body and body[0].startswith("From "):   # at the very start of what `b` stores, the real one does not quote it
            body[0] = "hello"
        text = "\n".join(lines) + "\n"
        if self.chance(0.95):
            text += "\n" + "".join(line + "\n" for line in body)
            text += self.one("", "", "", "\n", "\n\n", "no line end" if self.chance(0.5) else "")
        return _bytes(text)

    # Statements.

    def statement(self):
        return self.one(*[self.assignment] * 5, *[self.recipe] * 8, self.odd_line, self.special, self.special, self.include, self.comment)

    def comment(self):
        return self.one("# a comment { } \" '\n", "\n", "  # indented\n", "\t\n", "#\n")

    def odd_line(self):
        return self.one("foo-bar baz\n", "1A=1\n", "* ^Subject\n", "A B\n", "} \n", "A=1 B=2\n", "C=z A=b C\n", "A=\n", "B = two words\n", "= x\n",
                        "| cat\n", "A=1}\n", "x_1 # comment\n", "A=#hash\n", "A=\\#hash\n", "A= # nothing\n", "LIST=a\\\n  B=x\n", "LIST=\\\n", "{ A=1 }\n",
                        "A=1 :0\n* !\nnobox\n", "A==b\n", "export A=1\n", "A+=1\n", ": A\n", "A=1;B=2\n", "\\A=1\n", "A:B\n", "\"A\"=1\n")

    def assignment(self):
        name = self.one(*NAMES)
        line = name + self.one("=", "=", "=", " = ", "= ") + self.value() + self.one("", "", "", " # comment", "  ")
        return line + self.one("\n", "\n", "\n", " " if self.chance(0.5) else "\n")

    def special(self):
        return self.one(
            "LOG=%s\n", "LOG=%s", "EXITCODE=%s\n", "LASTFOLDER=%s\n", "MATCH=%s\n", "LOGABSTRACT=all\n", "LOGABSTRACT=yes\n", "UMASK=022\n", "UMASK=007\n", "UMASK=%s\n",
            "MAILDIR=sub\n", "MAILDIR=sub/deep\n", "MAILDIR=nowhere\n", "SHIFT=1\n", "SHIFT=9\n", "SHIFT=-1\n", "LOCKFILE=global.lock\n", "LOCKFILE\n",
            "TRAP='cat >>trapped; echo EX=$EXITCODE LF=$LASTFOLDER'\n", "TRAP='cat >/dev/null; exit 9' EXITCODE=\n", "EXITCODE=\n", "EXITCODE=7\n", "EXITCODE=abc\n", "EXITCODE=-1\n",
            "EXITCODE\n", "EXITCODE=300\n", "LOGFILE=logged\n", "DEFAULT=%s\n", "DEFAULT\n", "ORGMAIL=\n", "LOCKEXT=.lk\n", "SHELLFLAGS=-uc\n", "MSGPREFIX=m.\n",
            "VERBOSE=no\n", "HOST\n", "HOST=%s\n", "HOST=$HOST\n", "DELIVERED=yes\n", "COMSAT=no\n", "LINEBUF=4096\n",
            "SENDMAILFLAGS=-oi\n", "SENDMAILFLAGS='-x  -y'\n", "TIMEOUT=100\n", "MAILDIR=$MAILDIR\n", "LOG=\"$MAILDIR|$_|$-\n\"\n", "PATH=/bin:/usr/bin\n",
            "LOG=`env | grep -E '^(A|B|C|MATCH|DEFAULT|HOST|LOCKEXT|IFS|PWD|TZ|SHELL[A-Z]*)=' | sort`\n").replace("%s", self.plain_value())

    def plain_value(self):
        return self.one("$A", "x", "on", "\"text\n\"", "other", "'1 2'")

    def include(self):
        if self.depth > 1:
            return "INCLUDERC=/dev/null\n"
        self.depth += 1
        text = "".join(self.statement() for _ in range(self.random.randint(0, 3)))
        if text and self.chance(0.1):
            text = text.rstrip("\n")
        self.depth -= 1
        self.includes.append(text if text.endswith("\n") or not text else text + "\n")
        path = self.one(*["inc%d" % (len(self.includes) - 1)] * 5, "missing", "", "sub", "$LIST")
        return "%s=%s" % (self.one("INCLUDERC", "INCLUDERC", "SWITCHRC"), path) + self.one("\n", "\n", " LOG=\"behind\n\"\n")

    # Words and values.

    def value(self):
        return "".join(self.piece(False) for _ in range(self.one(1, 1, 2, 3)))

    def quotable(self):
        return self.one(*WORDS, "two words", " lead", "trail ", "tab\there", "it's" if self.chance(0.3) else "its", "#x", "\\n", "\\}", "\\x")

    def piece(self, quoted):
        if quoted:
            return self.one(self.quotable, self.quotable, self.variable, self.variable, lambda: "\\" + self.one(*'"\\$`nx# '), "\n", lambda: self.backquote(True), "\\\n", "'")
        return self.one(
            *[lambda: self.one(*WORDS)] * 3, self.variable, self.variable, lambda: '"' + "".join(self.piece(True) for _ in range(self.one(0, 1, 2, 3))) + '"',
            lambda: "'" + self.quotable().replace("'", "") + self.one("", "\\", '"', "$A", "\n", "`") + "'", lambda: "\\" + self.one(*" '\"\\$`nx#}\t"),
            lambda: self.backquote(False), "\\\n", '"$@"', "a\"\"b")

    def variable(self):
        name = self.one(*NAMES, *NAMES, "MATCH", "LASTFOLDER", "unset", "1", "2", "#")
        if self.chance(0.35):
            inner = self.one(*WORDS, "$B", "${C:-deep}", '"q r"', "", "a b" if self.chance(0.3) else "ab", "`echo in`", "\\}", "'s'", "${B+$A}", "#y")
            name = "A" if name == "#" else name
            return "${%s%s%s}" % (name, self.one(":-", "-", ":+", "+"), inner)
        if self.chance(0.1):
            return self.one("$?", "$=", "$-", "$#", "$10", "$*", "$!", "$%", "$ ", "${A:=v}", "${12}", "${A", "$@", "$(x)", "${}", "${#A}", "${A%b}", "$\\1", "$.", "${1}", "${A:}")
        return self.one("$%s", "$%s", "${%s}", "$\\%s").replace("%s", name).replace("${#}", "$#").replace("$\\#", "$#")

    def backquote(self, quoted):
        text = self.one("echo x y", "printf 'a\\\\nb\\\\n\\\\n'", "sed -n 1p", "echo $A", "grep -c e", "echo '$B'", "cat | wc -l", "echo \\`id -un\\` >/dev/null", "printf %s\\\\n z", "true", "echo a; false",
                        "head -n 2", "sh -c 'exit 3'")
        if quoted:
            text = text.replace("'", "")
        return "`" + text + "`"

    # Recipes.

    def recipe(self):
        conditions = "".join(self.condition() for _ in range(self.one(0, 1, 1, 1, 2, 3)))
        gap = self.one(*[""] * 12, "\n", "# between\n", "\n:0\n" if self.chance(0.2) else "")
        kind = self.one(*["folder"] * 5, "program", "program", "forward", "filter", "filter", "capture", "capture", *["block"] * 4)
        return self.head(kind) + conditions + gap + self.action(kind)

    def head(self, kind):
        flags = self.one(*[""] * 6, "A", "a", "E", "e", "AE", "aE", "Ae", "eE", "H", "B", "HB", "D", "BD")
        flags += self.one(*[""] * 5, "h", "b", "hb", "r" if self.chance(0.3) else "", "i", "W")
        self.copy = kind in ("folder", "program", "forward", "block") and self.chance(0.55 if kind != "block" else 0.2) or self.chance(0.02)
        flags += "c" if self.copy else ""
        self.waits = kind not in ("folder",) and self.chance(0.6)
        flags += self.one("w", "W", "wW") if self.waits else ""
        flags += "f" if kind == "filter" or self.chance(0.03) else ""
        letters = list(flags)
        self.random.shuffle(letters)
        flags = self.one("", " ").join(letters) + self.one(*[""] * 12, "Z", " x.lock")
        own = self.new_name("lock")   # a clone that asks for the lock its parent holds waits for ever under the real one
        lock = self.one(*[""] * 5, ":" if kind != "block" else "", ": " + own, ":" + own + ".lock", ": $A" + own, ": %s b" % own) if self.chance(0.5) else ""
        number = self.one(*["0"] * 12, "", "1", "2", "00")
        if kind == "block" and self.copy and not self.waits:
            self.clones = True
        return ":" + number + self.one("", " ", "  ") + flags + lock + self.one("\n", "\n", "\n", " # comment\n", "  \n")

    def action(self, kind):
        if kind == "block":
            inner = [self.statement() for _ in range(self.random.randint(0, 3))] if self.depth < 3 else []
            self.depth += 1
            text = "".join(inner)
            self.depth -= 1
            return "{" + self.one("\n", " ") + text + self.one("}\n", "}\n", "\n}\n", "} LOG=\"after\n\"\n", "" if self.chance(0.2) else "}\n")
        if kind == "forward":
            return "!" + self.one("", " ") + self.one("a@b", "a@b c@d", "$A", "\"$A\" x", "`echo u@v w@x`", "'q r'", "\"$@\" z", "a \"$@\"", "", "a # b") + "\n"
        if kind == "filter":
            return "|" + self.one("", " ") + self.one("cat", "tr a-z A-Z", "sed -e s/e/E/", "grep -v '^$'", "cat; exit 1", "cat >/dev/null", "cat >/dev/null; exit 2", "sed 's/^Subject: /&new /'",
                                       "sed -e 's/[aeiou]/*/g'", "cat; echo more", "sh -c \"cat; exit 5\"", "head -n 3 && cat >/dev/null", "printf 'X-New: 1\\n'; cat", "cat - |\\\ncat", "cat;\\\n\\\necho ok") + "\n"
        if kind == "capture":
            return self.one(*NAMES, "EXITCODE", "UMASK", "LOG") + self.one("=", "= ", "=\t") + self.one("|", "|", "| ") + self.one(
                "cat", "sed -n 1p", "wc -l", "cat >/dev/null; exit 3", "cat >/dev/null; echo 022", "sed -n 1p; exit 1", "sed -n 's/^Subject: //p'", "sh -c \"cat >/dev/null; echo $A $1\"", "sed -n \"/$A/p\"") + "\n"
        if kind == "program":
            name = self.new_name("out")
            return "|" + self.one("", " ") + self.one("cat >>%s", "cat >>%s", "cat >> %s", "cat >>%s; exit 4", "cat >/dev/null; exit 3", "sed -n w%s", "sh -c \"cat >>%s\"", "cat >>'%s'", "sed -n \"w%s\"",
                                                      "(cat; echo \"$A\" '$B') >>%s", "cat >>${%s:-%s}", "sh -c 'cat >/dev/null; exit 2' # c", "(echo \"$@\"; cat) >>%s", "tee %s", "cat >>%s;\\\n true", "") .replace("%s", name) + "\n"
        name = self.folder()
        if name.startswith("box") and self.chance(0.2):
            return name.rstrip("/.") + self.one(" # comment\n", " extra words\n", "  \n")
        return name if name.endswith("\n") else name + "\n"

    def folder(self):
        name = self.new_name("box")
        return self.one(*[name] * 8, name + "/", "md1/", name + "/.", "dir1\n", "dir1 " + name + "d\n", "md1/ " + name + "d/\n", "/dev/null", "no/such/box", "readonly", "old", "'" + name + " q'", "$A", "\"$A\"", "l.$A",
                        "${LIST:-%s}" % name, "`echo %s`" % name, "{}", "{x", "A=1", "^Subject", "\"\"", name + "/", "$MAILDIR/" + name, "sub/" + name, "./" + name, ":0", "}", "$unset", "l.$MATCH", "'|'")

    # Conditions.

    def condition(self):
        text = self.prefixes() + self.test()
        text += "a" if text.endswith("\\") else ""
        return self.one("", "", " ", "\t") + "*" + self.one(" ", " ", "", "  ") + text + self.one("\n", "\n", "\n", " \n", "\n\n" if self.chance(0.1) else "\n", "\n# between\n")

    def prefixes(self):
        out = ""
        for _ in range(self.one(0, 0, 0, 1, 1, 2)):
            out += self.one("! ", "!", "B ?? ", "H ??", "HB ?? ", "A ?? ", "LIST??", "$ ", "$", lambda: self.weight() + " ", "\\", "MATCH ?? ")
        return out

    def weight(self):
        return self.one("1", "2", "-1", ".5", "1e2", "+3", "0", "10", "-.5", "2147483647") + self.one("^", " ^ ", "^ ") + self.one("0", "1", ".5", ".9", "2", "-1")

    def test(self):
        return self.one(*[self.pattern] * 9, self.size, self.program, self.program, "", "^TO_dev", "^TOdev", "^FROM_DAEMON", "^FROM_MAILER", self.joined)

    def size(self):
        return self.one("<", ">", "< ", "> ") + self.one("100", "200", "0", "$A", "1", "150 x", "5", "\"99\"", "-1", "", "300")

    def program(self):
        return "?" + self.one("", " ") + self.one("true", "false", "grep -q hello", "cat >>seen", "test 5 -gt 3", "test -n \"$A\"", "sh -c \"exit 4\"", "grep -q \"$A\" # c", "cat >/dev/null; exit 2", "sed -n w$A.q",
                                                  "echo x | grep -q x", "sh -c 'exit 1' # x")

    def joined(self):
        return self.one("^Subject:.*\\\n   hello", "(one|\\\ntwo)", "$ ^Sub\\\n\t ject", "? cat \\\n >>seen", "a\\\n\\\nb")

    def pattern(self):
        atom = lambda: self.one("hello", "^Subject:", "^To:", "one", ".*", "x-y", "a", "$", "^", "[a-e]", "[^a-z ]", "(one|two)", "\\<dev\\>", "()", "5", "\\.", "e?", "l*", "(p|q)*", "lo", "^From ", "dev", ":", " ", "h.l", "o ", "caf", "^^",
                                "{", "a.b", "\\w", "|", "[^]x]", "H", "bulk", "folded", "#")
        left = "".join(atom() for _ in range(self.one(1, 1, 2, 2, 3)))
        if self.chance(0.35) and "|" not in left:
            return left + "\\/" + self.one(".*", "[a-z]*", "..*", "[^ ]*", "(foo|one)", ".*$", "o", "", ".*\n* .".split("\n")[0])
        if self.chance(0.1):
            return left + self.one("+", "++", "(", ")", "[a", "**", "$A", "\\\\", "\"", "$$")
        return left


def _bytes(text):
    return text.encode("utf-8" if "\u20ac" in text else "latin-1")


# Names that a program makes up; VERBOSE's time lines; what is said only if a program ends before it has read.
MADE_UP = [(re.compile(r"/(new|cur|tmp)/[^ \])|\n\",/]+"), r"/\1/*"), (re.compile(r"\b(m|msg)\._?[A-Za-z0-9_-]{3,}"), r"\1.*"),
           (re.compile(r"(?m)^\| procmail: (\[\d+\] @DATE@|Opening \".*\"|Acquiring kernel-lock|Rescue of unfiltered data succeeded)\n"), "")]


def blocks(text):
    """A description as {title: lines}."""
    out, title = {}, None
    for line in text.splitlines():
        if line.startswith(("| ", "\\ ")) or line == "|":
            out[title].append(line)
        else:
            title = line
            while title in out:
                title += "'"
            out[title] = []
    return out


def evened(text, clones):
    """What may differ taken out: empty lines of files; where clones run side by side, the order of lines."""
    for pattern, stable in MADE_UP:
        text = pattern.sub(stable, text)
    out = []
    for title, lines in sorted(blocks(text).items()):
        if title.startswith("file"):
            lines = [line for line in lines if line not in ("| ", "|", "\\ no line end")]
        title = re.sub(r"^file logged \d+", "file logged", title)   # the real one makes it 0667 less the umask
        if title.startswith("file") and not lines:
            title = title.rstrip(":").replace(": empty", "")
        out += [title] + (sorted(lines) if clones else lines)
    return "\n".join(out)


def compare(seed, programs, scratch):
    """Runs one case with both; the complaint, or nothing."""
    generator = Generator(seed)
    case = generator.case()
    ours, real = (twin.observe(case, program, scratch) for program in (programs.ours, programs.real))
    # A clone of the real one opens its rules again, by a name that MAILDIR may have made void.
    if b"MAILDIR" in case.rc and ('procmail: Lost "' in real or "procmail: Couldn't unlock" in real):
        return None
    # It crashes now and then.
    if real.startswith("exit: -11"):
        return None
    if ours == real or evened(ours, generator.clones) == evened(real, generator.clones):
        return None
    diff = difflib.unified_diff(real.splitlines(), ours.splitlines(), "the real procmail", "ours", lineterm="", n=3)
    return told(seed, case) + "\n".join(diff)


def told(seed, case):
    text = "DISAGREEMENT seed %d, arguments %s\n--- rc\n%s" % (seed, case.args, case.rc.decode("utf-8", "backslashreplace"))
    if "inc0" in case.setup:
        text += "--- setup\n" + case.setup[len(SETUP):]
    return text + "--- message\n" + case.message.decode("utf-8", "backslashreplace") + "\n"


def show(seed, programs, scratch):
    generator = Generator(seed)
    case = generator.case()
    print(told(seed, case))
    for title, program in (("ours", programs.ours), ("the real procmail", programs.real)):
        print("=== %s\n%s" % (title, twin.observe(case, program, scratch)))


def main(words):
    scratch = twin.scratch_folder()
    try:
        programs = twin.Programs(scratch)
        if programs.ours is None:
            print("no procmail in SLUICE_BIN: build first")
            return 1
        if programs.real is None:
            print("skipped: the real procmail is not in build/peers (tests/run unpacks it), so there is nothing to compare with")
            return 0
        if words[:1] == ["show"]:
            show(int(words[1]), programs, scratch)
            return 0
        count = int(words[0]) if words else 150
        first = int(words[1]) if len(words) > 1 else random.SystemRandom().randrange(10 ** 9)
        with concurrent.futures.ThreadPoolExecutor(2 * (os.cpu_count() or 1)) as pool:
            found = list(pool.map(lambda seed: compare(seed, programs, scratch), range(first, first + count)))
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    complaints = [text for text in found if text]
    for text in complaints:
        print(text + "\n")
    print("%d random cases from seed %d: %d disagreements" % (count, first, len(complaints)))
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
