# Bad input and a failing world: every time an exit code that the MTA understands, a log line, and nothing lost.
# SPDX-License-Identifier: Apache-2.0
import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "support"))
import throwaway

EX_OK, EX_NOUSER, EX_CANTCREAT, EX_TEMPFAIL = 0, 67, 73, 75
PLAIN = b"From: y@example.org\nSubject: x\n\nbody\n"
FROM_LINE = re.compile(rb"\AFrom [^\n]*\n")
failures = []


def check(name, held, *details):
    if not held:
        failures.append("%s: %s" % (name, " | ".join(str(detail) for detail in details)))


def stored(site, place="anna/inbox"):
    """What a folder holds, without its first From_ line."""
    return FROM_LINE.sub(b"", site.read(place))


def delivered(name, site, done, message, place="anna/inbox", logged=None):
    """The message lies in the folder, but for empty lines around it, and the MTA hears 0 and nothing else."""
    check(name, done.status == EX_OK, done, site.log())
    check(name, (done.out, done.err) == (b"", b""), "the MTA's descriptors were written to", done)
    check(name, stored(site, place).strip(b"\n") == message.strip(b"\n"), stored(site, place)[:300])
    if logged:
        check(name, re.search(logged, site.log()), "not logged: " + logged, site.log())


def refused(name, site, done, status, code, logged="status="):
    """Nothing is stored, the log tells, and the first bytes that the MTA reads are one line `X.Y.Z text`."""
    check(name, done.status == status, done, site.log())
    check(name, re.match(code.encode() + rb" [^\n]+\n", done.out + done.err), done)
    check(name, stored(site) == b"", stored(site)[:300])
    if logged:
        check(name, re.search("event=delivery .*status=" + code, site.log()), "the refusal is not logged", site.log())
        check(name, re.search(logged, site.log()), "not logged: " + logged, site.log())


def rules():
    """Rules that cannot be read as their writer meant."""
    for name, rc, logged in [
            ("a broken pattern", ":0:\n* ^Subject: (no\nnever/there/x\n", "Invalid regexp"),
            ("a block without an end", ":0\n{\n  :0\n  * ^Nope\n  box\n", "[Mm]issing closing brace"),
            ("a recipe without an action", ":0\n* ^Nope\n", "Incomplete recipe"),
            ("words that mean nothing", "this-is not & a rule\n", "Skipped"),
            ("a missing folder", ":0:\nno/such/box\n", r'Error while writing to "no/such/box"'),
            ("a missing program", ":0 w\n| /no/such/program\n", "no/such/program"),
            ("a missing include", "INCLUDERC=none\n", r'Couldn\'t read "none"'),
            ("NUL bytes", "A=\0\0\n:0\n* ^Nope\0\nbox\n", None)]:
        with throwaway.Site(**{"rules.programs": "always"}) as site:
            site.write("anna/.procmailrc", rc)
            delivered("rules with " + name, site, site.deliver(PLAIN), PLAIN, logged=logged)
    with throwaway.Site() as site:
        delivered("no rules at all", site, site.deliver(PLAIN), PLAIN)
    with throwaway.Site() as site:
        site.write("anna/.procmailrc", ":0:\nnever\n", mode=0o666)
        delivered("rules that anybody may write", site, site.deliver(PLAIN), PLAIN, logged="[Ss]uspicious")


def unreadable_rules():
    """Rules that are there and cannot be read might refuse or file the message: it stays in the queue."""
    with throwaway.Site() as site:
        site.write("anna/.procmailrc", ":0:\nnever\n", mode=0o000)
        refused("unreadable rules", site, site.deliver(PLAIN), EX_TEMPFAIL, r"4\.3\.\d", r"\.procmailrc")


def disk():
    """A disk that is full: the mailbox is as before, and the MTA keeps the mail."""
    with throwaway.Site() as site:
        before = b"From a@example.org  Mon Jan  1 00:00:00 2024\nSubject: before\n\nbody\n\n"
        site.write("anna/inbox", before)
        big = PLAIN + b"a line of text\n" * 4000
        done = site.deliver(big, largest_file=20000)
        check("full disk", done.status == EX_TEMPFAIL, done)
        check("full disk", re.match(rb"4\.\d+\.\d+ [^\n]+\n", done.out + done.err), done)
        check("full disk", site.read("anna/inbox") == before, "the inbox changed", site.read("anna/inbox")[-200:])
        done = site.deliver(PLAIN)
        check("after a full disk", done.status == EX_OK and site.read("anna/inbox").startswith(before), done)
    with throwaway.Site(**{"mail.inbox": "/dev/full"}) as site:
        refused("a full device", site, site.deliver(PLAIN), EX_TEMPFAIL, r"4\.\d+\.\d+", "/dev/full")
    with throwaway.Site(**{"mail.inbox": "%h/no/such/inbox"}) as site:
        refused("an inbox in a missing folder", site, site.deliver(PLAIN), EX_TEMPFAIL, r"4\.\d+\.\d+", "no/such/inbox")


def users():
    with throwaway.Site() as site:
        refused("an unknown user", site, site.deliver(PLAIN, user="nobody-here"), EX_NOUSER, r"5\.1\.1", "nobody-here")
        refused("a user with a slash", site, site.deliver(PLAIN, user="../anna"), EX_NOUSER, r"5\.1\.1")
    with throwaway.Site(**{"accounts.file": "/no/such/users"}) as site:
        refused("a failing lookup", site, site.deliver(PLAIN), EX_TEMPFAIL, r"4\.3\.0", "no/such/users")
    with throwaway.Site() as site:
        site.write("sluice.conf", "[quota]\ninbx = 1\n")
        # Where to log stands in the configuration, too: the MTA alone hears of this one.
        refused("a broken configuration", site, site.deliver(PLAIN), EX_TEMPFAIL, r"4\.3\.\d", logged=None)


def messages():
    rows = [("no header", b"\njust text\n"),
            ("only a header", b"From: y\nSubject: x\n"),
            ("one byte", b"x"),
            ("no line end", b"Subject: x\n\nbody"),
            ("NUL bytes", b"Subject: \0x\0\n\nbo\0dy\n\0"),
            ("CRLF", b"From: y\r\nSubject: x\r\n\r\nbody\r\n"),
            ("a line of a megabyte", b"Subject: x\n\n" + b"y" * (1 << 20) + b"\n"),
            ("every byte", b"Subject: x\n\n" + bytes(range(256)) + b"\n")]
    for name, message in rows:
        with throwaway.Site() as site:
            delivered("a message with " + name, site, site.deliver(message), message)
    with throwaway.Site() as site:
        done = site.deliver(b"")
        check("an empty message", done.status == EX_OK, done)
        check("an empty message", site.read("anna/inbox").startswith(b"From "), site.read("anna/inbox"))
    with throwaway.Site() as site:
        body = b"Subject: x\n\nFrom here\n\0\nFrom there\n"
        delivered("From_ lines in a body", site, site.deliver(body), body.replace(b"\nFrom ", b"\n>From "))


def large():
    message = PLAIN + b"a line of text that is fifty bytes long, no more.\n" * 2097152   # 100 MiB and a little
    with throwaway.Site() as site:
        refused("100 MB", site, site.deliver(message, seconds=300), EX_CANTCREAT, r"5\.3\.4")
    with throwaway.Site(**{"mail.max-size": "200M"}) as site:
        delivered("100 MB where it may be", site, site.deliver(message, seconds=300), message)
    for size, status in ((1024, EX_OK), (1025, EX_CANTCREAT)):
        with throwaway.Site(**{"mail.max-size": "1K"}) as site:
            done = site.deliver(PLAIN + b"x" * (size - len(PLAIN)))
            check("%d bytes where 1,024 may be" % size, done.status == status, done)


def quota():
    with throwaway.Site(**{"quota.inbox": "4K", "quota.folders": "2K"}) as site:
        site.write("anna/.procmailrc", "MAILDIR=$HOME/Mail\n:0:\n* ^Subject: folder\nbox\n:0\n* ^Subject: away\n/dev/null\n")
        os.mkdir(site.path("anna/Mail"), 0o700)
        os.chown(site.path("anna/Mail"), *throwaway.twin.running_as())
        big = PLAIN + b"a line of text\n" * 400
        refused("over the inbox's quota", site, site.deliver(big), EX_CANTCREAT, r"5\.2\.2", "quota|5.2.2")
        to_folder = PLAIN.replace(b": x", b": folder") + b"a line of text\n" * 200
        delivered("over the folders' quota", site, site.deliver(to_folder), to_folder)
        done = site.deliver(big.replace(b": x", b": away"))
        check("discarded at full quota", done.status == EX_OK, done)
    with throwaway.Site(**{"quota.inbox": "4K", "quota.exceeded": "tempfail"}) as site:
        refused("over quota, for now", site, site.deliver(PLAIN + b"a line of text\n" * 400), EX_TEMPFAIL, r"4\.2\.2")


for part in (rules, unreadable_rules, disk, users, messages, large, quota):
    try:
        part()
    except Exception as trouble:   # a part that breaks must not hide the others
        failures.append("%s: %r" % (part.__name__, trouble))
print("\n".join(failures + ["%d failures" % len(failures)]))
sys.exit(1 if failures else 0)
