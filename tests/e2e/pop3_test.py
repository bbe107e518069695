# The real sluice-pop3d on loopback: collected by poplib and curl, interrupted, overloaded, and ended.
# SPDX-License-Identifier: Apache-2.0
import base64
import os
import poplib
import re
import shutil
import signal
import socket
import stat
import subprocess
import sys
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "support"))
import twin
from pop3_site import BIN, MESSAGES, PATIENCE, ROOT, SECRET, Client, Daemon, Site


class Pop3Test(unittest.TestCase):
    def setUp(self):
        self.site = Site()
        self.addCleanup(self.site.remove)

    def start(self, *options, **more):
        daemon = Daemon(self.site.write_config(**more), *options)
        self.addCleanup(lambda: daemon.process.poll() is None and daemon.stop())
        return daemon

    def client(self, daemon, login="anna"):
        client = Client(daemon.port, login)
        self.addCleanup(client.close)
        return client

    def subjects(self, user="anna"):
        with open(self.site.inbox(user), "rb") as file:
            return re.findall(rb"^Subject: (.*)$", file.read(), re.M)

    def test_poplib_collects_everything_unchanged(self):
        names = list(MESSAGES)
        names.remove("long")        # poplib takes no line over 2048 octets
        for user in ("anna", "hash"):
            self.site.fill(names, user)
        daemon = self.start()
        for user in ("anna", "hash"):
            pop = poplib.POP3("127.0.0.1", daemon.port, PATIENCE)
            pop.encoding = "utf-8"
            self.assertNotIn(b"<", pop.getwelcome())
            self.assertIn("USER", pop.capa())
            pop.user(user)
            pop.pass_(SECRET)
            self.assertNotIn("USER", pop.capa())
            sizes = [int(line.split()[1]) for line in pop.list()[1]]
            uidls = [line.split()[1] for line in pop.uidl()[1]]
            self.assertEqual(pop.stat(), (len(names), sum(sizes)))
            self.assertEqual(len(set(uidls)), len(names))
            for i, name in enumerate(names):
                with self.subTest(name):
                    status, lines, octets = pop.retr(i + 1)
                    text = b"".join(line + b"\r\n" for line in lines)
                    self.assertEqual(text, MESSAGES[name][1])
                    self.assertEqual((octets, sizes[i]), (len(text), len(text)))
                    self.assertEqual(status, b"+OK %d octets" % len(text))
            for i in range(len(names)):
                pop.dele(i + 1)
            pop.quit()
            self.assertEqual(self.subjects(user), [])
            daemon.wait_for(rf"event=session user={user} address=127.0.0.1 messages={len(names)} .*"
                            rf"deleted={len(names)} .*reason=quit")
        daemon.stop()
        self.assertFalse([line for line in daemon.log if "cret" in line])

    def test_octets_agree_on_the_wire(self):
        names = list(MESSAGES)
        self.site.fill(names)
        client = self.client(self.start())
        total = 0
        for i, name in enumerate(names):
            with self.subTest(name):
                octets = int(client.ask(f"LIST {i + 1}").split()[2])
                self.assertEqual(client.ask(f"RETR {i + 1}"), b"+OK %d octets\r\n" % octets)
                body = client.body()
                self.assertEqual(body, MESSAGES[name][1])
                self.assertEqual(len(body), octets)
                total += octets
        self.assertEqual(client.ask("STAT"), b"+OK %d %d\r\n" % (len(names), total))
        self.assertTrue(client.ask("TOP 2 1").startswith(b"+OK"))
        self.assertEqual(client.body(), b"Subject: dots\r\n\r\n.\r\n")
        self.assertEqual(client.ask("QUIT")[:3], b"+OK")

    @unittest.skipUnless(shutil.which("curl"), "no curl here")
    def test_curl_collects(self):
        self.site.fill(["plain", "dots", "8-bit"])
        daemon = self.start()
        command = ["curl", "-sS", "--max-time", str(PATIENCE), "--user", "anna:" + SECRET]
        url = f"pop3://127.0.0.1:{daemon.port}/"
        for path, expected in (("1", MESSAGES["plain"][1]), ("2", MESSAGES["dots"][1]), ("3", MESSAGES["8-bit"][1])):
            got = subprocess.run([*command, url + path], stdout=subprocess.PIPE, timeout=PATIENCE * 2, check=True)
            self.assertEqual(got.stdout, expected)
        listed = subprocess.run([*command, url], stdout=subprocess.PIPE, timeout=PATIENCE * 2, check=True).stdout
        self.assertEqual([line.split()[0] for line in listed.split(b"\r\n") if line], [b"1", b"2", b"3"])

    def test_dele_counts_only_with_quit(self):
        self.site.fill(["plain", "dots", "crlf"])
        daemon = self.start()
        before = os.stat(self.site.inbox()).st_ino
        for leave in (Client.close, Client.reset, lambda client: client.socket.shutdown(socket.SHUT_WR)):
            client = self.client(daemon)
            self.assertTrue(client.ask("DELE 1").startswith(b"+OK"))
            leave(client)
        daemon.wait_for("reason=disconnected", 3)
        self.assertEqual(len(self.subjects()), 3)
        client = self.client(daemon)
        uidl = client.ask("UIDL 3").split()[2]
        client.ask("DELE 2")
        self.assertEqual(client.ask("QUIT")[:3], b"+OK")
        self.assertEqual(self.subjects(), [b"plain", b"crlf"])
        self.assertEqual(os.stat(self.site.inbox()).st_ino, before)
        client = self.client(daemon)
        self.assertEqual(client.ask("UIDL 2").split()[2], uidl)

    def test_quit_counts_though_the_client_is_gone(self):
        daemon = self.start()
        for leave in (Client.close, Client.reset):
            self.site.fill(["plain", "dots"])
            client = Client(daemon.port, "anna")
            client.send("DELE 1\r\nQUIT\r\n")
            if leave is Client.reset:
                client.wait_until_read()        # a reset takes along what was not
            leave(client)
            until = time.monotonic() + PATIENCE
            while self.subjects() != [b"dots"] and time.monotonic() < until:
                time.sleep(0.02)
            self.assertEqual(self.subjects(), [b"dots"])

    def test_half_close_and_pipelining(self):
        self.site.fill(["plain", "dots"])
        daemon = self.start()
        client = self.client(daemon, None)
        client.send(f"USER anna\r\nPASS {SECRET}\r\nSTAT\r\nRETR 1\r\nDELE 1\nQUIT\r\n")
        client.socket.shutdown(socket.SHUT_WR)
        replies = client.rest()
        self.assertEqual(replies.count(b"+OK"), 6)
        self.assertIn(MESSAGES["plain"][1] + b".\r\n", replies)
        self.assertEqual(self.subjects(), [b"dots"])

    def test_who_never_reads_fills_no_memory(self):
        self.site.fill(["big"])
        daemon = self.start()
        client = self.client(daemon)
        client.send("RETR 1\r\n" * 2000)      # a gigabyte
        time.sleep(0.5)
        with open(f"/proc/{daemon.front()}/status") as file:
            kilobytes = int(re.search(r"VmRSS:\s+(\d+)", file.read()).group(1))
        self.assertLess(kilobytes, 512 * 1024 if twin.SANITIZED else 64 * 1024)
        for _ in range(3):
            self.assertEqual(client.line(), b"+OK %d octets\r\n" % len(MESSAGES["big"][1]))
            self.assertEqual(client.body(), MESSAGES["big"][1])
        client.reset()
        daemon.wait_for("reason=disconnected")

    def test_mail_that_comes_meanwhile(self):
        self.site.fill(["plain", "dots"])
        daemon = self.start()
        client = self.client(daemon)
        self.site.append(b"Subject: new\n\nnew\n")
        self.assertTrue(client.ask("STAT").startswith(b"+OK 2 "))
        client.ask("DELE 1")
        client.ask("RSET")
        self.assertTrue(client.ask("STAT").startswith(b"+OK 2 "))
        client.ask("DELE 1")
        self.assertEqual(client.ask("QUIT")[:3], b"+OK")
        self.assertEqual(self.subjects(), [b"dots", b"new"])
        client = self.client(daemon)
        self.assertTrue(client.ask("STAT").startswith(b"+OK 2 "))
        client.ask("RETR 2")
        self.assertEqual(client.body(), b"Subject: new\r\n\r\nnew\r\n")

    def test_an_inbox_that_is_a_maildir(self):
        self.site.make_maildir(self.site.inbox("box"), ("plain", "dots"))
        daemon = self.start(mail__inbox=self.site.inbox("box") + "/")
        client = self.client(daemon)
        total = len(MESSAGES["plain"][1]) + len(MESSAGES["dots"][1])
        self.assertEqual(client.ask("STAT"), b"+OK 2 %d\r\n" % total)
        client.ask("RETR 2")
        self.assertEqual(client.body(), MESSAGES["dots"][1])
        client.ask("DELE 1")
        self.assertEqual(client.ask("QUIT")[:3], b"+OK")
        self.assertTrue(self.client(daemon).ask("STAT").startswith(b"+OK 1 "))

    def test_second_login_waits_then_in_use(self):
        self.site.fill(["plain"])
        daemon = self.start()
        first = self.client(daemon)
        second = self.client(daemon, None)
        second.ask("USER anna")
        began = time.monotonic()
        self.assertTrue(second.ask(f"PASS {SECRET}").startswith(b"-ERR [IN-USE] "))
        self.assertGreater(time.monotonic() - began, 3)
        self.assertEqual(second.rest(), b"")
        third = self.client(daemon, None)
        third.ask("USER anna")
        third.send(f"PASS {SECRET}\r\n")
        time.sleep(0.3)
        self.assertEqual(first.ask("QUIT")[:3], b"+OK")
        self.assertEqual(third.line()[:3], b"+OK")       # it waited, and was let in

    def test_refused_logins(self):
        self.site.fill(["plain"])
        daemon = self.start()
        client = self.client(daemon, None)
        replies = []
        for user, password in (("anna", "wrong"), ("nobody", SECRET), ("../anna", SECRET)):
            self.assertEqual(client.ask(f"USER {user}")[:3], b"+OK")
            began = time.monotonic()
            replies.append(client.ask(f"PASS {password}"))
            self.assertGreater(time.monotonic() - began, 0.9)
        self.assertTrue(replies[0].startswith(b"-ERR [AUTH] "))
        self.assertEqual(len(set(replies)), 1)
        daemon.wait_for(r"event=login-failed address=127\.0\.0\.1 user=nobody reason=credentials$")
        client.ask("USER anna")
        self.assertEqual(client.ask(f"PASS {SECRET}")[:3], b"+OK")
        client.ask("QUIT")

        for user in ("foreign", "noone") if ROOT else ("foreign",):
            client = self.client(daemon, None)
            client.ask(f"USER {user}")
            self.assertTrue(client.ask(f"PASS {SECRET}").startswith(b"-ERR [SYS/PERM] "))
            self.assertEqual(client.rest(), b"")

        os.rename(self.site.path("users"), self.site.path("away"))
        client = self.client(daemon, None)
        client.ask("USER anna")
        self.assertTrue(client.ask(f"PASS {SECRET}").startswith(b"-ERR [SYS/TEMP] "))
        os.rename(self.site.path("away"), self.site.path("users"))
        self.assertEqual(client.ask(f"PASS {SECRET}")[:3], b"+OK")

    def test_accounts_are_read_for_each_login(self):
        daemon = self.start()
        self.site.accounts.append(self.site.accounts[0].replace("anna", "bert"))
        self.site.write_accounts()
        self.assertEqual(self.client(daemon, "bert").ask("STAT"), b"+OK 0 0\r\n")

    def test_a_broken_inbox_is_never_an_empty_one(self):
        daemon = self.start()
        os.mkdir(self.site.inbox("anna"))
        with open(self.site.inbox("hash"), "w") as file:
            file.write("this is no mbox\n")
        os.chmod(self.site.inbox("hash"), 0o644)
        for user in ("anna", "hash"):
            client = self.client(daemon, None)
            client.ask(f"USER {user}")
            self.assertTrue(client.ask(f"PASS {SECRET}").startswith(b"-ERR [SYS/TEMP] "), user)

    def test_limits_on_connections(self):
        daemon = self.start(pop3__max_connections=4, pop3__max_connections_per_address=3)
        clients = [self.client(daemon, None) for _ in range(3)]
        turned_away = self.client(daemon, None)
        self.assertEqual(turned_away.greeting, b"-ERR [SYS/TEMP] too many connections from your address\r\n")
        self.assertEqual(turned_away.rest(), b"")
        clients[0].ask("QUIT")
        clients[0].rest()
        daemon.wait_for("event=session .*reason=quit")
        self.assertTrue(self.client(daemon, None).greeting.startswith(b"+OK"))

    def test_cleartext_policy(self):
        for policy, allowed in (("never", False), ("loopback", True), ("always", True)):
            daemon = self.start("--pop3.cleartext-login", policy)
            client = self.client(daemon, None)
            client.ask("CAPA")
            self.assertEqual(b"USER\r\n" in client.body(), allowed)
            self.assertEqual(client.ask("USER anna")[:3], b"+OK" if allowed else b"-ER")
            daemon.stop()

    def test_term_ends_sessions_without_update(self):
        self.site.fill(["plain", "dots"])
        daemon = self.start()
        idle = self.client(daemon, None)
        busy = self.client(daemon)
        busy.ask("DELE 1")
        daemon.stop()
        self.assertTrue(any("event=stopped killed=0" in line for line in daemon.log))
        self.assertEqual((idle.rest(), busy.rest()), (b"", b""))
        self.assertEqual(len(self.subjects()), 2)
        self.assertTrue(any("reason=shutdown" in line for line in daemon.log))

    def test_sessions_end_with_a_killed_listener(self):
        daemon = self.start()
        client = self.client(daemon)
        children = daemon.children()
        daemon.process.kill()
        daemon.process.wait(PATIENCE)
        self.assertEqual(client.rest(), b"")
        until = time.monotonic() + PATIENCE
        while any(os.path.exists(f"/proc/{pid}/fd/0") for pid in children) and time.monotonic() < until:
            time.sleep(0.01)
        daemon.reader.join(PATIENCE)
        daemon.process.stderr.close()

    def admin(self, *words):
        done = subprocess.run([os.path.join(BIN, "sluice-admin"), *words, "--config", self.site.path("sluice.conf")],
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=PATIENCE, check=False)
        return done.returncode, done.stdout

    def test_an_admin_ends_a_session(self):
        self.site.fill(["plain", "dots"])
        daemon = self.start()
        self.assertEqual(stat.S_IMODE(os.stat(self.site.path("state/.control")).st_mode), 0o600)
        self.assertEqual(self.admin("kick", "anna"), (1, "anna has no session\n"))
        client = self.client(daemon)
        other = self.client(daemon, None)
        client.ask("DELE 1")
        self.assertEqual(self.admin("kick", "anna"), (0, "ended the session of anna\n"))
        self.assertEqual(client.rest(), b"")
        self.assertEqual(self.admin("who"), (0, ""))
        self.assertEqual(len(self.subjects()), 2)
        self.assertEqual(other.ask("USER anna")[:3], b"+OK")
        self.assertEqual(other.ask("PASS " + SECRET)[:3], b"+OK")
        self.assertEqual(self.admin("kick", "anna", "--format", "json"), (0, '{"user":"anna","ended":1}\n'))
        daemon.wait_for("event=session user=anna .*deleted=0 .*reason=kicked", 2)
        daemon.stop()
        self.assertFalse(os.path.exists(self.site.path("state/.control")))

    def test_the_control_socket_of_a_server_that_was_killed(self):
        first = self.start()
        first.process.kill()
        first.process.wait(PATIENCE)
        first.reader.join(PATIENCE)
        first.process.stderr.close()
        second = self.start()
        third = self.start()
        third.wait_for("event=no-control .*another server")
        third.stop()
        self.client(second)
        self.assertEqual(self.admin("kick", "anna")[0], 0)

    def ask_metrics(self, family, address, request=b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n"):
        with socket.socket(family) as asking:
            asking.settimeout(PATIENCE)
            asking.connect(address)
            asking.sendall(request)
            answer = b""
            while piece := asking.recv(65536):
                answer += piece
        head, _, body = answer.partition(b"\r\n\r\n")
        return head.split(b"\r\n")[0], dict(line.rsplit(b" ", 1) for line in body.splitlines() if line[:1] != b"#")

    def test_metrics(self):
        self.site.fill(["plain", "dots"])
        path = self.site.path("metrics")
        daemon = self.start("--metrics.listen", "unix:" + path)
        client = self.client(daemon)
        other = self.client(daemon, None)
        other.ask("USER anna")
        other.ask("PASS wrong")
        status, figures = self.ask_metrics(socket.AF_UNIX, path)
        self.assertEqual(status, b"HTTP/1.0 200 OK")
        for name, number in (("clients", 2), ("sessions", 1), ("logins_total", 1), ("wrong_passwords_total", 1)):
            self.assertEqual(figures[b"sluice_pop3_" + name.encode()], b"%d" % number, name)
        client.ask("RETR 1")
        client.body()
        client.ask("DELE 2")
        client.ask("QUIT")
        daemon.wait_for("reason=quit")
        _, figures = self.ask_metrics(socket.AF_UNIX, path)
        for name, number in (("sessions", 0), ("retrieved_messages_total", 1), ("deleted_messages_total", 1),
                             ("retrieved_octets_total", len(MESSAGES["plain"][1]))):
            self.assertEqual(figures[b"sluice_pop3_" + name.encode()], b"%d" % number, name)
        self.assertEqual(self.ask_metrics(socket.AF_UNIX, path, b"HEAD / HTTP/1.0\r\n\r\n")[0][:12], b"HTTP/1.0 405")
        silent = [socket.socket(socket.AF_UNIX) for _ in range(20)]      # they hold up each other, and no client
        for asking in silent:
            self.addCleanup(asking.close)
            asking.connect(path)
        self.assertEqual(self.client(daemon).ask("STAT")[:3], b"+OK")
        daemon.process.send_signal(signal.SIGHUP)
        daemon.wait_for("event=reloaded")
        for asking in silent:
            asking.close()
        self.assertEqual(self.ask_metrics(socket.AF_UNIX, path)[0], b"HTTP/1.0 200 OK")
        daemon.stop()
        self.assertFalse(os.path.exists(path))

    def test_metrics_on_a_port(self):
        daemon = self.start("--metrics.listen", "127.0.0.1:0")
        port = int(daemon.wait_for("event=metrics address=").rsplit(":", 1)[1])
        status, figures = self.ask_metrics(socket.AF_INET, ("127.0.0.1", port), b"GET / HTTP/1.0\n\n")
        self.assertEqual((status, figures[b"sluice_pop3_clients"]), (b"HTTP/1.0 200 OK", b"0"))

    def test_what_the_log_says(self):
        self.site.fill(["plain", "dots"])
        daemon = self.start("--log.level", "debug")
        client = self.client(daemon)
        uidl = client.ask("UIDL 2").split()[2].decode()
        client.ask("DELE 2")
        client.ask("QUIT")
        daemon.wait_for("event=deleted user=anna uidl=" + re.escape(uidl) + "$")
        with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../pop3d/README.md")) as file:
            ban = re.compile(re.search("failregex = ([^`]*)`", file.read()).group(1).replace("<HOST>", r"(?P<host>\S+)"))
        client = self.client(daemon, None)
        names = ["anna", "x\" reason=credentials", "address=192.0.2.9,user=y", "reason=in-use"]
        for name in names:
            client.send(b"AUTH PLAIN " + base64.b64encode(f"\0{name}\0wrong".encode()) + b"\r\n")
            self.assertEqual(client.line()[:11], b"-ERR [AUTH]")
        daemon.wait_for("event=login-failed", len(names))
        hosts = [found["host"] for found in map(ban.search, daemon.log) if found]
        self.assertEqual(hosts, ["127.0.0.1"] * len(names))

    def test_hup_reloads_or_keeps(self):
        daemon = self.start()
        self.site.write_config(pop3__cleartext_login="never")
        daemon.process.send_signal(signal.SIGHUP)
        daemon.wait_for("event=reloaded")
        self.assertEqual(self.client(daemon, None).ask("USER anna")[:4], b"-ERR")
        with open(self.site.path("sluice.conf"), "a") as file:
            file.write("nonsense = 1\n")
        daemon.process.send_signal(signal.SIGHUP)
        daemon.wait_for("event=reload-failed .*nonsense")
        self.assertEqual(self.client(daemon, None).ask("USER anna")[:4], b"-ERR")
        self.site.write_config(pop3__listen="192.0.2.1:0")     # an address that is not ours
        daemon.process.send_signal(signal.SIGHUP)
        daemon.wait_for("event=reload-failed .*192.0.2.1")
        self.assertEqual(self.client(daemon, None).ask("QUIT")[:3], b"+OK")

    def test_sockets_and_readiness_from_the_service_manager(self):
        config = self.site.write_config()
        ready = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.addCleanup(ready.close)
        ready.bind(self.site.path("notify"))
        ready.settimeout(PATIENCE)
        with socket.create_server(("127.0.0.1", 0)) as listening:
            port = listening.getsockname()[1]
            # LISTEN_PID has to be the daemon's own: a shell sets it and becomes the daemon.
            script = f'exec 3<&{listening.fileno()}; LISTEN_PID=$$ LISTEN_FDS=1 exec "$@"'
            process = subprocess.Popen(["sh", "-c", script, "sh", os.path.join(BIN, "sluice-pop3d"),
                                        "--config", config],
                                       pass_fds=[listening.fileno()], stderr=subprocess.DEVNULL,
                                       env={**os.environ, "NOTIFY_SOCKET": self.site.path("notify")})
        try:
            self.assertEqual(ready.recv(100), b"READY=1")
            client = Client(port, "anna")
            self.assertEqual(client.ask("STAT"), b"+OK 0 0\r\n")
            client.close()
            process.send_signal(signal.SIGHUP)
            self.assertEqual(ready.recv(100), b"RELOADING=1")
            self.assertEqual(ready.recv(100), b"READY=1")
            process.terminate()
            self.assertEqual(ready.recv(100), b"STOPPING=1")
        finally:
            process.terminate()
            self.assertEqual(process.wait(PATIENCE * 2), 0)

    def test_usage_and_configuration_errors(self):
        program = os.path.join(BIN, "sluice-pop3d")
        config = self.site.write_config()
        for words, status, text in (
                (["--help"], 0, "usage: sluice-pop3d"),
                (["--version"], 0, "sluice-pop3d "),
                (["--config", self.site.path("missing")], 2, "missing"),
                (["--config"], 2, "needs a value"),
                (["--frobnicate"], 2, "unknown option '--frobnicate'"),
                (["extra"], 2, "unexpected argument 'extra'"),
                (["--config", config, "--pop3.lisen", "x"], 2, "pop3.listen"),
                (["--config", config, "--pop3.listen", "nonsense"], 2, "nonsense"),
                (["--config", config, "--accounts.file", ""], 2, "accounts.source = file needs accounts.file"),
                (["--config", config, "--tls.certificate", "x"], 2, "they go in pairs"),
                (["--config", config, "--metrics.listen", "192.0.2.1:9100"], 2, "not an address of the loopback"),
                (["--config", config, "--metrics.listen", "unix:" + self.site.path("none/metrics")], 1, "none/metrics"),
                (["--config", config, "--retention.deleted", "1d"], 2, "keeps no deleted mail"),
                (["--config", config, "--pop3.listen", "192.0.2.1:0"], 1, "192.0.2.1")):
            with self.subTest(words):
                done = subprocess.run([program, *words], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                                      timeout=PATIENCE, check=False)
                self.assertEqual(done.returncode, status, done.stdout)
                self.assertIn(text, done.stdout)


if __name__ == "__main__":
    if not os.path.exists(os.path.join(BIN, "sluice-pop3d")):
        sys.exit("sluice-pop3d is not built")
    unittest.main(verbosity=2)
