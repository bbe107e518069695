# The rule tools over every rule file that we have: no crash, no finding in the samples, and the model tests pass.
# SPDX-License-Identifier: Apache-2.0
#
# Also: `sluice test` runs nothing and changes nothing (strace), and colours come only on a terminal.
import glob
import json
import os
import pty
import re
import subprocess
import sys
import tempfile

SOURCE = os.environ["SLUICE_SOURCE"]
SLUICE = os.path.join(os.environ["SLUICE_BIN"], "sluice")
SAMPLES = sorted(glob.glob(os.path.join(SOURCE, "samples/rules/*.rc"))) + [os.path.join(SOURCE, "samples/rules-tested/rc")]
CASES = sorted(glob.glob(os.path.join(SOURCE, "tests/cases/*/rc")) + glob.glob(os.path.join(SOURCE, "tests/corpus/**/*rc"), recursive=True))
MODEL = os.path.join(SOURCE, "samples/rules-tested")


def run(*words, **more):
    environment = {"HOME": "/home/anna", "PATH": "/usr/bin:/bin", **more,
                   **{name: value for name, value in os.environ.items() if name.endswith("SAN_OPTIONS")}}
    return subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True, timeout=300, check=False, env=environment)


def on_terminal(*words, **variables):
    """What a program writes to a terminal."""
    master, slave = pty.openpty()
    environment = {"HOME": "/home/anna", "PATH": "/usr/bin:/bin", **variables}
    subprocess.run(words, stdin=subprocess.DEVNULL, stdout=slave, stderr=slave, timeout=60, check=False, env=environment)
    os.close(slave)
    text = b""
    while True:
        try:
            chunk = os.read(master, 4096)
        except OSError:   # nobody writes any more
            break
        if not chunk:
            break
        text += chunk
    os.close(master)
    return text


def over_all_files(complaints):
    for path in SAMPLES:
        done = run(SLUICE, "check", "--fail-on", "warning", path)
        if done.returncode != 0 or done.stdout:
            complaints.append("%s: %s" % (path, done.stdout.decode()))
    files = [path for path in SAMPLES + CASES if os.path.isfile(path)]
    for form in ("text", "json", "sarif"):
        done = run(SLUICE, "check", "--format", form, *files)
        if done.returncode not in (0, 1) or done.stderr:
            complaints.append("check --format %s: exit %d, %s" % (form, done.returncode, done.stderr.decode("utf-8", "replace")[-500:]))
        elif form != "text":
            json.loads(done.stdout)
    for path in SAMPLES + files[::4]:   # a process each
        done = run(SLUICE, "explain", path)
        if done.returncode != 0 or done.stderr or not done.stdout:
            complaints.append("explain %s: exit %d, %r" % (path, done.returncode, done.stderr[-300:]))
    return len(files)


def model(complaints):
    with tempfile.TemporaryDirectory() as folder:
        trace = os.path.join(folder, "trace")
        done = run("strace", "-f", "-qq", "-o", trace, "-e", "trace=%process,%network,%file", SLUICE, "test", MODEL,
                   ASAN_OPTIONS=os.environ.get("ASAN_OPTIONS", "") + ":detect_leaks=0")
        if done.returncode != 0 or not re.match(rb"6 passed, 0 failed\n$", done.stdout):
            complaints.append("the model: %r" % (done,))
        with open(trace, encoding="utf-8", errors="replace") as file:
            for line in file:
                foreign = "execve(" in line and not re.search(r'execve\("[^"]*/sluice(-tools)?"', line)
                writes = re.search(r"\bopen(at)?\(.*O_(WRONLY|RDWR|CREAT)", line) and "/dev/null" not in line
                if foreign or writes or re.search(r"\b(fork|vfork|socket|connect|unlink|rename|mkdir)\(", line):
                    complaints.append("a rule test acts: " + line.strip())


def colours(complaints):
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "rc")
        with open(path, "w", encoding="ascii") as file:
            file.write(":0\nbox\n")
        if b"\033[" in run(SLUICE, "check", path).stdout:
            complaints.append("colours in a pipe")
        try:
            plain, coloured = on_terminal(SLUICE, "check", path, NO_COLOR="1"), on_terminal(SLUICE, "check", path)
        except OSError as problem:   # no /dev/pts, which tests/run makes where it may
            print("colours on a terminal were not tried: %s" % problem)
            return
        if b"\033[" not in coloured:
            complaints.append("no colours on a terminal")
        if b"\033[" in plain:
            complaints.append("colours that nobody wants")


def main():
    complaints = []
    count = over_all_files(complaints)
    model(complaints)
    colours(complaints)
    print("\n".join(complaints + ["%d rule files, %d complaints" % (count, len(complaints))]))
    return 1 if complaints else 0


sys.exit(main())
