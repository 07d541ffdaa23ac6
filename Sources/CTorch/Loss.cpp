#include "Support.h"

#include <ATen/ops/binary_cross_entropy.h>
#include <ATen/ops/binary_cross_entropy_with_logits.h>
#include <ATen/ops/cross_entropy_loss.h>
#include <ATen/ops/huber_loss.h>
#include <ATen/ops/kl_div.h>
#include <ATen/ops/l1_loss.h>
#include <ATen/ops/mse_loss.h>
#include <ATen/ops/smooth_l1_loss.h>

using namespace ctorch;

ct_status ct_bce(ct_tensor x, ct_tensor target, ct_tensor weight, ct_reduction reduction,
                 ct_tensor *out) {
  return guarded([&] {
    *out = wrap(at::binary_cross_entropy(tensor(x), tensor(target), optional(weight), reduction));
  });
}

ct_status ct_bce_with_logits(ct_tensor x, ct_tensor target, ct_tensor weight,
                             ct_tensor positive_weight, ct_reduction reduction, ct_tensor *out) {
  return guarded([&] {
    *out = wrap(at::binary_cross_entropy_with_logits(tensor(x), tensor(target), optional(weight),
                                                     optional(positive_weight), reduction));
  });
}

ct_status ct_cross_entropy(ct_tensor x, ct_tensor target, double label_smoothing,
                           ct_reduction reduction, ct_tensor *out) {
  return guarded([&] {
    *out = wrap(at::cross_entropy_loss(tensor(x), tensor(target), {}, reduction,
                                       /*ignore_index=*/-100, label_smoothing));
  });
}

ct_status ct_kl_div(ct_tensor x, ct_tensor target, bool target_is_log, ct_reduction reduction,
                    ct_tensor *out) {
  return guarded(
      [&] { *out = wrap(at::kl_div(tensor(x), tensor(target), reduction, target_is_log)); });
}

ct_status ct_mse(ct_tensor x, ct_tensor target, ct_reduction reduction, ct_tensor *out) {
  return guarded([&] { *out = wrap(at::mse_loss(tensor(x), tensor(target), reduction)); });
}

ct_status ct_l1(ct_tensor x, ct_tensor target, ct_reduction reduction, ct_tensor *out) {
  return guarded([&] { *out = wrap(at::l1_loss(tensor(x), tensor(target), reduction)); });
}

ct_status ct_smooth_l1(ct_tensor x, ct_tensor target, double beta, ct_reduction reduction,
                       ct_tensor *out) {
  return guarded(
      [&] { *out = wrap(at::smooth_l1_loss(tensor(x), tensor(target), reduction, beta)); });
}

ct_status ct_huber(ct_tensor x, ct_tensor target, double delta, ct_reduction reduction,
                   ct_tensor *out) {
  return guarded([&] { *out = wrap(at::huber_loss(tensor(x), tensor(target), reduction, delta)); });
}
