// The bytes of a message in an mbox: '>' before every "From " that follows an LF, and an LF at the end.
// SPDX-License-Identifier: Apache-2.0
//
//   const MboxText text({header, body});
//   write_all(fd, text.pieces());       // text.size() bytes
//
// PROCMAIL.md 15.2 and 15.3, and CONTRACT.md 5.1: header lines after the first and all of the body are quoted, past NUL
// bytes too, whatever Content-Length says. ">From " stays as it is (mboxo: not reversible). Raw content goes as it is.
// The pieces look into the content, which outlives them; only a message of very many such lines is copied.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "mailbox/message.h"

namespace mailbox {

class MboxText {
 public:
  explicit MboxText(const Outgoing& content);
  MboxText(const MboxText&) = delete;
  MboxText& operator=(const MboxText&) = delete;

  std::span<const std::string_view> pieces() const { return pieces_; }
  std::uint64_t size() const { return size_; }

 private:
  std::vector<std::string_view> pieces_;
  std::string copy_;
  std::uint64_t size_ = 0;
};

}  // namespace mailbox
