// Asks the system about terminals.
// SPDX-License-Identifier: Apache-2.0
#include "filter/tools/terminal.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdlib>

namespace filter::tools {

std::size_t terminal_width(int fd) {
  winsize size{};
  if (isatty(fd) != 1) return 0;
  return ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

bool wants_colour(int fd) {
  const char* no_colour = std::getenv("NO_COLOR");
  return (no_colour == nullptr || *no_colour == '\0') && isatty(fd) == 1;
}

}  // namespace filter::tools
