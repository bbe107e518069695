// Waits for many descriptors and times at once, and tells whoever watches them: epoll, and a list of times.
// SPDX-License-Identifier: Apache-2.0
//
//   struct Clock : EventLoop::Watcher { void expired() override { … } };
//   EventLoop loop;
//   loop.watch(socket, EPOLLIN, client, 0);             // client.ready(0, events) for as long as there is something
//   loop.set_timer(client, now + 60s);                  // client.expired(), once
//   while (…) loop.turn();
//
// A watcher may end itself, or any other, inside a call: it hands itself to bury(), and is gone when the turn is over.
// One thread; nothing is locked.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <set>
#include <utility>
#include <vector>

#include "mailbox/file.h"

namespace pop3d {

class EventLoop {
 public:
  using Clock = std::chrono::steady_clock;
  using TimePoint = Clock::time_point;

  class Watcher {
   public:
    virtual ~Watcher() = default;
    virtual void ready(unsigned tag, std::uint32_t events) = 0;
    virtual void expired() = 0;  // the timer; or its turn has come again
   private:
    friend class EventLoop;
    TimePoint timer_ = TimePoint::max();
    bool buried_ = false;
  };

  EventLoop();

  bool works() const { return static_cast<bool>(epoll_); }
  // Tags are 0 to 3. `events` replaces what was watched; `watched` is that state, the caller's to keep: 0 at first.
  void watch(int fd, std::uint32_t& watched, std::uint32_t events, Watcher& watcher, unsigned tag);
  void set_timer(Watcher& watcher, TimePoint when);                       // TimePoint::max(): none
  void again(Watcher& watcher) { set_timer(watcher, TimePoint::min()); }  // in the next turn, after the others
  void bury(std::unique_ptr<Watcher> watcher);

  // Waits for the next event or time, and tells all that have come.
  void turn();
  TimePoint now() const { return now_; }  // since the turn began

 private:
  int patience() const;
  void tell_timers();

  mailbox::UniqueFd epoll_;
  std::set<std::pair<TimePoint, Watcher*>> timers_;
  std::vector<std::unique_ptr<Watcher>> buried_;
  TimePoint now_ = Clock::now();
};

}  // namespace pop3d
