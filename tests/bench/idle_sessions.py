# What sessions that say nothing cost: memory of all processes of sluice-pop3d together, and how long a new login takes.
# SPDX-License-Identifier: Apache-2.0
#
#   SLUICE_BIN=build/release/bin python3 tests/bench/idle_sessions.py [SESSIONS [tls]]
#
# By default 10000 sessions over plain TCP, each of an account of its own with three messages; "tls": all under TLS. Prints
# logins a second, each process's proportional set size (PSS), the sum for each session, and a new login meanwhile.
import os
import re
import resource
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import time

BIN = os.environ["SLUICE_BIN"]
SESSIONS = int(sys.argv[1]) if len(sys.argv) > 1 else 10000
TLS = "tls" in sys.argv
AT_ONCE = 50
ROOT = os.geteuid() == 0
MAIL = "".join(f"From a@b  Thu Jan  1 00:00:00 1970\nSubject: {n}\n\n{'text ' * 100}\n\n" for n in range(3))


def make_site(root):
    os.chmod(root, 0o755)
    for folder in ("mail", "home"):
        os.mkdir(f"{root}/{folder}")
    owner = 65534 if ROOT else os.geteuid()
    ids = f"{owner}:{owner}" if ROOT else ":"
    with open(f"{root}/users", "w") as users:
        for n in range(SESSIONS + 1):
            users.write(f"u{n}:{{PLAIN}}apples:{ids}::{root}/home::\n")
            with open(f"{root}/mail/u{n}", "w") as box:
                box.write(MAIL)
            os.chown(box.name, owner, owner)
    os.chown(f"{root}/mail", owner, owner)
    words = ["--accounts.source", "file", "--accounts.file", f"{root}/users", "--mail.inbox", f"{root}/mail/%u",
             "--state.dir", f"{root}/state", "--pop3.listen", "127.0.0.1:0", "--pop3.max-connections", str(SESSIONS + 10),
             "--pop3.max-connections-per-address", str(SESSIONS + 10), "--log.level", "info"]
    open(f"{root}/empty.conf", "w").close()
    if TLS:
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                        "-days", "2", "-subj", "/CN=localhost", "-keyout", f"{root}/key", "-out", f"{root}/pem"], check=True,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        words += ["--tls.certificate", f"{root}/pem", "--tls.key", f"{root}/key", "--pop3.listen-tls", "127.0.0.1:0"]
    return ["--config", f"{root}/empty.conf", *words]


def connect(port):
    plain = socket.create_connection(("127.0.0.1", port))
    if not TLS:
        return plain
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context.wrap_socket(plain)


def log_in(port, numbers):
    clients = [connect(port) for _ in numbers]
    for client, number in zip(clients, numbers):
        client.sendall(f"USER u{number}\r\nPASS apples\r\nSTAT\r\n".encode())
    for client in clients:
        said = b""
        while said.count(b"\n") < 4:
            piece = client.recv(4096)
            if not piece or b"-ERR" in piece:
                sys.exit(f"a login failed: {said + piece}")
            said += piece
    return clients


def tree(pid):
    with open(f"/proc/{pid}/task/{pid}/children") as file:
        return [pid] + [one for child in file.read().split() for one in tree(int(child))]


def measure(pid):
    total = 0
    for one in tree(pid):
        with open(f"/proc/{one}/smaps_rollup") as file:
            size = int(re.search(r"^Pss:\s+(\d+)", file.read(), re.M).group(1))
        with open(f"/proc/{one}/comm") as file:
            print(f"{file.read().strip():16} {size:8} kB")
        total += size
    print(f"{total} kB PSS, {total / SESSIONS:.2f} kB a session")


def main():
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    with tempfile.TemporaryDirectory(prefix="sluice-idle-") as root:
        log = open(f"{root}/log", "w+")
        server = subprocess.Popen([os.path.join(BIN, "sluice-pop3d"), *make_site(root)], stderr=log)
        try:
            ports = []
            while len(ports) < 1 + TLS:
                time.sleep(0.1)
                ports = re.findall(r"listening (?:tls=yes )?address=\S+:(\d+)", open(log.name).read())
            port = int(ports[-1])
            began = time.monotonic()
            clients = []
            for first in range(0, SESSIONS, AT_ONCE):
                clients += log_in(port, range(first, min(first + AT_ONCE, SESSIONS)))
            print(f"{SESSIONS} logins, {SESSIONS / (time.monotonic() - began):.0f} a second")
            time.sleep(2)
            measure(server.pid)
            began = time.monotonic()
            clients += log_in(port, [SESSIONS])
            print(f"a new login: {(time.monotonic() - began) * 1000:.1f} ms")
        finally:
            server.send_signal(signal.SIGTERM)
            server.wait()


main()
