# What may differ between our procmail and the real one, and nothing else: names that change from run to run are evened out,
# the differences of rules/README.md's table are recognised each by a rule of its own.
# SPDX-License-Identifier: Apache-2.0
#
#   numbers = accepted(case, ours, real, run)     # {6}: they differ by number 6; None: nothing explains it
#
# A rule is a proof. Where the table says how to write rules that work in both, the case is written so, and both must then
# agree; where the difference is one of text, the text is brought to a common form.
import itertools
import re

# Names that a program makes up; VERBOSE's time lines.
MADE_UP = [(re.compile(r"/(new|cur|tmp)/[^ \])|\n\",/]+"), r"/\1/*"), (re.compile(r"\b(m|msg)\._?[A-Za-z0-9_-]{3,}"), r"\1.*"),
           (re.compile(r"procmail: \[\d+\] @DATE@\n\| "), ""), (re.compile(r"/(ours|real)/procmail"), "/PROGRAM"),
           # Said if the program ended before it had read all, which is a race.
           (re.compile(r"(?m)^\| procmail: Rescue of unfiltered data succeeded\n"), ""),
           (re.compile(r"kill -9 \d+"), "kill -9 PID"), (re.compile(r"\bexpr([, ])\d+([, ])=[, ]\d+"), r"expr\1PID\2="),
           (re.compile(r"Error while writing to \"(.*/|)_[^/\"\n]*\""), r'Error while writing to "\1_*"'),
           # Behind the name stands what its buffer held before.
           (re.compile(r"(Couldn't create or rename temp file \"(?:[^\"\n]*/)?closed/)[^\"\n]*\""), r'\1"')]
# What `$$` made of a condition.
CONDITION_LINE = re.compile(r'(?m)(Match on|No match on|Score: [ \d-]*) .*$')
# The program itself says it, or its shell, beside whatever its parent says meanwhile.
BESIDE = re.compile(r"(?m)^\| (procmail: Executing \"(?:[^\n]*\n\| )*?[^\n]*\"|/bin/sh: 0: cannot open .*|(?:cat|sed|grep|sh|expr|tee|head|tr|printf|env|wc|test): .*)\n")
EMPTY = ("| ", "|", "\\ no line end")


def blocks(text):
    """A description as {title: lines}."""
    out, title = {}, None
    for line in text.splitlines():
        if line.startswith(("| ", "\\ ")) or line == "|":
            out[title].append(line)
        else:
            title = line
            while title in out:
                title += "'"
            out[title] = []
    return out


def evened(text, clones):
    """A description without what changes from run to run."""
    text = stable(text)
    beside = sorted(match[0] for match in BESIDE.finditer(text) if not match[1].startswith("procmail: ") or "Executing" in match[1])
    text = BESIDE.sub(lambda match: match[0] if match[1].startswith("procmail: ") and "Executing" not in match[1] else "", text)
    out = []
    for title, lines in sorted({"log:": [], **blocks(text)}.items()):
        out += [title] + (sorted(lines) if clones else lines)
    return "\n".join(out + ["beside:"] + beside) + "\n"


def stable(text):
    for pattern, replacement in MADE_UP:
        text = pattern.sub(replacement, text)
    return CONDITION_LINE.sub(lambda match: re.sub(r"\d{3,7}", "PID", match[0]), text)


def without_left_locks(text):
    """Without the global locks that the real one leaves behind, where MAILDIR has made their names void."""
    for name in re.findall(r"(?m)^\| procmail: Couldn't unlock \"(.*)\"$", text):
        text = text.replace('| procmail: Couldn\'t unlock "%s"\n' % name, "")
        text = re.sub(r"(?m)^file (.*/)?%s 0400:\n\| 0\n\\ no line end\n" % re.escape(name.split("/")[-1]), "", text)
    return text


# Number 1: From_ lines are always quoted.
def _quoting(text):
    return _without_sizes(re.sub(r"(?m)^\| >From ", "| From ", text))


def _without_sizes(text):
    return re.sub(r"(?m)^(\|   Folder: [^\n]*\\x09) *\d+$", r"\1", text)


# Number 5: a lock that cannot be made is tried eight times, in 56 seconds.
def _lock_tries(text):
    # So is a lock that another holds.
    text = re.sub(r'(\| procmail: Locking "[^"\n]*"\n)\1+', r"\1", text)
    for name in re.findall(r'(?m)^\| procmail: Lock failure on "(.*)"$', text):
        text = text.replace('| procmail: Locking "%s"\n' % name, "")
        text = text.replace('| procmail: Error while writing to "%s_*"\n' % name[:name.rfind("/") + 1], "")
    return text


# Number 11: line ends are added in front of a message that is appended.
def _line_ends(text):
    out = []
    for title, lines in blocks(text).items():
        if title.startswith("file"):
            title = title.replace(": empty", ":")
            lines = ["| " + "".join(line[2:] for line in lines if line not in EMPTY)]
        out += [title] + lines
    return _without_sizes("\n".join(out) + "\n")


# Number 12: the abstract of a message that begins with its Subject.
def _abstract(text):
    return re.sub(r"(?m)^(\| [^\n]*\n)(\|   Folder: )", lambda match: match[0] if match[1].startswith(("| procmail:", "| From ")) else match[2], text)


def _heads(change):
    return lambda text: re.sub(r"(?m)^([ \t}{]*:[0-9]*)", change, text)


def _without_markers(text):
    """Conditions without the markers that the table names: behind a '+', at an end, more than one."""
    def mend(match):
        line = match[0]
        doubtful = line.count("\\/") > 1 or re.search(r"\+.*\\/", line) or re.search(r"\\/[ \t)^$]*($|\|)|\\/.*\^\^", line) or "(" in line or "|" in line or "$" in line
        return line.replace("\\/", "") if doubtful else line
    return re.sub(r"(?m)^.*\\/.*$", mend, text)


def _wide_lines(text):
    return re.sub(r"LINEBUF=[^ \n]*|LINEBUF$", "LINEBUF=2048", text, flags=re.M)


def _harmless(text):
    return text.replace("..", "_.").replace("/nonexistent/", "_nonexistent/").replace("-C/", "_C/")


def _harmless_word(word):
    return "_b" if word == "-b" else _harmless(word)


TEXT_RULES = {1: _quoting, 5: _lock_tries, 11: _line_ends, 12: _abstract}


def _rewritings(case, ours, real):
    """Which numbers the case may show, and how it is written so that it works in both."""
    said = re.compile(r"Program failure|Failed to execute|Non-zero exitcode|cannot open|Error while writing")
    if "Content-Length" in case.message + case.rc:
        yield 1, lambda c: c.with_option("-Y")
    if said.search(ours) or said.search(real):
        yield 2, lambda c: c.with_texts(_heads(r"\1w"))
    if "\\/" in case.rc + "".join(case.includes):
        yield 3, lambda c: c.with_texts(_without_markers)
    if "procmail: Refused " in ours:
        yield 4, lambda c: c.with_texts(_harmless, message=_harmless(c.message),
                                           options=tuple(map(_harmless_word, c.options)), words=tuple(map(_harmless_word, c.words)))
    if "Exceeded LINEBUF" in real + ours or "Excessive" in real + ours or "LINEBUF" in case.rc:
        yield 6, lambda c: c.with_texts(_wide_lines).with_setting("LINEBUF=2048")


def accepted(case, ours, real, run):
    """The numbers of the differences that explain it; an empty set: it is none; None: nothing does. run(case) runs both."""
    numbers = accepted_text(case, ours, real)
    if numbers is not None:
        return numbers
    rewritings = list(_rewritings(case, ours, real))
    for count in (1, 2, 3):
        for chosen in itertools.combinations(rewritings, count):
            written = case
            for _, rewrite in chosen:
                written = rewrite(written)
            numbers = accepted_text(written, *run(written))
            if numbers is not None:
                return numbers | {number for number, _ in chosen}
    return None


def accepted_text(case, ours, real):
    """The numbers of the text rules that make them equal."""
    ours, real = stable(ours), stable(real)
    if evened(ours, case.clones) == evened(real, case.clones):
        return set()
    for count in (1, 2, 3):
        for chosen in itertools.combinations(sorted(TEXT_RULES), count):
            a, b = ours, real
            for number in chosen:
                a, b = TEXT_RULES[number](a), TEXT_RULES[number](b)
            if evened(a, case.clones) == evened(b, case.clones):
                return set(chosen)
    return None
