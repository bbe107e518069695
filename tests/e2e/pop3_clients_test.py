# Real mail programs collect from sluice-pop3d: every message once, unchanged, from an mbox and from a Maildir.
# SPDX-License-Identifier: Apache-2.0
#
# fetchmail (keep and delete, twice), getmail6, mpop (SCRAM-SHA-256 and STLS), Perl's Net::POP3. One that is not installed
# is skipped. curl and poplib: pop3_test.py and pop3_tls_test.py.
import mailbox
import os
import shutil
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "support"))
from pop3_site import BIN, MESSAGES, OWNER, PATIENCE, ROOT, Daemon, Site, make_certificate

PASSWORD = "apples"
NAMES = ["plain", "dots", "8-bit", "quoted", "headers only", "no final newline"]


def lines_of(text):
    return text.replace(b"\r\n", b"\n").rstrip(b"\n").split(b"\n")


class ClientsTest(unittest.TestCase):
    def setUp(self):
        self.site = Site()
        self.addCleanup(self.site.remove)
        ids = f"{OWNER}:{OWNER}" if ROOT else ":"
        self.site.accounts = [f"{user}:{{PLAIN}}{PASSWORD}:{ids}::{self.site.path('home')}::" for user in ("anna", "box")]
        self.site.write_accounts()
        self.site.fill(NAMES)
        self.site.make_maildir(self.site.path("maildir"), NAMES)
        os.mkdir(self.site.path("out"))
        if ROOT:
            os.chown(self.site.path("out"), OWNER, OWNER)

    def start(self, *words, **more):
        daemon = Daemon(self.site.write_config(**more), *words)
        self.addCleanup(lambda: daemon.process.poll() is None and daemon.stop())
        return daemon

    def servers(self):
        """A server for each kind of inbox, with what is left in it."""
        yield self.start(), lambda: len(self.subjects())
        yield (self.start(mail__inbox=self.site.path("maildir") + "/", state__dir=self.site.path("state2")),
               lambda: len(os.listdir(self.site.path("maildir/new"))))

    def subjects(self):
        with open(self.site.inbox(), "rb") as file:
            return [line for line in file if line.startswith(b"Subject: ")]

    def run_client(self, words, expected=(0,)):
        identity = {"user": OWNER, "group": OWNER, "extra_groups": []} if ROOT else {}
        done = subprocess.run(words, cwd=self.site.path("out"), timeout=PATIENCE * 3, check=False, **identity,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              env={"HOME": self.site.path("out"), "PATH": "/usr/bin:/bin", "LC_ALL": "C"})
        self.assertIn(done.returncode, expected, done.stdout.decode(errors="replace"))
        return done.stdout

    def write(self, name, text):
        path = self.site.path("out/" + name)
        with open(path, "w") as file:
            file.write(text)
        os.chmod(path, 0o600)
        if ROOT:
            os.chown(path, OWNER, OWNER)
        return path

    def collected(self, name):
        """Messages of an mbox in the client's folder, which is emptied."""
        path = self.site.path("out/" + name)
        if not os.path.exists(path):
            return []
        box = mailbox.mbox(path, factory=None)
        texts = [box.get_bytes(key) for key in box.keys()]
        box.close()
        os.remove(path)
        return texts

    def check(self, texts):
        """Each message once; clients may add header fields, and what stands in front of an mbox's From."""
        self.assertEqual(len(texts), len(NAMES))
        for name, text in zip(NAMES, texts):
            with self.subTest(name):
                header, _, body = text.replace(b"\r\n", b"\n").partition(b"\n\n")
                wanted_header, _, wanted_body = MESSAGES[name][1].replace(b"\r\n", b"\n").partition(b"\n\n")
                self.assertIn(wanted_header, header)
                self.assertEqual(lines_of(body.replace(b">>From", b">From")), lines_of(wanted_body))

    @unittest.skipUnless(shutil.which("fetchmail"), "no fetchmail here")
    def test_fetchmail(self):
        for daemon, left in self.servers():
            keep = f"poll 127.0.0.1 protocol pop3 port {daemon.port} uidl user anna password {PASSWORD} sslproto '' " \
                   "no rewrite mda '(echo From x Mon Nov 23 09:00:00 2026; cat; echo) >> box'"
            words = ["fetchmail", "--fetchmailrc", self.write("rc", keep + " keep\n"), "--invisible", "--pidfile", "pid"]
            self.run_client(words)
            self.check(self.collected("box"))
            self.run_client(words, (1,))                    # 1: no new mail
            self.assertEqual(self.collected("box"), [])
            self.assertEqual(left(), len(NAMES))
            os.remove(self.site.path("out/.fetchids"))
            words[2] = self.write("rc", keep + " no keep\n")
            self.run_client(words)
            self.check(self.collected("box"))
            self.assertEqual(left(), 0)
            self.run_client(words, (1,))

    @unittest.skipUnless(shutil.which("getmail"), "no getmail here")
    def test_getmail(self):
        for daemon, left in self.servers():
            box = self.write("box", "")
            # Whoever delivers sleeps first: getmail 6.18 waits for ever for a child that ends before it begins to wait.
            deliver = f'arguments = ("-c", "sleep 0.5; (echo From x Mon Nov 23 09:00:00 2026; cat; echo) >>{box}")'
            self.write("getmailrc", f"[retriever]\ntype = SimplePOP3Retriever\nserver = 127.0.0.1\nport = {daemon.port}\n"
                       f"username = anna\npassword = {PASSWORD}\n[destination]\ntype = MDA_external\npath = /bin/sh\n{deliver}\n"
                       "[options]\nread_all = false\ndelete = false\ndelivered_to = false\nreceived = false\n")
            words = ["getmail", "--getmaildir", self.site.path("out")]
            self.run_client(words)
            self.check(self.collected("box"))
            self.write("box", "")
            self.run_client(words)
            self.assertEqual(self.collected("box"), [])
            self.assertEqual(left(), len(NAMES))
            self.write("box", "")
            self.run_client([*words, "--delete"])
            self.assertEqual(left(), 0)
            os.remove(box)
            for name in os.listdir(self.site.path("out")):
                if name.startswith("oldmail-"):
                    os.remove(self.site.path("out/" + name))

    @unittest.skipUnless(shutil.which("mpop") and shutil.which("openssl"), "no mpop here")
    def test_mpop(self):
        certificate, key = make_certificate(self.site, "one.example")
        daemon = self.start("--tls.certificate", certificate, "--tls.key", key, "--pop3.listen-tls", "127.0.0.1:0")
        tls_port = daemon.wait_for("event=listening tls=yes").rsplit(":", 1)[1]
        for port, tls, auth in ((daemon.port, "off", "user"), (daemon.port, "off", "scram-sha-256"),
                                (daemon.port, "on", "plain"), (daemon.port, "on", "scram-sha-256"),
                                (tls_port, "implicit", "login"), (tls_port, "implicit", "scram-sha-256")):
            with self.subTest(tls=tls, auth=auth):
                rc = self.write("mpoprc", f"account default\nhost 127.0.0.1\nport {port}\nuser anna\npassword {PASSWORD}\n"
                                f"auth {auth}\ntls {'off' if tls == 'off' else 'on'}\n"
                                f"tls_starttls {'off' if tls == 'implicit' else 'on'}\ntls_certcheck off\n"
                                "delivery mbox box\nuidls_file uidls\nkeep on\nreceived_header off\n")
                self.run_client(["mpop", "--file=" + rc])
                self.check(self.collected("box"))
                self.run_client(["mpop", "--file=" + rc])
                self.assertEqual(self.collected("box"), [])
                os.remove(self.site.path("out/uidls"))

    @unittest.skipUnless(shutil.which("perl"), "no perl here")
    def test_perl(self):
        if subprocess.run(["perl", "-MNet::POP3", "-e", "1"], stderr=subprocess.DEVNULL, check=False).returncode:
            self.skipTest("no Net::POP3 here")
        script = ('my $pop = Net::POP3->new($ARGV[0], Timeout => 20) or die "connect";'
                  'defined $pop->login("anna", $ARGV[1]) or die "login";'
                  'my $ids = $pop->uidl or die "uidl"; my $sizes = $pop->list;'
                  'for my $n (sort { $a <=> $b } keys %$sizes) {'
                  '  print "From x Mon Nov 23 09:00:00 2026\\n", @{$pop->get($n)}, "\\n"; $pop->delete($n) or die "delete"; }'
                  '$pop->quit or die "quit";')
        for daemon, left in self.servers():
            out = self.run_client(["perl", "-MNet::POP3", "-e", script, f"127.0.0.1:{daemon.port}", PASSWORD])
            self.write("box", "")
            with open(self.site.path("out/box"), "wb") as file:
                file.write(out)
            self.check(self.collected("box"))
            self.assertEqual(left(), 0)


if __name__ == "__main__":
    if not os.path.exists(os.path.join(BIN, "sluice-pop3d")):
        sys.exit("sluice-pop3d is not built")
    unittest.main(verbosity=2)
