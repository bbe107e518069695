# sluice-admin on a throw-away site: secrets that log in, checks that find and mend, ids as clients see them, purging.
# SPDX-License-Identifier: Apache-2.0
import json
import os
import poplib
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "support"))
import throwaway

FROM = "From a@b  Thu Jan  1 00:00:00 1970\n"
complaints = []


def expect(what, held):
    if not held:
        complaints.append(what)


def admin(site, *words, text=b""):
    return site.run([os.path.join(site.bin, "sluice-admin"), *words, "--config", site.path("sluice.conf")], text)


def secrets_log_in(site):
    made = {}
    for scheme in ("YESCRYPT", "SHA512-CRYPT", "SHA256-CRYPT", "BLF-CRYPT", "SCRAM-SHA-256", "plain"):
        done = admin(site, "password", "--scheme", scheme, text=b"pass word\n")
        made[scheme] = done.out.decode().strip()
        expect("password --scheme %s: %r %r" % (scheme, done.out, done.err),
               done.status == 0 and made[scheme].startswith("{%s}" % scheme.upper()))
    expect("one salt for two", admin(site, "password", text=b"x\n").out != admin(site, "password", text=b"x\n").out)
    expect("an empty password", admin(site, "password", text=b"\n").status == 2)
    expect("an unknown scheme", admin(site, "password", "--scheme", "ROT13", text=b"x\n").status == 2)
    expect("json", json.loads(admin(site, "password", "--format", "json", text=b"x\n").out)["secret"].startswith("{"))
    before = site.read("users")
    site.write("users", "".join("u%d:%s::::%s::\n" % (n, secret, site.path("anna")) for n, secret in enumerate(made.values())))
    with site.pop3() as port:
        for number, scheme in enumerate(made):
            client = poplib.POP3("127.0.0.1", port, timeout=30)
            client.user("u%d" % number)
            try:
                client.pass_("pass word")
            except poplib.error_proto as error:
                expect("%s does not log in: %s" % (scheme, error), False)
            client.quit()
    site.write("users", before)


def checks(site):
    whole = FROM + "Subject: x\n\nbody\n\n"
    site.write("anna/inbox", whole + FROM + "Subject: torn\n\nbo")
    done = admin(site, "check", "anna")
    expect("a torn end is not found: %r" % done.out, done.status == 1 and b"cut off" in done.out)
    expect("check alone changed the inbox", site.read("anna/inbox").endswith(b"\nbo"))
    done = admin(site, "check", "anna", "--repair", "--format", "json")
    said = json.loads(done.out)
    expect("not mended: %r" % done.out, done.status == 0 and said["messages"] == 2 and said["findings"][0]["mended"])
    expect("the end: %r" % site.read("anna/inbox")[-9:], site.read("anna/inbox").endswith(b"\nbo\n\n"))
    expect("not well afterwards", admin(site, "check", "anna").status == 0)
    with open(site.path("state", "anna", "index"), "r+b") as index:
        index.seek(150)
        index.write(b"!")
    expect("a damaged index is not found", b"index" in admin(site, "check", "anna", "--repair").out)
    site.write("anna/inbox", "no mail\n" + whole)
    done = admin(site, "check", "anna", "--repair")
    expect("no mbox: %r" % done.out, done.status == 1 and b"not an mbox" in done.out)
    expect("it was changed", site.read("anna/inbox") == ("no mail\n" + whole).encode())
    site.write("anna/inbox", whole + whole)


def ids_and_purge(site):
    with site.pop3() as port, site.login(port) as session:
        listed = [line.decode() for line in session.uidl()[1]]
        expect("who: %r" % admin(site, "who").out, admin(site, "who").out.startswith(b"anna from 127.0.0.1 since 2"))
        expect("who, json", json.loads(admin(site, "who", "--format", "json").out)["address"] == "127.0.0.1")
        expect("purged under a session", admin(site, "purge", "anna").status == 2)
    expect("nobody is there", admin(site, "who").out == b"")
    exported = admin(site, "uidl", "export", "anna").out.decode().splitlines()
    expect("ids: %r %r" % (listed, exported), listed == exported and len(listed) == 2)
    expect("purge", admin(site, "purge", "anna").status == 0 and not os.path.exists(site.path("state", "anna")))
    expect("purge twice", admin(site, "purge", "anna").status == 0)
    expect("names", admin(site, "purge", "../anna").status == 2)
    expect("kick without a server", admin(site, "kick", "anna").status == 2)
    expect("an unknown user", admin(site, "check", "nobody-here").status == 2)
    expect("help", b"usage" in admin(site, "--help").out and admin(site, "frobnicate").status == 2)


def main():
    with throwaway.Site() as site:
        secrets_log_in(site)
        checks(site)
        ids_and_purge(site)
    print("\n".join(complaints + ["%d complaints" % len(complaints)]))
    return 1 if complaints else 0


sys.exit(main())
