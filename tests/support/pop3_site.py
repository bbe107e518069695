# A throw-away site for tests of the real sluice-pop3d on loopback: a configuration and inbox, the daemon, a client of raw lines.
# SPDX-License-Identifier: Apache-2.0
#
#   site = Site(); site.write_accounts(); site.fill(["plain", "dots"])
#   daemon = Daemon(site.write_config()); client = Client(daemon.port, "anna"); client.ask("STAT"); daemon.stop()
#
# As root the mailbox belongs to an unprivileged uid; as an ordinary user everything is one's own.
import contextlib
import os
import re
import shutil
import signal
import socket
import struct
import subprocess
import tempfile
import threading
import time

BIN = os.environ.get("SLUICE_BIN", "build/dev/bin")
PATIENCE = 120                      # seconds that anything may take here, on a busy machine
ROOT = os.geteuid() == 0
OWNER = 65534 if ROOT else os.geteuid()
SECRET = "se cret\u00e4"            # blanks and UTF-8 go over the wire as they are
HASHED = ("$6$sluicetest$kAnaHtxwEX8Dr5LIt4z1.xp0BO/LtXXqjyG6"
          "Hc5hQaxlalJuK/uKZgrDZBXGEDBKNh8Ma24GMcAdx3l.BVq7W1")

# What is in the mbox, and what goes over the wire for it.
FROM = b"From sender@example.org Mon Nov 23 09:00:00 2026\n"
MESSAGES = {
    "plain": (b"Subject: plain\n\nbody\n", b"Subject: plain\r\n\r\nbody\r\n"),
    "dots": (b"Subject: dots\n\n.\n..\n.a\nb.\n", b"Subject: dots\r\n\r\n.\r\n..\r\n.a\r\nb.\r\n"),
    "crlf": (b"Subject: crlf\n\na\r\nb\r\nc\n", b"Subject: crlf\r\n\r\na\r\nb\r\nc\r\n"),
    "bare cr": (b"Subject: bare\n\na\rb\r.c\n", b"Subject: bare\r\n\r\na\rb\r.c\r\n"),
    "nul": (b"Subject: nul\n\na\0b\n\0\n", b"Subject: nul\r\n\r\na\0b\r\n\0\r\n"),
    "headers only": (b"Subject: headers only\n\n", b"Subject: headers only\r\n\r\n"),
    "long": (b"Subject: long\n\n" + b"x" * 5000 + b"\n", b"Subject: long\r\n\r\n" + b"x" * 5000 + b"\r\n"),
    "8-bit": (b"Subject: \xc3\xa4\n\n\xff\xfe\xe4\n", b"Subject: \xc3\xa4\r\n\r\n\xff\xfe\xe4\r\n"),
    "quoted": (b"Subject: quoted\n\n>From here\n", b"Subject: quoted\r\n\r\n>From here\r\n"),
    "big": (b"Subject: big\n\n" + b"0123456789.\n" * 40000, b"Subject: big\r\n\r\n" + b"0123456789.\r\n" * 40000),
    "no final newline": (b"Subject: torn\n\nthe end", b"Subject: torn\r\n\r\nthe end\r\n"),
}


class Site:
    """A throw-away configuration and inbox."""

    def __init__(self):
        self.root = tempfile.mkdtemp(prefix="sluice-pop3-")
        os.chmod(self.root, 0o755)
        for name in ("mail", "home", "state"):
            os.mkdir(self.path(name))
        if ROOT:
            os.chown(self.path("mail"), OWNER, OWNER)
            os.chown(self.path("home"), OWNER, OWNER)
        ids = f"{OWNER}:{OWNER}" if ROOT else ":"
        self.accounts = [
            f"anna:{{PLAIN}}{SECRET}:{ids}::{self.path('home')}::",
            f"hash:{{SHA512-CRYPT}}{HASHED}:{ids}::{self.path('home')}::",
            f"foreign:{{PLAIN}}{SECRET}:{0 if ROOT else OWNER + 1}:{OWNER}::{self.path('home')}::",
            f"noone:{{PLAIN}}{SECRET}::::{self.path('home')}::",
        ]
        self.write_accounts()
        self.settings = {"accounts.source": "file", "accounts.file": self.path("users"),
                         "mail.inbox": self.path("mail") + "/%u", "state.dir": self.path("state"),
                         "pop3.listen": "127.0.0.1:0",
                         "pop3.max-connections": "200"}      # few enough for one front

    def path(self, name):
        return os.path.join(self.root, name)

    def write_accounts(self):
        with open(self.path("users"), "w") as file:
            file.write("\n".join(self.accounts) + "\n")

    def write_config(self, **more):
        sections = {}
        changes = {key.replace("__", ".").replace("_", "-"): value for key, value in more.items()}
        for key, value in {**self.settings, **changes}.items():
            section, name = key.split(".", 1)
            sections.setdefault(section, []).append(f"{name} = {value}")
        with open(self.path("sluice.conf"), "w") as file:
            for section, lines in sections.items():
                file.write(f"[{section}]\n" + "\n".join(lines) + "\n")
        return self.path("sluice.conf")

    def inbox(self, user="anna"):
        return self.path("mail/" + user)

    def fill(self, names, user="anna"):
        texts = [MESSAGES[name][0] for name in names]
        with open(self.inbox(user), "wb") as file:
            for i, text in enumerate(texts):
                end = b"\n" if i + 1 < len(texts) else b""
                file.write(FROM + text + end)
        if ROOT:
            os.chown(self.inbox(user), OWNER, OWNER)
        os.chmod(self.inbox(user), 0o600)

    def append(self, text, user="anna"):
        with open(self.inbox(user), "ab") as file:
            file.write(b"\n" + FROM + text)

    def make_maildir(self, root, names):
        """A Maildir with these messages, the account's own."""
        for folder in ("", "/new", "/cur", "/tmp"):
            os.mkdir(root + folder)
        for i, name in enumerate(names):
            with open(f"{root}/new/{1700000000 + i}.M1P1.host", "wb") as file:
                file.write(MESSAGES[name][0])
        if ROOT:
            for path, _, files in os.walk(root):
                for entry in ["."] + files:
                    os.chown(os.path.join(path, entry), OWNER, OWNER)

    def remove(self):
        shutil.rmtree(self.root)


class Daemon:
    """A running sluice-pop3d; its log is read by a thread."""

    def __init__(self, config, *options, environment=None, pass_fds=()):
        self.log = []
        self.process = subprocess.Popen([os.path.join(BIN, "sluice-pop3d"), "--config", config, *options],
                                        stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, pass_fds=pass_fds,
                                        env={**os.environ, **(environment or {})}, start_new_session=True)
        self.reader = threading.Thread(target=self.read_log, daemon=True)
        self.reader.start()
        self.port = int(re.search(r"listening address=\S+:(\d+)$", self.wait_for(r"event=listening address")).group(1))

    def read_log(self):
        for line in self.process.stderr:
            self.log.append(line.rstrip("\n"))

    def wait_for(self, pattern, count=1):
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            found = [line for line in self.log if re.search(pattern, line)]
            if len(found) >= count:
                return found[-1]
            if self.process.poll() is not None and not self.reader.is_alive():
                break
            time.sleep(0.01)
        raise AssertionError(f"no {pattern!r} in the log: {self.log}")

    def children(self):
        with open(f"/proc/{self.process.pid}/task/{self.process.pid}/children") as file:
            return [int(pid) for pid in file.read().split()]

    def front(self):
        """The process that talks to clients."""
        for pid in self.children():
            with open(f"/proc/{pid}/comm") as file:
                if file.read() == "pop3d-front\n":
                    return pid
        raise AssertionError("there is no front")

    def stop(self, expected=0):
        pids = self.children() if self.process.poll() is None else []
        self.process.send_signal(signal.SIGTERM)
        try:
            status = self.process.wait(PATIENCE * 2)
        except subprocess.TimeoutExpired:
            for pid in self.children() + [self.process.pid]:
                os.kill(pid, signal.SIGKILL)
            raise
        self.reader.join(PATIENCE)
        self.process.stderr.close()
        assert status == expected, (status, self.log)
        left = [pid for pid in pids if os.path.exists(f"/proc/{pid}")]
        assert not left, left


class Client:
    """Raw lines, for what poplib would not say."""

    def __init__(self, port, login=None):
        self.socket = socket.create_connection(("127.0.0.1", port), PATIENCE)
        self.file = self.socket.makefile("rb")
        self.greeting = self.line()
        if login:
            assert self.ask(f"USER {login}").startswith(b"+OK")
            reply = self.ask(f"PASS {SECRET}")
            assert reply.startswith(b"+OK"), reply

    def send(self, text):
        self.socket.sendall(text if isinstance(text, bytes) else text.encode())

    def line(self):
        return self.file.readline()

    def ask(self, text):
        self.send(text + "\r\n")
        return self.line()

    def body(self):
        lines = []
        while (line := self.line()) != b".\r\n":
            assert line.endswith(b"\r\n"), line
            lines.append(line[1:] if line.startswith(b".") else line)
        return b"".join(lines)

    def rest(self):
        with contextlib.suppress(ConnectionResetError):
            return self.file.read()
        return b""

    def wait_until_read(self):
        """Until the server has taken what was sent out of its socket."""
        ours, theirs = ("0100007F:%04X" % name[1] for name in (self.socket.getsockname(), self.socket.getpeername()))
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            with open("/proc/net/tcp") as file:
                queues = [line.split()[4] for line in file if line.split()[1:3] == [theirs, ours]]
            if queues == [] or queues[0].endswith(":00000000"):
                return
            time.sleep(0.002)

    def close(self):
        self.file.close()
        self.socket.close()

    def reset(self):
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close()


def make_certificate(site, name):
    """A key and a certificate for a host's name; their paths."""
    paths = [site.path(name + end) for end in (".pem", ".key")]
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                    "-days", "2", "-subj", "/CN=" + name, "-addext", "subjectAltName=DNS:" + name, "-keyout", paths[1],
                    "-out", paths[0]], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return paths
