# How long conditions take on 1 MB of hostile text, through the program: linear in the text, whatever the pattern.
# SPDX-License-Identifier: Apache-2.0
#
#   SLUICE_BIN=build/release/bin python3 tests/bench/hostile.py [WORD]     # those with WORD in the condition or text
#
# Prints the slowest first: seconds of processor time beyond a run without conditions, the condition, the text, what came.
import os
import resource
import subprocess
import sys
import tempfile

SIZE = 1_000_000
PROGRAM = os.path.join(os.environ["SLUICE_BIN"], "procmail")
TEXTS = {
    "a": b"a" * SIZE,
    "a lines": (b"a" * 59 + b"\n") * (SIZE // 60),
    "blanks": b" " * SIZE + b"x",
    "ab": b"ab" * (SIZE // 2),
    "a.b": (b"a" * 500 + b"b" * 500) * (SIZE // 1000),
    "x": b"x" * SIZE,
    "empty lines": b"\n" * SIZE,
    "mixed": bytes(b"ab \nFrom:"[(i * i * 7 + i // 3) % 9] for i in range(SIZE)),
    "fields": b"".join(b"X:" + b"a" * 24 + b"\n" for _ in range(SIZE // 27)),
}
PLAIN = ["(a|aa)*[bc]", "(x+x+)+[yz]", "a.*b.*[cd][0-9]", "[ \t]+$y", "[ ]+$", "(a*)*y", "((((a*)*)*)*)*y", "(.*)*y", "(.*a.*)*(.*b.*)*y",
         ".*.*.*.*.*.*y", "(a|b|ab)*(c|d)*$^y", "a.......................y", "^FROM_DAEMON", "^TO_y", "(a?a?a?a?a?a?a?a?)*y", "^X:(a|aa)*[bc]",
         "^X:(a*)*b", "^X:.*.*.*.*y", "a*a*a*a*a*a*a*a*a*a*y", "(a|b)*a(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)y",
         "\\<a*\\>", "[^y]*y", "($*)*y", "(^.*$)*y", "(a*b*)*^^y", "y^^", "(a|^^)*y"]
PLAIN += [pattern + "\\/" + right for pattern, right in [("(a|aa)*", "[bc]"), ("(.*)*", "(.*)*y"), ("a*", "(a|aa)*"), ("", ".*"), ("a", "(.*b)?")]]
WEIGHTED = ["1^1 " + pattern for pattern in ["a", ".", "aa*", "(a|aa)*[bc]", "^.*$", "a\\/", "a\\/a?", "a\\/(.*b)?", "()\\/a|a.*b", "[^y]", "^X:", "^X:(a|aa)*[bc]?",
                                             "^X:(a*)*a", "a(\\/|.*y)", "(a*b)?.", "$", "$$", "x.*y|x", "a|b|.*y"]]
WEIGHTED += ["1^.999 a", "2^.9999 .", "1^1 ^^a*", "1^1 a|^^"]


def seconds(condition, body, flags):
    with tempfile.NamedTemporaryFile("w", suffix=".rc", encoding="latin-1") as rc:
        rc.write("SHELL=/bin/sh\nLOGABSTRACT=no\nNL='\n'\n%s:0 %s\n%s{ YES=yes }\nLOG=\"${YES:-no} $=\"\n" %
                 ("" if condition is None else "", flags, "" if condition is None else "* %s\n" % condition))
        rc.flush()
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        done = subprocess.run([PROGRAM, "-m", rc.name], input=b"Subject: y\n\n" + body, capture_output=True, check=False, timeout=60)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, done.stderr.decode("latin-1")[:60]


def main(words):
    found = []
    for name, body in TEXTS.items():
        least, _ = seconds(None, body, "B")
        for condition in PLAIN + WEIGHTED:
            if any(word not in condition + name for word in words):
                continue
            for prefix, flags in [("", "B")] + ([("HB ?? ", "")] if condition in PLAIN[:3] else []):
                took, answer = seconds(prefix + condition, body, flags)
                found.append((took - least, prefix + condition, name, answer))
                if took - least > 1:
                    print("%7.3f s  %-40s on %-12s %s" % found[-1], flush=True)
    found.sort(reverse=True)
    print("-- %d conditions, the slowest:" % len(found))
    for row in found[:15]:
        print("%7.3f s  %-40s on %-12s %s" % row)


if __name__ == "__main__":
    main(sys.argv[1:])
