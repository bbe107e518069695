# Random words and values of rule files: quotes, backslashes, variables, defaults, backquotes.
# SPDX-License-Identifier: Apache-2.0
#
# Text is str, a character a byte (latin-1). What a seed makes depends on the order of the choices: a new one changes all.
import random

NAMES = ["A", "B", "C", "LIST", "x_1"]
LONG = "long" * 180   # a few of them exceed procmail's 2048 bytes of a line
WORDS = ["one", "two", "lists", "hello", "dev", "a.b", "x-y", "5", "anna@example.org", "foo/bar", "^Sub", "a,b", "%z", "~/k", "k;l",
         "=v", "(p|q)", "a*", "[x]", "!", "+", "{", "a}b", "a#b", "caf\xe9", ":", "b" * 60, "H ?? x", "^^", "\\/"]


class Words:
    def __init__(self, seed):
        self.random = random.Random(seed)

    def chance(self, share):
        return self.random.random() < share

    def one(self, *choices):
        """One of the choices; those that can be called are."""
        choice = self.random.choice(choices)
        return choice() if callable(choice) else choice

    def some(self, make, *counts):
        return "".join(make() for _ in range(self.one(*counts)))

    def name(self):
        return self.one(*NAMES)

    def word(self):
        return LONG if self.chance(0.005) else self.one(*WORDS)

    def value(self):
        return self.some(lambda: self.piece(False), 1, 1, 2, 3)

    def quotable(self):
        return self.one(self.word, self.word, self.word, "two words", " lead", "trail ", "tab\there", "its", "#x", "\\n", "\\}", "\\x", "a\"b", "x \\")

    def piece(self, quoted):
        if quoted:
            return self.one(self.quotable, self.quotable, self.variable, self.variable, lambda: "\\" + self.one(*'"\\$`nx#} '), "\n",
                            lambda: self.backquote(True), "\\\n", "'")
        return self.one(
            *[self.word] * 3, self.variable, self.variable, self.double_quoted, self.single_quoted,
            lambda: "\\" + self.one(*" '\"\\$`nx#}\t"), lambda: self.backquote(False), "\\\n", '"$@"', 'a""b', "''", "\\\n  ")

    def double_quoted(self):
        return '"' + self.some(lambda: self.piece(True), 0, 1, 2, 3) + ('"' if not self.chance(0.01) else "")

    def single_quoted(self):
        text = self.quotable().replace("'", "") + self.one("", "\\", '"', "$A", "\n", "`", "\\\n")
        return "'" + text + ("'" if not self.chance(0.01) else "")

    def variable(self):
        name = self.one(*NAMES, *NAMES, "MATCH", "LASTFOLDER", "unset", "1", "2", "3", "#", "DEFAULT")
        if self.chance(0.35):
            return self.default("A" if name == "#" else name)
        if self.chance(0.1):
            return self.one("$?", "$=", "$-", "$#", "$10", "$*", "$!", "$%", "$ ", "${A:=v}", "${12}", "${A", "$@", "$(x)", "${}", "${#A}", "${A%b}",
                            "$\\1", "$.", "${1}", "${A:}", "$_", "$0", "${A?x}", "$\\", "${", "$\\A.b", "${A-", "${1:+x}", "$\\0", "${-}", "${A:-a", "${unset+")
        return self.one("$%s", "$%s", "${%s}", "$\\%s").replace("%s", name).replace("${#}", "$#").replace("$\\#", "$#")

    def default(self, name):
        inner = self.one(self.word, self.word, "$B", "${C:-deep}", '"q r"', "", "a b" if self.chance(0.3) else "ab", "`echo in`", "\\}", "'s'", "${B+$A}",
                         "#y", "${A:-${B:-${C:-three}}}", "\\\n", "\"$1\"", "\\\"", "${A:=v}", " #z")
        return "${%s%s%s}" % (name, self.one(":-", "-", ":+", "+"), inner)

    def backquote(self, quoted):
        text = self.one("echo x y", "printf 'a\\\\nb\\\\n\\\\n'", "sed -n 1p", "echo $A", "grep -c e", "echo '$B'", "cat | wc -l", "echo \\`id -un\\` >/dev/null",
                        "printf %s\\\\n z", "true", "echo a; false", "head -n 2", "sh -c 'exit 3'", "cat", "printf ab\\\\0cd", "printf %0120d 5", "printf %0300d 5",
                        "nosuch" if self.chance(0.2) else "echo", "expr $$ = $$", "sed -n \"s/^Subject: //p\"", "echo \\$A \\\\$A", "echo \"$@\"", "", "echo ${A:-q}")
        if quoted:
            text = text.replace("'", "").replace('"', '\\"' if self.chance(0.5) else "")
        return "`" + text + ("`" if not self.chance(0.02) else "")
