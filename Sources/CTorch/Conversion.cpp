#include "Support.h"

#include <ATen/ops/from_blob.h>
#include <c10/core/GradMode.h>

using namespace ctorch;

ct_status ct_read(ct_tensor x, ct_dtype type, void *bytes, size_t byte_count) {
  return guarded([&] {
    c10::NoGradGuard guard;
    const auto &source = tensor(x);
    const auto size = source.numel() * c10::elementSize(dtype(type));
    TORCH_CHECK(size == byte_count, "got room for ", byte_count, " bytes of ", size);
    if (size > 0) at::from_blob(bytes, source.sizes(), at::dtype(dtype(type))).copy_(source);
  });
}

ct_status ct_data(ct_tensor x, void **data) {
  return guarded([&] {
    const auto &source = tensor(x);
    TORCH_CHECK(source.is_cpu() && source.is_contiguous(),
                "the tensor is not contiguous on the CPU");
    *data = source.mutable_data_ptr();
  });
}

ct_status ct_item(ct_tensor x, double *value) {
  return guarded([&] { *value = tensor(x).item().toDouble(); });
}

ct_status ct_item_integer(ct_tensor x, int64_t *value) {
  return guarded([&] { *value = tensor(x).item().toLong(); });
}

ct_status ct_to(ct_tensor x, ct_device on, ct_dtype type, bool non_blocking, ct_tensor *out) {
  return guarded([&] { *out = wrap(tensor(x).to(device(on), dtype(type), non_blocking)); });
}

ct_status ct_to_device(ct_tensor x, ct_device on, bool non_blocking, ct_tensor *out) {
  return guarded(
      [&] { *out = wrap(tensor(x).to(device(on), tensor(x).scalar_type(), non_blocking)); });
}

ct_status ct_to_dtype(ct_tensor x, ct_dtype type, ct_tensor *out) {
  return guarded([&] { *out = wrap(tensor(x).to(dtype(type))); });
}

ct_status ct_contiguous(ct_tensor x, ct_memory_format format, ct_tensor *out) {
  return guarded([&] { *out = wrap(tensor(x).contiguous(memory_format(format))); });
}

ct_status ct_clone(ct_tensor x, ct_tensor *out) {
  return guarded([&] { *out = wrap(tensor(x).clone()); });
}

ct_status ct_detach(ct_tensor x, ct_tensor *out) {
  return guarded([&] { *out = wrap(tensor(x).detach()); });
}

ct_status ct_pin(ct_tensor x, ct_tensor *out) {
  return guarded([&] { *out = wrap(tensor(x).pin_memory()); });
}
