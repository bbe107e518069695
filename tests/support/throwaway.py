# A throw-away mail site for end-to-end tests: a configuration, accounts, homes, deliveries, and the POP3 server.
# SPDX-License-Identifier: Apache-2.0
#
#   with throwaway.Site(**{"quota.inbox": "0"}) as site:
#       done = site.deliver(b"Subject: x\n\nbody\n")            # done.status, done.out, done.err
#       with site.pop3() as port, site.login(port) as session: session.list()
#
# Everything is under one temporary folder, owned by one unprivileged user (nobody when we are root), and gone at the end.
import contextlib
import os
import poplib
import re
import resource
import shutil
import subprocess
import time
from dataclasses import dataclass

import twin

PASSWORD = "apples"
WAIT = 120   # seconds for a daemon to come up, and for a delivery to end


@dataclass
class Done:
    """How a program ended."""
    status: int
    out: bytes
    err: bytes


class Site:
    def __init__(self, users=("anna",), **settings):
        self.root = twin.scratch_folder()
        self.users = users
        self.bin = self._programs()
        self.settings = {
            "accounts.source": "file", "accounts.file": self.path("users"), "mail.inbox": "%h/inbox",
            "mail.folders": "%h/Mail", "rules.user": "%h/.procmailrc", "state.dir": self.path("state"),
            "pop3.listen": "127.0.0.1:0", "log.target": self.path("log"), "quota.inbox": "0", "quota.folders": "0",
            **settings}
        self._folder(self.path("state"))
        for user in users:
            self._folder(self.path(user))
        self.write("users", "".join("%s:{PLAIN}%s::::%s::\n" % (user, PASSWORD, self.path(user)) for user in users))
        self.write("sluice.conf", self._configuration())

    def __enter__(self):
        return self

    def __exit__(self, *_):
        twin.remove(self.root)

    def path(self, *parts):
        return os.path.join(self.root, *parts)

    def write(self, name, content, mode=0o600):
        """Puts a file below the site's folder, owned by the site's user."""
        with open(self.path(name), "wb") as file:
            file.write(content.encode() if isinstance(content, str) else content)
        os.chown(self.path(name), *twin.running_as())
        os.chmod(self.path(name), mode)

    def read(self, name):
        """A file's content; empty if there is none."""
        try:
            with open(self.path(name), "rb") as file:
                return file.read()
        except FileNotFoundError:
            return b""

    def log(self):
        return self.read("log").decode("utf-8", "replace")

    def command(self, user="anna", *words):
        return [os.path.join(self.bin, "sluice"), "deliver", "--config", self.path("sluice.conf"), "--user", user, *words]

    def start(self, command, largest_file=None, **more):
        """Starts a program as the site's user, in the site's folder."""
        def limit():
            if largest_file is not None:
                resource.setrlimit(resource.RLIMIT_FSIZE, (largest_file, largest_file))
        variables = environment(self.path("anna"))
        if command[0] == "strace":   # the leak check is a tracer itself, and there can be but one
            variables["ASAN_OPTIONS"] = variables.get("ASAN_OPTIONS", "") + ":detect_leaks=0"
        return subprocess.Popen(command, cwd=self.root, env=variables, stdin=subprocess.PIPE,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True,
                                preexec_fn=limit if largest_file is not None else None, **twin.identity(), **more)

    def run(self, command, text=b"", largest_file=None, seconds=WAIT):
        process = self.start(command, largest_file)
        try:
            out, err = process.communicate(text, timeout=seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            raise AssertionError("still running after %d s: %s" % (seconds, " ".join(command))) from None
        return Done(process.returncode, out, err)

    def deliver(self, message, user="anna", words=(), **more):
        return self.run(self.command(user, *words), message, **more)

    @contextlib.contextmanager
    def pop3(self, *words):
        """The POP3 server on a port of its own, for as long as the block runs."""
        with open(self.path("pop3d.log"), "wb") as log:
            process = subprocess.Popen([os.path.join(self.bin, "sluice-pop3d"), "--config", self.path("sluice.conf"),
                                        "--log.target", "stderr", *words], cwd=self.root, stdin=subprocess.DEVNULL,
                                       stdout=log, stderr=log, env=environment(self.path("anna")), **twin.identity())
        try:
            yield self._port(process)
        finally:
            process.terminate()
            try:
                process.wait(WAIT)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def _port(self, process):
        deadline = time.monotonic() + WAIT
        while time.monotonic() < deadline and process.poll() is None:
            found = re.search(rb"listening address=127\.0\.0\.1:(\d+)", self.read("pop3d.log"))
            if found:
                return int(found.group(1))
            time.sleep(0.02)
        raise AssertionError("sluice-pop3d does not listen: " + self.read("pop3d.log").decode())

    @contextlib.contextmanager
    def login(self, port, user="anna"):
        """A session that is logged in; without session.quit() it changes nothing."""
        session = poplib.POP3("127.0.0.1", port, timeout=WAIT)
        try:
            session.user(user)
            session.pass_(PASSWORD)
            yield session
        finally:
            session.close()

    def collect(self, port, user="anna"):
        """All messages of the inbox as POP3 sends them, with LF for CRLF."""
        with self.login(port, user) as session:
            count, _ = session.stat()
            messages = [b"\n".join(session.retr(number)[1]) + b"\n" for number in range(1, count + 1)]
            session.quit()
        return messages

    def _configuration(self):
        lines = []
        for key, value in self.settings.items():
            section, name = key.split(".", 1)
            lines.append("[%s]\n%s = %s\n" % (section, name, value))
        return "".join(lines)

    def _folder(self, path):
        os.mkdir(path, 0o700)
        os.chown(path, *twin.running_as())

    def _programs(self):
        folder = os.environ["SLUICE_BIN"]
        if twin.reachable(folder):
            return folder
        copies = self.path("bin")
        os.mkdir(copies)
        for name in os.listdir(folder):
            if name.startswith("sluice") or name == "procmail":
                shutil.copy(os.path.join(folder, name), copies)
        return copies


def environment(home):
    """What an MTA gives its delivery agent: little. Settings of the sanitizers pass."""
    passed = {name: value for name, value in os.environ.items() if name.endswith("SAN_OPTIONS")}
    return {"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": home, "LC_ALL": "C", "TZ": "UTC", **passed}
