# Mail from lists of many kinds, digests among them.
# SPDX-License-Identifier: Apache-2.0
from mail import mail, text


def lists():
    yield "kernel-patch", mail("linux-kernel-owner@vger.kernel.org", """
Received: from vger.kernel.org (vger.kernel.org [209.132.176.167])
\tby mx.example.org (8.13.8/8.13.8) with ESMTP id kAE8F0aa012345;
\tTue, 14 Nov 2006 08:15:00 +0100
Return-Path: <linux-kernel-owner@vger.kernel.org>
From: Greg Hacker <greg@kroah.example>
To: linux-kernel@vger.kernel.org
Cc: Linus <torvalds@osdl.example>, stable@kernel.org
Subject: [PATCH 3/7] usb: fix oops on disconnect
Message-ID: <20061114071459.GA1234@kroah.example>
Sender: linux-kernel-owner@vger.kernel.org
Precedence: bulk
X-Mailing-List: linux-kernel@vger.kernel.org
""", "From: Alan <alan@harvard.example>\n\nThis fixes an oops.\n\nSigned-off-by: Greg <greg@kroah.example>\n---\n"
        " drivers/usb/core/hub.c |    2 +-\n\n--- a/drivers/usb/core/hub.c\n+++ b/drivers/usb/core/hub.c\n@@ -1,3 +1,3 @@\n-\tfoo();\n+\tbar();\n"
        "-\nTo unsubscribe from this list: send the line \"unsubscribe linux-kernel\" in\nthe body of a message to majordomo@vger.kernel.org\n")
    yield "kernel-announce", mail("linux-kernel-announce-owner@vger.kernel.org", """
From: Linus <torvalds@osdl.example>
To: Linux Kernel Mailing List <linux-kernel@vger.kernel.org>
Subject: Linux 2.6.19-rc5
Message-ID: <Pine.LNX.4.64.0611071829580.3667@g5.osdl.example>
X-Mailing-List: linux-kernel@vger.kernel.org
List-ID: <linux-kernel.vger.kernel.org>
""", "Ok,\n things are finally calming down, it seems.\n\n" + text(12, 5))
    yield "debian-user", mail("bounce-debian-user=anna=example.org@lists.debian.org", """
From: Klaus Meier <klaus@meier.example>
To: debian-user@lists.debian.org
Subject: Re: procmail and Maildir
Message-ID: <20061114120000.GA9@meier.example>
In-Reply-To: <20061113@frag.example>
References: <20061112@first.example> <20061113@frag.example>
X-Mailing-List: <debian-user@lists.debian.org> archive/latest/442211
X-Loop: debian-user@lists.debian.org
List-Id: <debian-user.lists.debian.org>
List-Post: <mailto:debian-user@lists.debian.org>
Precedence: list
Resent-Message-ID: <O2KvPB.A.XYZ.abc@murphy>
Resent-From: debian-user@lists.debian.org
Resent-Sender: debian-user-request@lists.debian.org
Resent-Date: Tue, 14 Nov 2006 06:00:00 -0600 (CST)
""", "On Mon, Nov 13, 2006, someone wrote:\n> How do I use Maildir?\n\nAdd a slash.\n\n-- \nTo UNSUBSCRIBE, email to debian-user-REQUEST@lists.debian.org\n")
    yield "debian-security", mail("bounce-debian-security-announce=anna=example.org@lists.debian.org", """
From: security@debian.example (Martin Joey)
To: debian-security-announce@lists.debian.org (Debian Security Announcements)
Subject: [SECURITY] [DSA 1209-1] New trac packages fix cross-site request forgery
Message-ID: <20061112@finlandia.example>
X-Mailing-List: <debian-security-announce@lists.debian.org> archive/latest/400
List-Id: <debian-security-announce.lists.debian.org>
Precedence: list
X-Debian: PGP check passed for security officers
""", "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA1\n\n- ------\nDebian Security Advisory DSA 1209-1\n\nPackage        : trac\nVulnerability  : csrf\n\n"
        "-----BEGIN PGP SIGNATURE-----\n\niD8DBQFFV\n=abcd\n-----END PGP SIGNATURE-----\n")
    yield "debian-bug", mail("debbugs@rietz.debian.org", """
From: Reporter <rep@users.example>
To: Debian Bug Tracking System <submit@bugs.debian.org>
Cc: anna@example.org
Subject: Bug#398123: procmail: segfault on empty From_ line
Message-ID: <20061111180000.1234.12345.reportbug@box>
X-Debian-PR-Message: report 398123
X-Debian-PR-Package: procmail
X-Loop: owner@bugs.debian.org
Resent-To: debian-bugs-dist@lists.debian.org
""", "Package: procmail\nVersion: 3.22-16\nSeverity: important\n\nIt crashes.\n")
    yield "mailman", mail("mutt-users-bounces@mutt.org", """
From: Brendan <brendan@kublai.example>
To: mutt-users@mutt.org
Subject: [mutt-users] Re: folder-hook question
Message-ID: <20061114@kublai.example>
X-BeenThere: mutt-users@mutt.org
X-Mailman-Version: 2.1.9
Precedence: list
List-Id: Mutt users discussion <mutt-users.mutt.org>
List-Unsubscribe: <http://mutt.org/mailman/listinfo/mutt-users>,
\t<mailto:mutt-users-request@mutt.org?subject=unsubscribe>
Sender: mutt-users-bounces@mutt.org
Errors-To: mutt-users-bounces@mutt.org
""", text(8, 3))
    yield "procmail-list", mail("procmail-bounces@lists.rwth-aachen.example", """
Return-Path: <procmail-bounces@lists.rwth-aachen.example>
From: "Stephen R. van den Berg" <srb@cuci.example>
To: procmail@lists.rwth-aachen.example
Subject: Re: scoring & weights
Message-ID: <199607@cuci.example>
Sender: procmail-bounces@lists.rwth-aachen.example
X-BeenThere: procmail@lists.rwth-aachen.example
List-Id: "procmail mailing list" <procmail.lists.rwth-aachen.example>
""", ":0\n* 1^1 ^.*$\n| cat\n\n" + text(5, 4))
    yield "bugtraq", mail("bugtraq-return-26781-anna=example.org@securityfocus.com", """
Mailing-List: contact bugtraq-help@securityfocus.com; run by ezmlm
Precedence: bulk
List-Id: <bugtraq.list-id.securityfocus.com>
List-Post: <mailto:bugtraq@securityfocus.com>
Delivered-To: mailing list bugtraq@securityfocus.com
Delivered-To: moderator for bugtraq@securityfocus.com
From: hacker@phrack.example
To: bugtraq@securityfocus.com
Subject: remote root in food.cgi
Message-ID: <20061110.12345@securityfocus.com>
""", "food.cgi is vulnerable.\n\n#!/usr/bin/perl\nprint \"x\" x 4096;\n")
    yield "majordomo", mail("owner-sailing@lists.club.example", """
From: Skipper <skip@boat.example>
To: sailing@lists.club.example
Reply-To: sailing@lists.club.example
Subject: regatta on saturday (meeting at nine)
Message-ID: <3@boat.example>
Sender: owner-sailing@lists.club.example
Precedence: bulk
""", "Weather looks fine.\n", "Sat Jun  7 12:00:00 1997")
    yield "listserv", mail("owner-linguist@TAMVM1.TAMU.EDU", """
Date: Wed, 1 Mar 1995 10:00:00 CST
Reply-To: The Linguist List <LINGUIST@TAMVM1.TAMU.EDU>
Sender: The LINGUIST Discussion List <LINGUIST@TAMVM1.TAMU.EDU>
From: The Linguist List <linguist@tamsun.tamu.edu>
Subject: 6.301 Qs: Word order, Czech
To: Multiple recipients of list LINGUIST <LINGUIST@TAMVM1.TAMU.EDU>
""", "----------------------------------------------------------------------\nLINGUIST List:  Vol-6-301. Wed 01 Mar 1995. ISSN: 1068-4875.\n\n"
        "Subject: 6.301 Qs: Word order\n\n" + text(6, 2), "Wed Mar  1 16:05:00 1995")
    yield "digest", mail("owner-surfing-digest@waves.example", """
From: owner-surfing-digest@waves.example
To: surfing-digest@waves.example
Subject: surfing Digest V2 #31
Reply-To: surfing@waves.example
Precedence: bulk
""", """
surfing Digest          Friday, July 19 1996       Volume 02 : Number 031

In this issue:
    board wax
    Re: board wax

----------------------------------------------------------------------

From: kelly@waves.example
Date: Thu, 18 Jul 1996 09:00:00 -0700
Subject: board wax

Which one?
From what I know, any.

------------------------------

From: laird@waves.example
Date: Thu, 18 Jul 1996 10:00:00 -0700
Subject: Re: board wax

The blue one.

------------------------------

End of surfing Digest V2 #31
****************************
""", "Fri Jul 19 10:00:00 1996")
    yield "mime-digest", mail("python-list-bounces@python.org", """
From: python-list-request@python.org
Subject: Python-list Digest, Vol 38, Issue 211
To: python-list@python.org
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary="===============1234=="
Precedence: list
X-BeenThere: python-list@python.org
List-Id: General discussion list for the Python programming language
\t<python-list.python.org>
Sender: python-list-bounces@python.org
""", """--===============1234==
Content-Type: text/plain; charset="us-ascii"
Content-Description: Python-list Digest, Vol 38, Issue 211

Today's Topics:
   1. whitespace (Guido)

--===============1234==
Content-Type: multipart/digest; boundary="===============5678=="

--===============5678==
Content-Type: message/rfc822

From: guido@python.example
To: python-list@python.org
Date: Tue, 14 Nov 2006 01:00:00 +0000
Subject: whitespace

It matters.

--===============5678==--

--===============1234==--
""")
    yield "yahoo-group", mail("sentto-1234-567-1163490000-anna=example.org@returns.groups.yahoo.com", """
To: homebrew@yahoogroups.com
Mailing-List: list homebrew@yahoogroups.com; contact homebrew-owner@yahoogroups.com
Delivered-To: mailing list homebrew@yahoogroups.com
List-Id: <homebrew.yahoogroups.com>
From: "Brew Master" <brew@hops.example>
Subject: [homebrew] yeast, 50% off!!
Content-Type: text/plain; charset=ISO-8859-1
""", "Hello brewers,\n\n" + text(3, 6) + "\nYahoo! Groups Links\n")
    yield "sourceforge", mail("spamassassin-talk-admin@lists.sourceforge.net", """
From: Justin <jm@jmason.example>
To: spamassassin-talk@lists.sourceforge.net
Subject: Re: [SAtalk] bayes and auto-whitelist
Message-ID: <20021009@jmason.example>
X-Spam-Status: No, hits=-4.1 required=5.0 tests=IN_REP_TO,QUOTED_EMAIL_TEXT version=2.43
X-Spam-Level:
X-BeenThere: spamassassin-talk@example.sourceforge.net
List-Id: Talk about SpamAssassin <spamassassin-talk.example.sourceforge.net>
""", "> viagra viagra viagra\n\nThat is a rule, not a remark.\n", "Wed Oct  9 10:00:00 2002")
    yield "googlegroup", mail("comp-lang-c+bncCI@googlegroups.com", """
Delivered-To: anna@example.org
From: Keith <kst@mib.example>
To: comp-lang-c@googlegroups.com
Subject: =?UTF-8?Q?Re=3A_na=C3=AFve_pointer_question?=
Mailing-list: list comp-lang-c@googlegroups.com; contact comp-lang-c+owners@googlegroups.com
List-ID: <comp-lang-c.googlegroups.com>
X-Google-Group-Id: 1234567890
List-Unsubscribe: <mailto:googlegroups-manage+1234567890+unsubscribe@googlegroups.com>, <https://groups.example/d/optout>
Content-Type: text/plain; charset="UTF-8"
Content-Transfer-Encoding: quoted-printable

""".rstrip("\n"), "A pointer is not an array =E2=80=93 read the FAQ.\n", "Mon Jan 14 09:00:00 2019")
    yield "github", mail("noreply@github.example", """
From: octocat <notifications@github.example>
Reply-To: house/sluice <reply+abc123@reply.github.example>
To: house/sluice <sluice@noreply.github.example>
Cc: Subscribed <subscribed@noreply.github.example>
Subject: [house/sluice] Build fails on arm64 (#42)
List-ID: house/sluice <sluice.house.github.example>
List-Archive: https://github.example/house/sluice
X-GitHub-Reason: mention
X-GitHub-Sender: octocat
Precedence: list
Content-Type: text/plain; charset="UTF-8"
""", "It fails.\n\n-- \nReply to this email directly or view it on GitHub.\n", "Fri Mar  3 09:00:00 2023")
