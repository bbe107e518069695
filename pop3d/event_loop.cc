// Waits for many descriptors and times at once.
// SPDX-License-Identifier: Apache-2.0
#include "pop3d/event_loop.h"

#include <sys/epoll.h>

#include <algorithm>
#include <array>

namespace pop3d {
namespace {

constexpr int kEventsAtOnce = 256;
constexpr std::uint64_t kTags = 3;  // the low bits of a watcher's address, which are free

}  // namespace

EventLoop::EventLoop() : epoll_(::epoll_create1(EPOLL_CLOEXEC)) {}

void EventLoop::watch(int fd, std::uint32_t& watched, std::uint32_t events, Watcher& watcher, unsigned tag) {
  if (events == watched || fd < 0) return;
  epoll_event event{};
  event.events = events;
  event.data.u64 = reinterpret_cast<std::uintptr_t>(&watcher) | (tag & kTags);
  // Nothing to wait for: taken out, because an error or a hang-up would be told for ever.
  const int deed = events == 0 ? EPOLL_CTL_DEL : watched == 0 ? EPOLL_CTL_ADD : EPOLL_CTL_MOD;
  ::epoll_ctl(epoll_.get(), deed, fd, &event);
  watched = events;
}

void EventLoop::set_timer(Watcher& watcher, TimePoint when) {
  if (when == watcher.timer_ || watcher.buried_) return;
  if (watcher.timer_ != TimePoint::max()) timers_.erase({watcher.timer_, &watcher});
  watcher.timer_ = when;
  if (when != TimePoint::max()) timers_.emplace(when, &watcher);
}

void EventLoop::bury(std::unique_ptr<Watcher> watcher) {
  set_timer(*watcher, TimePoint::max());
  watcher->buried_ = true;
  buried_.push_back(std::move(watcher));
}

int EventLoop::patience() const {
  if (timers_.empty()) return -1;
  const auto first = timers_.begin()->first;
  const auto now = Clock::now();
  if (first <= now) return 0;
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(first - now).count();
  return static_cast<int>(std::min<long long>(left, 3'600'000));
}

void EventLoop::turn() {
  std::array<epoll_event, kEventsAtOnce> events;
  const int count = ::epoll_wait(epoll_.get(), events.data(), kEventsAtOnce, patience());
  now_ = Clock::now();
  for (int i = 0; i < count; ++i) {
    const auto& event = events[static_cast<std::size_t>(i)];
    auto* watcher = reinterpret_cast<Watcher*>(static_cast<std::uintptr_t>(event.data.u64 & ~kTags));
    if (!watcher->buried_) watcher->ready(static_cast<unsigned>(event.data.u64 & kTags), event.events);
  }
  tell_timers();
  buried_.clear();
}

// Each that is due now, once: who sets a time that is past again has its turn after the others.
void EventLoop::tell_timers() {
  std::vector<Watcher*> due;
  for (auto next = timers_.begin(); next != timers_.end() && next->first <= now_; ++next) due.push_back(next->second);
  for (auto* watcher : due) {
    if (watcher->buried_ || watcher->timer_ > now_) continue;
    set_timer(*watcher, TimePoint::max());
    watcher->expired();
  }
}

}  // namespace pop3d
