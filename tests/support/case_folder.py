# Cases that are folders: tests/cases/NAME/ with rules, a message and the recorded outcome.
# SPDX-License-Identifier: Apache-2.0
#
#   rc                 the rules
#   message.eml        the mail; without it the message.eml beside the folders
#   message.sh         or a shell script that prints the mail, where it is large
#   args               the words after `procmail`, one a line; without it -m and rc. @HOME@ is the home
#   setup              a shell script that prepares the home
#   origin             where the case comes from, in a line
#   expected           what must be seen of ours, and of the real procmail where the next two are missing
#   expected.procmail  what is seen of the real procmail where ours differs on purpose; without it, it is not asked
#   difference         why: the number in the table of differences (rules/README.md), and a line of words
import os
import subprocess

import twin


class Folder:
    def __init__(self, path):
        self.path = path
        self.name = os.path.basename(path)

    def case(self):
        message = self._message()
        case = twin.Case(self.name, self._read("rc"), message, setup=(self._read("setup") or b"").decode())
        args = self._read("args")
        if args is not None:
            case.args = args.decode().splitlines()
        return case

    def _message(self):
        script = os.path.join(self.path, "message.sh")
        if os.path.exists(script):
            return subprocess.run(["sh", script], check=True, stdout=subprocess.PIPE).stdout
        message = self._read("message.eml")
        return _bytes(os.path.join(os.path.dirname(self.path), "message.eml")) if message is None else message

    def differs(self):
        return os.path.exists(os.path.join(self.path, "difference"))

    def expected(self, real):
        """The recorded outcome: of the real procmail, or of ours. None: not recorded."""
        name = "expected.procmail" if real and self.differs() else "expected"
        text = self._read(name)
        return None if text is None else text.decode()

    def record(self, text, real):
        """Makes `text` the recorded outcome."""
        name = "expected.procmail" if real and self.differs() else "expected"
        with open(os.path.join(self.path, name), "w", encoding="utf-8") as file:
            file.write(text)

    def _read(self, name):
        path = os.path.join(self.path, name)
        return _bytes(path) if os.path.exists(path) else None


def _bytes(path):
    with open(path, "rb") as file:
        return file.read()


def read(folder):
    """All cases below tests/cases, by name."""
    return [Folder(entry.path) for entry in sorted(os.scandir(folder), key=lambda entry: entry.name)
            if entry.is_dir() and os.path.exists(os.path.join(entry.path, "rc"))]
