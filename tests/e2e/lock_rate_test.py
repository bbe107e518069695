# Waiting for a lock costs milliseconds: four writers into one mbox reach half the rate of a program that does no more.
# SPDX-License-Identifier: Apache-2.0
#
# The other program locks, appends and fsyncs (tests/support/append_rate.c), and is also started once a message. Under
# sanitizers the rates say nothing, so only the outcome counts: all messages are there.
import os
import subprocess
import sys

SUPPORT = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "support")
sys.path.insert(0, SUPPORT)
import throwaway

WRITERS, COUNT, TRIES, SHARE = 4, 100, 5, 0.5
MESSAGE = "From: y@example.org\nSubject: x\n\n" + "a line of text that is fifty bytes long, no more.\n" * 80


def rate(site, *command):
    done = site.run([site.path("append_rate"), str(WRITERS), str(COUNT), site.path("message"), *command], seconds=300)
    assert done.status == 0, done
    return int(done.out)


def main():
    sanitized = "sanitize" in os.path.basename(os.environ["SLUICE_BUILD"])
    with throwaway.Site() as site:
        subprocess.run(["cc", "-O2", "-o", site.path("append_rate"), os.path.join(SUPPORT, "append_rate.c")], check=True)
        site.write("message", MESSAGE, mode=0o644)
        site.write("rc", ":0:\n%s\n" % site.path("anna/box"))
        ours, least = 0, 0
        for turn in range(1, TRIES + 1):
            ours = rate(site, os.path.join(site.bin, "procmail"), "-m", site.path("rc"))
            least = rate(site, site.path("append_rate"), "append", site.path("anna/bare"))
            if sanitized or ours >= SHARE * least:
                break
        there = site.read("anna/box").count(b"Subject: x")
    print("%d messages/s, the least program %d/s, best of %d; %d of %d there" % (ours, least, turn, there, turn * WRITERS * COUNT))
    return 0 if there == turn * WRITERS * COUNT and (sanitized or ours >= SHARE * least) else 1


sys.exit(main())
