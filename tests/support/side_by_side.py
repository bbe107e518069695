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


def differences(item, programs, scratch):
    """Runs one case; the complaints about it, empty when all is as recorded."""
    complaints = []
    for label, program, real in (("ours", programs.ours, False), ("the real procmail", programs.real, True)):
        if program is None:
            continue
        expected = item.expected(real)
        if real and item.differs() and expected is None:
            continue
        seen = outcome(item, program, scratch)
        if expected != seen:
            complaints.append("FAILED %s: %s is not as recorded\n%s" % (item.name, label, diff(expected, seen)))
    return complaints


def diff(expected, seen):
    if expected is None:
        return "  nothing is recorded; seen:\n" + seen
    lines = difflib.unified_diff(expected.splitlines(), seen.splitlines(), "recorded", "seen", lineterm="", n=50)
    return "\n".join("  " + line for line in lines)


def update(item, programs, scratch, which):
    """Records one outcome anew. A case that differs on purpose keeps ours unless ours was asked for."""
    real = which != "ours"
    program = programs.real if real else programs.ours
    if program is None:
        return ["UPDATE_EXPECTED=%s: that program is not there" % which]
    if real or item.differs():
        item.record(outcome(item, program, scratch), real)
    return []


def main(words):
    tables = [condition_table.Table(path) for path in sorted(glob.glob(os.path.join(CASES, "*.table")))]
    items = [row for table in tables for row in table.rows] + case_folder.read(CASES)
    items = [item for item in items if not words or any(word in item.name for word in words)]
    scratch = twin.scratch_folder()
    try:
        programs = twin.Programs(scratch)
        which = os.environ.get("UPDATE_EXPECTED", "")
        if programs.ours is None and which != "1":
            print("no procmail in SLUICE_BIN: build first")
            return 1
        deed = (lambda item: update(item, programs, scratch, which)) if which else (
            lambda item: differences(item, programs, scratch))
        with concurrent.futures.ThreadPoolExecutor(4 * (os.cpu_count() or 1)) as pool:
            complaints = [text for found in pool.map(deed, items) for text in found]
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
