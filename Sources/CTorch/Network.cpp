#include "Support.h"

#include <ATen/ops/_upsample_bicubic2d_aa.h>
#include <ATen/ops/_upsample_bilinear2d_aa.h>
#include <ATen/ops/avg_pool2d.h>
#include <ATen/ops/batch_norm.h>
#include <ATen/ops/conv2d.h>
#include <ATen/ops/dropout.h>
#include <ATen/ops/empty_like.h>
#include <ATen/ops/elu.h>
#include <ATen/ops/gelu.h>
#include <ATen/ops/hardsigmoid.h>
#include <ATen/ops/hardswish.h>
#include <ATen/ops/leaky_relu.h>
#include <ATen/ops/linear.h>
#include <ATen/ops/matmul.h>
#include <ATen/ops/max_pool2d.h>
#include <ATen/ops/mish.h>
#include <ATen/ops/pixel_unshuffle.h>
#include <ATen/ops/relu.h>
#include <ATen/ops/relu6.h>
#include <ATen/ops/selu.h>
#include <ATen/ops/silu.h>
#include <ATen/ops/softplus.h>
#include <ATen/ops/upsample_bicubic2d.h>
#include <ATen/ops/upsample_bilinear2d.h>
#include <ATen/ops/upsample_nearest2d.h>

using namespace ctorch;

ct_status ct_relu(ct_tensor x, ct_tensor *out) {
  return guarded([&] { *out = wrap(at::relu(tensor(x))); });
}

ct_status ct_relu6(ct_tensor x, ct_tensor *out) {
  return guarded([&] { *out = wrap(at::relu6(tensor(x))); });
}

ct_status ct_mish(ct_tensor x, ct_tensor *out) {
  return guarded([&] { *out = wrap(at::mish(tensor(x))); });
}

ct_status ct_silu(ct_tensor x, ct_tensor *out) {
  return guarded([&] { *out = wrap(at::silu(tensor(x))); });
}

ct_status ct_hardswish(ct_tensor x, ct_tensor *out) {
  return guarded([&] { *out = wrap(at::hardswish(tensor(x))); });
}

ct_status ct_hardsigmoid(ct_tensor x, ct_tensor *out) {
  return guarded([&] { *out = wrap(at::hardsigmoid(tensor(x))); });
}

ct_status ct_selu(ct_tensor x, ct_tensor *out) {
  return guarded([&] { *out = wrap(at::selu(tensor(x))); });
}

ct_status ct_softplus(ct_tensor x, ct_tensor *out) {
  return guarded([&] { *out = wrap(at::softplus(tensor(x))); });
}

ct_status ct_gelu(ct_tensor x, ct_tensor *out) {
  return guarded([&] { *out = wrap(at::gelu(tensor(x))); });
}

ct_status ct_leaky_relu(ct_tensor x, double slope, ct_tensor *out) {
  return guarded([&] { *out = wrap(at::leaky_relu(tensor(x), slope)); });
}

ct_status ct_elu(ct_tensor x, double alpha, ct_tensor *out) {
  return guarded([&] { *out = wrap(at::elu(tensor(x), alpha)); });
}

ct_status ct_conv2d(ct_tensor x, ct_tensor weight, ct_tensor bias, ct_pair stride, ct_pair padding,
                    ct_pair dilation, intptr_t groups, ct_tensor *out) {
  return guarded([&] {
    *out = wrap(at::conv2d(tensor(x), tensor(weight), optional(bias), pair(stride), pair(padding),
                           pair(dilation), groups));
  });
}

ct_status ct_batch_norm(ct_tensor x, ct_tensor weight, ct_tensor bias, ct_tensor running_mean,
                        ct_tensor running_variance, bool training, double momentum, double epsilon,
                        ct_tensor *out) {
  return guarded([&] {
    *out = wrap(at::batch_norm(tensor(x), optional(weight), optional(bias), optional(running_mean),
                               optional(running_variance), training, momentum, epsilon,
                               /*cudnn_enabled=*/true));
  });
}

ct_status ct_max_pool2d(ct_tensor x, ct_pair kernel, ct_pair stride, ct_pair padding,
                        ct_tensor *out) {
  return guarded(
      [&] { *out = wrap(at::max_pool2d(tensor(x), pair(kernel), pair(stride), pair(padding))); });
}

ct_status ct_avg_pool2d(ct_tensor x, ct_pair kernel, ct_pair stride, ct_pair padding,
                        bool counts_padding, ct_tensor *out) {
  return guarded([&] {
    *out = wrap(at::avg_pool2d(tensor(x), pair(kernel), pair(stride), pair(padding),
                               /*ceil_mode=*/false, counts_padding));
  });
}

ct_status ct_upsample_nearest(ct_tensor x, ct_pair size, ct_tensor *out) {
  return guarded([&] { *out = wrap(at::upsample_nearest2d(tensor(x), pair(size))); });
}

ct_status ct_upsample_bilinear(ct_tensor x, ct_pair size, bool align_corners, bool antialias,
                               ct_tensor *out) {
  return guarded([&] {
    *out = wrap(antialias ? at::_upsample_bilinear2d_aa(tensor(x), pair(size), align_corners)
                          : at::upsample_bilinear2d(tensor(x), pair(size), align_corners));
  });
}

ct_status ct_upsample_bicubic(ct_tensor x, ct_pair size, bool align_corners, bool antialias,
                              ct_tensor *out) {
  return guarded([&] {
    *out = wrap(antialias ? at::_upsample_bicubic2d_aa(tensor(x), pair(size), align_corners)
                          : at::upsample_bicubic2d(tensor(x), pair(size), align_corners));
  });
}

ct_status ct_dropout(ct_tensor x, double probability, ct_generator random, ct_tensor *out) {
  return guarded([&] {
    const bool draws = random && probability > 0 && probability < 1;
    if (!draws) {
      *out = wrap(at::dropout(tensor(x), probability, true));
      return;
    }
    const double kept = 1 - probability;
    auto mask = at::empty_like(tensor(x));
    mask.bernoulli_(kept, generator(random)).div_(kept);
    *out = wrap(tensor(x).mul(mask));
  });
}

ct_status ct_linear(ct_tensor x, ct_tensor weight, ct_tensor bias, ct_tensor *out) {
  return guarded([&] { *out = wrap(at::linear(tensor(x), tensor(weight), optional(bias))); });
}

ct_status ct_matmul(ct_tensor x, ct_tensor y, ct_tensor *out) {
  return guarded([&] { *out = wrap(at::matmul(tensor(x), tensor(y))); });
}

ct_status ct_pixel_unshuffle(ct_tensor x, intptr_t factor, ct_tensor *out) {
  return guarded([&] { *out = wrap(at::pixel_unshuffle(tensor(x), factor)); });
}
