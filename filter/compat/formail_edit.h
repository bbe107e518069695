// What formail does to a header: the edits of -R -i -I -u -U -a -A, and the header of a reply.
// SPDX-License-Identifier: Apache-2.0
//
//   HeaderEditor editor(options, {.now = ctime_text, .unique_id = "<1@host>"});
//   EditedHeader result = editor.edit(std::move(fields));    // once a message; result.fields is what to print
//
// Pure: the date and the unique id are given. Source: formail(1), PROCMAIL.md 26.3 to 26.5.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "filter/compat/formail_field.h"
#include "filter/compat/formail_options.h"

namespace filter::compat {

struct EditClock {
  std::string now;        // "Thu Jan  1 00:00:00 1970", for a "From " line
  std::string unique_id;  // "<…@host>", for -a Message-ID:
};

struct EditedHeader {
  std::vector<Field> fields;
  std::optional<std::string> key;  // for the cache: the sender's address with -r, else the message's id
  bool sender_found = true;        // a reply has somebody to go to
  bool from_line_added = false;
  std::optional<Field> length;  // the first Content-Length: that the edits left
  std::size_t own = 0;          // how many of the fields were not put at the end by -a -A -i -I
};

EditedHeader edit_header(std::vector<Field> fields, const FormailOptions& options, const EditClock& clock);

bool is_printed(const Field& field, const FormailOptions& options);
// What -x and -X print of a header, or the whole of it if there is neither.
std::string print_header(const std::vector<Field>& fields, const FormailOptions& options);

// -l: the lines that procmail's log has about a message, but for "  Folder:".
std::string log_lines(const EditedHeader& header);
// "  Folder: NAME … SIZE\n"
std::string folder_line(std::string_view folder, unsigned long long size);

}  // namespace filter::compat
