# Random conditions and texts, hundreds a run: our procmail and the real one must agree on match, score and MATCH.
# SPDX-License-Identifier: Apache-2.0
#
#   SLUICE_BIN=build/dev/bin python3 tests/support/random_patterns.py [RUNS [SEED]]     # 20 runs from a fresh seed
#   SLUICE_BIN=build/dev/bin python3 tests/support/random_patterns.py show SEED         # what one run disagrees on
#
# A run is one rule file that tries PATTERNS expressions on several texts each, plain or with a weight, and logs what came
# of each; a text is a variable's value, or part of the run's message, which may have NULs. What regex/README.md lists as
# different is told apart by the expression alone (excuse()), and counted.
import concurrent.futures
import os
import random
import re
import shutil
import sys
import tempfile

import twin

PATTERNS = 60
twin.TIME_LIMIT = 10   # the real one may never return
WEIGHTS = ["1^1", "1^1", "1^0", "2^1", "1^.5", "3^.9", "-1^1", "-5^.5", "10^-1", "1^-1", "1^-2", ".5^.5", "2^2", "0^1", "1e3^.1", "-1^-1"]
ATOMS = ["a", "b", "c", "A", "B", " ", ".", ".", "^", "$", "ab", "abc", "x", "\\<", "\\>", "\\a", "\\*", "a", "b", ".*", "^^", "^^", "-", "_",
         "]", "{", "\n", "\xe9", "\\n", "\\\\", "\\(", "\\^", "\\.", "()", "(|a)", "[ab]", "[^a]", "[^b]", "[a-b]"]
MEMBERS = ["a", "b", "c", "A", "C", "-", "-", "]", "[", "^", "\\", ":", " ", "a-c", "c-a", "X-b", "\n", "\xe9", "\x80-\xff", "_", "0-9"]
WILD = list("()|*+?[]^$\\abA.-/<c \n{") + ["^^", "[^", "\xe9", "abc", "(ab|", ".*", "a*", "(a)", "\\<"]
MACROS = ["^TO_", "^TO", "^FROM_DAEMON", "^FROM_MAILER"]
HEADS = ["To: ", "Cc:", "TO:", "From: ", "From ", ">From ", "Precedence: ", "X-Envelope-To: a", "Resent-From:", "Apparently-To: ", "x: "]
WORDS = ["a", "b", "root", "mailer-daemon", "bulk", "list", "a@b", " <a>", ", ", " (b)", "root@x ", "Post", "master", "-", "(", "mail"]
RESULT = re.compile(r"(?s)@(\d+) (yes|no) (-?\d+) <(.*?)>@\n")


class Generator:
    """Makes the run of a seed: its conditions, and the case that tries them all."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.seed = seed
        self.trials = []     # (expression, weight, text or the area's name, flags, negated)

    def pick(self, choices):
        return self.random.choice(choices)

    def bracket(self):
        return self.pick(["[", "[^"]) + "".join(self.pick(MEMBERS) for _ in range(self.random.randint(1, 3))) + "]"

    def atom(self, depth):
        if depth < 3 and self.random.random() < .16:
            return "(" + self.alternatives(depth + 1) + ")"
        if self.random.random() < .12:
            return self.bracket()
        return self.pick(ATOMS[:20] if self.random.random() < .75 else ATOMS)

    def sequence(self, depth):
        out = ""
        for _ in range(self.random.randrange(4)):
            out += self.atom(depth)
            if self.random.random() < .25:
                out += self.pick("*+?*")
            if self.random.random() < .025:
                out += self.pick("*+?")
        return out

    def alternatives(self, depth):
        out = self.sequence(depth)
        while self.random.random() < .2:
            out += "|" + self.sequence(depth)
        return out

    def expression(self):
        """An expression, and what makes texts for it."""
        kind = self.random.random()
        if kind < .6:
            out = self.alternatives(0)
            if self.random.random() < .4:
                out = self.sequence(0) + "\\/" + self.alternatives(0)
            out = self.pick(["", "", "", "", "", "^^"]) + out + self.pick(["", "", "", "", "", "^^"])
            left, marker, right = out.partition("\\/")
            out = left + marker + right.replace("+", "*") if marker else out   # behind a marker, it may never return
        elif kind < .8:
            out = "".join(self.pick(WILD) for _ in range(self.random.randrange(10)))
        elif kind < .95:
            out = self.pick(["^x:", "^x:", "^(x:)"]) + self.sequence(1) + self.pick(["", "\\/.*", "\\/[^b]*", ".*$"])
        else:
            out = self.pick(MACROS) + self.pick(["", "a", "b", "(a|b)", ".*", "\\/.*", "\\/[^ ]*"])
            return out, self.headers
        return out, self.pick([self.small, self.small, self.odd, self.lines])

    def small(self):
        return "".join(self.pick("aabbc \nA\n") for _ in range(self.random.randrange(10)))

    def odd(self):
        return "".join(self.pick("abcABC \n\xe9_-*x{]\\()|+?[^$./<") for _ in range(self.random.randrange(12)))

    def lines(self):
        out = "".join(self.pick(["x:", "X:", "xy:", "a", "x", "", "x: "]) + self.small() + "\n" for _ in range(self.random.randrange(4)))
        return out + self.pick(["", "x:ab", "a"])

    def headers(self):
        lines = [self.pick(HEADS) + "".join(self.pick(WORDS) for _ in range(self.random.randrange(4))) for _ in range(self.random.randint(1, 3))]
        return "\n".join(lines) + self.pick(["", "\n"])

    def message(self):
        head = self.headers().strip("\n")
        body = self.pick([self.small, self.odd, self.lines])() + self.pick(["", "\0", "\0a\n", "\n"]) + self.small()
        return head + "\n\n" + body

    def case(self):
        rc = "SHELL=/bin/sh\nLOGABSTRACT=no\n"
        message = self.message()
        for _ in range(PATTERNS):
            expression, make_text = self.expression()
            flags = self.pick(["", "", "D"])
            weight = self.pick([None, None, self.pick(WEIGHTS)])
            for _ in range(4):
                area = self.pick(["X ??"] * 6 + ["H ??", "B ??", "HB ??"])
                text = make_text() if area == "X ??" else message
                rc += self.trial(expression, weight, area, text, flags)
        return twin.Case("run %d" % self.seed, rc.encode("latin-1"), message.encode("latin-1"))

    def trial(self, expression, weight, area, text, flags):
        negated = self.random.random() < .1
        self.trials.append((expression, weight, area, text, flags, negated))
        out = "YES MATCH=before\n"
        if area == "X ??":
            out += "X=%s\n" % quoted(text)
        prefix = ("! " if negated else "") + (weight + " " if weight else "") + area + " "
        if plain(expression):
            out += ":0 %s\n* %s%s\n" % (flags, prefix, expression)
        else:
            out += "P=%s\n:0 %s\n* $ %s$P\n" % (quoted(shielded(expression)), flags, prefix)
        return out + '{ YES=yes }\nLOG="@%d ${YES:-no} $= <$MATCH>@\n"\n' % (len(self.trials) - 1)


def quoted(text):
    return "'" + text.replace("'", "'\"'\"'") + "'"


def plain(expression):
    """Whether the expression stands in a condition as it is: nothing in it is read as a prefix, or taken off its end."""
    return bool(re.match(r"[\^(\[a-zA-Z.*+?)|]", expression)) and not re.match(r"[?<>!$]|\w+ *\?\?", expression) \
        and "\n" not in expression and not expression.endswith((" ", "\\", "\t"))


def shielded(expression):
    """With a group of nothing in front where a prefix would begin."""
    return expression if re.match(r"[\^(\[.]", expression) else "()" + expression


def parts(expression):
    """The atoms and signs of an expression, classes and escaped bytes whole."""
    return re.findall(r"(?s)\[\^?.[^]]*\]?|\\.|\^\^|.", expression)


def excuse(expression):
    """Whether the real one may differ, as regex/README.md lists it: told from the expression alone."""
    signs = parts(expression)
    if "\\/" not in signs:
        return False
    at = signs.index("\\/")
    left, right = signs[:at], signs[at + 1:]
    return "\\/" in right or "+" in right or left[-1:] == ["+"] or left.count("(") != left.count(")") or "|" in signs or right[-1:] == ["^^"]


def results(case, program, scratch):
    """What the program logged of each trial."""
    home = tempfile.mkdtemp(prefix="home-", dir=scratch)
    os.chmod(home, 0o755)
    with open(os.path.join(home, "rc"), "wb") as file:
        file.write(case.rc)
    environment = {"PATH": "/usr/bin:/bin", "LC_ALL": "C", **program.environment}
    _, _, log = twin.run([program.path, *case.args], case.message, home, environment)
    shutil.rmtree(home)
    return {int(number): (verdict, score, match) for number, verdict, score, match in RESULT.findall(log.decode("latin-1"))}


def compare(seed, programs, scratch):
    generator = Generator(seed)
    case = generator.case()
    ours, real = (results(case, program, scratch) for program in (programs.ours, programs.real))
    told, excused = [], 0
    for number, (expression, weight, area, text, flags, negated) in enumerate(generator.trials):
        if number not in real or ours.get(number) == real[number]:   # it crashes, or never returns, now and then
            continue
        if excuse(expression):
            excused += 1
            continue
        told.append("seed %d: %r weight %s flags %s%s on %s %r\n   real %s\n   ours %s" %
                    (seed, expression, weight, flags or "-", ", negated" if negated else "", area, text, real[number], ours.get(number)))
    return len(generator.trials), len(real), excused, told


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
        show = words[:1] == ["show"]
        count = 1 if show else int(words[0]) if words else 20
        first = int(words[1]) if len(words) > 1 else random.SystemRandom().randrange(10 ** 9)
        with concurrent.futures.ThreadPoolExecutor(2 * (os.cpu_count() or 1)) as pool:
            found = list(pool.map(lambda seed: compare(seed, programs, scratch), range(first, first + count)))
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    told = [text for _, _, _, texts in found for text in texts]
    print("\n".join(told))
    print("%d comparisons from seed %d, %d answered by the real one: %d disagreements, %d that are listed" %
          (sum(f[0] for f in found), first, sum(f[1] for f in found), len(told), sum(f[2] for f in found)))
    return 1 if told else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
