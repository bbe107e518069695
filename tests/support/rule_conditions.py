# Random conditions: prefixes, weights, sizes, programs, and regular expressions with all that procmail knows.
# SPDX-License-Identifier: Apache-2.0
from rule_words import LONG, Words

# Pieces that the random messages hold, so that something matches.
TEXTS = ["hello", "Subject:", "To:", "one", "x-y", "a", "5", "dev", "lo", "From ", ":", " ", "o ", "caf", "bulk", "folded", "#", "lists", "example", "owner",
         "spaced", "e", "\xe9", "World", "no line end", "(", "$A"]
ATOMS = ["$", "^", "[a-e]", "[^a-z ]", "\\<dev\\>", "()", "\\.", "^^", "{", "a.b", "\\w", "[^]x]", "H", "h.l", "[]x]", "[a-]", "[-x]", "[z-a]", "[\\]]",
         "[[:alpha:]]", "[a-c-e]", "[^-a]", "[\xe0-\xff]", "[ \t]", "\\>", "()\\<", "\\(", "\\)", "\\$", "\\^TO_", "\\^", "a{2}", "}", "[.]", "[*]", "[^A]", "[A-C]",
         "\\*", "\\n", "\\-", "[^\n]", "$$", "^$", ".$", "^.", "[(|)]", "[\\/]", "a\\"]


class Conditions(Words):
    def condition(self):
        text = self.prefixes() + self.test()
        if self.chance(0.01):
            text += " \\"
        elif text.endswith("\\"):
            text += "a"
        end = self.one("\n", "\n", "\n", " \n", "\n\n" if self.chance(0.1) else "\n", "\n# between\n", "\t \n")
        return self.one("", "", " ", "\t") + "*" + self.one(" ", " ", "", "  ", "\t") + text + end

    def prefixes(self):
        return self.some(self.prefix, 0, 0, 0, 1, 1, 2, 3 if self.chance(0.5) else 1)

    def prefix(self):
        return self.one("! ", "!", "B ?? ", "H ??", "HB ?? ", "BH??", "A ?? ", "LIST??", "$ ", "$", lambda: self.weight() + " ", "\\", "MATCH ?? ", "x_1 ?? ", "unset ?? ",
                        "LASTFOLDER ?? ", "DEFAULT??", "! $ ", "$ ! ", "1 ", "A ?", "\t")

    def weight(self):
        first = self.one("1", "2", "-1", ".5", "1e2", "+3", "0", "10", "-.5", "2147483647", "-2147483647", "1.5", "0.25", "1E1", "3e-1", "-7")
        return first + self.one("^", " ^ ", "^ ") + self.one("0", "1", ".5", ".9", "2", "-1", "-.5", "1e0", "+2", "3")

    def test(self):
        return self.one(*[self.pattern] * 10, self.macro, self.size, self.program, self.program, "", self.joined, self.deep)

    def macro(self):
        return self.one("^TO_dev", "^TOdev", "^FROM_DAEMON", "^FROM_MAILER", "^TO_\\/.*", "^TOPIC", "(^TO_dev|^FROM_DAEMON)", "^TO", "x^TO_", "[^TO_]", "^TO_(a|dev)@", "^FROM_DAEMONx", "()^TO_dev",
                        "^FROM_", "^TO_$A", "^TO_anna|^TObob")

    def size(self):
        return self.one("<", ">", "< ", "> ", "> \t") + self.one("100", "200", "0", "$A", "1", "150 x", "5", "\"99\"", "-1", "", "300", "`echo 200`", "+50", "0x10", "$1")

    def program(self):
        return "?" + self.one("", " ", "  ") + self.one(
            "true", "false", "grep -q hello", "cat >>seen", "test 5 -gt 3", "test -n \"$A\"", "sh -c \"exit 4\"", "grep -q \"$A\" # c", "cat >/dev/null; exit 2",
            "sed -n w$A.q", "echo x | grep -q x", "sh -c 'exit 1' # x", "grep -c \"$@\"", "expr $$ = $$", "nosuch" if self.chance(0.3) else "true", "sh -c 'kill -9 $$'",
            "grep $1 $2 -q", "$unset", "test \\! -f x", "sh -c 'exit '$#")

    def joined(self):
        return self.one("^Subject:.*\\\n   hello", "(one|\\\ntwo)", "$ ^Sub\\\n\t ject", "? cat \\\n >>seen", "a\\\n\\\nb", "\\\nSubject", "$ A ??\\\n x", "1^1\\\n lo", "? true\\\n", "! \\\n ! one",
                        "hello\\\n#not", "> \\\n 5")

    def deep(self):
        return self.one("$ $A", "$ $ $A", "$ ${A:-one}", "$ \"$A\"", "$ ^Subject: \"hello\"", "$ a\\\\.b", "$ ! $A", "$ $\\A", "$ `echo hello`", "$ 1^1 $A", "$ $1", "$ A ?? $\\A", "$ > $A", "$ ? true",
                        "$ $LIST $B", "$ \\$A", "$ 'q", "$", "$ \\/$A", "$ \"")

    # Regular expressions.

    def atom(self):
        text = self.one(*[lambda: self.one(*TEXTS)] * 3, lambda: self.one(*ATOMS), lambda: self.one(*ATOMS), ".", ".*", self.group)
        operator = self.one(*[""] * 7, "*", "+", "?", "**", "+?", "??")
        if text.startswith("(") and operator[:1] in ("*", "+"):
            # Where it may be empty, the real one often goes round without end (number 10).
            text = text.replace("(", "(le").replace("|", "|le")
        return text + operator

    def group(self):
        return "(" + self.one("", "", "*") + "|".join(self.some(self.atom, 0, 1, 1, 2) for _ in range(self.one(1, 2, 2, 3))) + ")"

    def sequence(self):
        return self.some(self.atom, 1, 1, 2, 2, 3)

    def pattern(self):
        left = self.one("", "", "", "^", "^^", "*", "+", "()") + self.sequence()
        if self.chance(0.3):
            # A '+' in front of the marker, and a marker at the end, are the table's number 3: seldom.
            if self.chance(0.9):
                left = left.replace("+", "*").replace("**", "*")
            right = self.one(".*", "[a-z]*", "..*", "[^ ]*", "(hello|one)", ".*$", "o", ".*[a-z]", "(a|ab|abc)", "$.*", "[^\n]*\n".strip(), self.sequence)
            return ("(x|" if self.chance(0.02) else "") + left + "\\/" + ("" if self.chance(0.03) else right) + self.one("", "", "", "^^", "$")
        tail = self.one(*[""] * 6, lambda: "|" + self.sequence(), lambda: "|" + self.sequence(), "^^", "$", "|", "\\") if self.chance(0.5) else ""
        if self.chance(0.06):
            tail += self.one("(", ")", "[a", "**", "$A", "\\\\", "\"", "$$", "[", "[^", "[]", "((((a))))", LONG, "))", "(a", "[a-", "|||", "^^x")
        return left + tail
