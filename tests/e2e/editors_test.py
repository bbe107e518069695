# The editors' grammars: each line of all sample rules is taken for what it is, by TextMate's rules and, where there is a
# Vim with syntax, by Vim.
# SPDX-License-Identifier: Apache-2.0
import glob
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

SOURCE = os.environ.get("SLUICE_SOURCE") or os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
EDITORS = os.path.join(SOURCE, "samples/editors")
RULES = sorted(glob.glob(os.path.join(SOURCE, "samples/rules/*.rc")))

# Words of a line, and the scopes that the grammars give them: TextMate's (its start), and Vim's group.
TABLE = [
    (":0 HBc: box.lock", {"HBc": ("storage.modifier.flags", "sluiceFlags"), ": box.lock": ("string.unquoted.lock", "sluiceLock")}),
    (":0 X", {"X": ("invalid.illegal.flag", "sluiceWrongFlag")}),
    ("* ^TO_anna@example\\.org", {"*": ("keyword.control.condition", "sluiceStar"), "^TO_": ("support.function.macro", "sluiceMacro"),
                                 "\\.": ("constant.character.escape", "sluiceEscape")}),
    ("* -2^0.5 ! B ?? ^a\\/[0-9]", {"-2^0.5": ("constant.numeric.weight", "sluiceWeight"), "!": ("keyword.operator.condition", "sluicePrefix"),
                                   "B ??": ("storage.type.area", "sluiceArea"), "\\/": ("keyword.operator.match", "sluiceMatch"),
                                   "[0-9]": ("constant.other.character-class", "sluiceClass")}),
    ("MAILDIR=$HOME/Mail # where", {"MAILDIR": ("support.variable", "sluiceSpecial"), "$HOME": ("variable.other", "sluiceVariable"),
                                   "# where": ("comment.line", "sluiceComment")}),
    ("mine=\"a b\"", {"mine": ("variable.other", "sluiceName"), "\"a b\"": ("string.quoted.double", "sluiceString")}),
    ("| formail -i \"X: $mine\"", {"|": ("keyword.operator.pipe", "sluiceProgram"), "$mine": ("variable.other", "sluiceVariable")}),
    ("! anna@example.org", {"!": ("keyword.operator.forward", "sluiceForward")}),
    ("# all of it", {"# all of it": ("comment.line", "sluiceComment")}),
    ("{", {"{": ("punctuation.section.block", "sluiceBlock")}),
]


class TextMate:
    """As much of a TextMate grammar as ours uses: match, begin and end, captures, includes."""

    def __init__(self, path):
        with open(path, encoding="utf-8") as file:
            self.grammar = json.load(file)

    def rules(self, patterns):
        for pattern in patterns:
            if "include" in pattern:
                found = self.grammar["repository"][pattern["include"][1:]]
                yield from self.rules(found["patterns"]) if set(found) == {"patterns"} else [found]
            else:
                yield pattern

    def scopes(self, lines):
        """For each line a list of the scopes of its bytes."""
        stack = [{"patterns": self.grammar["patterns"]}]
        for line in lines:
            scopes = [[] for _ in line]
            self._line(line, stack, scopes)
            yield scopes

    def _line(self, line, stack, scopes):
        at = 0
        for _ in range(1000):
            top = stack[-1]
            found = [(match.start(), number, match, rule) for number, rule in enumerate(self.rules(top.get("patterns", [])))
                     for match in [re.compile(rule.get("match") or rule["begin"]).search(line, at)] if match]
            end = re.compile(top["end"]).search(line, at) if "end" in top else None
            best = min(found, key=lambda one: one[:2]) if found else None
            if end and (not best or end.start() <= best[0]):
                self._name(scopes, at, end.end(), [rule.get("name") for rule in stack])
                stack.pop()
                at = end.end()
                if at == len(line):
                    return
                continue
            if not best:
                self._name(scopes, at, len(line), [rule.get("name") for rule in stack])
                return
            _, _, match, rule = best
            self._name(scopes, at, match.start(), [one.get("name") for one in stack])
            self._name(scopes, match.start(), match.end(), [one.get("name") for one in stack + [rule]])
            for group, capture in rule.get("captures", rule.get("beginCaptures", {})).items():
                self._name(scopes, *match.span(int(group)), [capture["name"]])
            if "begin" in rule:
                stack.append(rule)
            if match.end() == at and "begin" not in rule:
                return
            at = match.end()
        raise AssertionError("the grammar goes round on " + line)

    @staticmethod
    def _name(scopes, begin, end, names):
        for at in range(max(begin, 0), end):
            scopes[at] += [name for name in names if name and name not in scopes[at]]


def kind_of(line, joined):
    if joined or not line.strip():
        return None
    for pattern, scope in (("\\s*#", "comment.line"), ("\\s*:0", "meta.recipe"), ("\\s*\\*", "meta.condition"), ("\\s*\\|", "meta.program"),
                           ("\\s*!", "meta.forward"), ("\\s*[{}]", "punctuation.section.block"), ("\\s*MAILDIR=", "support.variable")):
        if re.match(pattern, line):
            return scope
    return None


def check_textmate(complaints):
    grammar = TextMate(os.path.join(EDITORS, "sluice.tmLanguage.json"))
    for path in RULES:
        with open(path, encoding="utf-8") as file:
            lines = file.read().splitlines()
        for number, (line, scopes) in enumerate(zip(lines, grammar.scopes(lines))):
            wanted = kind_of(line, number > 0 and lines[number - 1].endswith("\\"))
            names = {name for scope in scopes for name in scope}
            if wanted and not any(name.startswith(wanted) for name in names):
                complaints.append("%s:%d: %s, not %s" % (path, number + 1, sorted(names), wanted))
            wrong = [at for at, scope in enumerate(scopes) if any(name.startswith("invalid") for name in scope)]
            if wrong:
                complaints.append("%s:%d: invalid at %s" % (path, number + 1, wrong))
    for line, words in TABLE:
        scopes = next(grammar.scopes([line]))
        for word, (scope, _) in words.items():
            at = line.index(word)
            if not all(any(name.startswith(scope) for name in scopes[i]) for i in range(at, at + len(word))):
                complaints.append("TextMate: %r of %r is %s, not %s" % (word, line, scopes[at], scope))


def check_vim(complaints):
    vim = shutil.which("vim")
    if not vim or b"+syntax" not in subprocess.run([vim, "--version"], capture_output=True, check=False).stdout:
        print("skipped: there is no vim with syntax here, so its grammar is not tried")
        return
    with tempfile.TemporaryDirectory() as folder:
        table, script, out = (os.path.join(folder, name) for name in ("table.rc", "script.vim", "out"))
        with open(table, "w", encoding="utf-8") as file:
            file.write("".join(line + "\n" for line, _ in TABLE))
        places = [(number + 1, line.index(word) + 1, len(word)) for number, (line, words) in enumerate(TABLE) for word in words]
        with open(script, "w", encoding="utf-8") as file:
            file.write("syntax on\nset runtimepath^=%s/vim\nedit %s\nset syntax=sluice\nsyn sync fromstart\nlet out = []\n" % (EDITORS, table))
            for line, column, size in places:
                file.write("call add(out, synIDattr(synID(%d, %d, 1), 'name') . ' ' . synIDattr(synID(%d, %d, 1), 'name'))\n"
                           % (line, column, line, column + size - 1))
            for path in RULES:
                file.write("edit %s\nset syntax=sluice\nsyn sync fromstart\n" % path)
                file.write("for l in range(1, line('$'))\nif getline(l) =~ '^\\s*:0' && synIDattr(synID(l, match(getline(l), ':') + 1, 1), 'name') != 'sluiceColon'\n"
                           "call add(out, 'WRONG ' . expand('%') . ':' . l)\nendif\nfor c in range(1, col([l, '$']))\n"
                           "if synIDattr(synID(l, c, 1), 'name') == 'sluiceWrongFlag'\ncall add(out, 'WRONG ' . expand('%') . ':' . l)\nendif\nendfor\nendfor\n")
            file.write("call writefile(out, '%s')\nqall!\n" % out)
        subprocess.run([vim, "-es", "-N", "-u", "NONE", "-i", "NONE", "-n", "-S", script], stdin=subprocess.DEVNULL, capture_output=True, timeout=60, check=False)
        if not os.path.exists(out):
            complaints.append("vim wrote nothing: the syntax file is broken")
            return
        with open(out, encoding="utf-8") as file:
            said = file.read().splitlines()
    wanted = [(word, line, group) for line, words in TABLE for word, (_, group) in words.items()]
    for (word, line, group), found in zip(wanted, said):
        if group not in found.split(" "):
            complaints.append("vim: %r of %r is %s, not %s" % (word, line, found, group))
    complaints += ["vim: " + line for line in said[len(wanted):]]


def main():
    complaints = []
    check_textmate(complaints)
    check_vim(complaints)
    print("\n".join(complaints + ["%d complaints" % len(complaints)]))
    return 1 if complaints or not RULES else 0


sys.exit(main())
