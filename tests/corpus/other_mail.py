# Mail from people, machines, and those whom nobody asked.
# SPDX-License-Identifier: Apache-2.0
from mail import mail, text


def people():
    yield "friend", mail("peter@uni.example", """
From: Peter Pan <peter@uni.example>
To: Anna <anna@example.org>
Subject: compilers, lunch and the meeting
Date: Mon, 13 Nov 2006 12:00:00 +0100
Message-ID: <lunch.1@uni.example>
""", "Lunch at noon?\n\nPeter\n-- \nPeter Pan, Neverland\n")
    yield "friend-again", mail("peter@uni.example", """
From: Peter Pan <peter@uni.example>
To: Anna <anna@example.org>
Cc: sailing@lists.club.example
Subject: compilers, lunch and the meeting
Date: Mon, 13 Nov 2006 12:00:00 +0100
Message-ID: <lunch.1@uni.example>
""", "Lunch at noon?\n\nPeter\n-- \nPeter Pan, Neverland\n")
    yield "boss", mail("boss@work.example", """
Return-Path: <boss@work.example>
Received: from relay.work.example by mx.example.org; Mon, 13 Nov 2006 09:00:00 +0100
From: "The Boss, Ph.D." <boss@work.example>
To: team@work.example, anna@example.org
Subject: URGENT: report due today
X-Priority: 1 (Highest)
Importance: high
Message-ID: <urgent.7@work.example>
Disposition-Notification-To: boss@work.example
""", "Where is it?\n")
    yield "plus-address", mail("shop@books.example", """
From: Book Shop <order@books.example>
To: anna+books@example.org
Subject: Your order 2006-1142 has been dispatched
Message-ID: <order.1142@books.example>
Delivered-To: anna+books@example.org
X-Original-To: anna+books@example.org
""", "1 x The Art of Unix Programming    EUR 39.95\n")
    yield "french", mail("jean@labo.example", """
From: =?ISO-8859-1?Q?Jean-Fran=E7ois?= <jean@labo.example>
To: anna@example.org
Subject: =?ISO-8859-1?Q?R=E9union_d'=E9quipe?=
 =?ISO-8859-1?Q?_report=E9e?=
MIME-Version: 1.0
Content-Type: text/plain; charset=iso-8859-1
Content-Transfer-Encoding: 8bit
Message-ID: <reunion@labo.example>
""", "Bonjour,\n\nla r\xe9union est report\xe9e \xe0 mardi.\n\nJean-Fran\xe7ois\n")
    yield "german-8bit", mail("j\xf6rg@firma.example", """
From: J\xf6rg M\xfcller <joerg@firma.example>
To: Anna <anna@example.org>
Subject: R\xfcckmeldung: \xdcbergabe am Freitag, Stra\xdfe 5
Content-Type: text/plain; charset=ISO-8859-15
Content-Transfer-Encoding: 8bit
""", "Sch\xf6ne Gr\xfc\xdfe,\nJ\xf6rg\n\nFrom hier an nur noch \xc4rger.\n")
    yield "utf8-subject", mail("kaori@nihon.example", """
From: =?UTF-8?B?44GL44GK44KK?= <kaori@nihon.example>
To: anna@example.org
Subject: =?utf-8?B?44GT44KT44Gr44Gh44Gv?= photos
MIME-Version: 1.0
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: base64
""", "44GT44KT44Gr44Gh44Gv44CB44Ki44Oz44OK44CCCg==\n")
    yield "html-alternative", mail("news@airline.example", """
From: "Cheap Flights" <news@airline.example>
To: anna@example.org
Subject: Your weekly newsletter
MIME-Version: 1.0
Content-Type: multipart/alternative;
\tboundary="----=_NextPart_000_0001"
X-Mailer: Microsoft Outlook Express 6.00.2800.1158
""", """This is a multi-part message in MIME format.

------=_NextPart_000_0001
Content-Type: text/plain; charset="us-ascii"

See our offers.

------=_NextPart_000_0001
Content-Type: text/html; charset="us-ascii"
Content-Transfer-Encoding: quoted-printable

<html><body><a href=3D"http://airline.example/?id=3D1">offers</a>
<img src=3D"http://airline.example/bug.gif" width=3D1 height=3D1></body></html>
------=_NextPart_000_0001--
""")
    yield "no-subject", mail("mute@quiet.example", "From: mute@quiet.example\nTo: anna@example.org\nSubject:\n", "\n")
    yield "no-body", mail("header@only.example", "From: header@only.example\nTo: anna@example.org\nSubject: EOM\n")
    yield "no-empty-line", mail("cut@short.example", "From: cut@short.example\nTo: anna@example.org\nSubject: cut off", end="")
    yield "no-from-line", mail("", """
Received: from localhost by mx.example.org; Mon, 13 Nov 2006 09:00:00 +0100
From: local@localhost
To: anna
Subject: submitted without an envelope
""", "body\nFrom the bottom of my heart,\n>From quoted\n")
    yield "old-from-line", mail("carol@uucp.example", """>From dave!carol Mon Nov 13 08:00:00 2006 remote from gateway
Received: by gateway (Smail3.1.29); Mon, 13 Nov 2006
From: carol@uucp.example (Carol)
To: anna@example.org (Anna)
Subject: via uucp
Resent-From: dave@gateway.example
Resent-To: anna@example.org
""", "From_ lines everywhere:\n\nFrom dave  Mon Nov 13 08:00:00 2006\n")
    yield "bcc-only", mail("secret@admirer.example", """
From: secret@admirer.example
To: undisclosed-recipients:;
Subject: guess who
Apparently-To: anna@example.org
Date: Tue, 14 Feb 2006 00:00:01 +0100
""", "Roses are red.\n")
    yield "many-recipients", mail("party@host.example", "From: host@party.example\nTo: " + ",\n\t".join(
        "Guest %d <guest%d@party.example>" % (number, number) for number in range(12)) +
        ",\n\tanna@example.org\nSubject: party on\n  friday\n\t(bring  drinks)\n", "Until then.\n")
    yield "pgp", mail("phil@crypto.example", """
From: Phil <phil@crypto.example>
To: anna@example.org
Subject: encrypted
Content-Type: multipart/encrypted; protocol="application/pgp-encrypted"; boundary="pgp"
""", "--pgp\nContent-Type: application/pgp-encrypted\n\nVersion: 1\n\n--pgp\nContent-Type: application/octet-stream\n\n"
        "-----BEGIN PGP MESSAGE-----\n\nhQEOA\n-----END PGP MESSAGE-----\n--pgp--\n")
    yield "big", mail("archive@data.example", """
From: archive@data.example
To: anna@example.org
Subject: the whole log
Lines: 900
""", text(900, 9))
    yield "postscript", mail("lp@print-server.example", """
From: print-server@print-server.example
To: anna@example.org
Subject: job 17
""", "%!PS-Adobe-2.0\n/Times-Roman findfont 12 scalefont setfont\n72 720 moveto (hi) show showpage\n", "Thu Jan 13 10:00:00 1994")
    yield "long-line", mail("wordy@long.example", "From: wordy@long.example\nTo: anna@example.org\nSubject: long lines\nX-Long: " + "abcdefghi " * 120 + "\n",
                            "x" * 1500 + "\nshort\n")
    yield "crlf", mail("dos@pc.example", "From: dos@pc.example\r\nTo: anna@example.org\r\nSubject: from a PC\r\n\r\nline one\r\nline two\r", end="")


def machines():
    yield "cron", mail("root@host.example", """
From: root@host.example (Cron Daemon)
To: root@host.example
Subject: Cron <root@host> test -x /usr/sbin/anacron || run-parts --report /etc/cron.daily
X-Cron-Env: <SHELL=/bin/sh>
X-Cron-Env: <LOGNAME=root>
Auto-Submitted: auto-generated
""", "/etc/cron.daily/logrotate:\nerror: stat of /var/log/x failed\n")
    yield "nagios", mail("nagios@monitor.example", """
From: nagios@monitor.example
To: anna@example.org
Subject: ** PROBLEM alert - web1/HTTP is CRITICAL **
""", "***** Nagios  *****\n\nNotification Type: PROBLEM\nService: HTTP\nHost: web1\nState: CRITICAL\n")
    yield "bounce", mail("MAILER-DAEMON", """
Return-Path: <>
From: Mail Delivery Subsystem <MAILER-DAEMON@mx.example.org>
To: anna@example.org
Subject: Returned mail: see transcript for details
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status;
\tboundary="kAE8F0aa012345.1163490000/mx.example.org"
Auto-Submitted: auto-generated (failure)
""", """This is a MIME-encapsulated message

--kAE8F0aa012345.1163490000/mx.example.org

   ----- The following addresses had permanent fatal errors -----
<nobody@nowhere.example>
    (reason: 550 5.1.1 User unknown)

--kAE8F0aa012345.1163490000/mx.example.org
Content-Type: message/delivery-status

Final-Recipient: RFC822; nobody@nowhere.example
Action: failed
Status: 5.1.1

--kAE8F0aa012345.1163490000/mx.example.org--
""")
    yield "postmaster", mail("postmaster@relay.example", """
From: Postmaster <postmaster@relay.example>
To: anna@example.org
Subject: Delivery Status Notification (Delay)
""", "Your message has been delayed.\n")
    yield "vacation-reply", mail("bob@away.example", """
From: bob@away.example
To: anna@example.org
Subject: Re: away from my mail
Precedence: junk
X-Loop: bob@away.example
Auto-Submitted: auto-replied
""", "I am on holiday until Monday.\n")
    yield "own-loop", mail("anna@example.org", """
From: Anna <anna@example.org>
To: anna@home.example
Subject: forwarded to myself
X-Loop: anna@example.org
Message-ID: <loop@example.org>
""", "Round and round.\n")
    yield "request", mail("user@far.example", """
Return-Path: <user@far.example>
From: A User <user@far.example>
Reply-To: "A User" <user@reply.example>
To: anna@example.org
Subject: send file index.txt
Message-ID: <request.1@far.example>
""", "please\n", "Thu Jan 20 10:00:00 1994")
    yield "subscribe", mail("joiner@far.example", """
From: joiner@far.example
To: club-request@example.org
Subject: subscribe
""", "subscribe club Joiner\nend\n")


def rubbish():
    yield "spam-caps", mail("kq8d7@aol.example", """
Received: from unknown (HELO aol.com) (211.0.0.1) by mx.example.org with SMTP; 14 Nov 2006 08:15:00 -0000
From: "Lisa" <kq8d7@aol.example>
To: <Undisclosed.Recipients@aol.example>
Subject: MAKE MONEY FAST!!!   $$$  ADV  xqzw9
Message-ID: <000701c7@>
X-Mailer: The Bat! (v1.52f) Business
Reply-To: remove@spam.example
""", "DEAR FRIEND,\n\nEARN $5,000 PER WEEK! 100% FREE! THIS IS NOT SPAM.\nCLICK HERE: http://211.0.0.1/buy?viagra\n"
        "To be removed from our list reply with REMOVE in the subject.\n")
    yield "spam-html", mail("viagra@pills.example", """
From: "Online Pharmacy" <viagra@pills.example>
To: anna@example.org
Subject: =?windows-1251?B?wujg4/Dg?= V1AGRA 80% 0FF
Content-Type: text/html; charset="windows-1251"
Content-Transfer-Encoding: base64
X-Spam-Flag: YES
X-Spam-Status: Yes, score=23.1 required=5.0 tests=BAYES_99,
\tHTML_MESSAGE,MIME_HTML_ONLY autolearn=spam version=3.1.7
X-Spam-Level: ***********************
X-Spam-Score: 23.1 (+++++++++++++++++++++++)
X-Bogosity: Spam, tests=bogofilter, spamicity=0.999999, version=1.1.1
""", "PGh0bWw+PGJvZHk+PGEgaHJlZj0iaHR0cDovL3BpbGxzLmV4YW1wbGUiPmNsaWNrPC9hPjwvYm9k\neT48L2h0bWw+Cg==\n")
    yield "nigeria", mail("mrs.abacha@caramail.example", """
From: "MRS MARIAM ABACHA" <mrs.abacha@caramail.example>
To: you@yourself.example
Reply-To: abacha2@netscape.example
Subject: BUSINESS PROPOSAL (STRICTLY CONFIDENTIAL)
X-Spam-Status: No, hits=4.2 required=5.0 tests=SUBJ_ALL_CAPS
X-Spam-Level: ****
""", "ATTN: SIR,\n\nI AM THE WIDOW OF THE LATE GENERAL. US$28,600,000.00 (TWENTY EIGHT MILLION)\nIS IN A TRUNK BOX. PLEASE TREAT AS URGENT.\n\n" + text(30, 8))
    yield "korean", mail("webmaster@hanmail.example", """
From: \xb1\xa4\xb0\xed <webmaster@hanmail.example>
To: anna@example.org
Subject: (\xb1\xa4\xb0\xed) \xc3\xb9 \xb1\xb8\xb8\xc5 50% \xc7\xd2\xc0\xce
Content-Type: text/html; charset="ks_c_5601-1987"
Content-Transfer-Encoding: 8bit
X-Bogosity: Unsure, tests=bogofilter, spamicity=0.520000, version=1.1.1
""", "<html><body>\xb1\xa4\xb0\xed\xc0\xd4\xb4\xcf\xb4\xd9</body></html>\n")
    yield "sobig", mail("big@boss.example", """
From: <big@boss.example>
To: <anna@example.org>
Subject: Re: Thank you!
Importance: Normal
X-Mailer: Microsoft Outlook Express 6.00.2600.0000
X-MailScanner: Found to be clean
MIME-Version: 1.0
Content-Type: multipart/mixed;
\tboundary="_NextPart_000_0E91FC4A"
""", """This is a multipart message in MIME format

--_NextPart_000_0E91FC4A
Content-Type: text/plain; charset="iso-8859-1"

Please see the attached file for details.
--_NextPart_000_0E91FC4A
Content-Type: application/octet-stream;
\tname="movie0045.pif"
Content-Transfer-Encoding: base64
Content-Disposition: attachment;
\tfilename="movie0045.pif"

TVqQAAMAAAAEAAAA//8AALgAAAAAAAAAQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA
AAAA2AAAAA4fug4AtAnNIbgBTM0hVGhpcyBwcm9ncmFtIGNhbm5vdCBiZSBydW4gaW4gRE9TIG1v
--_NextPart_000_0E91FC4A--
""", "Tue Aug 19 10:00:00 2003")
    yield "klez", mail("victim@klez.example", """
From: victim <victim@klez.example>
To: anna@example.org
Subject: A special powful tool
MIME-Version: 1.0
Content-Type: multipart/alternative;
\tboundary=Xm0j8K1l
""", """--Xm0j8K1l
Content-Type: text/html;
Content-Transfer-Encoding: quoted-printable

<HTML><BODY><iframe src=3Dcid:Z9 height=3D0 width=3D0></iframe></BODY></HTML>
--Xm0j8K1l
Content-Type: audio/x-wav;
\tname="readme.txt.exe"
Content-Transfer-Encoding: base64
Content-ID: <Z9>

TVqQAAMAAAAEAAAA//8AALgAAAAAAAAAQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA
--Xm0j8K1l--
""", "Fri Apr 26 10:00:00 2002")
