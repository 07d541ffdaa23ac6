#include "Support.h"

#include <ATen/ops/binary_cross_entropy_with_logits.h>

using namespace ctorch;

ct_status ct_bce_with_logits(ct_tensor x, ct_tensor target, ct_tensor weight,
                             ct_tensor positive_weight, ct_reduction reduction, ct_tensor *out) {
  return guarded([&] {
    *out = wrap(at::binary_cross_entropy_with_logits(tensor(x), tensor(target), optional(weight),
                                                     optional(positive_weight), reduction));
  });
}
