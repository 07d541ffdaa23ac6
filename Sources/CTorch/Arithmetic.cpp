#include "Support.h"

#include <ATen/ops/mul.h>
#include <ATen/ops/rsub.h>
#include <ATen/ops/where.h>

using namespace ctorch;

ct_status ct_add(ct_tensor x, ct_tensor y, ct_tensor *out) {
  return guarded([&] { *out = wrap(tensor(x).add(tensor(y))); });
}

ct_status ct_add_scalar(ct_tensor x, ct_scalar y, ct_tensor *out) {
  return guarded([&] { *out = wrap(tensor(x).add(scalar(y))); });
}

ct_status ct_sub(ct_tensor x, ct_tensor y, ct_tensor *out) {
  return guarded([&] { *out = wrap(tensor(x).sub(tensor(y))); });
}

ct_status ct_sub_scalar(ct_tensor x, ct_scalar y, ct_tensor *out) {
  return guarded([&] { *out = wrap(tensor(x).sub(scalar(y))); });
}

ct_status ct_mul(ct_tensor x, ct_tensor y, ct_tensor *out) {
  return guarded([&] { *out = wrap(tensor(x).mul(tensor(y))); });
}

ct_status ct_mul_scalar(ct_tensor x, ct_scalar y, ct_tensor *out) {
  return guarded([&] { *out = wrap(tensor(x).mul(scalar(y))); });
}

ct_status ct_div(ct_tensor x, ct_tensor y, ct_tensor *out) {
  return guarded([&] { *out = wrap(tensor(x).div(tensor(y))); });
}

ct_status ct_div_scalar(ct_tensor x, ct_scalar y, ct_tensor *out) {
  return guarded([&] { *out = wrap(tensor(x).div(scalar(y))); });
}

ct_status ct_scalar_sub(ct_scalar x, ct_tensor y, ct_tensor *out) {
  return guarded([&] { *out = wrap(at::rsub(tensor(y), scalar(x))); });
}

ct_status ct_scalar_div(ct_scalar x, ct_tensor y, ct_tensor *out) {
  return guarded([&] { *out = wrap(at::mul(tensor(y).reciprocal(), scalar(x))); });
}

ct_status ct_pow_scalar(ct_tensor x, ct_scalar y, ct_tensor *out) {
  return guarded([&] { *out = wrap(tensor(x).pow(scalar(y))); });
}

ct_status ct_remainder(ct_tensor x, ct_tensor y, ct_tensor *out) {
  return guarded([&] { *out = wrap(tensor(x).remainder(tensor(y))); });
}

ct_status ct_remainder_scalar(ct_tensor x, ct_scalar y, ct_tensor *out) {
  return guarded([&] { *out = wrap(tensor(x).remainder(scalar(y))); });
}

ct_status ct_floor_divide(ct_tensor x, ct_tensor y, ct_tensor *out) {
  return guarded([&] { *out = wrap(tensor(x).floor_divide(tensor(y))); });
}

ct_status ct_floor_divide_scalar(ct_tensor x, ct_scalar y, ct_tensor *out) {
  return guarded([&] { *out = wrap(tensor(x).floor_divide(scalar(y))); });
}

ct_status ct_gt(ct_tensor x, ct_tensor y, ct_tensor *out) {
  return guarded([&] { *out = wrap(tensor(x).gt(tensor(y))); });
}

ct_status ct_gt_scalar(ct_tensor x, ct_scalar y, ct_tensor *out) {
  return guarded([&] { *out = wrap(tensor(x).gt(scalar(y))); });
}

ct_status ct_ge(ct_tensor x, ct_tensor y, ct_tensor *out) {
  return guarded([&] { *out = wrap(tensor(x).ge(tensor(y))); });
}

ct_status ct_ge_scalar(ct_tensor x, ct_scalar y, ct_tensor *out) {
  return guarded([&] { *out = wrap(tensor(x).ge(scalar(y))); });
}

ct_status ct_lt(ct_tensor x, ct_tensor y, ct_tensor *out) {
  return guarded([&] { *out = wrap(tensor(x).lt(tensor(y))); });
}

ct_status ct_lt_scalar(ct_tensor x, ct_scalar y, ct_tensor *out) {
  return guarded([&] { *out = wrap(tensor(x).lt(scalar(y))); });
}

ct_status ct_le(ct_tensor x, ct_tensor y, ct_tensor *out) {
  return guarded([&] { *out = wrap(tensor(x).le(tensor(y))); });
}

ct_status ct_le_scalar(ct_tensor x, ct_scalar y, ct_tensor *out) {
  return guarded([&] { *out = wrap(tensor(x).le(scalar(y))); });
}

ct_status ct_eq(ct_tensor x, ct_tensor y, ct_tensor *out) {
  return guarded([&] { *out = wrap(tensor(x).eq(tensor(y))); });
}

ct_status ct_eq_scalar(ct_tensor x, ct_scalar y, ct_tensor *out) {
  return guarded([&] { *out = wrap(tensor(x).eq(scalar(y))); });
}

ct_status ct_ne(ct_tensor x, ct_tensor y, ct_tensor *out) {
  return guarded([&] { *out = wrap(tensor(x).ne(tensor(y))); });
}

ct_status ct_ne_scalar(ct_tensor x, ct_scalar y, ct_tensor *out) {
  return guarded([&] { *out = wrap(tensor(x).ne(scalar(y))); });
}

ct_status ct_logical_and(ct_tensor x, ct_tensor y, ct_tensor *out) {
  return guarded([&] { *out = wrap(tensor(x).logical_and(tensor(y))); });
}

ct_status ct_logical_or(ct_tensor x, ct_tensor y, ct_tensor *out) {
  return guarded([&] { *out = wrap(tensor(x).logical_or(tensor(y))); });
}

ct_status ct_logical_not(ct_tensor x, ct_tensor *out) {
  return guarded([&] { *out = wrap(tensor(x).logical_not()); });
}

ct_status ct_minimum(ct_tensor x, ct_tensor y, ct_tensor *out) {
  return guarded([&] { *out = wrap(tensor(x).minimum(tensor(y))); });
}

ct_status ct_maximum(ct_tensor x, ct_tensor y, ct_tensor *out) {
  return guarded([&] { *out = wrap(tensor(x).maximum(tensor(y))); });
}

ct_status ct_clamp(ct_tensor x, const ct_scalar *low, const ct_scalar *high, ct_tensor *out) {
  return guarded([&] { *out = wrap(tensor(x).clamp(optional(low), optional(high))); });
}

ct_status ct_where(ct_tensor condition, ct_tensor x, ct_tensor y, ct_tensor *out) {
  return guarded([&] { *out = wrap(at::where(tensor(condition), tensor(x), tensor(y))); });
}

ct_status ct_neg(ct_tensor x, ct_tensor *out) {
  return guarded([&] { *out = wrap(tensor(x).neg()); });
}

ct_status ct_abs(ct_tensor x, ct_tensor *out) {
  return guarded([&] { *out = wrap(tensor(x).abs()); });
}

ct_status ct_sign(ct_tensor x, ct_tensor *out) {
  return guarded([&] { *out = wrap(tensor(x).sign()); });
}

ct_status ct_exp(ct_tensor x, ct_tensor *out) {
  return guarded([&] { *out = wrap(tensor(x).exp()); });
}

ct_status ct_log(ct_tensor x, ct_tensor *out) {
  return guarded([&] { *out = wrap(tensor(x).log()); });
}

ct_status ct_sqrt(ct_tensor x, ct_tensor *out) {
  return guarded([&] { *out = wrap(tensor(x).sqrt()); });
}

ct_status ct_rsqrt(ct_tensor x, ct_tensor *out) {
  return guarded([&] { *out = wrap(tensor(x).rsqrt()); });
}

ct_status ct_square(ct_tensor x, ct_tensor *out) {
  return guarded([&] { *out = wrap(tensor(x).square()); });
}

ct_status ct_reciprocal(ct_tensor x, ct_tensor *out) {
  return guarded([&] { *out = wrap(tensor(x).reciprocal()); });
}

ct_status ct_floor(ct_tensor x, ct_tensor *out) {
  return guarded([&] { *out = wrap(tensor(x).floor()); });
}

ct_status ct_ceil(ct_tensor x, ct_tensor *out) {
  return guarded([&] { *out = wrap(tensor(x).ceil()); });
}

ct_status ct_round(ct_tensor x, ct_tensor *out) {
  return guarded([&] { *out = wrap(tensor(x).round()); });
}

ct_status ct_atan(ct_tensor x, ct_tensor *out) {
  return guarded([&] { *out = wrap(tensor(x).atan()); });
}

ct_status ct_tanh(ct_tensor x, ct_tensor *out) {
  return guarded([&] { *out = wrap(tensor(x).tanh()); });
}

ct_status ct_sigmoid(ct_tensor x, ct_tensor *out) {
  return guarded([&] { *out = wrap(tensor(x).sigmoid()); });
}

ct_status ct_isfinite(ct_tensor x, ct_tensor *out) {
  return guarded([&] { *out = wrap(tensor(x).isfinite()); });
}
