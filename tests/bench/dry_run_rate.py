# How fast `sluice dry-run` decides, beside the real `formail -s procmail` that delivers to /dev/null.
# SPDX-License-Identifier: Apache-2.0
#
#   SLUICE_BIN=build/release/bin SLUICE_SOURCE=$PWD python3 tests/bench/dry_run_rate.py [MESSAGES [PEER-MESSAGES]]
#
# By default 100000 messages of 5 KB, an mbox of 500 MB in a temporary folder, and 200 recipes; the peer gets the first
# 2000 of them. Prints messages a second, the ratio, and the most memory that was held, for a file and for standard input.
import os
import random
import resource
import subprocess
import sys
import tempfile
import time

SOURCE = os.environ.get("SLUICE_SOURCE") or os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PEERS = os.path.join(os.environ.get("SLUICE_PEERS") or os.path.join(SOURCE, "build", "peers"), "procmail", "usr", "bin")
SLUICE = os.path.join(os.environ["SLUICE_BIN"], "sluice")
WORDS = ("report meeting invoice release build failed passed review patch kernel driver network weekly holiday lunch "
         "contract offer ticket server disk backup monitor alert question answer draft final agenda minutes budget").split()


def rules(recipes):
    """Recipes as people have them: lists, senders, subjects, a few bodies; all into /dev/null."""
    lines = ["SHELL=/bin/sh", "DEFAULT=/dev/null", "ORGMAIL=/dev/null", "LOGABSTRACT=no", ""]
    shapes = ["* ^List-Id:.*<list%d\\.example\\.org>", "* ^TO_team%d@example\\.org", "* ^From:.*robot%d@", "* ^Subject:.*\\[project%d\\]",
              "* ^X-Mailer: tool%d\n* ^Precedence: bulk", "* ^Subject:.*(offer|invoice)%d", "* ! ^From:.*@example\\.org\n* ^Sender:.*owner-group%d"]
    for i in range(recipes):
        body = i % 40 == 39
        shape = "* order number %d" if body else shapes[i % len(shapes)]
        lines += [":0 B" if body else ":0", shape % i, "/dev/null", ""]
    return "\n".join(lines)


def message(number, dice):
    who = dice.randrange(400)
    header = ("From robot%d@example.org  Mon Nov 23 09:00:00 2026\nReturn-Path: <robot%d@example.org>\n"
              "Received: from mx%d.example.org (mx%d.example.org [192.0.2.%d])\n\tby mail.example.org with ESMTP id %d\n"
              "\tfor <anna@example.org>; Mon, 23 Nov 2026 09:00:00 +0000\nDate: Mon, 23 Nov 2026 09:00:00 +0000\n"
              "From: Robot <robot%d@example.org>\nTo: team%d@example.org\nSubject: [project%d] %s\nMessage-ID: <%d@example.org>\n"
              "List-Id: Some list <list%d.example.org>\nMIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n\n"
              % (who, who, who % 9, who % 9, who % 250, number, who + 200, dice.randrange(900), dice.randrange(900),
                 " ".join(dice.choice(WORDS) for _ in range(5)), number, dice.randrange(900)))
    body = []
    size = len(header)
    while size < 5000:
        line = " ".join(dice.choice(WORDS) for _ in range(10)) + "\n"
        body.append(line)
        size += len(line)
    return header + "".join(body) + "\n"


def write_mbox(path, messages):
    dice = random.Random(6)
    some = [message(i, dice) for i in range(2000)]
    with open(path, "w", encoding="ascii") as file:
        for i in range(messages):
            file.write(some[i % len(some)])


def timed(command, **words):
    start = time.monotonic()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, **words)
    return time.monotonic() - start


def main():
    messages, of_peer = [int(word) for word in sys.argv[1:] + ["100000", "2000"][len(sys.argv) - 1:]]
    with tempfile.TemporaryDirectory() as folder:
        mbox, some, rc = (os.path.join(folder, name) for name in ("mbox", "some", "rc"))
        write_mbox(mbox, messages)
        write_mbox(some, of_peer)
        with open(rc, "w", encoding="ascii") as file:
            file.write(rules(200))
        environment = {"HOME": folder, "LOGNAME": "anna", "PATH": "/usr/bin:/bin"}
        with open(some, "rb") as file:
            theirs = of_peer / timed([os.path.join(PEERS, "formail"), "-s", os.path.join(PEERS, "procmail"), "-m", rc], stdin=file, env=environment)
        print("formail -s procmail: %.0f messages/s" % theirs, flush=True)
        command = [SLUICE, "dry-run", "--rules", rc, "--format", "json"]
        for name, words in (("file", [mbox]), ("stdin", ["-"]), ("text", ["--format", "text", mbox]), ("html", ["--format", "html", mbox])):
            with open(mbox if name == "stdin" else os.devnull, "rb") as file:
                ours = messages / timed(command + words, stdin=file, env=environment)
            memory = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
            print("sluice dry-run, %s: %.0f messages/s, ratio %.0f, at most %.0f MB" % (name, ours, ours / theirs, memory), flush=True)


main()
