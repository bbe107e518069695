# The page of `sluice dry-run --format html` in headless Chromium: drawn in time, no error, and all of it by keyboard alone.
# SPDX-License-Identifier: Apache-2.0
#
#   SLUICE_BIN=build/release/bin python3 tests/support/page_in_chromium.py [--messages N] [--screenshot F.png] [--keep F.html]
#
# By hand: Chromium (Debian: apt-get install chromium) is too large for tests/run. Without it this says so, and ends well.
# 10,000 messages by default. Keys come in as from a keyboard, through the browser's debugging pipe; each kind of link is
# walked to with Tab and arrows, followed with Enter, and what it must show is looked for.
import argparse
import base64
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time

SLUICE = os.path.join(os.environ["SLUICE_BIN"], "sluice")
SOURCE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
DRAWN_IN = 2000   # ms, with 10,000 messages
LISTS_RULES = b"""
:0
* ^List-Id: <\\/[a-z0-9_-]+
{
  :0 c:
  * ^Subject:.*patch 1
  firsts

  :0
  lists.$MATCH/
}
"""
LISTS = "dev users kernel announce security gardening".split()
SHAPES = [
    (24, "[{list}] patch {n} of 9", "Dora <dora@example.net>", "List-Id: <{list}.lists.example.org>\n"),
    (9, "Cron <root@host> run-parts /etc/cron.daily", "root <root@example.org>", "Precedence: junk\n"),
    (9, "Win a prize, number {n}", "Prize <win{n}@example.com>", "X-Spam-Flag: YES\n"),
    (8, "Minutes of meeting {n}", "Carla <carla@example.org>", ""),
    (6, "Your invoice {n}", "Shop <shop@example.net>", ""),
    (4, "Undelivered Mail Returned to Sender", "MAILER-DAEMON@example.org", ""),
    (4, "News of the week", "News <news@example.com>", "List-Unsubscribe: <https://example.com/u>\n"),
    (2, "Grüße aus Köln {n}".encode().decode("utf-8"), "Ève <eve@example.fr>", ""),
]


def write_mail(path, count):
    dice = random.Random(6)
    with open(path, "w", encoding="utf-8") as file:
        for i in range(count):
            _, subject, sender, more = dice.choices(SHAPES, [shape[0] for shape in SHAPES])[0]
            words = {"n": dice.randrange(100), "list": dice.choice(LISTS)}
            file.write("From sender@example.org  Mon Nov 23 09:00:00 2026\nFrom: %s\nTo: anna@example.org\nSubject: %s\nMessage-ID: <%d@example.org>\n%s\nbody %d\n\n"
                       % (sender, subject.format(**words), i, more.format(**words), i))


class Browser:
    """Chromium with one page, spoken to over the debugging pipe."""

    def __init__(self, program, profile):
        their_in, self.out = os.pipe()
        self.into, their_out = os.pipe()

        def take_pipes():
            # Out of the way first: one may be 3 or 4 already.
            for number, pipe in ((3, os.dup(their_in)), (4, os.dup(their_out))):
                os.dup2(pipe, number)
        self.process = subprocess.Popen(
            [program, "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--remote-debugging-pipe", "--user-data-dir=" + profile,
             "--no-first-run", "--disable-background-networking", "--window-size=1240,900", "about:blank"],
            preexec_fn=take_pipes, close_fds=False, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(their_in)
        os.close(their_out)
        self.number, self.pending, self.events, self.session = 0, b"", [], None
        target = [one for one in self.ask("Target.getTargets")["targetInfos"] if one["type"] == "page"][0]
        self.session = self.ask("Target.attachToTarget", targetId=target["targetId"], flatten=True)["sessionId"]
        for room in ("Page", "Runtime", "Log"):
            self.ask(room + ".enable")

    def ask(self, method, **parameters):
        self.number += 1
        message = {"id": self.number, "method": method, "params": parameters}
        if self.session:
            message["sessionId"] = self.session
        os.write(self.out, json.dumps(message).encode() + b"\0")
        while True:
            while b"\0" not in self.pending:
                got = os.read(self.into, 1 << 20)
                if not got:
                    raise EOFError("Chromium has gone")
                self.pending += got
            line, self.pending = self.pending.split(b"\0", 1)
            answer = json.loads(line)
            if answer.get("id") == self.number:
                if "error" in answer:
                    raise ValueError("%s: %s" % (method, answer["error"]))
                return answer["result"]
            self.events.append(answer)

    def value(self, script):
        return self.ask("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)["result"].get("value")

    def open(self, path):
        self.ask("Page.navigate", url="file://" + path)
        for _ in range(600):
            if self.value("document.documentElement.dataset.drawn"):
                return
            time.sleep(0.1)
        raise TimeoutError("the page was not drawn in a minute")

    def key(self, name, code, text=None, modifiers=0):
        more = {"key": name, "code": name, "windowsVirtualKeyCode": code, "modifiers": modifiers}
        self.ask("Input.dispatchKeyEvent", type="keyDown" if text else "rawKeyDown", **more, **({"text": text} if text else {}))
        self.ask("Input.dispatchKeyEvent", type="keyUp", **more)

    def tab(self, back=False):
        self.key("Tab", 9, modifiers=8 if back else 0)

    def enter(self):
        self.key("Enter", 13, "\r")
        self.value("new Promise(done => setTimeout(done, 50))")   # until the page has heard of its new address

    def down(self):
        self.key("ArrowDown", 40)

    def complaints(self):
        self.value("1")
        found = [event for event in self.events if event.get("method") in ("Runtime.exceptionThrown", "Log.entryAdded", "Runtime.consoleAPICalled")]
        return [json.dumps(event["params"])[:300] for event in found]

    def end(self):
        self.process.terminate()
        self.process.wait(timeout=60)


class Walk:
    def __init__(self, browser):
        self.browser, self.wrong = browser, []

    def check(self, what, fine):
        print("%s %s" % ("ok  " if fine else "FAIL", what), flush=True)
        if not fine:
            self.wrong.append(what)

    def to(self, selector):
        """With Tab alone; True: the focus is there, and can be seen."""
        for _ in range(1000):
            if self.browser.value("document.activeElement.matches(%s)" % json.dumps(selector)):
                return self.browser.value("document.activeElement.matches(':focus-visible')")
            self.browser.tab()
        return False

    def hash(self):
        return self.browser.value("location.hash")

    def focus(self):
        return self.browser.value("document.activeElement === document.body ? 'nothing' : document.activeElement.outerHTML.slice(0, 120)")


def walk(browser, check_walk):
    """Every kind of link: outcome, recipe, place, recipe in the source, message, path and back."""
    go, see = check_walk, browser.value
    for what, selector, shows in (
            ("an outcome", "#outcomes a.delivered", "location.hash.includes('outcome=delivered')"),
            ("a recipe in the picture", "#flow a[href^='#recipe=']:not([href$='-1'])", "document.querySelectorAll('#flow path.dim').length > 0 && document.querySelector('tr.chosen') !== null"),
            ("what no recipe took", "#flow a[href='#recipe=-1']", "document.getElementById('list-title').textContent.includes('no recipe took')"),
            ("a folder in the picture", "#flow a[href^='#place=']", "document.getElementById('list-title').textContent.includes('went to')"),
            ("a recipe beside its source", "#rules td.hits a", "document.getElementById('list-title').textContent.includes('matched')")):
        go.check(what + ": reached with Tab, and visible", go.to(selector))
        browser.enter()
        go.check(what + ": Enter follows it", see(shows))
        go.check(what + ": the focus stays: " + go.focus(), go.focus() != "nothing")
    first = see("document.activeElement.getAttribute('href')")
    browser.down()
    second = see("document.activeElement.getAttribute('href')")
    go.check("an arrow goes to the next recipe", second and second != first and second.startswith("#recipe="))
    browser.key("ArrowUp", 38)
    go.check("and back", see("document.activeElement.getAttribute('href')") == first)
    go.check("a message: reached with Tab", go.to("#list a"))
    browser.down()
    browser.down()
    wanted = see("document.activeElement.getAttribute('href')")
    browser.enter()
    go.check("a message: Enter shows its path", see("!document.getElementById('detail').hidden && document.querySelectorAll('.path li').length > 0"))
    go.check("a message: the focus is on it", see("document.activeElement.id") == "detail-title")
    go.check("a recipe of the path: reached", go.to(".path a"))
    browser.enter()
    go.check("a recipe of the path: followed", "recipe=" in go.hash() and "message=" in go.hash())
    go.check("a recipe of the path: the focus stays: " + go.focus(), go.focus() != "nothing")
    go.check("its conditions: reached", go.to("#detail summary"))
    browser.enter()
    go.check("its conditions: shown", see("document.querySelector('#detail details').open"))
    browser.key("ArrowLeft", 37, modifiers=1)   # Alt: the browser's own way back
    time.sleep(0.3)
    go.check("back: the message as it was: %s, %s" % (wanted, go.hash()), go.hash() == wanted)
    go.check("close: reached", go.to("#detail .bar a"))
    browser.enter()
    go.check("close: gone, and the focus on the message's row: " + go.focus(), see("document.getElementById('detail').hidden && document.activeElement.closest('#list') !== null"))
    go.check("search: reached", go.to("#search"))
    for letter in "Köln":
        browser.ask("Input.insertText", text=letter)
    go.check("search: found", see("[...document.querySelectorAll('#list a')].every(a => a.textContent.includes('Köln'))") and see("document.querySelectorAll('#list a').length") is not None)
    for _ in "Köln":
        browser.key("Backspace", 8)
    go.check("show all: reached", go.to("#all"))
    browser.enter()
    go.check("show all: the focus stays: " + go.focus(), go.hash() in ("", "#") and go.focus() != "nothing")
    go.check("show more: reached", go.to("#more"))
    rows = see("document.querySelectorAll('#list tr').length")
    browser.enter()
    go.check("show more: more rows, and the focus on the first of them", see("document.querySelectorAll('#list tr').length") > rows and
             see("[...document.querySelectorAll('#list a')].indexOf(document.activeElement)") == rows)
    go.check("skip: reached", go.to("#skip"))
    browser.enter()
    go.check("skip: at the list", see("document.activeElement.id") == "list-title")
    go.check("what was assumed: reached", go.to("#assumed summary"))
    browser.enter()
    go.check("what was assumed: shown", see("document.querySelector('#assumed details').open"))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--messages", type=int, default=10000)
    parser.add_argument("--screenshot")
    parser.add_argument("--keep")
    options = parser.parse_args()
    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if not program:
        print("no Chromium here: apt-get install chromium")
        return 0
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:   # the browser may still be writing there
        write_mail(os.path.join(folder, "demo.mbox"), options.messages)
        with open(os.path.join(SOURCE, "samples", "rules", "simple-user.rc"), "rb") as sample, open(os.path.join(folder, "procmailrc"), "wb") as file:
            file.write(b":0 fw\n* < 256000\n| spamc\n\n" + sample.read() + LISTS_RULES)
        for name, more in (("page.html", []), ("traced.html", ["--trace"])):
            subprocess.run([SLUICE, "dry-run", "--rules", "procmailrc", "--format", "html", "--output", name, *more, "demo.mbox"], check=True, cwd=folder,
                           env={"HOME": "/home/anna", "LOGNAME": "anna", "PATH": "/usr/bin:/bin"})
        browser = Browser(program, os.path.join(folder, "profile"))
        go = Walk(browser)
        try:
            for name in ("page.html", "traced.html"):
                path = os.path.join(folder, name)
                browser.open(path)
                drawn = int(browser.value("document.documentElement.dataset.drawn"))
                # With a trace, which is as large again many times over, it may take longer.
                go.check("%s, %.1f MB: drawn after %d ms" % (name, os.path.getsize(path) / 1e6, drawn), drawn < DRAWN_IN or name != "page.html")
                if options.screenshot and name == "page.html":
                    with open(options.screenshot, "wb") as file:
                        file.write(base64.b64decode(browser.ask("Page.captureScreenshot")["data"]))
            if options.keep:
                shutil.copy(path, options.keep)
            walk(browser, go)
            go.check("no error: %s" % browser.complaints(), not browser.complaints())
        finally:
            browser.end()
    print("%d wrong" % len(go.wrong))
    return 1 if go.wrong else 0


sys.exit(main())
