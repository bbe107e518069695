# TLS and SASL of the real sluice-pop3d: STLS, implicit TLS, names, renewed certificates, and what attackers try.
# SPDX-License-Identifier: Apache-2.0
import base64
import contextlib
import os
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "support"))
from pop3_site import BIN, MESSAGES, PATIENCE, SECRET, Client, Daemon, Site, make_certificate


def context(protocol=None):
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    made.check_hostname = False
    made.verify_mode = ssl.CERT_NONE
    if protocol:
        made.set_alpn_protocols([protocol])
    return made


class TlsClient(Client):
    """A client that speaks TLS from the first octet."""

    def __init__(self, port, name=None, protocol="pop3"):
        self.socket = context(protocol).wrap_socket(socket.create_connection(("127.0.0.1", port), PATIENCE),
                                                    server_hostname=name)
        self.file = self.socket.makefile("rb")
        self.greeting = self.line()


def start_tls(client, name=None):
    """TLS on top of a connection, after STLS."""
    client.file.close()
    client.socket = context("pop3").wrap_socket(client.socket, server_hostname=name)
    client.file = client.socket.makefile("rb")


def plain(user, password):
    return base64.b64encode(f"\0{user}\0{password}".encode()).decode()


@unittest.skipUnless(shutil.which("openssl"), "no openssl here")
class TlsTest(unittest.TestCase):
    def setUp(self):
        self.site = Site()
        self.addCleanup(self.site.remove)
        self.site.fill(["plain", "dots"])
        self.names = ("one.example", "two.example")
        pairs = [make_certificate(self.site, name) for name in self.names]
        self.words = [word for pair in pairs for word in ("--tls.certificate", pair[0], "--tls.key", pair[1])]
        self.words += ["--pop3.listen-tls", "127.0.0.1:0"]

    def start(self, *words, **more):
        daemon = Daemon(self.site.write_config(**more), *self.words, *words)
        self.addCleanup(lambda: daemon.process.poll() is None and daemon.stop())
        line = daemon.wait_for("event=listening tls=yes")
        self.tls_port = int(line.rsplit(":", 1)[1])
        return daemon

    def client(self, port):
        client = Client(port)
        self.addCleanup(client.close)
        return client

    def tls_client(self, *words):
        client = TlsClient(self.tls_port, *words)
        self.addCleanup(client.close)
        return client

    def subject_of(self, sock):
        """The name in the certificate that the server sent."""
        return next(name for name in self.names if name.encode() in sock.getpeercert(binary_form=True))

    def capabilities(self, client):
        client.ask("CAPA")
        return client.body().decode().split("\r\n")

    def test_implicit_tls(self):
        daemon = self.start(pop3__cleartext_login="never")
        client = self.tls_client()
        self.assertTrue(client.greeting.startswith(b"+OK"))
        self.assertEqual(client.socket.selected_alpn_protocol(), "pop3")
        self.assertIn("USER", self.capabilities(client))
        self.assertNotIn("STLS", self.capabilities(client))
        self.assertEqual(client.ask("USER anna")[:3], b"+OK")
        self.assertEqual(client.ask("PASS " + SECRET)[:3], b"+OK")
        self.assertEqual(client.ask("RETR 2")[:3], b"+OK")
        self.assertEqual(client.body(), MESSAGES["dots"][1])
        self.assertEqual(client.ask("DELE 1")[:3], b"+OK")
        self.assertEqual(client.ask("QUIT")[:3], b"+OK")
        daemon.wait_for(r'event=session user=anna .*tls="TLSv1\.[23] \S+" .*deleted=1 .*reason=quit')

    def test_stls(self):
        daemon = self.start(pop3__cleartext_login="never")
        client = self.client(daemon.port)
        self.assertIn("STLS", self.capabilities(client))
        self.assertNotIn("USER", self.capabilities(client))
        self.assertEqual(client.ask("USER anna")[:4], b"-ERR")
        self.assertEqual(client.ask("STLS"), b"+OK begin TLS\r\n")
        start_tls(client)
        self.assertNotIn("STLS", self.capabilities(client))
        self.assertEqual(client.ask("STLS")[:4], b"-ERR")
        self.assertEqual(client.ask("AUTH PLAIN " + plain("anna", SECRET))[:3], b"+OK")
        self.assertEqual(client.ask("STAT")[:6], b"+OK 2 ")

    def test_what_comes_with_stls_is_not_obeyed(self):
        daemon = self.start()
        client = self.client(daemon.port)
        client.send(f"STLS\r\nUSER anna\r\nPASS {SECRET}\r\nDELE 1\r\nQUIT\r\n")
        self.assertEqual(client.line(), b"+OK begin TLS\r\n")
        # What was read before the handshake is gone; what was not breaks it. Neither is obeyed.
        with contextlib.suppress(OSError):
            start_tls(client)
            self.assertEqual(client.ask("STAT"), b"-ERR log in first\r\n")
        client.close()
        daemon.wait_for("event=session user= ")
        self.assertTrue(self.client(daemon.port).greeting.startswith(b"+OK"))

    def test_the_certificate_fits_the_name(self):
        daemon = self.start()
        for name, expected in (("one.example", 0), ("two.example", 1), ("other.example", 0), (None, 0)):
            client = self.tls_client(name)
            self.assertEqual(self.subject_of(client.socket), self.names[expected], name)
            client = self.client(daemon.port)
            client.ask("STLS")
            start_tls(client, name)
            self.assertEqual(self.subject_of(client.socket), self.names[expected], name)

    def test_other_protocols_and_old_versions(self):
        self.start()
        self.assertIsNone(self.tls_client(None, "imap").socket.selected_alpn_protocol())
        old = context()
        old.minimum_version = ssl.TLSVersion.TLSv1
        old.maximum_version = ssl.TLSVersion.TLSv1_1
        old.set_ciphers("DEFAULT@SECLEVEL=0")
        with self.assertRaises(ssl.SSLError), socket.create_connection(("127.0.0.1", self.tls_port), PATIENCE) as sock:
            old.wrap_socket(sock)

    def test_certificates_are_read_again_or_kept(self):
        daemon = self.start()
        old = self.tls_client()
        first = old.socket.getpeercert(binary_form=True)
        make_certificate(self.site, "one.example")
        daemon.process.send_signal(signal.SIGHUP)
        daemon.wait_for("event=reloaded")
        second = self.tls_client().socket.getpeercert(binary_form=True)
        self.assertNotEqual(first, second)
        self.assertEqual(old.ask("NOOP")[:4], b"-ERR")       # log in first: it is served still
        with open(self.site.path("one.example.pem"), "w") as file:
            file.write("-----BEGIN CERTIFICATE-----\nnonsense\n")
        daemon.process.send_signal(signal.SIGHUP)
        daemon.wait_for("event=reload-failed .*tls.certificate 1")
        self.assertEqual(self.tls_client().socket.getpeercert(binary_form=True), second)

    def test_bad_certificates_stop_the_start(self):
        shutil.copy(self.site.path("two.example.key"), self.site.path("one.example.key"))
        done = subprocess.run([os.path.join(BIN, "sluice-pop3d"), "--config", self.site.write_config(), *self.words],
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=PATIENCE, check=False)
        self.assertEqual(done.returncode, 2, done.stdout)
        self.assertIn("tls.certificate 1: its key does not fit", done.stdout)

    def test_no_handshake(self):
        daemon = self.start()
        idle = socket.create_connection(("127.0.0.1", self.tls_port), PATIENCE)
        self.addCleanup(idle.close)
        with socket.create_connection(("127.0.0.1", self.tls_port), PATIENCE) as other:
            other.sendall(b"USER anna\r\n")
            other.settimeout(PATIENCE)
            while True:
                try:
                    if not other.recv(1000):
                        break
                except ConnectionResetError:
                    break
        daemon.wait_for("event=tls-failed address=127.0.0.1")
        self.assertTrue(self.tls_client().greeting.startswith(b"+OK"))

    @unittest.skipUnless(shutil.which("curl"), "no curl here")
    def test_curl(self):
        daemon = self.start(pop3__cleartext_login="never")
        urls = [["--ssl-reqd", f"pop3://127.0.0.1:{daemon.port}/1"], [f"pop3s://127.0.0.1:{self.tls_port}/1"]]
        for url in urls:
            for login in ([], ["--login-options", "AUTH=PLAIN"], ["--login-options", "AUTH=LOGIN"], ["--sasl-ir"]):
                with self.subTest(url=url, login=login):
                    got = subprocess.run(["curl", "-sS", "--insecure", "--max-time", str(PATIENCE), *login, "--user",
                                          "anna:" + SECRET, *url], stdout=subprocess.PIPE, timeout=PATIENCE * 2, check=True)
                    self.assertEqual(got.stdout, MESSAGES["plain"][1])

    def test_large_messages_under_tls(self):
        self.site.fill(["big", "long"])
        self.start()
        client = self.tls_client()
        client.ask("USER anna")
        client.ask("PASS " + SECRET)
        client.send("RETR 1\r\nRETR 2\r\nRETR 1\r\n")
        time.sleep(0.2)
        for name in ("big", "long", "big"):
            self.assertEqual(client.line()[:3], b"+OK")
            self.assertEqual(client.body(), MESSAGES[name][1])


if __name__ == "__main__":
    if not os.path.exists(os.path.join(BIN, "sluice-pop3d")):
        sys.exit("sluice-pop3d is not built")
    unittest.main(verbosity=2)
