# Runs the cases of tests/cases on our procmail and, where it lies in the build folder, on the real one.
# SPDX-License-Identifier: Apache-2.0
#
#   SLUICE_BIN=build/dev/bin python3 tests/support/side_by_side.py [PART-OF-A-NAME...]
#
# Ours must give the recorded outcome; so must the real one, so that a record is never only an opinion. Both run as an
# unprivileged user in fresh twin homes. Without the real procmail the records alone are the judge.
# UPDATE_EXPECTED=1 records what the real procmail does (and nothing where ours is meant to differ);
# UPDATE_EXPECTED=ours records what ours does in the cases that are meant to differ. A person reads the diff.
import concurrent.futures
import difflib
import glob
import os
import shutil
import sys

import case_folder
import condition_table
import twin

CASES = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "cases")


def outcome(item, program, scratch):
    seen = twin.observe(item.case(), program, scratch)
    return item.summary(seen) if isinstance(item, condition_table.Row) else seen


def complaint(item, program, real, scratch):
    """Runs one case on one program; what is not as recorded, or None."""
    expected = item.expected(real)
    if real and item.differs() and expected is None:
        return None
    seen = outcome(item, program, scratch)
    if expected == seen:
        return None
    return "FAILED %s: %s is not as recorded\n%s" % (item.name, "the real procmail" if real else "ours", diff(expected, seen))


def diff(expected, seen):
    if expected is None:
        return "  nothing is recorded; seen:\n" + seen
    lines = difflib.unified_diff(expected.splitlines(), seen.splitlines(), "recorded", "seen", lineterm="", n=50)
    return "\n".join("  " + line for line in lines)


def record(item, program, real, scratch):
    """Records one outcome anew. A case that differs on purpose keeps ours unless ours was asked for."""
    if real or item.differs():
        item.record(outcome(item, program, scratch), real)


def main(words):
    tables = [condition_table.Table(path) for path in sorted(glob.glob(os.path.join(CASES, "*.table")))]
    items = [row for table in tables for row in table.rows] + case_folder.read(CASES)
    items = [item for item in items if not words or any(word in item.name for word in words)]
    scratch = twin.scratch_folder()
    try:
        programs = twin.Programs(scratch)
        which = os.environ.get("UPDATE_EXPECTED", "")
        sides = [(programs.ours, False), (programs.real, True)]
        if which:
            sides = sides[:1] if which == "ours" else sides[1:]
        if sides[0][0] is None:
            print("the program is not there: %s" % ("SLUICE_BIN" if not sides[0][1] else "build/peers"))
            return 1
        deed = record if which else complaint
        with concurrent.futures.ThreadPoolExecutor(4 * (os.cpu_count() or 1)) as pool:
            runs = [pool.submit(deed, item, program, real, scratch) for item in items for program, real in sides if program]
            complaints = [run.result() for run in runs if run.result()]
        if which:
            for table in tables:
                table.save()
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    for text in complaints:
        print(text)
    judge = "the real procmail and its records" if programs.real else "the records (the real procmail is not there)"
    print("%d cases against %s: %d complaints" % (len(items), judge, len(complaints)))
    return 1 if complaints or not items else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
