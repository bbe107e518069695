# How fast four writers at once deliver into one mbox, beside the least program that locks, appends and fsyncs.
# SPDX-License-Identifier: Apache-2.0
#
#   SLUICE_BIN=build/release/bin SLUICE_SOURCE=$PWD SLUICE_BUILD=$PWD/build/release python3 tests/bench/lock_rate.py
#
# Both are started once a message (tests/support/append_rate.c). Prints one line a turn; the ratio is what to quote.
import os
import subprocess
import sys

SUPPORT = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "support")
sys.path.insert(0, SUPPORT)
import throwaway

WRITERS, COUNT, TURNS = 4, 100, 5
MESSAGE = "From: y@example.org\nSubject: x\n\n" + "a line of text that is fifty bytes long, no more.\n" * 80


def rate(site, *command):
    done = site.run([site.path("append_rate"), str(WRITERS), str(COUNT), site.path("message"), *command], seconds=300)
    assert done.status == 0, done
    return int(done.out)


def main():
    with throwaway.Site() as site:
        subprocess.run(["cc", "-O2", "-o", site.path("append_rate"), os.path.join(SUPPORT, "append_rate.c")], check=True)
        site.write("message", MESSAGE, mode=0o644)
        site.write("rc", ":0:\n%s\n" % site.path("anna/box"))
        for _ in range(TURNS):
            ours = rate(site, os.path.join(site.bin, "procmail"), "-m", site.path("rc"))
            least = rate(site, site.path("append_rate"), "append", site.path("anna/bare"))
            print("%d messages/s, the least program %d/s: ratio %.2f" % (ours, least, ours / least), flush=True)
        there = site.read("anna/box").count(b"Subject: x")
    return 0 if there == TURNS * WRITERS * COUNT else 1


sys.exit(main())
