#include "Support.h"

#include <ATen/ops/cat.h>
#include <ATen/ops/constant_pad_nd.h>
#include <ATen/ops/stack.h>

using namespace ctorch;

ct_status ct_reshape(ct_tensor x, const intptr_t *shape, size_t shape_count, ct_tensor *out) {
  return guarded([&] { *out = wrap(tensor(x).reshape(ints(shape, shape_count))); });
}

ct_status ct_view(ct_tensor x, const intptr_t *shape, size_t shape_count, ct_tensor *out) {
  return guarded([&] { *out = wrap(tensor(x).view(ints(shape, shape_count))); });
}

ct_status ct_permute(ct_tensor x, const intptr_t *dims, size_t dims_count, ct_tensor *out) {
  return guarded([&] { *out = wrap(tensor(x).permute(ints(dims, dims_count))); });
}

ct_status ct_transpose(ct_tensor x, intptr_t a, intptr_t b, ct_tensor *out) {
  return guarded([&] { *out = wrap(tensor(x).transpose(a, b)); });
}

ct_status ct_flatten(ct_tensor x, intptr_t from, intptr_t to, ct_tensor *out) {
  return guarded([&] { *out = wrap(tensor(x).flatten(from, to)); });
}

ct_status ct_unsqueeze(ct_tensor x, intptr_t dim, ct_tensor *out) {
  return guarded([&] { *out = wrap(tensor(x).unsqueeze(dim)); });
}

ct_status ct_squeeze(ct_tensor x, intptr_t dim, ct_tensor *out) {
  return guarded([&] { *out = wrap(tensor(x).squeeze(dim)); });
}

ct_status ct_squeeze_all(ct_tensor x, ct_tensor *out) {
  return guarded([&] { *out = wrap(tensor(x).squeeze()); });
}

ct_status ct_expand(ct_tensor x, const intptr_t *shape, size_t shape_count, ct_tensor *out) {
  return guarded([&] { *out = wrap(tensor(x).expand(ints(shape, shape_count))); });
}

ct_status ct_repeat(ct_tensor x, const intptr_t *counts, size_t counts_count, ct_tensor *out) {
  return guarded([&] { *out = wrap(tensor(x).repeat(ints(counts, counts_count))); });
}

ct_status ct_flip(ct_tensor x, const intptr_t *dims, size_t dims_count, ct_tensor *out) {
  return guarded([&] { *out = wrap(tensor(x).flip(ints(dims, dims_count))); });
}

ct_status ct_cat(const ct_tensor *xs, size_t xs_count, intptr_t dim, ct_tensor *out) {
  return guarded([&] { *out = wrap(at::cat(tensors(xs, xs_count), dim)); });
}

ct_status ct_stack(const ct_tensor *xs, size_t xs_count, intptr_t dim, ct_tensor *out) {
  return guarded([&] { *out = wrap(at::stack(tensors(xs, xs_count), dim)); });
}

ct_status ct_split(ct_tensor x, const intptr_t *sizes, size_t sizes_count, intptr_t dim,
                   ct_tensor *outs) {
  return guarded([&] {
    const auto pieces = tensor(x).split_with_sizes(ints(sizes, sizes_count), dim);
    for (size_t i = 0; i < pieces.size(); ++i) outs[i] = wrap(pieces[i]);
  });
}

ct_status ct_pad(ct_tensor x, const intptr_t *padding, size_t padding_count, ct_scalar value,
                 ct_tensor *out) {
  return guarded([&] {
    *out = wrap(at::constant_pad_nd(tensor(x), ints(padding, padding_count), scalar(value)));
  });
}

