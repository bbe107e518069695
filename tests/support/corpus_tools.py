# The rule tools over the corpus: `sluice dry-run` says what a delivery then does, `sluice check` what procmail complains of.
# SPDX-License-Identifier: Apache-2.0
#
#   SLUICE_BIN=build/release/bin python3 tests/support/corpus_tools.py [PART-OF-A-NAME...]    all rule files, or some
#
# dry-run is asked where no program is run, for it assumes what those would do. check must call an error what the real
# procmail complains of in some run, and nothing else.
import concurrent.futures
import json
import os
import re
import subprocess
import sys

import corpus
import twin

PROGRAM = re.compile(rb"`|(?m:^\s*(\w+ *=)?\s*[|!])|(?m:^\s*\*.*(^|[\s!])\?(?!\?))|TRAP|DELIVERED|(?m:^\d+\s)")
LOG = re.compile(r"log|^from$")   # how the rules name their log files
# A complaint of the real procmail, and the checks that tell the same beforehand.
COMPLAINTS = {"Skipped": ("skipped", "skipped-flags", "letter-o", "size-number"), "Missing action": ("missing-action",), "Incomplete recipe": ("incomplete-recipe",),
              "Missing closing brace": ("missing-brace",), "Closing brace unexpected": ("unexpected-brace",), "Invalid regexp": ("invalid-regexp",),
              "Unexpected EOL": ("unexpected-eol",), "Bad substitution": ("bad-substitution",)}
# What is known and stays: no run of the real one comes to the place, or passes by an unfinished block without a word.
KNOWN = {("rules/exitcode-and-trap-status", "Missing closing brace"), ("rules/dos-line-ends", "Closing brace unexpected"), ("rules/includerc-tree", "Missing closing brace"),
         ("rules/typo-braces", "Missing closing brace"), ("rules/typo-missing-colon-zero", "Missing action"),
         # Told as "crlf", once for the whole file.
         ("rules/dos-line-ends", "Skipped"),
         # A blank in MATCH, which check has warned of as "unsafe-match".
         ("rules/list-id-into-maildirs", "Skipped"), ("rules/virus-by-clamscan", "Skipped")}


def rule_files(rules):
    """All rule files of one entry: the rc, those beside it, and those that its setup writes."""
    return b"\n".join([rules.rc, rules.setup.encode(), *(content for content, _ in rules.beside.values())])


def decided(rules, scratch, mail):
    """What dry-run says of each message: [(kind, target)] and the exit code; None where the file is an mbox of several."""
    home = os.path.join(scratch, "ours", "home", "dry-" + rules.name.replace("/", "-"))
    tools = os.path.join(scratch, "ours", "bin")
    rules.prepare(home, tools)
    try:
        given = [word for word in rules.command(home, tools) if "=" in word]
        done = subprocess.run([os.path.join(tools, "sluice"), "dry-run", "--rules", ".procmailrc", "--format", "json", "-j", "1", *given, *mail],
                              cwd=home, capture_output=True, timeout=120, check=True)
    finally:
        twin.remove(home)
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    found = []
    for path in mail:
        of_file = [line for line in lines if line["source"] == path]
        found.append((_targets(of_file[0]), of_file[0]["exit"]) if len(of_file) == 1 else None)
    return found


def _targets(line):
    return {(action["kind"], _without_bytes(twin.visible(os.fsencode(action["target"]), "/nowhere"))) for action in line["actions"] if action["kind"] in ("mbox", "maildir", "mh", "directory")}


def _without_bytes(name):
    """JSON has U+FFFD for what is no UTF-8."""
    return re.sub(r"(\\x[89a-f][0-9a-f])+|(\\xef\\xbf\\xbd)+|\ufffd+", "?", name)


def delivered(text):
    """What a delivery made, out of its text (corpus.py): the same form."""
    found = set()
    for path in re.findall(r"(?m)^file (\S.*?) \d{4}(?: grown by)?:", text):
        folder, name = os.path.split(path)
        if path.endswith("/new/*"):
            found.add(("maildir", path.removesuffix("/new/*")))
        elif name.isdigit():
            found.add(("mh", folder))
        elif name == "msg.*":
            found.add(("directory", folder))
        elif not LOG.search(name):
            found.add(("mbox", _without_bytes(path)))
    return found, int(re.match(r"exit: (-?\d+)", text).group(1))


def agree(said, done):
    """Targets are relative to a MAILDIR that only the rules know, and an MH target may name the file: ends are compared."""
    def same(one, other):
        target = one[1].removesuffix("/.")
        ends = [target, os.path.dirname(target)] if one[0] in ("mh", "directory") else [target]
        return one[0] == other[0] and any(end in (".", "") or ("/" + other[1]).endswith("/" + end) or ("/" + end).endswith("/" + other[1])
                                          for end in ends)
    return said[1] == done[1] and all(any(same(one, other) for other in done[0]) for one in said[0]) and \
        all(any(same(one, other) for one in said[0]) for other in done[0])


def dry_run(rules, scratch, mail, texts, names):
    """Where dry-run and the delivery differ: lines."""
    if rules.name == "procmailex/16-several-folders":
        return []   # said as one target of the first one's kind
    return ["DRY-RUN %s on %s: said %s, did %s" % (rules.name, name, said, delivered(text))
            for name, said, text in zip(names, decided(rules, scratch, mail), texts) if said and not agree(said, delivered(text))]


def check(rules, scratch, real_texts):
    """Where check and the real procmail's complaints differ: lines."""
    said = set()
    home = os.path.join(scratch, "ours", "home", "check-" + rules.name.replace("/", "-"))
    tools = os.path.join(scratch, "ours", "bin")
    rules.prepare(home, tools)
    try:
        done = subprocess.run([os.path.join(tools, "sluice"), "check", "--format", "json", ".procmailrc"], cwd=home, capture_output=True, timeout=120,
                              check=False, env={"HOME": home, "PATH": "/usr/bin:/bin"})
    finally:
        twin.remove(home)
    if done.returncode not in (0, 1):
        return ["CHECK %s: exit %d %s" % (rules.name, done.returncode, done.stderr)]
    said = {one["check"] for one in json.loads(done.stdout)["diagnostics"] if one["severity"] == "error"}
    log = "\n".join(real_texts)
    differ = []
    for complaint, checks in COMPLAINTS.items():
        if (rules.name, complaint) in KNOWN:
            continue
        complained = "procmail: " + complaint in log
        if complained and not said & set(checks):
            differ.append("CHECK %s: procmail says %s, check does not" % (rules.name, complaint))
        if not complained and said & set(checks):
            differ.append("CHECK %s: check says %s, procmail does not" % (rules.name, ", ".join(said & set(checks))))
    return differ


def runs_programs(rules):
    """Or needs what dry-run cannot be given: arguments, or a meant difference in what is stored."""
    return bool(PROGRAM.search(rule_files(rules)) or rules.words or rules.differs)


def compare(rules, scratch, mail, sides, numbers):
    texts = {side: corpus.Player(rules, scratch, side, mail).play(numbers) for side in sides}
    no_program = not runs_programs(rules)
    names = [rules.messages()[number][0] for number in numbers]
    differ = dry_run(rules, scratch, [mail[number] for number in numbers], texts["ours"], names) if no_program else []
    return no_program, differ + (check(rules, scratch, texts["real"]) if "real" in texts else [])


def run(found, share, real):
    """Every share-th message; without the real procmail check is not asked."""
    scratch = twin.scratch_folder()
    try:
        sides = corpus.build_sides(scratch)[:2 if real else 1]
        mail = corpus.write_mail(scratch)
        slices = [corpus.slice_of(rules, position, share) for position, rules in enumerate(found)]
        with concurrent.futures.ProcessPoolExecutor(os.cpu_count() or 1, initializer=corpus.become_unprivileged) as pool:
            results = list(pool.map(compare, found, [scratch] * len(found), [mail[rules.examples] for rules in found], [sides] * len(found), slices))
    finally:
        twin.remove(scratch)
    differ = [line for _, lines in results for line in lines]
    print("\n".join(differ + ["%d rule files, %d of them dry-run over %d messages, %s: %d disagreements" %
                              (len(found), sum(dry for dry, _ in results), sum(len(part) for (dry, _), part in zip(results, slices) if dry),
                               "all of them checked" if "real" in sides else "none checked", len(differ))]))
    return 1 if differ else 0


def dry_runs_agree(share):
    """A part that is quick enough for each run of the tests."""
    return run([rules for rules in corpus.read_rules() if not runs_programs(rules)], share, False)


if __name__ == "__main__":
    sys.exit(run(corpus.read_rules(sys.argv[1:]), 1, True))
