// Preloaded into the real procmail by the side-by-side tests: its pauses cost milliseconds instead of seconds.
// SPDX-License-Identifier: Apache-2.0
//
// procmail 3.22 naps a second before it appends to an empty mailbox and eight between two tries for a lock. What it
// does after a nap is unchanged. Programs that it starts get a clean environment, hence their real sleeps; alarm(),
// and so TIMEOUT, keeps its real time.
#include <errno.h>
#include <time.h>

static const long kNapNanoseconds = 2 * 1000 * 1000;

unsigned sleep(unsigned seconds) {
  struct timespec nap = {0, kNapNanoseconds};
  return nanosleep(&nap, 0) == 0 || errno != EINTR ? 0 : seconds;
}
