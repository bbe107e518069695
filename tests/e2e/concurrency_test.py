# A thousand deliveries by eight processes into one inbox while POP3 sessions delete: nothing acknowledged is lost.
# SPDX-License-Identifier: Apache-2.0
#
# Every message whose delivery ended with exit 0 must afterwards be in the inbox once, unless a session deleted it and
# its QUIT was answered +OK; then it must not be there. Nothing is there twice, and nothing is torn.
import concurrent.futures
import os
import poplib
import re
import sys
import threading

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "support"))
import throwaway
import twin

PROCESSES, MESSAGES = 8, 250 if twin.SANITIZED else 1000
FILLER = "".join("line %d of a body that is long enough to be torn in the middle\n" % line for line in range(30))
NUMBER = re.compile(rb"(?m)^Subject: number (\d+)$")


def message(number):
    return ("From: sender@example.org\nSubject: number %d\n\n%send of %d\n" % (number, FILLER, number)).encode()


def number_of(text):
    """The number of a whole and unchanged message; None for anything else."""
    found = NUMBER.search(text)
    return int(found.group(1)) if found and text == message(int(found.group(1))) else None


def delete_some(site, port, stop, deleted, unsure, torn):
    """Logs in again and again and deletes every other message; books what QUIT acknowledged."""
    turn = 0
    while not stop.is_set():
        turn += 1
        marked = []
        try:
            with site.login(port) as session:
                count, _ = session.stat()
                for index in range(1, min(count, 60) + 1, 2):
                    text = b"\n".join(session.retr(index)[1]) + b"\n"
                    number = number_of(text)
                    if number is None:
                        torn.append(text)
                    else:
                        marked.append(number)
                        session.dele(index)
                if turn % 4 == 0:
                    marked = []      # gone without QUIT: nothing may change
                    continue
                session.quit()
                deleted.update(marked)
        except (poplib.error_proto, OSError):
            unsure.update(marked)
            stop.wait(0.05)


def main():
    with throwaway.Site() as site, site.pop3() as port:
        stop, deleted, unsure, torn = threading.Event(), set(), set(), []
        reader = threading.Thread(target=delete_some, args=(site, port, stop, deleted, unsure, torn))
        reader.start()
        try:
            with concurrent.futures.ThreadPoolExecutor(PROCESSES) as pool:
                ends = list(pool.map(lambda number: site.deliver(message(number)).status, range(MESSAGES)))
        finally:
            stop.set()
            reader.join()
        left = [number_of(text) for text in site.collect(port)]
    acknowledged = {number for number, status in enumerate(ends) if status == 0}
    present = set(left)
    complaints = []
    for words, numbers in [
            ("acknowledged, and nowhere", acknowledged - present - deleted - unsure),
            ("deleted, and there again", present & deleted),
            ("there twice", {number for number in left if left.count(number) > 1})]:
        if numbers:
            complaints.append("%s: %s" % (words, sorted(numbers, key=str)[:20]))
    if torn or None in left:
        complaints.append("torn: %d seen in sessions, %d left" % (len(torn), left.count(None)))
    if len(acknowledged) < MESSAGES:
        complaints.append("not delivered: exits %s" % sorted(set(ends)))
    if not deleted:
        complaints.append("no session deleted anything: the test tested nothing")
    print("\n".join(complaints + ["%d delivered, %d deleted over POP3, %d left" % (len(acknowledged), len(deleted), len(left))]))
    return 1 if complaints else 0


sys.exit(main())
