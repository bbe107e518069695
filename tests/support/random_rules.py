# Random small rule files and messages: our procmail and the real one must do the same with them.
# SPDX-License-Identifier: Apache-2.0
#
#   SLUICE_BIN=build/dev/bin python3 tests/support/random_rules.py [CASES [SEED]]    # 150 cases from a fresh seed
#   SLUICE_BIN=build/dev/bin python3 tests/support/random_rules.py show SEED         # one case, and what both did
#   SLUICE_BIN=build/dev/bin python3 tests/support/random_rules.py shrink SEED       # the same, made as small as it goes
#
# rule_files.py makes the cases, rule_differences.py knows what may differ. Both programs run as an unprivileged user. A case
# that disagrees is run again: what does not come out alike every time, programs that go on beside each other, is no matter.
import collections
import difflib
import multiprocessing
import os
import random
import shutil
import sys
import time

import rule_differences
import rule_files
import rule_shrinker
import twin

AGAIN = 3                 # runs more of a case that disagrees
CRASHED = "exit: -11"     # the real one does, now and then
PATIENCE = 10             # seconds for the real one, which never returns now and then
twin.LONG = 1 << 20      # logs are compared in full
NO_ANSWER = "exit: " + twin.NO_ANSWER % PATIENCE
FOUND_NO_RULES = 'procmail: Lost "'
DIFFERENCES = {1: "Content-Length, From_ quoting", 2: "missing and killed programs", 3: "MATCH", 4: "names out of a message", 5: "tries for a lock",
               6: "LINEBUF unless set", 10: "expressions that never return", 11: "line ends before an append", 12: "abstract of a message that begins with its Subject"}


class Runner:
    """Runs cases on both programs, as the user that the process has become."""

    def __init__(self, programs, scratch):
        self.programs = programs
        self.scratch = scratch

    def run(self, case):
        folded = case.for_twin()
        real = twin.observe(folded, self.programs.real, self.scratch, PATIENCE)
        return twin.observe(folded, self.programs.ours, self.scratch), real

    def verdict(self, case):
        """The numbers of the differences that the case shows; None and what was seen, if nothing explains it."""
        ours, real = self.run(case)
        for _ in range(AGAIN):
            if ours == real:
                return set(), ours, real
            if real.startswith(NO_ANSWER):
                return {10}, ours, real
            if real.startswith(CRASHED):
                return {"crashed"}, ours, real
            # A clone of the real one opens its rules again, by a name that MAILDIR may have made void.
            if FOUND_NO_RULES in real:
                return {"lost"}, ours, real
            numbers = rule_differences.accepted(case, ours, real, self.run)
            if numbers is not None:
                return numbers, ours, real
            numbers = rule_differences.accepted_text(case, ours, rule_differences.without_left_locks(real))
            if numbers is not None:
                return numbers | {"lock left"}, ours, real
            ours, real = self.run(case)
        return None, ours, real


def start_worker(programs, scratch):
    """A worker becomes the unprivileged user for good, so that no step has to."""
    global runner
    if os.geteuid() == 0:
        os.setgroups([])
        os.setgid(twin.UNPRIVILEGED)
        os.setuid(twin.UNPRIVILEGED)
    runner = Runner(programs, scratch)


def examine(seed):
    """Runs the case of a seed: the numbers of its differences, and a complaint if it disagrees."""
    case = rule_files.case_of(seed)
    numbers, ours, real = runner.verdict(case)
    if numbers is not None:
        return numbers, None
    return set(), told(case) + difference(ours, real, case)


def difference(ours, real, case):
    sides = [rule_differences.evened(text, case.clones).splitlines() for text in (real, ours)]
    return "\n".join(difflib.unified_diff(*sides, "the real procmail", "ours", lineterm="", n=3)) + "\n"


def told(case):
    text = "DISAGREEMENT %s, arguments %s\n--- rc\n%s\n" % (case.name, list(case.options + case.words), visible(case.rc))
    for number, include in enumerate(case.includes):
        if "inc%d" % number in case.rc + "".join(case.includes) + "".join(case.words):
            text += "--- inc%d\n%s\n" % (number, visible(include))
    return text + "--- message\n" + visible(case.message) + "\n"


def visible(text):
    return "".join(letter if letter.isprintable() or letter in "\n\t" else "\\x%02x" % ord(letter) for letter in text)


def show(seed):
    case = rule_files.case_of(seed)
    numbers, ours, real = runner.verdict(case)
    print("%s=== ours\n%s=== the real procmail\n%s=== differences: %s" % (told(case), ours, real, numbers))


def shrink(seed):
    case = rule_files.case_of(seed)
    small = rule_shrinker.shrink(case, lambda c: runner.verdict(c)[0] is None)
    numbers, ours, real = runner.verdict(small)
    if numbers is None:
        print(told(small) + difference(ours, real, small))
    else:
        print("%s does not disagree: %s" % (case.name, numbers))


def compare(count, first, pool):
    began = time.monotonic()
    complaints, counts = 0, collections.Counter()
    for numbers, complaint in pool.imap(examine, range(first, first + count), 4):
        counts.update(numbers)
        if complaint:
            complaints += 1
            print(complaint, flush=True)
    for number, title in DIFFERENCES.items():
        print("difference %2d (rules/README.md), %s: %d cases" % (number, title, counts[number]))
    print("the real procmail lost the rules of a clone: %d cases; crashed: %d; left a lock behind: %d" % (counts["lost"], counts["crashed"], counts["lock left"]))
    seconds = time.monotonic() - began
    print("%d random cases from seed %d: %d disagreements (%.0f cases a second)" % (count, first, complaints, count / seconds))
    return 1 if complaints else 0


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
        workers = int(os.environ.get("WORKERS", 2 * (os.cpu_count() or 1)))
        single = words[:1] in (["show"], ["shrink"])
        with multiprocessing.get_context("fork").Pool(1 if single else workers, start_worker, (programs, scratch)) as pool:
            if single:
                pool.apply(show if words[0] == "show" else shrink, (int(words[1]),))
                return 0
            count = int(words[0]) if words else 150
            first = int(words[1]) if len(words) > 1 else random.SystemRandom().randrange(10 ** 9)
            return compare(count, first, pool)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
