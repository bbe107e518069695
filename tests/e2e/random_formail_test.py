# formail against the real one: random mail and options, within half a minute.
# SPDX-License-Identifier: Apache-2.0
#
# The same mail each time, so that a failure is the change's at hand. SLUICE_FORMAIL_SEED and SLUICE_FORMAIL_CASES choose
# others, and more; a disagreement is printed with its seed.
import os
import sys
import time

SOURCE = os.environ["SLUICE_SOURCE"]
sys.path.insert(0, os.path.join(SOURCE, "tests", "support"))
import random_formail  # noqa: E402

REAL = os.path.join(SOURCE, "build", "peers", "procmail", "usr", "bin", "formail")
OURS = os.path.join(os.environ["SLUICE_BIN"], "formail")
LIMIT = 30


def seeds(first, count):
    end = time.monotonic() + LIMIT
    for seed in range(first, first + count):
        if time.monotonic() > end:
            return
        yield seed


def main():
    if not os.path.exists(REAL):
        print("skipped: no real formail in build/peers/procmail")
        return 0
    first = int(os.environ.get("SLUICE_FORMAIL_SEED", 1001))
    count = int(os.environ.get("SLUICE_FORMAIL_CASES", 150))
    differ = 0
    for seed, what, expected, got in random_formail.compare(REAL, OURS, seeds(first, count)):
        if seed is None:
            print("from seed %d: %d agreed, %d differ, %d left out" % (first, what, differ, expected))
        else:
            differ += 1
            print(random_formail.described(seed, what, expected, got))
    return 1 if differ else 0


if __name__ == "__main__":
    sys.exit(main())
