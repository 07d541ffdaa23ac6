#include "Support.h"

#include <ATen/ops/_amp_foreach_non_finite_check_and_unscale.h>
#include <ATen/ops/_amp_update_scale.h>
#include <ATen/ops/_foreach_add.h>
#include <ATen/ops/_foreach_lerp.h>
#include <ATen/ops/_foreach_zero.h>
#include <ATen/ops/_fused_adam.h>
#include <ATen/ops/_fused_adamw.h>
#include <ATen/ops/_fused_sgd.h>
#include <ATen/ops/empty_like.h>
#include <c10/core/GradMode.h>

using namespace ctorch;

namespace {

// The fused steps walk through memory, whatever count, type and strides the tensors have. So these
// are checked here, and gradients take their parameter's layout first; buffers must have it.

void check_match(const std::vector<at::Tensor> &xs, const std::vector<at::Tensor> &others,
                 const char *what) {
  TORCH_CHECK(xs.size() == others.size(), "got ", others.size(), " ", what, " for ", xs.size(),
              " parameters");
  for (size_t i = 0; i < xs.size(); ++i)
    TORCH_CHECK(xs[i].sizes() == others[i].sizes() && xs[i].dtype() == others[i].dtype() &&
                    xs[i].device() == others[i].device(),
                what, " ", i, " of shape ", others[i].sizes(), " and type ", others[i].dtype(),
                " on ", others[i].device(), " does not match its parameter of shape ",
                xs[i].sizes(), " and type ", xs[i].dtype(), " on ", xs[i].device());
}

std::vector<at::Tensor> laid_out_like(const std::vector<at::Tensor> &xs,
                                      std::vector<at::Tensor> gradients) {
  check_match(xs, gradients, "gradients");
  for (size_t i = 0; i < xs.size(); ++i)
    if (xs[i].strides() != gradients[i].strides())
      gradients[i] = at::empty_like(xs[i]).copy_(gradients[i]);
  return gradients;
}

void check_buffers(const std::vector<at::Tensor> &xs, const std::vector<at::Tensor> &buffers) {
  check_match(xs, buffers, "buffers");
  for (size_t i = 0; i < xs.size(); ++i)
    TORCH_CHECK(xs[i].strides() == buffers[i].strides(), "buffer ", i, " of shape ",
                buffers[i].sizes(), " lies in memory in another order than its parameter");
}

} // namespace

ct_status ct_add_(ct_tensor x, ct_tensor y, ct_scalar scale) {
  return guarded([&] {
    c10::NoGradGuard guard;
    tensor(x).add_(tensor(y), scalar(scale));
  });
}

ct_status ct_add_scalar_(ct_tensor x, ct_scalar y) {
  return guarded([&] {
    c10::NoGradGuard guard;
    tensor(x).add_(scalar(y));
  });
}

ct_status ct_mul_(ct_tensor x, ct_tensor y) {
  return guarded([&] {
    c10::NoGradGuard guard;
    tensor(x).mul_(tensor(y));
  });
}

ct_status ct_mul_scalar_(ct_tensor x, ct_scalar y) {
  return guarded([&] {
    c10::NoGradGuard guard;
    tensor(x).mul_(scalar(y));
  });
}

ct_status ct_div_(ct_tensor x, ct_tensor y) {
  return guarded([&] {
    c10::NoGradGuard guard;
    tensor(x).div_(tensor(y));
  });
}

ct_status ct_copy_(ct_tensor x, ct_tensor source, bool non_blocking) {
  return guarded([&] {
    c10::NoGradGuard guard;
    tensor(x).copy_(tensor(source), non_blocking);
  });
}

ct_status ct_fill_(ct_tensor x, ct_scalar value) {
  return guarded([&] {
    c10::NoGradGuard guard;
    tensor(x).fill_(scalar(value));
  });
}

ct_status ct_lerp_(ct_tensor x, ct_tensor end, double weight) {
  return guarded([&] {
    c10::NoGradGuard guard;
    tensor(x).lerp_(tensor(end), weight);
  });
}

ct_status ct_foreach_add_(const ct_tensor *xs, size_t xs_count, const ct_tensor *ys,
                          size_t ys_count, double scale) {
  return guarded([&] {
    c10::NoGradGuard guard;
    at::_foreach_add_(tensors(xs, xs_count), tensors(ys, ys_count), scale);
  });
}

ct_status ct_foreach_add_scalar_(const ct_tensor *xs, size_t xs_count, double y) {
  return guarded([&] {
    c10::NoGradGuard guard;
    at::_foreach_add_(tensors(xs, xs_count), at::Scalar(y));
  });
}

ct_status ct_foreach_lerp_(const ct_tensor *xs, size_t xs_count, const ct_tensor *ends,
                           size_t ends_count, double weight) {
  return guarded([&] {
    c10::NoGradGuard guard;
    at::_foreach_lerp_(tensors(xs, xs_count), tensors(ends, ends_count), at::Scalar(weight));
  });
}

ct_status ct_foreach_zero_(const ct_tensor *xs, size_t xs_count) {
  return guarded([&] {
    c10::NoGradGuard guard;
    at::_foreach_zero_(tensors(xs, xs_count));
  });
}

ct_status ct_fused_sgd_(const ct_tensor *parameters, size_t parameters_count,
                        const ct_tensor *gradients, size_t gradients_count,
                        const ct_tensor *buffers, size_t buffers_count, double rate,
                        ct_tensor rate_tensor, double momentum, double weight_decay,
                        double dampening, bool nesterov, bool maximize, bool is_first_step,
                        ct_tensor gradient_scale, ct_tensor found_infinity) {
  return guarded([&] {
    c10::NoGradGuard guard;
    const auto xs = tensors(parameters, parameters_count);
    const auto gs = laid_out_like(xs, tensors(gradients, gradients_count));
    const auto ms = tensors(buffers, buffers_count);
    if (momentum != 0 || !ms.empty()) check_buffers(xs, ms);
    if (rate_tensor != nullptr) {
      at::_fused_sgd_(xs, gs, ms, weight_decay, momentum, tensor(rate_tensor), dampening, nesterov,
                      maximize, is_first_step, optional(gradient_scale), optional(found_infinity));
    } else {
      at::_fused_sgd_(xs, gs, ms, weight_decay, momentum, rate, dampening, nesterov, maximize,
                      is_first_step, optional(gradient_scale), optional(found_infinity));
    }
  });
}

ct_status ct_fused_adam_(const ct_tensor *parameters, size_t parameters_count,
                         const ct_tensor *gradients, size_t gradients_count,
                         const ct_tensor *averages, size_t averages_count, const ct_tensor *squares,
                         size_t squares_count, const ct_tensor *steps, size_t steps_count,
                         double rate, ct_tensor rate_tensor, double beta1, double beta2,
                         double weight_decay, double epsilon, bool decoupled, bool maximize,
                         ct_tensor gradient_scale, ct_tensor found_infinity) {
  return guarded([&] {
    c10::NoGradGuard guard;
    const auto xs = tensors(parameters, parameters_count);
    const auto gs = laid_out_like(xs, tensors(gradients, gradients_count));
    const auto ms = tensors(averages, averages_count);
    const auto vs = tensors(squares, squares_count);
    check_buffers(xs, ms);
    check_buffers(xs, vs);
    const auto ts = tensors(steps, steps_count);
    TORCH_CHECK(ts.size() == xs.size(), "got ", ts.size(), " steps for ", xs.size(), " parameters");
    const auto scale = optional(gradient_scale);
    const auto infinity = optional(found_infinity);
    const auto step = [&](auto learning_rate) {
      if (decoupled) {
        at::_fused_adamw_(xs, gs, ms, vs, {}, ts, learning_rate, beta1, beta2, weight_decay,
                          epsilon, /*amsgrad=*/false, maximize, scale, infinity);
      } else {
        at::_fused_adam_(xs, gs, ms, vs, {}, ts, learning_rate, beta1, beta2, weight_decay, epsilon,
                         /*amsgrad=*/false, maximize, scale, infinity);
      }
    };
    if (rate_tensor != nullptr) step(tensor(rate_tensor));
    else step(rate);
  });
}

ct_status ct_unscale_gradients_(const ct_tensor *gradients, size_t gradients_count,
                                ct_tensor found_infinity, ct_tensor inverse_scale) {
  return guarded([&] {
    c10::NoGradGuard guard;
    at::_amp_foreach_non_finite_check_and_unscale_(tensors(gradients, gradients_count),
                                                   tensor(found_infinity), tensor(inverse_scale));
  });
}

ct_status ct_update_gradient_scale_(ct_tensor scale, ct_tensor growth_tracker,
                                    ct_tensor found_infinity, double growth, double backoff,
                                    intptr_t interval) {
  return guarded([&] {
    c10::NoGradGuard guard;
    at::_amp_update_scale_(tensor(scale), tensor(growth_tracker), tensor(found_infinity), growth,
                           backoff, interval);
  });
}
