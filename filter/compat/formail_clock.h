// The date, and new ids, for what formail writes into headers.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "filter/compat/formail_edit.h"

namespace filter::compat {

// Now, in the process's time zone (TZ), and an id for message `index` of this run.
EditClock read_clock(long index);

}  // namespace filter::compat
