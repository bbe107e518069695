# Cases that are lines: tests/cases/*.table, a condition and a text each, and whether the one holds of the other.
# SPDX-License-Identifier: Apache-2.0
#
#   NAME :: AREA :: CONDITION :: TEXT :: RESULT
#
# AREA       the recipe's flags (H, B, HB, with D), TEXT then being the message's body for B and the whole message for
#            H and HB; or X: TEXT is the value of the variable X
# CONDITION  what stands behind `* `; several are joined by ` && `
# TEXT       \n \t \r \0 \xHH \\, and \*50{text} for fifty of them
# RESULT     yes or no; with a weight `, score N`; with \/ `, match "…"` (MATCH was `before`); then `, log "…"`
#            Where ours differs on purpose: RESULT :: procmail RESULT :: the difference's number
import re

import twin

SEPARATOR = " :: "
REPORT = re.compile(r"(?s)^(.*)(yes|no) (-?\d+) <(.*)>\n$")


class Row:
    def __init__(self, line):
        fields = line.split(SEPARATOR)
        self.name, self.area, self.conditions, self.text = fields[:4]
        self.name = self.name.strip()
        self.result = fields[4].strip() if len(fields) > 4 else None
        self.real_result = fields[5].strip().removeprefix("procmail ") if len(fields) > 5 else None
        self.difference = fields[6].strip() if len(fields) > 6 else None

    def case(self):
        text = unescape(self.text.strip())
        area = self.area.strip()
        variable = b""
        if area == "X":
            variable, text, area = b"X='" + text + b"'\n", b"", ""
        if "H" not in area:
            text = b"Subject: x\n\n" + text
        conditions = "".join("* %s\n" % condition for condition in self.conditions.strip().split(" && "))
        rc = (b"SHELL=/bin/sh\nLOGABSTRACT=no\nMATCH=before\n" + variable + b":0 " + area.encode() + b"\n" + conditions.encode() +
              b'{ YES=yes }\nLOG="${YES:-no} $= <$MATCH>\n"\n:0\n/dev/null\n')
        return twin.Case(self.name, rc, text)

    def differs(self):
        return self.difference is not None

    def expected(self, real):
        return self.real_result if real and self.differs() else self.result

    def record(self, text, real):
        if real and self.differs():
            self.real_result = text
        else:
            self.result = text

    def summary(self, seen):
        """What observe() saw, as a RESULT."""
        log = "\n".join(line[2:] for line in seen.splitlines() if line.startswith("| ")) + "\n"
        report = REPORT.match(log)
        if not seen.startswith("exit: 0\n") or not report:
            return "trouble: " + seen.replace("\n", " / ")
        said, verdict, score, match = report.groups()
        result = verdict
        if re.search(r"(^| )[-+.\d]\S*\^", self.conditions):
            result += ", score " + score
        if "\\/" in self.conditions:
            result += ', match "%s"' % match.replace("\n", "\\n")
        if said:
            result += ', log "%s"' % said.strip().replace("procmail: ", "").replace("\n", "; ")
        return result

    def line(self):
        fields = [self.name, self.area, self.conditions, self.text, self.result or ""]
        if self.differs():
            fields += ["procmail " + (self.real_result or ""), self.difference]
        return SEPARATOR.join(fields)


def unescape(text):
    """The bytes that a TEXT stands for."""
    text = re.sub(r"\\\*(\d+)\{(.*?)\}", lambda found: found.group(2) * int(found.group(1)), text)
    plain = {"n": b"\n", "t": b"\t", "r": b"\r", "0": b"\0", "\\": b"\\"}
    parts = []
    for part in re.findall(r"\\x[0-9a-fA-F]{2}|\\.|[^\\]+", text):
        if part.startswith("\\x"):
            parts.append(bytes([int(part[2:], 16)]))
        elif part.startswith("\\"):
            parts.append(plain[part[1]])
        else:
            parts.append(part.encode())
    return b"".join(parts)


class Table:
    """A table file: its rows, and the comments between them, which survive a rewriting."""

    def __init__(self, path):
        self.path = path
        self.lines = []
        with open(path, encoding="utf-8") as file:
            for line in file.read().splitlines():
                self.lines.append(Row(line) if line and not line.startswith("#") else line)
        self.rows = [line for line in self.lines if isinstance(line, Row)]

    def save(self):
        with open(self.path, "w", encoding="utf-8") as file:
            for line in self.lines:
                file.write((line.line() if isinstance(line, Row) else line) + "\n")
