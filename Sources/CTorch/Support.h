// What every shim file shares: the guard that turns exceptions into statuses, and the conversions
// between the C types of CTorch.h and libtorch's.

#pragma once

#include "CTorch.h"

#include <ATen/core/Generator.h>
#include <ATen/core/Tensor.h>
#include <c10/core/Scalar.h>
#include <c10/util/Exception.h>

#include <array>
#include <optional>
#include <vector>

namespace ctorch {

/// Keeps `message` for `ct_last_error` on this thread, and answers `status`.
ct_status fail(ct_status status, const char *message) noexcept;

/// A new handle; counted until `ct_free`.
ct_tensor wrap(at::Tensor x);

/// Handles made on this thread less those given back on it.
intptr_t &live_handles_of_thread();

/// Runs `body`; no exception leaves it.
template <class Body> ct_status guarded(Body &&body) noexcept {
  try {
    body();
    return CT_OK;
  } catch (const c10::OutOfMemoryError &error) {
    return fail(CT_OUT_OF_MEMORY, error.what_without_backtrace());
  } catch (const c10::Error &error) {
    return fail(CT_ERROR, error.what_without_backtrace());
  } catch (const std::bad_alloc &) {
    return fail(CT_OUT_OF_MEMORY, "out of memory");
  } catch (const std::exception &error) {
    return fail(CT_ERROR, error.what());
  } catch (...) {
    return fail(CT_ERROR, "an unknown exception");
  }
}

inline at::Tensor &tensor(ct_tensor x) { return *reinterpret_cast<at::Tensor *>(x); }

inline std::optional<at::Tensor> optional(ct_tensor x) {
  return x == nullptr ? std::nullopt : std::optional<at::Tensor>(tensor(x));
}

inline std::vector<at::Tensor> tensors(const ct_tensor *xs, size_t count) {
  std::vector<at::Tensor> result;
  result.reserve(count);
  for (size_t i = 0; i < count; ++i) result.push_back(tensor(xs[i]));
  return result;
}

static_assert(sizeof(intptr_t) == sizeof(int64_t), "shapes are passed as arrays of Swift's Int");

inline at::IntArrayRef ints(const intptr_t *values, size_t count) {
  return {reinterpret_cast<const int64_t *>(values), count};
}

inline std::array<int64_t, 2> pair(ct_pair p) { return {p.height, p.width}; }

inline at::Scalar scalar(ct_scalar s) {
  return s.is_integer ? at::Scalar(s.integer) : at::Scalar(s.real);
}

inline std::optional<at::Scalar> optional(const ct_scalar *s) {
  return s == nullptr ? std::nullopt : std::optional<at::Scalar>(scalar(*s));
}

inline at::ScalarType dtype(ct_dtype type) { return static_cast<at::ScalarType>(type); }

inline at::Device device(ct_device d) {
  return d.type == CT_CUDA ? at::Device(at::kCUDA, static_cast<at::DeviceIndex>(d.index))
                           : at::Device(at::kCPU);
}

inline at::MemoryFormat memory_format(ct_memory_format format) {
  return format == CT_CHANNELS_LAST ? at::MemoryFormat::ChannelsLast : at::MemoryFormat::Contiguous;
}

inline at::TensorOptions options(ct_dtype type, ct_device d) {
  return at::TensorOptions().dtype(dtype(type)).device(device(d));
}

inline at::Generator &generator(ct_generator g) { return *reinterpret_cast<at::Generator *>(g); }

} // namespace ctorch
