# What gcov counted in rules/: lines and branches reached, and those that were not.
# SPDX-License-Identifier: Apache-2.0
#
#   python3 tests/support/coverage_report.py BUILD COUNTERS     # COUNTERS: the GCOV_PREFIX of the runs
import collections
import glob
import json
import os
import subprocess
import sys

SOURCE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def counts(build, counters):
    """{file: {line: [count, {branch: count}]}} of the sources below rules/, added up over the objects."""
    found = collections.defaultdict(dict)
    notes = glob.glob(os.path.join(build, "rules", "**", "*.gcno"), recursive=True)
    for note in notes:
        data = counters + os.path.splitext(os.path.abspath(note))[0] + ".gcda"
        if not os.path.exists(data):
            continue
        copy = os.path.join(counters, os.path.basename(note))
        for path, extension in ((note, ".gcno"), (data, ".gcda")):
            with open(path, "rb") as source, open(os.path.splitext(copy)[0] + extension, "wb") as target:
                target.write(source.read())
        told = subprocess.run(["gcov", "--json-format", "--stdout", "--branch-probabilities", copy], capture_output=True, cwd=counters, check=True).stdout
        for text in told.splitlines():
            for file in json.loads(text)["files"]:
                add(found, file)
    return found


def add(found, file):
    path = os.path.normpath(os.path.join(SOURCE, "build/coverage", file["file"])) if not os.path.isabs(file["file"]) else file["file"]
    name = os.path.relpath(path, SOURCE)
    if not name.startswith("rules/"):
        return
    for line in file["lines"]:
        entry = found[name].setdefault(line["line_number"], [0, {}])
        entry[0] += line["count"]
        for number, branch in enumerate(b for b in line["branches"] if not b["throw"]):
            entry[1][number] = entry[1].get(number, 0) + branch["count"]


def main(build, counters):
    found = counts(build, counters)
    total = [0, 0, 0, 0]
    for name in sorted(found):
        lines = found[name]
        if not name.endswith(".cc"):
            continue
        branches = [count for _, taken in lines.values() for count in taken.values()]
        numbers = [sum(1 for count, _ in lines.values() if count), len(lines), sum(1 for count in branches if count), len(branches)]
        total = [a + b for a, b in zip(total, numbers)]
        print("%-32s lines %4d of %4d   branches %4d of %4d" % (name, *numbers))
        with open(os.path.join(SOURCE, name), encoding="utf-8") as file:
            text = file.read().split("\n")
        for line, (count, taken) in sorted(lines.items()):
            if not count:
                print("    %4d never: %s" % (line, text[line - 1].strip()))
            elif any(not c for c in taken.values()):
                print("    %4d %d of %d ways: %s" % (line, sum(1 for c in taken.values() if c), len(taken), text[line - 1].strip()))
    print("%-32s lines %4d of %4d   branches %4d of %4d" % ("rules/", *total))


if __name__ == "__main__":
    main(*sys.argv[1:])
