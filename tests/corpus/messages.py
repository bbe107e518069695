# The mail of the corpus: fifty messages as a user of 1993 to 2023 got them, and those that the examples of the manual need.
# SPDX-License-Identifier: Apache-2.0
#
#   messages.everyday()    [(name, bytes), ...]  what every rule file of rules/ gets, in this order
#   messages.examples()    the same for procmailex/
from list_mail import lists
from mail import mail, text
from other_mail import machines, people, rubbish

# Those of every day that the examples get too.
ALSO = {"kernel-patch", "debian-user", "listserv", "digest", "friend", "friend-again", "french", "german-8bit", "utf8-subject", "no-subject", "no-body",
        "no-from-line", "old-from-line", "big", "postscript", "cron", "bounce", "postmaster", "vacation-reply", "own-loop", "request", "nigeria",
        "googlegroup", "html-alternative", "crlf"}


WANTED = 21   # as many does wanted() yield


def everyday():
    return [*lists(), *people(), *machines(), *rubbish()]


def examples():
    asked_for = list(wanted())
    assert len(asked_for) == WANTED
    return [*asked_for, *(one for one in everyday() if one[0] in ALSO)]


def wanted():
    """What the examples of procmailex(5) ask for by name."""
    to_anna = "From: %s\nTo: Anna <anna@example.org>\nSubject: %s\nMessage-ID: <%s@ex.example>\n"

    def short(name, who, subject, body, more=""):
        return name, mail(who, to_anna % (who, subject, name) + more, body, "Thu Jan 20 10:00:00 1994")
    yield "scuba", mail("diver@reef.example", "From: diver@reef.example\nTo: scuba-dive@reef.example\nSubject: wreck\n", "Deep.\n")
    yield short("compilers", "peter@uni.example", "about compilers", "yacc\n")
    yield short("peter-else", "peter@uni.example", "about lunch", "soup\n")
    yield short("long", "longwinded@uni.example", "more than 1000 bytes", text(60, 3))
    yield short("surfing", "owner-surfing@waves.example", "surfing Digest #1", "hello\n\nFrom a@b  Thu Jan 20 10:00:00 1994\nFrom: a@b\nSubject: one\n\n1\n\n"
                "From: c@d\nTo: e@f\nSubject: two\nDate: x\n\n2\n")
    yield short("tex", "knuth@stanford.example", "TeX is nice", "\\bye\n")
    yield short("text", "knuth@stanford.example", "text is not", "\\bye\n")
    yield short("meeting", "chair@board.example", "meeting tomorrow", "Be there.\n")
    yield short("spam", "canned@ham.example", "lunch", "eggs, bacon, sausage and spam\n", "Keywords: eggs, bacon")
    yield short("whatever", "john@home.example", "well, whatever", "ok\n")
    yield short("print", "queue@print-server.example", "job", "%!PS\nshowpage\n")
    yield short("print-not", "queue@print-server.example", "paper jam", "no paper\n%!PS\n")
    yield short("retrieve", "user@far.example", "please retrieve it", "thanks\n", "Reply-To: other@far.example")
    yield short("retrieve-re", "user@far.example", "Re: please retrieve it", "thanks\n")
    yield short("file", "user@far.example", "send file notes.txt", "\n")
    yield short("file-missing", "user@far.example", "send file nothing.txt", "\n")
    yield short("file-dots", "user@far.example", "send file a/../../secret", "\n")
    yield short("file-daemon", "daemon@far.example", "send file notes.txt", "\n")
    yield short("quoted", "mime@far.example", "1+1=3D2", "1 + 1 =3D 2\n",
                "MIME-Version: 1.0\nContent-Type: text/plain; charset=us-ascii\nContent-Transfer-Encoding: quoted-printable")
    yield short("base64", "mime@far.example", "base64", "aGVsbG8gd29ybGQK\n", "Content-Type: text/plain\nContent-Transfer-Encoding: base64")
    yield short("urgent", "chief@hq.example", "now", "Hurry.\n")
