# A message is on disk before the MTA hears exit 0: strace shows the fsync of the mailbox, after its last write.
# SPDX-License-Identifier: Apache-2.0
import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "support"))
import throwaway

MESSAGE = b"From: y@example.org\nSubject: x\n\nbody\n"


def calls(site, rules):
    """The calls of a delivery on files below the site, in order: [("write", path), ("fsync", path), ...]."""
    if rules:
        site.write("anna/.procmailrc", rules)
    trace = site.path("trace")
    done = site.run(["strace", "-f", "-y", "-qq", "-o", trace, "-e", "trace=write,writev,pwrite64,pwritev,fsync,fdatasync",
                     *site.command()], MESSAGE)
    lines = site.read("trace").decode("utf-8", "replace")
    return done.status, [(call, path) for call, path in re.findall(r"(\w+)\(\d+<([^>]*)>", lines) if path.startswith(site.root)]


def complaints_about(name, seen, status, target):
    """A write to a path that ends in `target`, and after the last one an fsync of the same file."""
    on_target = [call for call, path in seen if re.search(target, path)]
    writes = [index for index, call in enumerate(on_target) if "write" in call]
    if status != 0 or not writes:
        return ["%s: exit %d, calls %s" % (name, status, seen)]
    if not any("sync" in call for call in on_target[writes[-1]:]):
        return ["%s: written, and not synced: %s" % (name, seen)]
    return []


def main():
    complaints = []
    for name, rules, target, folder in [
            ("inbox", "", r"/anna/inbox$", r"/anna$"),
            ("mbox folder", ":0:\nbox\n", r"/anna/box$", r"/anna$"),
            ("Maildir", ":0\nmd/\n", r"/anna/md/tmp/", r"/anna/md/new$")]:
        with throwaway.Site() as site:
            status, seen = calls(site, rules)
            complaints += complaints_about(name, seen, status, target)
            # A name that was made must survive a power loss as well.
            if not any("sync" in call and re.search(folder, path) for call, path in seen):
                complaints.append("%s: its directory was not synced: %s" % (name, seen))
    print("\n".join(complaints + ["%d complaints" % len(complaints)]))
    return 1 if complaints else 0


sys.exit(main())
