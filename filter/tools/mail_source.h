// Saved mail, wherever it is: reads mbox files, Maildirs, MH folders, single messages and standard input in order.
// SPDX-License-Identifier: Apache-2.0
//
//   read_mail("lists/dev", [&](SavedMessage message) { … }, [&](const std::string& complaint) { … });
//
// Opens regular files only, for reading only; a FIFO or device is looked at and left alone. A directory with cur and
// new is a Maildir, whose files come in the order of their names; any other holds a message in each file whose name is
// a number (MH), or if there is none such, in each file that is not hidden.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>

namespace filter::tools {

struct SavedMessage {
  std::string source;     // the name it was asked for by
  std::size_t index = 0;  // within that, from 0
  std::string bytes;
};

// How many bytes of mail there are about; 0 for standard input and what cannot be read. Opens no mail.
std::uint64_t size_of_mail(const std::string& name);

// "-" is standard input. What cannot be read or is no mail goes to `complain`, as a sentence; the rest is read.
void read_mail(const std::string& name, const std::function<void(SavedMessage)>& take,
               const std::function<void(const std::string&)>& complain);

}  // namespace filter::tools
