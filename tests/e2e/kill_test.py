# kill -9 of sluice at any point of an append: the next delivery mends the inbox, and POP3 reads all that was acknowledged.
# SPDX-License-Identifier: Apache-2.0
#
# Twice over: at the n-th call of each system call that a delivery makes (strace's fault injection, so that no point is
# missed), and at random moments of the append of a large message.
import os
import random
import re
import signal
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "support"))
import throwaway

# What changes or holds a mailbox; each is tried until a delivery no longer makes that many of it.
CALLS = ("openat", "write", "writev", "pwrite64", "pwritev", "fsync", "fdatasync", "ftruncate", "fcntl", "flock", "link",
         "linkat", "rename", "renameat", "renameat2", "unlink", "unlinkat", "close", "utimensat", "fchmod")
MOST = 60
RANDOM_KILLS = 60
QUICK = 30   # seconds, on a busy machine, in which the next delivery must be through: a dead one's lock is no lock


def message(name, lines):
    text = "".join("line %d of %s\n" % (line, name) for line in range(lines))
    return ("From: sender@example.org\nSubject: %s\n\n%send of %s\n" % (name, text, name)).encode()


class Watch:
    """Books what was sent and acknowledged, and compares it with what POP3 gives."""

    def __init__(self):
        self.sent, self.acknowledged, self.complaints = {}, set(), []

    def note(self, name, text, status):
        self.sent[name] = text
        if status == 0:
            self.acknowledged.add(name)

    def next_delivery(self, site, name):
        text = message(name, 3)
        started = time.monotonic()
        done = site.deliver(text)
        self.note(name, text, done.status)
        if done.status != 0 or time.monotonic() - started > QUICK:
            self.complaints.append("the delivery after %s: exit %d after %.1f s: %s" % (
                name, done.status, time.monotonic() - started, done.err.decode("utf-8", "replace")))

    def compare(self, collected):
        seen = []
        for text in collected:
            found = re.search(rb"(?m)^Subject: (.*)$", text)
            name = found.group(1).decode() if found else None
            seen.append(name)
            # A torn piece may be there, of a message that was never acknowledged; it ends where the next one begins.
            if name in self.acknowledged and text != self.sent[name]:
                self.complaints.append("%s is not what was sent (%d of %d bytes)" % (name, len(text), len(self.sent[name])))
        for name in sorted(self.acknowledged):
            if seen.count(name) != 1:
                self.complaints.append("%s was acknowledged and is there %d times" % (name, seen.count(name)))


def killed_at_calls(watch):
    with throwaway.Site() as site:
        points = 0
        for call in CALLS:
            for count in range(1, MOST):
                name = "%s-%d" % (call, count)
                text = message(name, 200)
                done = site.run(["strace", "-f", "-qq", "-o", "/dev/null", "-e", "trace=" + call, "-e",
                                 "inject=%s:signal=KILL:when=%d" % (call, count), *site.command()], text)
                watch.note(name, text, done.status)
                if done.status == 0:
                    break
                points += 1
                watch.next_delivery(site, "after-" + name)
        with site.pop3() as port:
            watch.compare(site.collect(port))
    if points < 10:
        watch.complaints.append("only %d points were hit: the test tested nothing" % points)
    return points


def killed_at_random(watch, dice):
    with throwaway.Site() as site:
        text = message("measure", 60000)
        started = time.monotonic()
        watch.note("measure", text, site.deliver(text).status)
        whole = time.monotonic() - started
        for turn in range(RANDOM_KILLS):
            name = "random-%d" % turn
            text = message(name, 60000)
            process = site.start(site.command())
            try:
                process.stdin.write(text)
                process.stdin.close()
            except BrokenPipeError:
                watch.complaints.append("%s was not read to its end" % name)
            process.stdin = None
            time.sleep(dice.uniform(0, whole))
            process.send_signal(signal.SIGKILL)
            process.communicate()
            watch.note(name, text, process.returncode)
            watch.next_delivery(site, "after-" + name)
        with site.pop3() as port:
            watch.compare(site.collect(port))


def main():
    seed = int(os.environ.get("SLUICE_SEED", time.time_ns() % 1000000))
    at_calls, at_random = Watch(), Watch()
    points = killed_at_calls(at_calls)
    killed_at_random(at_random, random.Random(seed))
    complaints = at_calls.complaints + at_random.complaints
    print("\n".join(complaints[:40] + ["seed %d, killed at %d calls and %d random moments, %d acknowledged, %d complaints" % (
        seed, points, RANDOM_KILLS, len(at_calls.acknowledged) + len(at_random.acknowledged), len(complaints))]))
    return 1 if complaints else 0


sys.exit(main())
