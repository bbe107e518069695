# Includes go one way: filter -> rules -> the pure headers of mailbox; filter -> mailbox <- pop3d; nothing -> tests.
# SPDX-License-Identifier: Apache-2.0
#
# Reads the #include "..." lines of every source file and complains about each arrow that is not in the table below.
# An arrow that you need and that is not there is a decision about the house, not about this test: see rules/README.md.
import os
import re
import sys

SOURCE = os.environ.get("SLUICE_SOURCE", os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
ROOMS = ("mailbox", "rules", "filter", "pop3d", "tests")


def named_in(room, variable):
    """The files that a room's CMakeLists.txt names in set(variable ...), as a pattern that fits their .h and .cc."""
    with open(os.path.join(SOURCE, room, "CMakeLists.txt"), encoding="utf-8") as file:
        names = re.search(r"set\(%s ([^)]*)\)" % variable, file.read()).group(1).split()
    return r"%s/(%s)\.(h|cc)$" % (room, "|".join(re.escape(name.removesuffix(".cc")) for name in names))


# Mail as bytes, which needs no system call, and the words for failure.
PURE = named_in("mailbox", "pure").replace("(", "(result|", 1)
# pop3d's daemon; everything else there is the protocol, which knows bytes only.
DAEMON = named_in("pop3d", "world")

# First row whose left side fits the including file holds; then the included file must fit the right side.
ALLOWED = [
    (PURE, PURE),
    (r"mailbox/site/", r"mailbox/"),
    (r"mailbox/", r"mailbox/[^/]+$"),
    (r"rules/(trace|diagnostic)\.", r"rules/(trace|diagnostic|limits)\."),
    (r"rules/regex/", r"rules/(regex/|limits\.h)"),
    (r"rules/", r"rules/|" + PURE),
    (r"filter/", r"filter/|rules/|mailbox/"),
    (r"pop3d/admin/", r"pop3d/admin/|mailbox/"),
    (DAEMON, r"pop3d/|mailbox/"),
    (r"pop3d/", r"pop3d/|" + PURE),
    (r"tests/", r""),
]
# Passes of rules meet in data, not in each other: who must not know whom.
FORBIDDEN = [
    (r"rules/(lexer|parser|token|ast)\.", r"rules/(program|compiler|interpreter|host)\."),
    (r"rules/program\.", r"rules/(ast|parser|lexer|token|compiler|interpreter)\."),
    (r"rules/interpreter", r"rules/(ast|parser|lexer|token)\."),
    (r"rules/(?!compiler|rules)", r"rules/(parser|lexer)\.h"),
    (r"(?!%s)pop3d/" % DAEMON, DAEMON),
    (r"(?!tests/)", r"tests/"),
]
# A file's own header is always its own business.
STEM = re.compile(r"\.(h|cc)$")


def complaint(file, included):
    """Why `file` may not include `included`; None if it may. Both are paths from the root of the source."""
    if STEM.sub("", file) == STEM.sub("", included):
        return None
    for includer, target in FORBIDDEN:
        if re.match(includer, file) and re.match(target, included):
            return "%s must not know %s" % (file, included)
    for includer, target in ALLOWED:
        if re.match(includer, file):
            return None if re.match(target, included) else "%s includes %s: that arrow does not exist" % (file, included)
    return "%s is in no room" % file


def arrows():
    for room in ROOMS:
        for folder, _, names in os.walk(os.path.join(SOURCE, room)):
            for name in names:
                if not STEM.search(name):
                    continue
                path = os.path.join(folder, name)
                with open(path, encoding="utf-8") as file:
                    for included in re.findall(r'^\s*#\s*include\s*"([^"]+)"', file.read(), re.M):
                        yield os.path.relpath(path, SOURCE), included


def self_test():
    """The test itself can fail: arrows that must be refused, and some that must not."""
    refused = [("rules/interpreter.cc", "filter/child.h"), ("rules/value.h", "mailbox/folder.h"),
               ("mailbox/mbox.cc", "rules/host.h"), ("mailbox/folder.h", "mailbox/site/config.h"),
               ("mailbox/message.h", "mailbox/file.h"), ("pop3d/client.cc", "rules/host.h"),
               ("pop3d/session.cc", "mailbox/maildrop.h"), ("pop3d/server.cc", "filter/child.h"),
               ("rules/parser.cc", "rules/program.h"), ("rules/interpreter.h", "rules/ast.h"),
               ("rules/trace.h", "rules/program.h"), ("rules/regex/pattern.cc", "rules/value.h"),
               ("filter/log.cc", "tests/support/site.h")]
    allowed = [("rules/host.h", "mailbox/message.h"), ("filter/child.h", "rules/host.h"),
               ("filter/child.cc", "mailbox/file.h"), ("pop3d/worker.cc", "mailbox/maildrop.h"),
               ("rules/compiler.cc", "rules/parser.h"), ("rules/parser.cc", "rules/parser.h"),
               ("tests/rules/lexer_test.cc", "rules/lexer.h")]
    return (["self-test: %s -> %s was not refused" % pair for pair in refused if not complaint(*pair)] +
            ["self-test: %s -> %s was refused" % pair for pair in allowed if complaint(*pair)])


def main():
    found = list(arrows())
    complaints = self_test() + [text for text in (complaint(*pair) for pair in found) if text]
    print("\n".join(complaints + ["%d includes read, %d complaints" % (len(found), len(complaints))]))
    return 1 if complaints or not found else 0


if __name__ == "__main__":
    sys.exit(main())
