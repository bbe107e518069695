# What a dry-run says is what a delivery then does, for all cases and for random rules that run no program.
# SPDX-License-Identifier: Apache-2.0
#
#   python3 tests/e2e/dry_run_agrees_test.py [CASES [SEED]]      # random cases; without words the same ones each time
import collections
import concurrent.futures
import os
import shutil
import sys

TESTS = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, os.path.join(TESTS, "support"))
import both_ways
import case_folder
import rule_files
import twin


def main():
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 80 if twin.SANITIZED else 400
    first = int(sys.argv[2]) if len(sys.argv) > 2 else 7001
    cases = [folder.case() for folder in case_folder.read(os.path.join(TESTS, "cases"))]
    cases += [rule_files.case_of(seed).for_twin() for seed in range(first, first + count)]
    scratch = twin.scratch_folder()
    try:
        pair = both_ways.Pair(scratch)
        with concurrent.futures.ThreadPoolExecutor(2 * (os.cpu_count() or 1)) as pool:
            found = list(pool.map(pair.compare, cases))
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    for case, (verdict, text) in zip(cases, found):
        if verdict == "differ":
            print("DISAGREEMENT %s\n--- rc\n%s\n--- %s\n" % (case.name, case.rc.decode("utf-8", "backslashreplace"), text))
    counts = collections.Counter(verdict if verdict != "skipped" else "skipped: " + text for verdict, text in found)
    print(", ".join("%d %s" % (n, name) for name, n in sorted(counts.items())))
    # Skipping must not become the rule.
    return 1 if counts["differ"] or counts["agree"] < len(found) // 5 else 0


sys.exit(main())
