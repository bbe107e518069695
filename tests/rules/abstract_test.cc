// The three lines of the log for a delivery (PROCMAIL.md 25.2).
// SPDX-License-Identifier: Apache-2.0
#include "rules/abstract.h"

#include <catch2/catch.hpp>

TEST_CASE("abstracts") {
  struct Row {
    std::string message;
    std::string folder;
    std::string text;
  };
  const std::string from = "From a@b  Mon Nov 23 09:00:00 2026\n";
  const std::string tabs = "\t\t\t\t\t\t\t\t     12\n";
  for (const Row& row : std::vector<Row>{
           {from + "To: x\nSubject: hello\n\nb\n", "box", from + " Subject: hello\n  Folder: box" + tabs},
           {"Subject: x\n\nb\n", "box", " Subject: x\n  Folder: box" + tabs},
           {from + "To: x\n\nSubject: no\n", "box", from + "  Folder: box" + tabs},
           {from + "Subject:\nTo: x\n\nb\n", "box", from + " Subject:\n  Folder: box" + tabs},
           {from + "Subject : no\nsubject: b\n\n", "box", from + " subject: b\n  Folder: box" + tabs},
           {from + "Subject: a\n b\n\n", "box", from + " Subject: a\n  Folder: box" + tabs},
           {from + "Subject: a\tb\x1b[1m\n\n", "b\nx", from + " Subject: a b [1m\n  Folder: b x" + tabs},
           {from + "Subject: " + std::string(100, 'y') + "\n\n", std::string(100, 'z'),
            from + " Subject: " + std::string(69, 'y') + "\n  Folder: " + std::string(60, 'z') + "\t     12\n"},
       }) {
    CAPTURE(row.message, row.folder);
    CHECK(rules::abstract(mailbox::Message(row.message), row.folder, 12) == row.text);
  }
}
