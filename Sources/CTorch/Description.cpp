#include "Support.h"

using namespace ctorch;

static_assert(CT_UINT8 == static_cast<int>(at::kByte) && CT_INT8 == static_cast<int>(at::kChar) &&
              CT_INT16 == static_cast<int>(at::kShort) && CT_INT32 == static_cast<int>(at::kInt) &&
              CT_INT64 == static_cast<int>(at::kLong) &&
              CT_FLOAT16 == static_cast<int>(at::kHalf) &&
              CT_FLOAT32 == static_cast<int>(at::kFloat) &&
              CT_FLOAT64 == static_cast<int>(at::kDouble) &&
              CT_BOOL == static_cast<int>(at::kBool) &&
              CT_BFLOAT16 == static_cast<int>(at::kBFloat16));

intptr_t ct_rank(ct_tensor x) { return tensor(x).dim(); }

void ct_shape(ct_tensor x, intptr_t *sizes) {
  for (const auto size : tensor(x).sizes()) *sizes++ = size;
}

intptr_t ct_count(ct_tensor x) { return tensor(x).numel(); }

ct_dtype ct_dtype_of(ct_tensor x) { return static_cast<ct_dtype>(tensor(x).scalar_type()); }

ct_device ct_device_of(ct_tensor x) {
  const auto place = tensor(x).device();
  return {place.is_cuda() ? CT_CUDA : CT_CPU, place.is_cuda() ? place.index() : 0};
}

bool ct_is_contiguous(ct_tensor x, ct_memory_format format) {
  return tensor(x).is_contiguous(memory_format(format));
}

bool ct_requires_grad(ct_tensor x) { return tensor(x).requires_grad(); }
