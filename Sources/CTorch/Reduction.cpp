#include "Support.h"

#include <ATen/ops/var.h>

using namespace ctorch;

ct_status ct_sum_all(ct_tensor x, ct_tensor *out) {
  return guarded([&] { *out = wrap(tensor(x).sum()); });
}

ct_status ct_sum(ct_tensor x, const intptr_t *dims, size_t dims_count, bool keep, ct_tensor *out) {
  return guarded([&] { *out = wrap(tensor(x).sum(ints(dims, dims_count), keep)); });
}

ct_status ct_mean_all(ct_tensor x, ct_tensor *out) {
  return guarded([&] { *out = wrap(tensor(x).mean()); });
}

ct_status ct_mean(ct_tensor x, const intptr_t *dims, size_t dims_count, bool keep, ct_tensor *out) {
  return guarded([&] { *out = wrap(tensor(x).mean(ints(dims, dims_count), keep)); });
}

ct_status ct_var(ct_tensor x, const intptr_t *dims, size_t dims_count, bool unbiased, bool keep,
                 ct_tensor *out) {
  return guarded([&] { *out = wrap(at::var(tensor(x), ints(dims, dims_count), unbiased, keep)); });
}

ct_status ct_amax(ct_tensor x, const intptr_t *dims, size_t dims_count, bool keep, ct_tensor *out) {
  return guarded([&] { *out = wrap(tensor(x).amax(ints(dims, dims_count), keep)); });
}

ct_status ct_amin(ct_tensor x, const intptr_t *dims, size_t dims_count, bool keep, ct_tensor *out) {
  return guarded([&] { *out = wrap(tensor(x).amin(ints(dims, dims_count), keep)); });
}

ct_status ct_argmax(ct_tensor x, intptr_t dim, bool keep, ct_tensor *out) {
  return guarded([&] { *out = wrap(tensor(x).argmax(dim, keep)); });
}

ct_status ct_max_dim(ct_tensor x, intptr_t dim, bool keep, ct_tensor *values, ct_tensor *indices) {
  return guarded([&] {
    auto [v, i] = tensor(x).max(dim, keep);
    *values = wrap(v);
    *indices = wrap(i);
  });
}

ct_status ct_sort(ct_tensor x, intptr_t dim, bool descending, ct_tensor *values,
                  ct_tensor *indices) {
  return guarded([&] {
    auto [v, i] = tensor(x).sort(/*stable=*/true, dim, descending);
    *values = wrap(v);
    *indices = wrap(i);
  });
}

ct_status ct_all(ct_tensor x, ct_tensor *out) {
  return guarded([&] { *out = wrap(tensor(x).all()); });
}

ct_status ct_softmax(ct_tensor x, intptr_t dim, ct_tensor *out) {
  return guarded([&] { *out = wrap(tensor(x).softmax(dim)); });
}

ct_status ct_log_softmax(ct_tensor x, intptr_t dim, ct_tensor *out) {
  return guarded([&] { *out = wrap(tensor(x).log_softmax(dim)); });
}
