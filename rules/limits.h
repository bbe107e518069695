// Every bound of the rule engine, named, with its reason; a text beyond one is an error that says so, never a silent cut.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

namespace rules {

// A value or logical line: CONTRACT.md 5.6. LINEBUF, where the rules set it, is smaller.
inline constexpr std::size_t kMaxLine = std::size_t{1} << 20;
// The smallest LINEBUF that counts (PROCMAIL.md 20).
inline constexpr std::size_t kMinLineBuffer = 128;
// A whole rule file: well beyond the largest seen (400 kB), small enough to hold several.
inline constexpr std::size_t kMaxRuleFile = std::size_t{16} << 20;
// Blocks in blocks, and ${a:-${b:-…}}: each level costs a stack frame of the parser.
inline constexpr std::size_t kMaxNesting = 200;
// INCLUDERC in INCLUDERC: a file that includes itself ends here instead of in memory's end.
inline constexpr std::size_t kMaxIncludes = 64;
// Steps of one message's runs: a statement is one, loading a file kStepsOfLoad. Rules that go round and round (a file that
// SWITCHRC names itself) are given up after about a second, and the message goes to the fall-back.
inline constexpr std::size_t kMaxSteps = 1'000'000;
inline constexpr std::size_t kStepsOfLoad = 100;
// What reading a file counts as, so that files which switch to each other end in seconds: 10,000 files a message.
inline constexpr std::size_t kFileSteps = 1000;
// Bytes read again for each byte of the text, where a weighted condition looks for the longest MATCH of each hit:
// `1^1 a\/(.*b)?` on a long line of `a` would read to its end a million times.
inline constexpr std::size_t kReadOnPerByte = 4;
// How often a condition made by `$` is made again, because what it became begins with `$`.
inline constexpr unsigned kMaxRereadings = 100;
// Runs forked off by `c` blocks in one delivery; each costs a copy of the variables.
inline constexpr std::size_t kMaxClones = 1000;
// What a filter may return: a message may grow, but not without end.
inline constexpr std::size_t kMaxFiltered = std::size_t{1} << 30;

}  // namespace rules
