// The journalled move, stopped after every single write by a kill or a power loss, then finished: before or after,
// never else. SPDX-License-Identifier: Apache-2.0
#include "mailbox/move_journal.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

using namespace mailbox;

namespace {

constexpr std::uint64_t kInode = 7;
constexpr std::size_t kSector = 512;
struct Crash {};

// Two files with a page cache: a kill keeps the cache, a power loss keeps what was synced and any part of the rest, in
// whole sectors.
class Disk final : public MoveStorage {
 public:
  Disk(std::string mailbox, std::uint64_t journal_capacity) : capacity_(journal_capacity) {
    files_[0].cached = files_[0].durable = std::move(mailbox);
    files_[1].cached = files_[1].durable = std::string(kReservedJournal, '\0');
  }

  int steps_left = -1;  // changes until the crash; -1: none
  bool torn = false;    // the write at which it crashes is half done

  Result<std::size_t> read(File file, std::uint64_t offset, std::span<char> into) override {
    const auto& bytes = of(file).cached;
    if (offset >= bytes.size()) return 0u;
    const auto got = std::min<std::size_t>(into.size(), bytes.size() - offset);
    std::copy_n(bytes.data() + offset, got, into.data());
    return got;
  }
  Result<void> write(File file, std::uint64_t offset, std::string_view bytes) override {
    const bool last = steps_left == 0;
    if (last && !torn) throw Crash();
    change(of(file),
           {offset, std::string(last ? bytes.substr(0, bytes.size() / 2 / kSector * kSector) : bytes), false});
    count();
    return {};
  }
  Result<void> sync(File file) override {
    count();
    for (const auto& change : std::exchange(of(file).unsynced, {})) apply(of(file).durable, change);
    return {};
  }
  Result<std::uint64_t> size(File file) override { return of(file).cached.size(); }
  Result<void> truncate_mailbox(std::uint64_t size) override {
    count();
    change(files_[0], {size, "", true});
    return {};
  }
  Result<void> allocate_journal(std::uint64_t size) override {
    if (size > capacity_) return failure(ErrorKind::Temporary, "full", ENOSPC);
    for (auto* bytes : {&files_[1].cached, &files_[1].durable})
      bytes->resize(std::max<std::size_t>(bytes->size(), size));
    return {};
  }

  void lose_power(std::mt19937& random) {
    for (auto& file : files_) {
      file.cached = file.durable;
      for (const auto& op : std::exchange(file.unsynced, {})) {
        if (op.truncate && random() % 2 == 0) file.cached.resize(op.offset);
        for (std::size_t at = 0; at < op.bytes.size();) {
          const auto size = std::min(kSector - (op.offset + at) % kSector, op.bytes.size() - at);
          if (random() % 2 == 0) put(file.cached, op.offset + at, op.bytes.substr(at, size));
          at += size;
        }
      }
      file.durable = file.cached;
    }
  }
  void append(const std::string& mail) {  // by another program, synced
    files_[0].cached += mail;
    files_[0].durable = files_[0].cached;
    files_[0].unsynced.clear();
  }
  std::string& mailbox() { return files_[0].cached; }
  std::string& journal() { return files_[1].cached; }

 private:
  struct Change {
    std::uint64_t offset;
    std::string bytes;
    bool truncate;
  };
  struct Contents {
    std::string cached, durable;
    std::vector<Change> unsynced;
  };
  Contents& of(File file) { return files_[file == File::Mailbox ? 0 : 1]; }
  void count() {
    if (steps_left == 0) throw Crash();
    if (steps_left > 0) --steps_left;
  }
  static void put(std::string& bytes, std::uint64_t offset, std::string_view piece) {
    bytes.resize(std::max<std::size_t>(bytes.size(), offset + piece.size()));
    std::copy(piece.begin(), piece.end(), bytes.begin() + static_cast<std::ptrdiff_t>(offset));
  }
  static void apply(std::string& bytes, const Change& change) {
    if (change.truncate) bytes.resize(change.offset);
    put(bytes, change.offset, change.bytes);
  }
  static void change(Contents& file, Change change) {
    apply(file.cached, change);
    file.unsynced.push_back(std::move(change));
  }

  Contents files_[2];
  std::uint64_t capacity_;
};

std::string noise(std::size_t size, std::mt19937& random) {
  std::string bytes(size, '\0');
  for (auto& c : bytes) c = static_cast<char>(random());
  return bytes;
}

std::string after(const std::string& before, const Move& move) {
  std::string bytes;
  for (const auto& piece : move.kept) bytes += before.substr(piece.begin, piece.end - piece.begin);
  return bytes;
}

struct Case {
  std::string name;
  std::string before;
  Move move;
  std::uint64_t capacity;
};

std::vector<Case> cases() {
  std::mt19937 random(1);
  std::vector<Case> all;
  const auto add = [&](std::string name, std::size_t size, std::vector<Extent> kept, std::uint64_t capacity = 1 << 30) {
    all.push_back({std::move(name), noise(size, random), {std::move(kept), size, "note"}, capacity});
  };
  add("first of two, same size", 600, {{300, 600}});
  add("first of three", 900, {{300, 900}});
  add("in the middle", 9000, {{0, 3000}, {3500, 9000}});
  add("the tail", 900, {{0, 300}});
  add("all", 900, {});
  add("least that can be freed", 116, {{16, 116}});
  add("small shift, full disk", 70000, {{100, 70000}}, kReservedJournal);
  add("every second, full disk", 60000,
      {{0, 1000}, {2000, 3000}, {4000, 9000}, {10000, 11000}, {30000, 31000}, {59000, 60000}}, kReservedJournal);
  std::vector<Extent> many;
  for (std::uint64_t at = 0; at < 50000; at += 100) many.push_back({at + 40, at + 90});
  add("many pieces, full disk", 50000, many, kReservedJournal);
  add("large gaps", 5 << 19, {{0, 10}, {(1 << 20) + 4000, 5 << 19}});
  add("a small gap, then a large one", 5 << 19, {{100, 1 << 20}, {(1 << 20) + (1 << 19), 5 << 19}});
  return all;
}

// What a program that finds the mailbox makes of it.
void finish(Disk& disk) {
  disk.steps_left = -1;
  const auto done = finish_move(disk, kInode);
  CAPTURE(done ? "" : done.error().text);
  REQUIRE(done);
}

bool crashes(Disk& disk, int steps, bool torn, const Move* move) {
  disk.steps_left = steps;
  disk.torn = torn;
  try {
    const auto done = move ? begin_move(disk, *move, kInode, {11, 22}) : finish_move(disk, kInode);
    CAPTURE(done ? "" : done.error().text);
    REQUIRE(done);
    return false;
  } catch (const Crash&) {
    return true;
  }
}

}  // namespace

TEST_CASE("journalled move: done without a crash") {
  for (const auto& row : cases()) {
    CAPTURE(row.name);
    Disk disk(row.before, row.capacity);
    REQUIRE(begin_move(disk, row.move, kInode, {1, 2}));
    CHECK((disk.mailbox() == after(row.before, row.move)));
    const auto note = read_note(disk);
    REQUIRE((note && *note));
    CHECK((*note)->note == "note");
    finish(disk);
    CHECK((disk.mailbox() == after(row.before, row.move)));
  }
}

TEST_CASE("journalled move: killed or without power after every step, with foreign mail or without") {
  std::mt19937 random(2);
  const std::string foreign = "From x  Thu Jan  1 00:00:00 1970\n\n" + noise(3000, random);
  for (const auto& row : cases()) {
    const auto done = after(row.before, row.move);
    for (int variant = 0; variant < 8; ++variant) {
      const bool torn = variant & 1, power = variant & 2, mail = variant & 4;
      bool begun = false;
      for (int steps = 0;; ++steps) {
        CAPTURE(row.name, torn, power, mail, steps);
        Disk disk(row.before, row.capacity);
        const bool crashed = crashes(disk, steps, torn, &row.move);
        if (power) disk.lose_power(random);
        const std::string more = mail ? foreign : "";
        disk.append(more);
        finish(disk);
        const bool is_after = disk.mailbox() == done + more;
        if (!is_after) REQUIRE((disk.mailbox() == row.before + more));
        if (begun || !crashed) REQUIRE(is_after);  // once begun, always finished
        begun = is_after;
        finish(disk);
        REQUIRE((disk.mailbox() == (is_after ? done : row.before) + more));
        if (!crashed) break;
      }
    }
  }
}

TEST_CASE("journalled move: crash after crash, each with new foreign mail") {
  std::mt19937 random(3);
  for (int round = 0; round < 1500; ++round) {
    const std::size_t size = 100 + random() % 30000;
    Move move{{}, size, "n"};
    std::uint64_t at = 0, kept = 0;
    while (at + 200 < size) {
      const auto skip = random() % 3 == 0 ? 0 : 20 + random() % 900;
      const auto begin = std::min<std::uint64_t>(at + skip, size),
                 end = std::min<std::uint64_t>(begin + 1 + random() % 3000, size);
      if (begin == end) break;
      if (begin == at && !move.kept.empty())
        move.kept.back().end = end;
      else
        move.kept.push_back({begin, end});
      kept += end - begin;
      at = end;
    }
    if (size - kept < kMark) continue;
    const auto before = noise(size, random);
    std::string more;
    Disk disk(before, random() % 2 ? kReservedJournal : 1 << 30);
    bool crashed = crashes(disk, static_cast<int>(random() % 20), random() % 2, &move);
    for (int crash = 0; crashed; ++crash) {
      if (random() % 2) disk.lose_power(random);
      if (random() % 3 == 0) {
        const auto mail = noise(1 + random() % 5000, random);
        disk.append(mail);
        more += mail;
      }
      crashed = crashes(disk, static_cast<int>(random() % (10 + static_cast<unsigned>(crash))), random() % 2, nullptr);
    }
    CAPTURE(round);
    const bool is_after = disk.mailbox() == after(before, move) + more;
    if (!is_after) REQUIRE((disk.mailbox() == before + more));
  }
}

TEST_CASE("journalled move: a journal that does not fit is never applied") {
  const auto row = cases()[2];
  // Stopped where the move has begun.
  const auto begun = [&] {
    Disk disk(row.before, row.capacity);
    REQUIRE(crashes(disk, 6, false, &row.move));
    disk.steps_left = -1;
    return disk;
  };
  {
    auto disk = begun();
    const auto mailbox = disk.mailbox();
    const auto done = finish_move(disk, kInode + 1);
    REQUIRE(!done);
    CHECK(done.error().is_permanent());
    CHECK((disk.mailbox() == mailbox));
  }
  {
    auto disk = begun();
    disk.mailbox().pop_back();
    CHECK(!finish_move(disk, kInode));
  }
  {
    auto disk = begun();
    disk.mailbox().back() ^= 1;
    const auto mailbox = disk.mailbox();
    CHECK(!finish_move(disk, kInode));
    CHECK((disk.mailbox() == mailbox));
  }
  {
    auto disk = begun();
    disk.journal()[40] ^= 1;
    CHECK(!finish_move(disk, kInode));
  }
  std::mt19937 random(4);
  for (int round = 0; round < 500; ++round) {  // hostile bytes: whatever happens, nothing else is harmed
    auto disk = begun();
    for (int i = 0; i < 3; ++i) disk.journal()[random() % 16384] = static_cast<char>(random());
    const auto done = finish_move(disk, kInode);
    if (done) CHECK((disk.mailbox() == after(row.before, row.move) || disk.mailbox().size() == row.before.size()));
  }
}

TEST_CASE("journalled move: no space for a journal changes nothing") {
  auto row = cases()[2];
  for (std::uint64_t at = 0; at < 400000; at += 10) row.move.note += "0123456789";
  Disk disk(row.before, kReservedJournal);
  const auto done = begin_move(disk, row.move, kInode, {1, 2});
  REQUIRE(!done);
  CHECK(done.error().code == ENOSPC);
  CHECK((disk.mailbox() == row.before));
  finish(disk);
  CHECK((disk.mailbox() == row.before));
}

TEST_CASE("journalled move: steps") {
  struct Row {
    std::uint64_t position, source, total, slot;
    MoveStep::Kind kind;
    std::uint64_t length;
  };
  constexpr auto kPlain = MoveStep::Kind::Plain;
  constexpr auto kRedo = MoveStep::Kind::Redo;
  const Row rows[] = {
      {0, 100, 84, 4096, kPlain, 84},
      {0, 100, 85, 4096, kRedo, 85},
      {0, 16, 10000, 4096, kRedo, 4096},
      {50, 50 + kPlainGap + 15, 1 << 30, 4096, kRedo, 4096},
      {50, 50 + kPlainGap + 16, 1 << 30, 4096, kPlain, kPlainGap},
      {0, 1 << 29, 1 << 30, 4096, kPlain, kLongestPlain},
  };
  for (const auto& row : rows) {
    const auto step = next_step(row.position, row.source, row.total, row.slot);
    CAPTURE(row.position, row.source, row.total);
    CHECK((step.kind == row.kind));
    CHECK(step.length == row.length);
  }
}
