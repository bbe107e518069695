# What 2,000 header conditions that do not match cost one run, here and in the real procmail.
# SPDX-License-Identifier: Apache-2.0
#
#   SLUICE_BIN=build/release/bin SLUICE_PEERS=build/peers python3 tests/bench/conditions.py [ROUNDS]
#
# For each shape of rules: the least time of a run with them, less that of a run with none, in milliseconds, as the clock
# and as the processor saw it. The turns alternate, so that a busy machine treats all alike; the minimum is what counts.
import os
import sys
import tempfile
import time

COUNT = 2000
MESSAGE = b"".join(b"%s\n" % line for line in [
    b"From anna@example.org  Mon Nov 23 09:00:00 2026", b"Return-Path: <anna@example.org>", b"Delivered-To: dev@lists.example.org"]
    + [b"Received: from mx%d.example.org (mx%d.example.org [192.0.2.%d])\n\tby mail.example.org (Postfix) with ESMTPS id 4F2Bx%d\n"
       b"\tfor <dev@lists.example.org>; Mon, 23 Nov 2026 09:00:%02d +0000 (UTC)" % (n, n, n, n * 7919, n) for n in range(8)]
    + [b"From: Anna Example <anna@example.org>", b"To: Developers <dev@lists.example.org>", b"Cc: bob@example.org, carol@example.net",
       b"Subject: [dev] Re: the word of the day and what became of it", b"Message-ID: <20261123090000.4F2B@example.org>",
       b"References: <1@example.org> <2@example.org>\n <3@example.org>", b"List-Id: Developers <dev.lists.example.org>",
       b"X-Spam-Status: No, score=-2.1 required=5.0 tests=BAYES_00,DKIM_SIGNED", b"MIME-Version: 1.0", b"Content-Type: text/plain; charset=utf-8", b""]
    + [b"a line of text that is fifty bytes long, no more." for _ in range(60)])


def mixed(n):
    return ["* ^From:.*someone-%d@example\\.(org|net)" % n, "* ^To:.*list-%d@lists\\.example\\.com" % n, "* ^List-Id:.*<list-%d\\.example\\.org>" % n,
            "* ! ^Subject:.*the word\n* ^From:.*other%d" % n][n % 4]


SHAPES = {
    "^Subject:.*wordN[0-9]+": lambda n: "* ^Subject:.*word%d[0-9]+" % n,
    "^TO_someone-N@": lambda n: "* ^TO_someone-%d@example\\.org" % n,
    "From, To, List-Id, ! Subject": mixed,
    "no literals": lambda n: "* ^X-[a-z]?[0-9]?:.*[%d%d][xyz]$" % (n % 10, n % 7),
}


def rules(shape, lock):
    return "".join(":0%s\n%s\nfolder%d\n\n" % (lock, shape(n), n) for n in range(COUNT))


def once(program, rc, folder):
    """Clock and processor seconds from the start to the end of one run."""
    with open(os.path.join(folder, "message"), "rb") as message, open(os.devnull, "wb") as null:
        began = time.perf_counter()
        child = os.posix_spawn(program, ["procmail", "-m", rc], {"PATH": "/usr/bin:/bin", "HOME": folder},
                               file_actions=[(os.POSIX_SPAWN_DUP2, message.fileno(), 0), (os.POSIX_SPAWN_DUP2, null.fileno(), 1),
                                             (os.POSIX_SPAWN_DUP2, null.fileno(), 2)])
        _, _, used = os.wait4(child, 0)
        return time.perf_counter() - began, used.ru_utime + used.ru_stime


def measure(programs, files, folder, rounds):
    """The least of each, in milliseconds: {(program, file): (clock, processor)}."""
    least = {}
    for _ in range(rounds):
        for name, program in programs.items():
            for file in files:
                times = once(program, file, folder)
                known = least.get((name, file), (9, 9))
                least[name, file] = tuple(map(min, known, times))
    return {key: (clock * 1000, processor * 1000) for key, (clock, processor) in least.items()}


def put(folder, name, text):
    path = os.path.join(folder, name)
    with open(path, "wb") as file:
        file.write(text if isinstance(text, bytes) else text.encode())
    return path


def main(words):
    programs = {"ours": os.path.join(os.environ["SLUICE_BIN"], "procmail")}
    real = os.path.join(os.environ.get("SLUICE_PEERS", "build/peers"), "procmail/usr/bin/procmail")
    if os.path.exists(real):
        programs["real"] = real
    with tempfile.TemporaryDirectory() as folder:
        put(folder, "message", MESSAGE)
        head, tail = "SHELL=/bin/sh\nMAILDIR=%s\n" % folder, ":0\n/dev/null\n"
        none = put(folder, "none", head + tail)
        files = {none: "none"}
        for title, shape in SHAPES.items():
            for lock in ("", ":"):
                number = len(files)
                files[put(folder, "rc%d" % number, head + rules(shape, lock) + tail)] = title + (", locks" if lock else "")
            included = put(folder, "inc%d" % number, rules(shape, lock))
            files[put(folder, "rc%di" % number, head + "INCLUDERC=%s\n" % included + tail)] = title + ", locks, included"
        least = measure(programs, list(files), folder, int(words[0]) if words else 100)
        for file, title in files.items():
            text = "%-45s" % title
            for name in programs:
                text += "  %s %6.2f ms (processor %6.2f)" % (name, *(a - (0 if file == none else b) for a, b in zip(least[name, file], least[name, none])))
            print(text)


if __name__ == "__main__":
    main(sys.argv[1:])
