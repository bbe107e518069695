# Builds messages in a few words.
# SPDX-License-Identifier: Apache-2.0
#
# They are in Latin-1 here: a letter is a byte. UTF-8 stands as it looks when read as Latin-1.
WORDS = "the quick brown fox jumps over the lazy dog and nobody minds".split()


def mail(envelope, fields, body="", date="Tue Nov 14 08:15:00 2006", end="\n"):
    """A message: its From_ line (none for an empty envelope), header fields as they stand, body."""
    first = "From %s  %s\n" % (envelope, date) if envelope else ""
    return (first + fields.strip("\n") + "\n" + (end + body if end else "")).encode("latin-1")


def text(lines, seed=1):
    """So many lines of plain words, the same each time."""
    return "".join(" ".join(WORDS[(seed + row * 7 + word * 3) % len(WORDS)] for word in range(4 + (row * seed) % 8)) + "\n"
                   for row in range(lines))
