#include "Support.h"

#include <ATen/ops/one_hot.h>
#include <ATen/ops/scatter_reduce.h>

using namespace ctorch;

ct_status ct_narrow(ct_tensor x, intptr_t dim, intptr_t start, intptr_t length, ct_tensor *out) {
  return guarded([&] { *out = wrap(tensor(x).narrow(dim, start, length)); });
}

ct_status ct_slice(ct_tensor x, intptr_t dim, intptr_t start, intptr_t end, intptr_t step,
                   ct_tensor *out) {
  return guarded([&] { *out = wrap(tensor(x).slice(dim, start, end, step)); });
}

ct_status ct_select(ct_tensor x, intptr_t dim, intptr_t index, ct_tensor *out) {
  return guarded([&] { *out = wrap(tensor(x).select(dim, index)); });
}

ct_status ct_index_select(ct_tensor x, intptr_t dim, ct_tensor indices, ct_tensor *out) {
  return guarded([&] { *out = wrap(tensor(x).index_select(dim, tensor(indices))); });
}

ct_status ct_gather(ct_tensor x, intptr_t dim, ct_tensor indices, ct_tensor *out) {
  return guarded([&] { *out = wrap(tensor(x).gather(dim, tensor(indices))); });
}

ct_status ct_scatter_add(ct_tensor x, intptr_t dim, ct_tensor indices, ct_tensor source,
                         ct_tensor *out) {
  return guarded([&] { *out = wrap(tensor(x).scatter_add(dim, tensor(indices), tensor(source))); });
}

ct_status ct_scatter_reduce(ct_tensor x, intptr_t dim, ct_tensor indices, ct_tensor source,
                            const char *reduction, bool include_self, ct_tensor *out) {
  return guarded([&] {
    *out = wrap(
        tensor(x).scatter_reduce(dim, tensor(indices), tensor(source), reduction, include_self));
  });
}

ct_status ct_masked_fill(ct_tensor x, ct_tensor mask, ct_scalar value, ct_tensor *out) {
  return guarded([&] { *out = wrap(tensor(x).masked_fill(tensor(mask), scalar(value))); });
}

ct_status ct_nonzero(ct_tensor x, ct_tensor *out) {
  return guarded([&] { *out = wrap(tensor(x).nonzero()); });
}

ct_status ct_one_hot(ct_tensor x, intptr_t classes, ct_tensor *out) {
  return guarded([&] { *out = wrap(at::one_hot(tensor(x), classes)); });
}
