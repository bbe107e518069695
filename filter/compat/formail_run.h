// One run of formail: header by header, body by body. What it needs of the world it asks for.
// SPDX-License-Identifier: Apache-2.0
//
//   const auto options = read_formail_options(words);
//   const int status = run_formail(*options, world);        // formail's exit code
//
// Touches nothing but `world`: the program's is in formail_command.cc, one within the delivery agent in builtin.cc.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "filter/compat/formail_edit.h"
#include "filter/compat/formail_input.h"
#include "filter/compat/formail_options.h"
#include "mailbox/result.h"

namespace filter::compat {

class FormailWorld {
 public:
  virtual ~FormailWorld() = default;

  virtual ByteSource& input() = 0;
  // The time, and an id for message `index`, unlike any other.
  virtual EditClock clock(long index) = 0;
  // Says "formail: TEXT" on standard error.
  virtual void complain(const std::string& text) = 0;
  // As remember() in formail_cache.h.
  virtual mailbox::Result<bool> remember(const DuplicateCache& cache, std::optional<std::string_view> key) = 0;

  // A message goes to standard output, or to a program of its own: open, write, close. An error of open() ends the run.
  virtual mailbox::Result<void> open(long index) = 0;
  virtual void write(std::string_view bytes) = 0;
  virtual bool close() = 0;  // false: something could not be written
  // At the end: the exit code of the first program that failed, or 0.
  virtual int finish() = 0;
};

int run_formail(const FormailOptions& options, FormailWorld& world);

}  // namespace filter::compat
