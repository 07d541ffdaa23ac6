#include "Support.h"

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/Context.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/full.h>
#include <ATen/ops/linspace.h>
#include <ATen/ops/zeros_like.h>
#include <c10/core/GradMode.h>

#include <cstring>
#include <mutex>

using namespace ctorch;

ct_status ct_empty(const intptr_t *shape, size_t shape_count, ct_dtype type, ct_device on,
                   ct_memory_format format, ct_tensor *out) {
  return guarded([&] {
    *out = wrap(at::empty(ints(shape, shape_count), options(type, on), memory_format(format)));
  });
}

ct_status ct_full(const intptr_t *shape, size_t shape_count, ct_scalar value, ct_dtype type,
                  ct_device on, ct_tensor *out) {
  return guarded(
      [&] { *out = wrap(at::full(ints(shape, shape_count), scalar(value), options(type, on))); });
}

ct_status ct_arange(ct_scalar start, ct_scalar end, ct_scalar step, ct_dtype type, ct_device on,
                    ct_tensor *out) {
  return guarded([&] {
    *out = wrap(at::arange(scalar(start), scalar(end), scalar(step), options(type, on)));
  });
}

ct_status ct_linspace(double start, double end, intptr_t count, ct_dtype type, ct_device on,
                      ct_tensor *out) {
  return guarded([&] { *out = wrap(at::linspace(start, end, count, options(type, on))); });
}

ct_status ct_from_bytes(const void *bytes, size_t byte_count, const intptr_t *shape,
                        size_t shape_count, ct_dtype type, ct_device on, bool pinned,
                        ct_tensor *out) {
  return guarded([&] {
    auto host = at::empty(ints(shape, shape_count),
                          at::TensorOptions().dtype(dtype(type)).pinned_memory(pinned));
    TORCH_CHECK(host.nbytes() == byte_count, "got ", byte_count, " bytes for ", host.nbytes());
    if (byte_count > 0) std::memcpy(host.mutable_data_ptr(), bytes, byte_count);
    *out = wrap(host.to(device(on), host.scalar_type(), pinned));
  });
}

ct_status ct_zeros_like(ct_tensor x, ct_tensor *out) {
  return guarded([&] { *out = wrap(at::zeros_like(tensor(x))); });
}

ct_status ct_uniform(const intptr_t *shape, size_t shape_count, double low, double high,
                     ct_generator random, ct_dtype type, ct_tensor *out) {
  return guarded([&] {
    c10::NoGradGuard guard;
    auto x = at::empty(ints(shape, shape_count),
                       at::TensorOptions().dtype(dtype(type)).device(generator(random).device()));
    *out = wrap(x.uniform_(low, high, generator(random)));
  });
}

ct_status ct_normal(const intptr_t *shape, size_t shape_count, double mean, double deviation,
                    ct_generator random, ct_dtype type, ct_tensor *out) {
  return guarded([&] {
    c10::NoGradGuard guard;
    auto x = at::empty(ints(shape, shape_count),
                       at::TensorOptions().dtype(dtype(type)).device(generator(random).device()));
    *out = wrap(x.normal_(mean, deviation, generator(random)));
  });
}

ct_status ct_generator_new(uint64_t seed, ct_device on, ct_generator *out) {
  return guarded([&] {
    const auto place = device(on);
    auto made = place.is_cpu() ? at::detail::createCPUGenerator(seed)
                               : at::globalContext()
                                     .getAcceleratorHooksInterface(place.type())
                                     .getNewGenerator(place.index());
    made.set_current_seed(seed);
    *out = reinterpret_cast<ct_generator>(new at::Generator(std::move(made)));
  });
}

ct_status ct_generator_seed(ct_generator random, uint64_t seed) {
  return guarded([&] {
    std::lock_guard<std::mutex> lock(generator(random).mutex());
    generator(random).set_current_seed(seed);
  });
}

void ct_generator_free(ct_generator random) { delete &generator(random); }
