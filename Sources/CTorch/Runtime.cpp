#include "Support.h"

#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <ATen/Version.h>
#include <c10/core/CachingDeviceAllocator.h>
#include <c10/core/impl/VirtualGuardImpl.h>
#include <c10/util/env.h>
#include <torch/headeronly/version.h>

#include <algorithm>
#include <atomic>
#include <dlfcn.h>
#include <mutex>
#include <string>
#include <utility>

using namespace ctorch;

namespace {

struct Cuda {
  intptr_t count = 0;
  std::string reason;
};

/// Loads libtorch's CUDA half, from beside the half that is linked, and counts the devices.
Cuda load_cuda() {
  Cuda cuda;
  if (dlopen("libcuda.so.1", RTLD_NOW | RTLD_GLOBAL) == nullptr) {
    cuda.reason = "no NVIDIA driver (libcuda.so.1)";
    return cuda;
  }
  std::string path = "libtorch_cuda.so";
  Dl_info info;
  if (dladdr(reinterpret_cast<const void *>(&at::get_num_threads), &info) != 0) {
    const std::string self = info.dli_fname;
    const auto slash = self.rfind('/');
    if (slash != std::string::npos) path = self.substr(0, slash + 1) + path;
  }
  if (dlopen(path.c_str(), RTLD_NOW | RTLD_GLOBAL) == nullptr &&
      dlopen("libtorch_cuda.so", RTLD_NOW | RTLD_GLOBAL) == nullptr) {
    const char *reason = dlerror();
    cuda.reason = reason == nullptr ? "libtorch_cuda.so does not load" : reason;
    return cuda;
  }
  // libtorch keeps what it knew of GPUs when it was first asked: nothing, before that half was there.
  if (!at::globalContext().hasCUDART()) {
    cuda.reason = "libtorch has begun to compute without them; look for GPUs before anything else";
    return cuda;
  }
  if (c10::impl::hasDeviceGuardImpl(at::kCUDA))
    cuda.count = c10::impl::VirtualGuardImpl(at::kCUDA).deviceCount();
  if (cuda.count == 0) cuda.reason = "the NVIDIA driver shows no usable device";
  else at::globalContext().lazyInitDevice(at::kCUDA);
  return cuda;
}

const Cuda &cuda() {
  static const Cuda loaded = [] {
    Cuda result;
    if (guarded([&] { result = load_cuda(); }) != CT_OK) {
      result.count = 0;
      result.reason = ct_last_error();
    }
    return result;
  }();
  return loaded;
}

} // namespace

const char *ct_version(void) { return TORCH_VERSION; }

const char *ct_cpu_capability(void) {
  static const std::string capability = at::get_cpu_capability();
  return capability.c_str();
}

intptr_t ct_thread_count(void) { return at::get_num_threads(); }

ct_status ct_set_thread_count(intptr_t count) {
  return guarded([&] { at::set_num_threads(static_cast<int>(count)); });
}

void ct_side_by_side(
    intptr_t count, void *context, void (*body)(void *context, intptr_t index)) {
  struct Work {
    std::atomic<intptr_t> next;
    std::atomic<intptr_t> made;
    intptr_t count;
    void *context;
    void (*body)(void *, intptr_t);

    // What is made here counts as made on the thread that waits for it.
    static void take(void *data) {
      auto &work = *static_cast<Work *>(data);
      const auto before = live_handles_of_thread();
      for (intptr_t index; (index = work.next++) < work.count;) work.body(work.context, index);
      work.made += std::exchange(live_handles_of_thread(), before) - before;
    }
  } work{{0}, {0}, count, context, body};
  // libtorch's own copy of GNU OpenMP. Its pragmas would need a compiler that makes calls of it.
  using Parallel = void (*)(void (*)(void *), void *, unsigned, unsigned);
  static const auto parallel = reinterpret_cast<Parallel>(dlsym(RTLD_DEFAULT, "GOMP_parallel"));
  const auto threads = std::min<intptr_t>(count, at::get_num_threads());
  if (parallel == nullptr || threads < 2) {
    Work::take(&work);
  } else {
    parallel(Work::take, &work, static_cast<unsigned>(threads), 0);
  }
  live_handles_of_thread() += work.made;
}

bool ct_deterministic(void) { return at::globalContext().deterministicAlgorithms(); }

ct_status ct_set_deterministic(bool enabled) {
  return guarded([&] {
    auto &context = at::globalContext();
    // cuBLAS is deterministic only with a workspace of fixed size.
    if (enabled) c10::utils::set_env("CUBLAS_WORKSPACE_CONFIG", ":4096:8", false);
    context.setDeterministicAlgorithms(enabled, false);
    context.setDeterministicCuDNN(enabled);
    context.setDeterministicFillUninitializedMemory(false);
  });
}

ct_status ct_seed(uint64_t seed) {
  return guarded([&] { at::manual_seed(seed); });
}

ct_status ct_tf32(bool *products, bool *convolutions) {
  return guarded([&] {
    *products = at::globalContext().allowTF32CuBLAS();
    *convolutions = at::globalContext().allowTF32CuDNN();
  });
}

ct_status ct_set_tf32(bool products, bool convolutions) {
  return guarded([&] {
    at::globalContext().setAllowTF32CuBLAS(products);
    at::globalContext().setAllowTF32CuDNN(convolutions);
  });
}

intptr_t ct_cuda_count(void) { return cuda().count; }

const char *ct_cuda_reason(void) { return cuda().reason.c_str(); }

ct_status ct_synchronize(ct_device on) {
  return guarded([&] {
    if (on.type == CT_CUDA) c10::impl::VirtualGuardImpl(at::kCUDA).synchronizeDevice(on.index);
  });
}

ct_status ct_memory_use(ct_device on, ct_memory *use) {
  return guarded([&] {
    *use = {};
    if (on.type != CT_CUDA) return;
    const auto allocator = c10::getDeviceAllocator(at::kCUDA);
    const auto stats = allocator->getDeviceStats(on.index);
    const auto all = static_cast<size_t>(c10::CachingAllocator::StatType::AGGREGATE);
    use->allocated = stats.allocated_bytes[all].current;
    use->peak_allocated = stats.allocated_bytes[all].peak;
    use->reserved = stats.reserved_bytes[all].current;
    use->total = allocator->getMemoryInfo(on.index).second;
  });
}
