# Mailboxes that moved here from other servers: clients see the ids that they know, from mbox and Maildir.
# SPDX-License-Identifier: Apache-2.0
import json
import os
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "support"))
from pop3_site import BIN, FROM, MESSAGES, OWNER, PATIENCE, ROOT, Client, Daemon, Site

NAMES = ["1699999990.M1P1.host", "1699999991.M2P2.host", "1699999992.M3P3.host,S=20"]


class ImportTest(unittest.TestCase):
    def setUp(self):
        self.site = Site()
        self.addCleanup(self.site.remove)

    def start(self, **more):
        daemon = Daemon(self.site.write_config(**more))
        self.addCleanup(lambda: daemon.process.poll() is None and daemon.stop())
        return daemon

    def admin(self, *words, text=""):
        done = subprocess.run([os.path.join(BIN, "sluice-admin"), *words, "--config", self.site.path("sluice.conf")],
                              input=text, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=PATIENCE,
                              check=False)
        return done.returncode, done.stdout

    def listed(self, daemon):
        client = Client(daemon.port, "anna")
        client.ask("UIDL")
        ids = [line.split()[1] for line in client.body().decode().splitlines()]
        for number, one in enumerate(ids, 1):
            self.assertEqual(client.ask(f"UIDL {number}"), f"+OK {number} {one}\r\n".encode())
        client.ask("QUIT")
        client.close()
        self.assertEqual(self.admin("uidl", "export", "anna")[1].split()[1::2], ids)
        return ids

    def make_maildir(self):
        root = self.site.path("maildir")
        for folder in ("", "/new", "/cur", "/tmp"):
            os.mkdir(root + folder)
        for name, flags in zip(NAMES, ("", ":2,S", ":2,")):
            with open(f"{root}/{'cur' if flags else 'new'}/{name}{flags}", "wb") as file:
                file.write(MESSAGES["plain"][0])            # all the same
        if ROOT:
            for path, _, files in os.walk(root):
                for entry in ["."] + files:
                    os.chown(os.path.join(path, entry), OWNER, OWNER)
        return root + "/"

    def test_lists_of_files(self):
        daemon = self.start(mail__inbox=self.make_maildir())
        ours = self.listed(daemon)
        rows = (
            (f"3 V1700000000 N12 Gabc\n1 :{NAMES[0]}\n7 W30 :{NAMES[1]}:2,S\n11 PUID5-99 :{NAMES[2]}\nnonsense\n12 :gone\n",
             ["000000016553f100", "000000076553f100", "UID5-99"]),
            (f"1 1700000000 12\n1 {NAMES[0]}\n7 {NAMES[1]}:2,S\n", ["000000016553f100", "000000076553f100", "UID5-99"]),
            (f"/3 12 1700000000\n{NAMES[0]} 20 3:1700000000:0\n{NAMES[1]} 20 4:0:0\n{NAMES[2]} 20 0:0:0\n",
             ["UID3-1700000000", "UID4", NAMES[2]]),
            (f"/1 12\n{NAMES[0]} 20 3\n", ["UID3", "UID4", NAMES[2]]))
        for text, expected in rows:
            with self.subTest(text):
                status, said = self.admin("uidl", "import", "anna", "-", text=text)
                self.assertEqual(status, 0, said)
                self.assertEqual(self.listed(daemon), expected)
        client = Client(daemon.port, "anna")
        self.assertEqual(client.ask("DELE 1")[:3], b"+OK")
        self.assertEqual(client.ask("QUIT")[:3], b"+OK")
        client.close()
        self.assertEqual(self.listed(daemon), ["UID4", NAMES[2]])
        self.assertEqual(self.admin("purge", "anna")[0], 0)
        self.assertEqual(self.listed(daemon), ours[:2])

    def test_lines_of_number_and_id(self):
        self.site.fill(["plain", "dots", "plain"])
        daemon = self.start()
        ours = self.listed(daemon)
        with open(self.site.path("list"), "w") as file:
            file.write("+OK\r\n1 4c1d!~x\r\n2 4c1d!~x\r\n3 " + "y" * 71 + "\r\n9 none\r\n.\r\n")
        os.chmod(self.site.path("list"), 0o600)         # the admin's, not the user's
        status, said = self.admin("uidl", "import", "anna", self.site.path("list"), "--format", "json")
        self.assertEqual((status, json.loads(said)), (1, {"user": "anna", "messages": 3, "imported": 1, "refused": 2}))
        self.assertEqual(self.listed(daemon), ["4c1d!~x", *ours[1:]])
        self.site.append(b"Subject: new\n\nnew\n")
        client = Client(daemon.port, "anna")
        client.ask("DELE 2")
        client.ask("QUIT")
        client.close()
        ids = self.listed(daemon)
        self.assertEqual(ids[:2], ["4c1d!~x", ours[2]])
        # What export says can be imported: it changes nothing.
        exported = self.admin("uidl", "export", "anna")[1]
        self.assertEqual(self.admin("uidl", "import", "anna", "-", text=exported)[0], 0)
        self.assertEqual(self.listed(daemon), ids)

    def test_fields_of_messages(self):
        texts = [b"Subject: a\nX-UIDL: ?a$\"!X,\"!S0Y!!_7\"!\n\nX-UIDL: no\n", b"x-uidl: 2f\nSubject: b\n\nb\n", MESSAGES["plain"][0]]
        with open(self.site.inbox(), "wb") as file:
            file.write(b"\n".join(FROM + text for text in texts))
        if ROOT:
            os.chown(self.site.inbox(), OWNER, OWNER)
        daemon = self.start()
        ours = self.listed(daemon)
        self.assertEqual(self.admin("uidl", "import", "anna"),
                         (0, "2 of 3 messages have the ids of the other server\n"))
        self.assertEqual(self.listed(daemon), ["?a$\"!X,\"!S0Y!!_7\"!", "2f", ours[2]])

    def test_what_is_refused(self):
        self.site.fill(["plain"])
        self.start()
        for words, text, expected in ((("-",), "", "neither"), (("-",), "hello\n", "neither"),
                                      ((self.site.path("none"),), "", "none"),
                                      (("-",), f"/3 12 17\n{NAMES[0]} 20 3:17:0\n", "files of a Maildir")):
            status, said = self.admin("uidl", "import", "anna", *words, text=text)
            self.assertEqual(status, 2, said)
            self.assertIn(expected, said)
        self.assertEqual(self.admin("uidl", "import", "anna"), (1, "0 of 1 messages have the ids of the other server\n"))
        self.assertEqual(self.admin("uidl", "import")[0], 2)


if __name__ == "__main__":
    if not os.path.exists(os.path.join(BIN, "sluice-pop3d")):
        sys.exit("sluice-pop3d is not built")
    unittest.main(verbosity=2)
