// Memory for large tables in pages of 2 MiB where the system has them: filling it then takes a thousandth of the faults.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/mman.h>

#include <cstddef>
#include <cstdlib>
#include <new>

namespace mailbox {

template <class T>
struct BigPages {
  using value_type = T;
  BigPages() = default;
  template <class U>
  BigPages(const BigPages<U>&) {}

  T* allocate(std::size_t count) {
    const auto size = count * sizeof(T);
    const bool big = size >= kPage;
    void* memory = big ? std::aligned_alloc(kPage, (size + kPage - 1) / kPage * kPage) : std::malloc(size);
    if (!memory) throw std::bad_alloc();
    if (big) madvise(memory, size / kPage * kPage, MADV_HUGEPAGE);  // a wish
    return static_cast<T*>(memory);
  }
  void deallocate(T* memory, std::size_t) { std::free(memory); }
  friend bool operator==(const BigPages&, const BigPages&) = default;

 private:
  static constexpr std::size_t kPage = 2 << 20;
};

}  // namespace mailbox
