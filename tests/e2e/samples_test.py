# Where each sample message goes under each sample rule file: by dry-run and by delivery, and both agree.
# SPDX-License-Identifier: Apache-2.0
#
# Also: `sluice check` finds nothing wrong with them; and under strace a dry-run writes no file, starts no process and
# opens no socket.
import glob
import json
import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "support"))
import throwaway

SOURCE = os.environ["SLUICE_SOURCE"]
MESSAGES = sorted(glob.glob(os.path.join(SOURCE, "samples/messages/*.eml")))
INBOX = ["mbox inbox"]
# What is not named goes to the inbox.
EXPECTED = {
    "simple-user.rc": {
        "spam": ["maildir junk"], "spam-beyond-doubt": ["maildir junk"], "cron": ["mbox machines"],
        "bounce": ["mbox bounces"], "auto-reply": ["mbox automatic"], "newsletter": ["mbox newsletters"],
        "invoice": ["mbox bills"], "executable": ["mbox bills"], "attachment": ["mbox attachments", "mbox inbox"]},
    "mailing-lists.rc": {
        "spam": ["maildir junk"], "spam-beyond-doubt": ["maildir junk"], "list-dev": ["maildir lists.dev"],
        "list-announce": ["mbox important", "maildir lists.announce"], "list-old": ["maildir lists.gardening"],
        "bounce": ["mbox machines"], "cron": ["mbox machines"], "auto-reply": ["mbox machines"]},
    "site.rc": {"spam-beyond-doubt": ["discard"], "executable": ["mbox quarantine"]},
}


def by_delivery(site, message):
    """Delivers to a fresh site; what lies where afterwards."""
    with open(message, "rb") as file:
        done = site.deliver(file.read())
    if done.status != 0:
        return ["exit %d: %s" % (done.status, (done.out + done.err).decode())]
    found = set()
    for folder, _, names in os.walk(site.path("anna")):
        for name in names:
            path = os.path.relpath(os.path.join(folder, name), site.path("anna"))
            path = path.removeprefix("Mail/")
            if name != ".procmailrc":
                parts = re.match(r"(.*)/(new|cur|tmp)/[^/]+$", path)
                found.add("maildir " + parts.group(1) if parts else "mbox " + path)
    return sorted(found) or ["discard"]


def by_dry_run(site, rules, message, trace=None):
    """What dry-run says of the message, in the same words and sorted."""
    words = [os.path.join(site.bin, "sluice"), "dry-run", "--rules", rules, "--config", site.path("sluice.conf"), "--user", "anna",
             "--format", "json", message]
    if trace:
        words = ["strace", "-f", "-y", "-qq", "-o", trace, "-e", "trace=%file,%process,%network,write,ftruncate", *words]
    done = site.run(words)
    if done.status != 0:
        return ["exit %d: %s" % (done.status, (done.out + done.err).decode())]
    actions = json.loads(done.out)["actions"]
    return sorted({action["kind"] if action["kind"] == "discard" else "%s %s" % (action["kind"], plain(site, action["target"]))
                   for action in actions})


def plain(site, target):
    """A folder's name without its home, its MAILDIR, and what a Maildir delivery adds."""
    for prefix in (site.path("anna/Mail") + "/", site.path("anna") + "/"):
        target = target.removeprefix(prefix)
    return re.sub(r"/(new|cur|tmp)/[^/]*$", "", target).rstrip("/")


def acts(trace):
    """Lines of a trace that change something, start something, or speak to somebody; the start of our own two is none."""
    for line in trace.splitlines():
        call = re.search(r"^\d+ +(\w+)\((.*)", line)
        if not call:
            continue
        name, rest = call.groups()
        if name in ("clone", "clone3") and "CLONE_THREAD" in rest:
            continue
        if name == "execve":
            if not re.match(r'"[^"]*/sluice(-tools)?"', rest):
                yield line
        elif name in ("fork", "vfork", "clone", "clone3", "socket", "socketpair", "connect", "bind", "kill", "ftruncate", "truncate",
                      "mkdir", "mkdirat", "link", "linkat", "symlink", "symlinkat", "unlink", "unlinkat", "rename", "renameat",
                      "renameat2", "chmod", "fchmodat", "chown", "fchownat", "utimensat", "mknod", "mknodat", "creat"):
            yield line
        elif name in ("open", "openat", "openat2") and re.search(r"O_(WRONLY|RDWR|CREAT|TRUNC|APPEND)", rest):
            yield line
        # UBSan asks by a pipe of its own whether memory can be read.
        elif name == "write" and not re.match(r"([12]\b|\d+<pipe:)", rest):
            yield line


def rules_file(site, rules):
    return site.path("site.rc" if rules == "site.rc" else "anna/.procmailrc")


def prepare(site, rules):
    site.write("anna/.procmailrc", "", mode=0o644)
    with open(os.path.join(SOURCE, "samples/rules", rules), "rb") as file:
        site.write(rules_file(site, rules), file.read(), mode=0o644)
    os.mkdir(site.path("anna/Mail"), 0o700)
    os.chown(site.path("anna/Mail"), *throwaway.twin.running_as())


def main():
    complaints = []
    for rules, places in EXPECTED.items():
        with throwaway.Site() as site:
            prepare(site, rules)
            checked = site.run([os.path.join(site.bin, "sluice"), "check", rules_file(site, rules)])
            if checked.status != 0 or checked.out:
                complaints.append("%s: check says %s" % (rules, checked))
        for message in MESSAGES:
            name = os.path.basename(message).removesuffix(".eml")
            expected = sorted(places.get(name, INBOX))
            settings = {"rules.site": "%h/../site.rc"} if rules == "site.rc" else {}
            with throwaway.Site(**settings) as site:
                prepare(site, rules)
                site.write("message.eml", open(message, "rb").read(), mode=0o644)
                said = by_dry_run(site, site.path("anna/.procmailrc"), site.path("message.eml"), site.path("trace"))
                acted = list(acts(site.read("trace").decode("utf-8", "replace")))
                done = by_delivery(site, message)
            if said != expected:
                complaints.append("%s, %s: dry-run says %s, not %s" % (rules, name, said, expected))
            if done != expected:
                complaints.append("%s, %s: delivery does %s, not %s" % (rules, name, done, expected))
            if acted:
                complaints.append("%s, %s: a dry-run acts:\n  %s" % (rules, name, "\n  ".join(acted)))
    print("\n".join(complaints + ["%d rule files, %d messages, %d complaints" % (len(EXPECTED), len(MESSAGES), len(complaints))]))
    return 1 if complaints or not MESSAGES else 0


sys.exit(main())
