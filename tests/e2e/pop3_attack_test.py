# What strangers do to sluice-pop3d, and what dies: the server stays up, serves others, and its front may touch nothing.
# SPDX-License-Identifier: Apache-2.0
import contextlib
import os
import re
import resource
import signal
import socket
import sys
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "support"))
import twin
from pop3_site import BIN, MESSAGES, PATIENCE, ROOT, SECRET, Client, Daemon, Site


def children(pid):
    with open(f"/proc/{pid}/task/{pid}/children") as file:
        return [int(child) for child in file.read().split()]


def named(pid, name):
    """The descendants of a process that have a name."""
    found = []
    for child in children(pid):
        with contextlib.suppress(FileNotFoundError):
            with open(f"/proc/{child}/comm") as file:
                found += [child] if file.read() == name + "\n" else []
            found += named(child, name)
    return found


class AttackTest(unittest.TestCase):
    def setUp(self):
        self.site = Site()
        self.addCleanup(self.site.remove)
        self.site.fill(["plain", "dots"])

    def start(self, *words, **more):
        daemon = Daemon(self.site.write_config(**more), *words)
        self.addCleanup(lambda: daemon.process.poll() is None and daemon.stop())
        return daemon

    def client(self, daemon, login=None):
        client = Client(daemon.port, login)
        self.addCleanup(client.close)
        return client

    def wait_for_workers(self, daemon, count):
        until = time.monotonic() + PATIENCE
        while len(workers := named(daemon.process.pid, "pop3d-worker")) != count and time.monotonic() < until:
            time.sleep(0.01)
        self.assertEqual(len(workers), count)
        return workers

    def check_service(self, daemon):
        """Somebody else is served."""
        client = Client(daemon.port, "anna")
        self.assertEqual(client.ask("STAT")[:6], b"+OK 2 ")
        self.assertEqual(client.ask("QUIT")[:3], b"+OK")
        client.close()

    def test_a_line_without_an_end(self):
        daemon = self.start()
        for start in (b"USER ", b"AUTH PLAIN\r\n", b""):
            client = self.client(daemon)
            sent = 0
            with contextlib.suppress(ConnectionError):
                client.send(start)
                while sent < 1 << 30:
                    client.send(b"x" * (1 << 20))
                    sent += 1 << 20
            self.assertLess(sent, 1 << 28)
        daemon.wait_for("reason=line-too-long", 3)
        self.check_service(daemon)

    def test_a_thousand_connections_from_one_address(self):
        _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
        daemon = self.start()
        clients = []
        for _ in range(1000):
            clients.append(socket.create_connection(("127.0.0.1", daemon.port), PATIENCE))
        greetings = [client.recv(100) for client in clients]
        self.assertEqual(len([text for text in greetings if text.startswith(b"+OK")]), 50)
        self.assertEqual(len([text for text in greetings if b"[SYS/TEMP] too many connections from your address" in text]), 950)
        other = socket.create_connection(("127.0.0.1", daemon.port), PATIENCE, source_address=("127.0.0.2", 0))
        self.assertEqual(other.recv(100)[:3], b"+OK")
        for client in [other, *clients]:
            client.close()
        daemon.wait_for("reason=disconnected", 50)
        self.check_service(daemon)

    def test_slow_clients_hold_up_nobody(self):
        daemon = self.start()
        slow = [self.client(daemon) for _ in range(20)]
        for letter in b"USER anna":
            for client in slow:
                client.send(bytes([letter]))
            self.check_service(daemon) if letter == ord(" ") else time.sleep(0.01)
        for client in slow:
            client.send(b"\r\n")
            self.assertEqual(client.line()[:3], b"+OK")

    def test_a_wrong_password_holds_up_its_client_only(self):
        daemon = self.start()
        wrong = self.client(daemon)
        wrong.ask("USER anna")
        wrong.send("PASS wrong\r\n")
        self.check_service(daemon)
        self.assertTrue(wrong.line().startswith(b"-ERR [AUTH]"))

    def test_who_guesses_is_blocked(self):
        daemon = self.start()
        guessers = [self.client(daemon) for _ in range(21)]
        for i, client in enumerate(guessers[:20]):
            client.send(f"USER anna\r\nPASS guess{i}\r\n")
        for client in guessers[:20]:
            self.assertEqual(client.line()[:3], b"+OK")
            self.assertTrue(client.line().startswith(b"-ERR [AUTH]"))
        guessers[20].ask("USER anna")
        self.assertTrue(guessers[20].ask("PASS " + SECRET).startswith(b"-ERR [SYS/TEMP] too many wrong passwords"))
        daemon.wait_for("event=login-failed address=127.0.0.1 user=anna reason=blocked")
        other = socket.create_connection(("127.0.0.1", daemon.port), PATIENCE, source_address=("127.0.0.2", 0))
        other.sendall(f"USER anna\r\nPASS {SECRET}\r\n".encode())
        file = other.makefile("rb")
        self.assertEqual([file.readline()[:3] for _ in range(3)], [b"+OK"] * 3)
        file.close()
        other.close()

    def test_one_wrong_password_again_and_again_blocks_nobody(self):
        daemon = self.start()
        for _ in range(8):
            clients = [Client(daemon.port) for _ in range(5)]
            for client in clients:
                client.send("USER anna\r\nPASS wrong\r\n")
            for client in clients:
                client.line()
                self.assertTrue(client.line().startswith(b"-ERR [AUTH]"))
                client.close()
        self.check_service(daemon)

    def test_the_front_may_touch_nothing(self):
        daemon = self.start()
        [front] = named(daemon.process.pid, "pop3d-front")
        with open(f"/proc/{front}/status") as file:
            status = dict(line.rstrip("\n").split(":\t", 1) for line in file if ":\t" in line)
        self.assertEqual(status["NoNewPrivs"], "1")
        if not twin.SANITIZED:
            self.assertEqual(status["Seccomp"], "2")
        if ROOT:
            self.assertNotIn("0", status["Uid"].split())
            self.assertEqual(int(status["CapEff"], 16), 0)
            self.assertEqual(os.listdir(f"/proc/{front}/root"), [])
            held = [fd for fd in os.listdir(f"/proc/{front}/fd") if int(fd) > 2]      # but for the log
            targets = [os.readlink(f"/proc/{front}/fd/{fd}") for fd in held]
            files = [target for target in targets if target.startswith("/") and not target.startswith("/dev/")]
            self.assertEqual(files, [])

    def test_only_a_login_opens_a_mailbox(self):
        """With a session open the front holds its mailbox, for reading, and nobody else's."""
        if not ROOT:
            self.skipTest("its descriptors cannot be looked at")
        daemon = self.start()
        self.site.fill(["plain"], "hash")
        client = self.client(daemon, "anna")
        [front] = named(daemon.process.pid, "pop3d-front")
        held = {os.readlink(f"/proc/{front}/fd/{fd}"): fd for fd in os.listdir(f"/proc/{front}/fd")}
        self.assertIn(self.site.inbox("anna"), held)
        self.assertNotIn(self.site.inbox("hash"), held)
        with open(f"/proc/{front}/fdinfo/{held[self.site.inbox('anna')]}") as file:
            flags = int(re.search(r"flags:\s+(\d+)", file.read()).group(1), 8)
        self.assertEqual(flags & os.O_ACCMODE, os.O_RDONLY)
        client.ask("QUIT")

    def test_what_all_others_need_ends_all(self):
        for name in ("pop3d-front", "pop3d-auth"):
            with self.subTest(name):
                daemon = self.start()
                client = self.client(daemon, "anna")
                [process] = named(daemon.process.pid, name)
                os.kill(process, signal.SIGKILL)
                self.assertEqual(daemon.process.wait(PATIENCE * 2), 1)
                self.assertNotIn(b"+OK", client.rest())
                daemon.wait_for(f"event=process-died role={name.replace('pop3d-', '').replace('auth', 'authenticator')}")
                client.close()
                daemon.reader.join(PATIENCE)
                daemon.process.stderr.close()

    def test_a_worker_that_dies_is_a_login_that_fails(self):
        daemon = self.start()
        first = self.client(daemon, "anna")
        self.wait_for_workers(daemon, 0)
        second = self.client(daemon)
        second.ask("USER anna")
        second.send(f"PASS {SECRET}\r\n")           # its worker waits for the first session
        for worker in self.wait_for_workers(daemon, 1):
            os.kill(worker, signal.SIGKILL)
        self.assertTrue(second.line().startswith(b"-ERR [SYS/TEMP]"))
        self.assertEqual(first.ask("RETR 1")[:3], b"+OK")
        self.assertEqual(first.body(), MESSAGES["plain"][1])
        self.assertEqual(first.ask("QUIT")[:3], b"+OK")
        self.check_service(daemon)

    def test_a_maildir_is_served_when_its_worker_is_gone(self):
        root = self.site.path("maildir")
        self.site.make_maildir(root, ("plain", "dots"))
        daemon = self.start(mail__inbox=root + "/")
        client = self.client(daemon, "anna")
        for name, number in (("dots", 2), ("plain", 1)):
            for worker in named(daemon.process.pid, "pop3d-worker"):
                os.kill(worker, signal.SIGKILL)
            self.assertEqual(client.ask(f"RETR {number}")[:3], b"+OK")
            self.assertEqual(client.body(), MESSAGES[name][1])
        self.assertEqual(client.ask("DELE 1")[:3], b"+OK")
        self.assertEqual(client.ask("QUIT")[:3], b"+OK")
        self.assertEqual(len(os.listdir(root + "/new")), 1)


if __name__ == "__main__":
    if not os.path.exists(os.path.join(BIN, "sluice-pop3d")):
        sys.exit("sluice-pop3d is not built")
    unittest.main(verbosity=2)
