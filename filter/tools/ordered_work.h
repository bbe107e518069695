// Does work on several threads and hands over the results in the order in which it was given.
// SPDX-License-Identifier: Apache-2.0
//
//   OrderedWork<std::string> work(jobs, [&](std::string result) { … });     // one call at a time, in order
//   work.add(size, [batch] { return decide(batch); });                      // waits while too much lies in memory
//   work.finish();
//
// A piece should be worth a millisecond: handing it to another thread and back costs some ten microseconds. Threads are
// started for the second piece: add() does the first one itself, and with one job all. What waits, is worked on, or waits
// for an earlier result is bounded, in pieces and in bytes, apart from one piece that is larger by itself.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

namespace filter::tools {

template <class Result>
class OrderedWork {
 public:
  using Task = std::function<Result()>;
  using Take = std::function<void(Result)>;

  OrderedWork(std::size_t jobs, Take take) : jobs_(jobs), take_(std::move(take)) {}
  OrderedWork(const OrderedWork&) = delete;
  OrderedWork& operator=(const OrderedWork&) = delete;
  ~OrderedWork() { finish(); }

  // Neither the task nor `take` may throw.
  void add(std::size_t bytes, Task task) {
    if (jobs_ == 1 || std::exchange(is_first_, false)) return take_(task());
    if (threads_.empty())
      for (std::size_t i = 0; i < jobs_; ++i) threads_.emplace_back([this] { serve(); });
    std::unique_lock lock(mutex_);
    room_.wait(lock, [&] { return pieces_ == 0 || (pieces_ < jobs_ * kPiecesPerJob && bytes_ + bytes <= kMostBytes); });
    ++pieces_;
    bytes_ += bytes;
    waiting_.push_back({added_++, bytes, std::move(task)});
    work_.notify_one();
  }

  // All results are handed over when it returns.
  void finish() {
    {
      const std::lock_guard lock(mutex_);
      finished_ = true;
    }
    work_.notify_all();
    for (std::thread& thread : threads_)
      if (thread.joinable()) thread.join();
  }

 private:
  static constexpr std::size_t kPiecesPerJob = 8;
  static constexpr std::size_t kMostBytes = std::size_t{32} << 20;

  struct Piece {
    std::size_t number;
    std::size_t bytes;
    Task task;
  };

  void serve() {
    std::unique_lock lock(mutex_);
    for (;;) {
      work_.wait(lock, [&] { return finished_ || !waiting_.empty(); });
      if (waiting_.empty()) return;
      Piece piece = std::move(waiting_.front());
      waiting_.pop_front();
      lock.unlock();
      Result result = piece.task();
      piece.task = nullptr;
      lock.lock();
      done_.emplace(piece.number, std::pair(piece.bytes, std::move(result)));
      hand_over(lock);
    }
  }

  // Whoever finds the next result hands over all that are ready; the others go on working meanwhile.
  void hand_over(std::unique_lock<std::mutex>& lock) {
    if (std::exchange(handing_over_, true)) return;
    for (auto next = done_.find(taken_); next != done_.end(); next = done_.find(taken_)) {
      auto [bytes, result] = std::move(next->second);
      done_.erase(next);
      lock.unlock();
      take_(std::move(result));
      lock.lock();
      ++taken_;
      --pieces_;
      bytes_ -= bytes;
      room_.notify_one();
    }
    handing_over_ = false;
  }

  std::size_t jobs_;
  Take take_;
  bool is_first_ = true;
  std::mutex mutex_;
  std::condition_variable work_;  // there is a piece, or no more will come
  std::condition_variable room_;  // a result was handed over
  std::deque<Piece> waiting_;
  std::map<std::size_t, std::pair<std::size_t, Result>> done_;
  std::size_t added_ = 0;
  std::size_t taken_ = 0;
  std::size_t pieces_ = 0;
  std::size_t bytes_ = 0;
  bool finished_ = false;
  bool handing_over_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace filter::tools
