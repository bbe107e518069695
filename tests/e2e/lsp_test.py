# Scripted sessions with `sluice lsp`: open, change, hover, definition, completion, shutdown; what is found; and what garbage does.
# SPDX-License-Identifier: Apache-2.0
import json
import os
import random
import subprocess
import sys
import tempfile

SLUICE = os.path.join(os.environ["SLUICE_BIN"], "sluice")
RULES = """MAILDIR=$HOME/Mail
LISTS=$HOME/rules
INCLUDERC=$LISTS/lists.rc
:0 c: box.lock
* ^TO_anna@example\\.org
\U0001f600/$LISTS
:0
* ^Subject: x
"""
URI = "file:///home/anna/my%20rules/.procmailrc"


class Server:
    def __init__(self, home):
        environment = {"HOME": "/home/anna", "PATH": "/usr/bin:/bin", **{k: v for k, v in os.environ.items() if k.endswith("SAN_OPTIONS")}}
        self.process = subprocess.Popen([SLUICE, "lsp"], cwd=home, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.number = 0

    def raw(self, data):
        self.process.stdin.write(data)
        self.process.stdin.flush()

    def send(self, method, parameters=None, number=None):
        message = {"jsonrpc": "2.0", "method": method, "params": parameters or {}}
        if number is not None:
            message["id"] = number
        body = json.dumps(message).encode()
        self.raw(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))

    def read(self):
        size = None
        while True:
            line = self.process.stdout.readline()
            if not line:
                raise EOFError("the server has gone: " + self.process.stderr.read().decode())
            if line == b"\r\n":
                break
            size = int(line.split(b":")[1])
        return json.loads(self.process.stdout.read(size))

    def ask(self, method, parameters=None):
        self.number += 1
        self.send(method, parameters, self.number)
        while True:
            answer = self.read()
            if answer.get("id") == self.number:
                return answer

    def at(self, method, line, character):
        return self.ask("textDocument/" + method, {"textDocument": {"uri": URI}, "position": {"line": line, "character": character}})["result"]

    def end(self):
        self.process.stdin.close()
        return self.process.wait(timeout=60)


def session(check, home):
    server = Server(home)
    check("not before initialize", server.ask("textDocument/hover")["error"]["code"] == -32002)
    capabilities = server.ask("initialize", {"capabilities": {}})["result"]["capabilities"]
    check("what it can do", capabilities["hoverProvider"] and capabilities["definitionProvider"] and capabilities["positionEncoding"] == "utf-16")
    server.send("initialized")
    server.send("textDocument/didOpen", {"textDocument": {"uri": URI, "languageId": "procmail", "version": 1, "text": RULES}})
    told = server.read()
    found = told["params"]["diagnostics"]
    check("a diagnostic on open: %s" % found, told["method"] == "textDocument/publishDiagnostics" and
          any(one["code"] == "incomplete-recipe" and one["severity"] == 1 and one["range"]["start"]["line"] >= 6 for one in found))
    server.send("textDocument/didChange", {"textDocument": {"uri": URI, "version": 2}, "contentChanges": [{"text": RULES + "box\n"}]})
    check("none after the change", not any(one["severity"] == 1 for one in server.read()["params"]["diagnostics"]))

    def hover(line, character):
        result = server.at("hover", line, character)
        return result["contents"]["value"] if result else None
    check("hover: a flag", "copy" in hover(3, 3))
    check("hover: a lock", "lock file" in hover(3, 4))
    check("hover: a macro", "^TO_" in hover(4, 3))
    check("hover: a variable", "working directory" in hover(0, 2))
    check("hover: one of the user's, behind a wide character", "Set in line 2" in hover(5, 5))
    check("hover: nothing", hover(9, 0) is None and hover(400, 0) is None)
    check("hover: a recipe's sentence: %s" % hover(3, 1), "put a copy into" in hover(3, 1) or "append a copy to" in hover(3, 1))
    check("hover: the same on its condition and its action", hover(4, 12) == hover(3, 1) and hover(5, 0) == hover(3, 1))
    check("hover: an assignment's sentence", "/home/anna/rules/lists" in hover(2, 19))
    check("definition: an include", server.at("definition", 2, 20)["uri"] == "file:///home/anna/rules/lists.rc")
    check("definition: a variable", server.at("definition", 5, 5)["range"]["start"]["line"] == 1)
    check("definition: nothing", server.at("definition", 4, 3) is None)

    def labels(line, character):
        return [item["label"] for item in server.at("completion", line, character)["items"]]
    check("completion: flags", "B" in labels(3, 3) and "MAILDIR" not in labels(3, 3))
    check("completion: variables", {"LISTS", "MAILDIR"} <= set(labels(2, 11)))
    check("completion: macros", "^FROM_DAEMON" in labels(4, 3))
    check("completion: at a line's start", {":0", "MAILDIR="} <= set(labels(9, 0)))
    check("an unknown method", server.ask("textDocument/formatting")["error"]["code"] == -32601)
    server.send("textDocument/didClose", {"textDocument": {"uri": URI}})
    check("closed: no diagnostics are left", server.read()["params"]["diagnostics"] == [])
    check("shutdown", server.ask("shutdown")["result"] is None)
    check("nothing behind it", server.ask("textDocument/hover")["error"]["code"] == -32600)
    server.send("exit")
    check("exit 0", server.end() == 0)


CHECKED = """# sluice: ignore tilde

:0
* ^From: \u00e9\U0001f600.*@mail.example.org
box
# sluice: ignore no-lock
:0
* ^Subject: b
~/other
INCLUDERC=known.rc
INCLUDERC=gone.rc
LOG="$SET_THERE $NEVER_SET"
"""


def findings(check, home):
    """What `sluice check` finds, in the text as the editor has it, which is not what is on the disk."""
    with open(os.path.join(home, "known.rc"), "w", encoding="ascii") as file:
        file.write("SET_THERE=1\n:0\nin-the-include\n")
    with open(os.path.join(home, "rc"), "w", encoding="ascii") as file:
        file.write("MAILDIR=/elsewhere\n")
    uri = "file://" + os.path.join(home, "rc")
    server = Server(home)
    server.ask("initialize", {"capabilities": {}})

    def told(text, method="didOpen"):
        key = {"uri": uri, "version": 1}
        server.send("textDocument/" + method, {"textDocument": {**key, "text": text}, "contentChanges": [{"text": text}]})
        return server.read()["params"]["diagnostics"]
    found = {(one["code"], one["range"]["start"]["line"]): one for one in told(CHECKED)}
    check("warnings: %s" % sorted(found), sorted(found) == [("no-lock", 2), ("unescaped-dot", 3), ("unreadable-include", 10)])
    dots = found["unescaped-dot", 3]
    check("a column behind wide characters: %s" % dots["range"], dots["range"]["start"]["character"] == CHECKED.split("\n")[3].encode("utf-16-le").index("mail".encode("utf-16-le")) // 2)
    check("a warning", dots["severity"] == 2 and dots["source"] == "sluice")

    def hover(line, character):
        result = server.ask("textDocument/hover", {"textDocument": {"uri": uri}, "position": {"line": line, "character": character}})["result"]
        return result["contents"]["value"] if result else ""
    check("hover: the check's page, and the sentence: %s" % hover(2, 0), "sluice-checks(7)" in hover(2, 0) and "```" in hover(2, 0) and "box" in hover(2, 0))
    check("hover: not in front of the finding", "sluice-checks(7)" not in hover(3, 2))
    check("without the include a variable is unset", [one["code"] for one in told("A=$SET_THERE\n", "didChange")] == ["unset-variable"])
    # Many changes at once: the last one counts, and requests see it.
    for i in range(500):
        server.send("textDocument/didChange", {"textDocument": {"uri": uri}, "contentChanges": [{"text": ":0\nbox%d\n" % i}]})
    check("hover sees the last change", "box499" in hover(0, 0))
    for name in ("known.rc", "rc"):
        os.remove(os.path.join(home, name))
    server.send("exit")
    server.end()
    # All in one write, and the end: everything is answered.
    def framed(message):
        body = json.dumps(message).encode()
        return b"Content-Length: %d\r\n\r\n%s" % (len(body), body)
    opened = {"jsonrpc": "2.0", "method": "textDocument/didOpen", "params": {"textDocument": {"uri": uri, "text": ":0\nbox\n"}}}
    for last in ([], [{"jsonrpc": "2.0", "id": 2, "method": "shutdown"}, {"jsonrpc": "2.0", "method": "exit"}]):
        whole = b"".join(map(framed, [{"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {}}, opened, *last]))
        done = subprocess.run([SLUICE, "lsp"], input=whole, capture_output=True, timeout=60, check=False)
        check("one write", b"no-lock" in done.stdout and done.returncode == (0 if last else 1))


def broken_frames(check, home):
    """After a length that was wrong, or a body that is too long, the session finds its way back."""
    server = Server(home)
    server.ask("initialize", {"capabilities": {}})

    def refused_then_fine(what, raw):
        server.raw(raw)
        server.number += 1
        server.send("textDocument/hover", {}, server.number)
        # What was swallowed with a length that was too long is lost; the next one is not.
        server.number += 1
        server.send("textDocument/hover", {}, server.number)
        answer = {}
        while answer.get("id") != server.number:
            answer = server.read()
        check(what, answer["result"] is None)
    refused_then_fine("too short", b'Content-Length: 10\r\n\r\n{"id":7,"method":"textDocument/hover","jsonrpc":"2.0"}')
    refused_then_fine("too long", b'Content-Length: 70\r\n\r\n{"id":7,"method":"textDocument/hover","jsonrpc":"2.0"}')
    refused_then_fine("beyond all sizes", b"Content-Length: 99999999999999999\r\n\r\n{}")
    refused_then_fine("negative", b"Content-Length: -5\r\n\r\n{}\n")
    refused_then_fine("empty", b"Content-Length: 0\r\n\r\n")
    server.raw(b"Content-Length: %d\r\n\r\n" % (100 << 20))
    for _ in range(100):
        server.raw(b'{"a":"b"}\n' * 104857 + b"      ")
    refused_then_fine("100 MB", b"\r\n" * 100000 + b"x" * 100000 + b"\n")
    server.send("exit")
    server.end()


def garbage(check, home):
    server = Server(home)
    server.ask("initialize", {"capabilities": {"general": {"positionEncodings": ["utf-16", "utf-8"]}}})
    server.raw(b"hello\r\n\r\nContent-Length: x\r\n\r\nContent-Length: 5\r\n\r\n{bad}")
    check("no JSON", server.read()["error"]["code"] == -32700)
    for body in (b"[]", b"7", b"null", b'{"id":1}', b"[" * 100000, b'{"id":1,"method":7}'):
        server.raw(b"content-length: %d\r\n\r\n%s" % (len(body), body))
        check("refused: %r" % body[:20], "error" in server.read())
    server.send("textDocument/didOpen", {"textDocument": {"uri": URI}})
    server.send("textDocument/didOpen", {"textDocument": [1]})
    server.send("textDocument/didChange", {"textDocument": {"uri": URI}, "contentChanges": [{"text": "x"}]})
    for where in ({"line": -1, "character": -5}, {"line": 10 ** 30, "character": 1e300}, {"line": "x"}, None):
        check("an odd place", "result" in server.ask("textDocument/hover", {"textDocument": {"uri": URI}, "position": where}))
    dice = random.Random(6)
    text = bytes(dice.randrange(256) for _ in range(20000)).decode("latin-1")
    server.send("textDocument/didOpen", {"textDocument": {"uri": URI, "text": ":0 " + text}})
    server.read()
    for _ in range(200):
        method = dice.choice(["hover", "definition", "completion"])
        check("random places", "result" in server.ask("textDocument/" + method, {
            "textDocument": {"uri": URI}, "position": {"line": dice.randrange(100), "character": dice.randrange(200)}}))
    server.send("exit")
    check("exit 1 without shutdown", server.end() == 1)
    alone = subprocess.run([SLUICE, "lsp"], input=b"\0" * 100000, capture_output=True, timeout=60, check=False)
    check("an end without a word", alone.returncode == 1 and alone.stdout == b"")
    check("usage", subprocess.run([SLUICE, "lsp", "x"], capture_output=True, timeout=60, check=False).returncode == 2)


def main():
    complaints = []

    def check(what, fine):
        if not fine:
            complaints.append(what)
    with tempfile.TemporaryDirectory() as home:
        session(check, home)
        findings(check, home)
        broken_frames(check, home)
        garbage(check, home)
        if os.listdir(home):
            complaints.append("files were made")
    print("\n".join(complaints + ["%d complaints" % len(complaints)]))
    return 1 if complaints else 0


sys.exit(main())
