# The rule tools are a second binary: `sluice` finds it in the build folder and where `cmake --install` puts both.
# SPDX-License-Identifier: Apache-2.0
#
# Also without /proc's help as far as argv[0] goes; and a missing one is told, with exit 2.
import os
import shutil
import subprocess
import sys
import tempfile

BIN = os.environ["SLUICE_BIN"]
BUILD = os.environ["SLUICE_BUILD"]
TOOLS = ("check", "explain", "dry-run", "test")


def run(*words):
    done = subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60, check=False)
    return done.returncode, done.stdout, done.stderr


def main():
    complaints = []

    def expect(what, got, status, part):
        if got[0] != status or part not in got[1] + got[2]:
            complaints.append("%s: %r" % (what, got))

    with tempfile.TemporaryDirectory() as folder:
        expect("install", run("cmake", "--install", BUILD, "--prefix", os.path.join(folder, "usr")), 0, "sluice-tools")
        installed = os.path.join(folder, "usr/bin/sluice")
        alone = os.path.join(folder, "alone")
        os.mkdir(alone)
        shutil.copy(os.path.join(BIN, "sluice"), alone)
        os.symlink(installed, os.path.join(folder, "link"))
        for tool in TOOLS:
            for program in (os.path.join(BIN, "sluice"), installed, os.path.join(folder, "link")):
                expect("%s %s" % (program, tool), run(program, tool, "--version"), 0, "sluice ")
                expect("%s %s --help" % (program, tool), run(program, tool, "--help"), 0, "usage: sluice " + tool)
            # Somebody may have installed it for good; then that one is found.
            if not os.path.exists("/usr/local/libexec/sluice/sluice-tools"):
                expect("alone, " + tool, run(os.path.join(alone, "sluice"), tool, "--help"), 2, "cannot be executed")
        expect("a tool that is none", run(os.path.join(BIN, "sluice-tools"), "deliver"), 2, "is started by sluice")
        expect("quota is the agent's own", run(os.path.join(alone, "sluice"), "quota", "--help"), 0, "sluice quota")
    print("\n".join(complaints + ["%d complaints" % len(complaints)]))
    return 1 if complaints else 0


sys.exit(main())
