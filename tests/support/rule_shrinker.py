# Makes a disagreement small: takes away whatever it does not need.
# SPDX-License-Identifier: Apache-2.0
#
#   small = rule_shrinker.shrink(case, lambda c: disagrees(c))
#
# First lines, then words and single bytes, of the rules, the files that they include, the message and the command line, in
# ever smaller pieces (delta debugging), again from the start until nothing can go. The same case ends in the same small one.
import re
from dataclasses import replace


def shrink(case, disagrees, most=3000):
    """The smallest case found that still disagrees, by at most `most` tries."""
    tries = Tries(disagrees, most)
    while True:
        before = case
        for field in ("rc", "message"):
            for cut in (_lines, _words, list):
                case = _less(case, field, cut, tries)
        for number in range(len(case.includes)):
            case = _less_include(case, number, tries)
        for field in ("options", "words"):
            case = _fewer(case, field, tries)
        if case == before or tries.left == 0:
            return case


class Tries:
    def __init__(self, disagrees, most):
        self.disagrees = disagrees
        self.left = most

    def still(self, case):
        if self.left == 0:
            return False
        self.left -= 1
        return self.disagrees(case)


def _lines(text):
    return re.findall(r"[^\n]*\n|[^\n]+", text)


def _words(text):
    return re.findall(r"\w+|\W", text)


def _reduced(pieces, still):
    """The pieces without those that can go, in runs of half of them, a quarter, ..., one."""
    size = max(1, len(pieces) // 2)
    while pieces:
        at = 0
        while at < len(pieces):
            fewer = pieces[:at] + pieces[at + size:]
            if still(fewer):
                pieces = fewer
            else:
                at += size
        if size == 1:
            break
        size = max(1, size // 2)
    return pieces


def _less(case, field, cut, tries):
    pieces = _reduced(cut(getattr(case, field)), lambda some: tries.still(replace(case, **{field: "".join(some)})))
    return replace(case, **{field: "".join(pieces)})


def _less_include(case, number, tries):
    def with_text(text):
        return replace(case, includes=case.includes[:number] + (text,) + case.includes[number + 1:])
    pieces = _reduced(_words(case.includes[number]), lambda some: tries.still(with_text("".join(some))))
    return with_text("".join(pieces))


def _fewer(case, field, tries):
    # The rule file itself stays.
    words = _reduced(list(getattr(case, field)), lambda some: (field != "words" or any(w.endswith("rc") for w in some)) and tries.still(replace(case, **{field: tuple(some)})))
    return replace(case, **{field: tuple(words)})
