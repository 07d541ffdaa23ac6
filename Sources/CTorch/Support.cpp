#include "Support.h"

#include <atomic>
#include <string>

using namespace ctorch;

namespace {
thread_local std::string last_error;
std::atomic<intptr_t> live_tensors{0};
thread_local intptr_t live_tensors_of_thread = 0;
} // namespace

ct_status ctorch::fail(ct_status status, const char *message) noexcept {
  try {
    last_error = message;
    // The CPU allocator reports exhaustion as an ordinary error.
    if (last_error.find("can't allocate memory") != std::string::npos) return CT_OUT_OF_MEMORY;
  } catch (...) {
    last_error.clear();
  }
  return status;
}

ct_tensor ctorch::wrap(at::Tensor x) {
  TORCH_CHECK(x.defined(), "the operation gave no tensor");
  auto handle = reinterpret_cast<ct_tensor>(new at::Tensor(std::move(x)));
  live_tensors.fetch_add(1, std::memory_order_relaxed);
  ++live_tensors_of_thread;
  return handle;
}

const char *ct_last_error(void) { return last_error.c_str(); }

void ct_free(ct_tensor x) {
  delete &tensor(x);
  live_tensors.fetch_sub(1, std::memory_order_relaxed);
  --live_tensors_of_thread;
}

intptr_t &ctorch::live_handles_of_thread() { return live_tensors_of_thread; }

intptr_t ct_live_tensor_count(void) { return live_tensors.load(std::memory_order_relaxed); }

intptr_t ct_live_tensor_count_of_thread(void) { return live_tensors_of_thread; }
