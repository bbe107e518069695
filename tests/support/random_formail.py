# Random mail and options for formail, and what two programs make of them (used by e2e/random_formail_test.py).
# SPDX-License-Identifier: Apache-2.0
#
#   python3 random_formail.py REAL OURS [--cases N] [--seed S] [--show K]
#
# compares N cases and prints each disagreement as something to paste into a shell. A case depends on its seed alone.
# As many cases as there are PAIRS, with seeds in a row, ask each option alone and each pair of options once, some with
# more options beside them. What is never asked, because it differs on purpose (filter/compat/README.md), is counted.
import argparse
import os
import random
import re
import resource
import shlex
import subprocess
import sys
import tempfile

NAMES = ["Subject:", "From:", "To:", "Cc:", "Message-ID:", "References:", "In-Reply-To:", "Reply-To:", "Return-Path:",
         "Sender:", "Date:", "X-Loop:", "X-Foo:", "Foo:", "Old-To:", "Resent-From:", "Errors-To:", "Path:", "subject:",
         "FROM:", "Received:", "T:", "Status:", "A-Rather-Long-Name:", "Content-Length:", "Article:", "Su:"]
ADDRESSES = ["joe@example.org", "Joe <joe@example.org>", "joe@example.org (Joe)", "<>", "", "joe", "Joe Doe",
             "a!b!c", "joe@host", "joe@host.UUCP", "\"J, D\" <jd@example.org>", "<jd@example.org>", "a@b.c, d@e.f",
             "a . b @ c . d", "list: a@b.c, d@e.f;", "<@r.org,@s.org:a@b.c>", "a(c)@b.c", "\"q s\"@x.org",
             "a@[1.2.3.4]", "(only)", "  ann@example.net  ", "joe@example.org\n (on two lines)", "\xe9@x.org",
             "x <\"a b\"@c.d>", "Foo Bar baz@x.org", "a%b@c.d", "a@b.c;", "<a@b.c", "a\\ b@c.d", "J. D. <j@d.e>",
             "\"unended", "(unended a@b.c", "a@b.c > d", "<a@b.c> <d@e.f>", "@x.org", "user@"]
TEXTS = ["hello", " hello", "", " ", "  ", "\thi", " two\n lines", " three\n\tand\n more ", "no blank", " trailing  ",
         " Re: again", "RE: x", "a\0b", "\xe4\xf6\xfc \xff", " " + "long " * 30, " <1@x>", "<2@x.org> (c)", " x\ty",
         "\n folded", " last\n ", " a:b", " \x01\x02", " <" + "i" * 70 + "@x>"]
LINES = ["text", "", "", "", "From x y", "From joe Thu Jan  1 00:00:00 2015", "From x", "From ", "From  x  y",
         ">From x y", ">>From x", "from x y", " From x y", "To: a", "Cc: b", "Foo: bar", "Subject: inner\n folded",
         "From: x@y.z", "X-Bar: 1", "a\0b", "\xff\xfe", "-- ", "--boundary", "w" * 300, "\tindented", ".",
         "From x y\nTo: q\nCc: r", "From x y\n>From z w\nTo: q", "Article 5 of a.b:\nPath: q", "\r", "From x y\r",
         "\x1f", "\f", "a b: c", "No-Colon"]


def text_value(rng, name):
    if name in ("From:", "To:", "Cc:", "Reply-To:", "Return-Path:", "Sender:", "Resent-From:", "Errors-To:", "FROM:"):
        return rng.choice(["", " ", " ", " "]) + rng.choice(ADDRESSES) if rng.random() < 0.9 else rng.choice(TEXTS)
    if name in ("Message-ID:", "References:", "In-Reply-To:"):
        return rng.choice([" <1@x>", " <2@x.org>", "<3@y>", " <4@z>\n <5@z>", "  <6@x>  ", "", " "])
    if name == "Content-Length:":
        return rng.choice([" ", "", "  "]) + str(rng.choice([0, 1, 2, 4, 5, 6, 10, 23, 40, 100, 1000, "x", "-4", "7x"]))
    return rng.choice(TEXTS)


def field(rng):
    name = rng.choice(NAMES)
    if rng.random() < 0.05 and name != "Article:":
        name = name[:-1] + rng.choice([" :", "\t:", "", " x:", "\x01:", "\xe9:"])
    return name + text_value(rng, name) + "\n"


def from_line(rng):
    line = "From " + rng.choice(["joe@example.org", "joe", "a!b", "<>", "", " x", "x@host", "joe@example.org,", "(c)",
                                  "a\tb"])
    line += rng.choice(["  Thu Jan  1 00:00:00 2015", " y", "", "  D remote from host", " D forwarded by h"]) + "\n"
    if rng.random() < 0.15 and re.match(r"From [a-z]\S*[a-z] +[Ty]", line):
        line += ">From " + rng.choice(["ann", "ann@example.net"]) + "  Fri Jan  2 00:00:00 2015\n"
    return line


def body(rng):
    return "".join(rng.choice(LINES) + "\n" for _ in range(rng.choice([0, 1, 1, 2, 3, 5, 9])))


def message(rng):
    text = from_line(rng) if rng.random() < 0.6 else ""
    text += "".join(field(rng) for _ in range(rng.choice([0, 1, 2, 2, 3, 4, 6, 9])))
    if rng.random() < 0.02:
        text += rng.choice(["X-Huge: " + "h" * 70000 + "\n", "".join("X-%d: y\n" % i for i in range(1500)),
                            "X-Folded: a\n" + " continued\n" * 3000])
    if rng.random() < 0.93:
        text += "\n"
    content = body(rng)
    if rng.random() < 0.05:
        text = "Content-Length: %d\n" % len(content) + text
    return text + content


def mail(rng, split):
    text = "\n" * rng.choice([0, 0, 0, 0, 1, 2])
    for _ in range(rng.choice([1, 2, 2, 3, 4]) if split else 1):
        text += message(rng) + ("\n" if rng.random() < 0.6 else "")
    if rng.random() < 0.15:
        text = text[:rng.randrange(len(text) + 1)]
    return text


def babyl(rng):
    text = "BABYL OPTIONS:\nVersion: 5\n\x1f"
    for _ in range(rng.choice([1, 2, 3])):
        text += "\f\n1,,\n" + "".join(field(rng) for _ in range(rng.choice([1, 2, 3]))) + "*** EOOH ***\n"
        text += "".join(field(rng) for _ in range(rng.choice([1, 1, 2]))) + "\n"
        text += body(rng).replace("\x1f", "").replace("From ", "from ").replace(":", ".") + "\x1f"
    return text.replace("Content-Length:", "Content-Breadth:")


def digest(rng):
    text = message(rng) + "\n" + "-" * 70 + "\n\n"
    for _ in range(rng.choice([1, 2, 3])):
        text += "Date: Thu, 1 Jan 2015 00:00:00\nFrom: " + rng.choice(ADDRESSES[:3]) + "\n" + field(rng) + "\n"
        text += body(rng) + "\n" + "-" * 30 + "\n\n"
    return text + "End of Foo Digest\n*****************\n"


def pattern(rng):
    name = rng.choice(NAMES + ["From ", "From ", "X-", "", "S", "s", "F", "From", "Re", "T"])
    return name


def whole(rng):
    name = rng.choice(NAMES)
    return name + rng.choice(["", "", " ", " new", "new", " new value", " a\n b", " \xe9", "  two  "])


def option(rng, letter):
    flag = "-" + letter
    if letter in "xXuU":
        word = pattern(rng) if rng.random() < 0.95 else whole(rng)
    elif letter in "iI":
        word = pattern(rng) if rng.random() < 0.5 else whole(rng)
    elif letter in "aA":
        word = whole(rng) if rng.random() < 0.9 else rng.choice(["From ", "From x y", "Date:", "No", "Date: x"])
        if letter == "a" and re.fullmatch("(?i)(resent-)?message-id:", word):
            word += " x"
    elif letter == "R":
        return [flag, pattern(rng), rng.choice(NAMES + ["X-", "Q", "", "New:"])]
    elif letter == "p":
        word = rng.choice(["| ", "", ">", ">> ", "-"])
    elif letter == "l":
        word = rng.choice(["folder", "a folder", "x/", "f" * 70, "tab\there"])
    elif letter == "D":
        return [flag, str(rng.choice([0, 1, 10, 40, 100, 1000])), "cache"]
    else:
        return [flag]
    return [flag + word] if word and rng.random() < 0.3 else [flag, word]


PLAIN = "xXaAiIuURpbczfrtkYDlq"
# Those that make sense with -s only; "P" is a program, "+" and "-" are +skip and -total, "Q" is -q-.
SPLITTING = "edBmn+-P"
EVERY = PLAIN + "Q" + SPLITTING + "s"
PAIRS = [(one, two) for at, one in enumerate(EVERY) for two in EVERY[at:]]
random.Random(0).shuffle(PAIRS)   # so that a few of them in a row have all kinds


def choose(rng, seed):
    """The options of a case: a pair, or one alone, and sometimes more."""
    letters = list(dict.fromkeys(PAIRS[seed % len(PAIRS)]))
    if rng.random() < 0.4:
        letters += rng.sample(PLAIN, rng.choice([1, 1, 2, 3]))
    if rng.random() < 0.15:
        letters += rng.choices("xaiIuUR", k=rng.choice([1, 2]))
    split = "s" in letters or "P" in letters or rng.random() < 0.3
    if set(letters) & set(SPLITTING) and rng.random() < 0.95:
        split = True   # else it is bad usage
    if split and rng.random() < 0.2:
        letters.append(rng.choice(SPLITTING.replace("B", "")))
    return [letter for letter in dict.fromkeys(letters) if letter != "s"] + [
        letter for at, letter in enumerate(letters) if letter in "xaiIuUR" and letter in letters[:at]], split


def differs_on_purpose(letters, split):
    """Why such options are not asked together, and the letter to go without; None where they are."""
    have = set(letters)
    if "U" in have and have & set("rk"):
        return "U", "-U with -r or -k: it reads freed memory"
    if "l" in have and split and have & set("xX"):
        return "l", "-l with -s and -x or -X: it starts a program, then refuses"
    if "B" in have and not split:
        return "B", "-B without -s: it never ends, or reads freed memory"
    if "l" in have and "B" in have:
        return "l", "-l with -B"
    if "e" in have and "d" in have:
        return "e", "-e with -d: depends on its buffers"
    return None


def splitting_words(rng, letters):
    words = []
    for letter in "edB":
        words += ["-" + letter] if letter in letters else []
    if "m" in letters:
        words += rng.choice([["-m", "1"], ["-m3"], ["-m", "0"], ["-m4"]])
    if "+" in letters:
        words.append(rng.choice(["+1", "+0", "+9"]))
    if "-" in letters:
        words.append(rng.choice(["-1", "-2", "-0"] if "P" not in letters else ["-1", "-2"]))
    if "n" in letters:
        # One at a time, or else what they print is in no order.
        words += rng.choice([["-n1"], ["-n", "1"]] if "P" in letters else [["-n"], ["-n", "2"], ["-n3"]])
    return words


def case(seed):
    rng = random.Random(seed)
    letters, split = choose(rng, seed)
    left_out = []
    while (reason := differs_on_purpose(letters, split)) is not None:
        letters = [letter for letter in letters if letter != reason[0]]
        left_out.append(reason[1])
    is_babyl = "B" in letters
    if "k" in letters and not set(letters) & set("rxX") and rng.random() < 0.9:
        letters.append(rng.choice("rxX") if "l" not in letters else "r")
        if "r" in letters:
            letters = [letter for letter in letters if letter != "U"]
    words = [word for letter in letters if letter in PLAIN for word in option(rng, letter)]
    words += ["-q-"] if "Q" in letters else []
    words += splitting_words(rng, letters)
    if split:
        words.append("-s")
        if "P" in letters:
            words += ["sh", "-c", "printf '[%s]' \"$FILENO\"; cat" +
                      rng.choice(["", "", "; exit 3", "; exit ${FILENO#00}"])]
    environment = {"FILENO": rng.choice(["7", "0009", "x", "", "-1"])} if rng.random() < 0.1 else {}
    cache = rng.choice([None, None, b"", b"<1@x>\0\0", b"<2@x.org>\0<1@x>\0\0", b"joe@example.org\0\0q>\0<3@y>\0\0"])
    text = babyl(rng) if is_babyl else digest(rng) if "d" in letters and rng.random() < 0.3 else mail(rng, split)
    # How it takes a "From " line right behind a header follows from its buffers (filter/compat/README.md).
    if not is_babyl:
        text = re.sub(r"(?m)^((?:[^\s:]+[ \t]*:|[ \t>]|From |Article ).*\n)(?=From |Article )", r"\1\n", text)
        if rng.random() < 0.04:
            text = text.replace("\n", "\r\n")
    return {"words": words, "environment": environment, "cache": cache, "input": text.encode("latin-1"),
            "left_out": left_out}


DATE = re.compile(rb"(Mon|Tue|Wed|Thu|Fri|Sat|Sun) [A-Z][a-z]{2} [ 0-9]\d \d\d:\d\d:\d\d 20[2-9]\d")


PATIENCE = 120   # seconds for one run
MOST_WORK = 3    # seconds of its processor time: a loop without end is found so, however busy the machine is


def limit_time():
    resource.setrlimit(resource.RLIMIT_CPU, (MOST_WORK, MOST_WORK + 1))


def outcome(program, what, folder):
    cache = os.path.join(folder, "cache")
    if os.path.exists(cache):
        os.remove(cache)
    if what["cache"] is not None:
        with open(cache, "wb") as file:
            file.write(what["cache"])
    environment = {"PATH": os.environ["PATH"], **what["environment"]}
    try:
        done = subprocess.run([program, *what["words"]], input=what["input"], capture_output=True, timeout=PATIENCE,
                              cwd=folder, env=environment, preexec_fn=limit_time)
    except subprocess.TimeoutExpired:
        return None
    kept = open(cache, "rb").read() if os.path.exists(cache) else None
    if done.returncode == 64:
        kept = None  # it may have made the file before it saw what is wrong
    return done.returncode, DATE.sub(b"DATE", done.stdout), done.stderr, kept


LEFT_OUT = {}   # why something was not asked: how often


def compare(real, ours, seeds):
    """Yields (seed, case, what the real one did, what ours did) for each disagreement; counts are in the last value."""
    agreed = left_out = 0
    with tempfile.TemporaryDirectory() as folder:
        for seed in seeds:
            what = case(seed)
            for reason in what["left_out"]:
                LEFT_OUT[reason] = LEFT_OUT.get(reason, 0) + 1
            expected = outcome(real, what, folder)
            if expected is None or expected[0] < 0:
                left_out += 1  # it hangs or crashes there: nothing to agree with, but ours may do neither
                got = outcome(ours, what, folder)
                if got is not None and got[0] >= 0:
                    continue
            else:
                got = outcome(ours, what, folder)
                if got == expected:
                    agreed += 1
                    continue
            yield seed, what, expected, got
    yield None, agreed, left_out, None


def described(seed, what, expected, got):
    lines = ["seed %s: formail %s" % (seed, shlex.join(what["words"]))]
    if what["environment"] or what["cache"]:
        lines.append("  with %r, cache %r" % (what["environment"], what["cache"]))
    lines.append("  input    %r" % what["input"])
    for name, result in (("expected", expected), ("got     ", got)):
        told = "no end" if result is None else "%d %r\n           stderr %r cache %r" % result
        lines.append("  %s %s" % (name, told))
    return "\n".join(lines)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("real")
    parser.add_argument("ours")
    parser.add_argument("--cases", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--show", type=int, default=5)
    options = parser.parse_args()
    shown = 0
    real, ours = os.path.abspath(options.real), os.path.abspath(options.ours)
    for seed, what, expected, got in compare(real, ours, range(options.seed, options.seed + options.cases)):
        if seed is None:
            print("%d agreed, %d differ; the real one crashed or hung, and ours did not, in %d" % (what, shown, expected))
            for reason, count in sorted(LEFT_OUT.items()):
                print("  not asked, %d times: %s" % (count, reason))
            continue
        shown += 1
        if shown <= options.show:
            print(described(seed, what, expected, got))
    return 1 if shown else 0


if __name__ == "__main__":
    sys.exit(main())
