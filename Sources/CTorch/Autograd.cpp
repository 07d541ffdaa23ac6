#include "Support.h"

#include <c10/core/GradMode.h>
#include <c10/core/InferenceMode.h>
#include <torch/csrc/autograd/autograd.h>
#include <torch/csrc/autograd/custom_function.h>

using namespace ctorch;

namespace {

/// A value that passes its gradient on to another tensor of its shape.
struct StraightThrough : torch::autograd::Function<StraightThrough> {
  static at::Tensor forward(torch::autograd::AutogradContext *, const at::Tensor &value,
                            const at::Tensor &) {
    return value.detach();
  }

  static std::vector<at::Tensor> backward(torch::autograd::AutogradContext *,
                                          const std::vector<at::Tensor> &gradients) {
    return {at::Tensor(), gradients[0]};
  }
};

} // namespace

ct_status ct_set_requires_grad(ct_tensor x, bool flag) {
  return guarded([&] { tensor(x).set_requires_grad(flag); });
}

ct_status ct_grad(ct_tensor x, ct_tensor *out) {
  return guarded([&] {
    *out = nullptr;
    const auto &source = tensor(x);
    // Asking any other tensor prints a warning.
    if (!source.is_leaf() && !source.retains_grad()) return;
    if (source.grad().defined()) *out = wrap(source.grad());
  });
}

ct_status ct_set_grad(ct_tensor x, ct_tensor gradient) {
  return guarded(
      [&] { tensor(x).mutable_grad() = gradient == nullptr ? at::Tensor() : tensor(gradient); });
}

ct_status ct_backward(ct_tensor x, ct_tensor gradient, bool retain_graph) {
  return guarded([&] {
    tensor(x).backward(gradient == nullptr ? at::Tensor() : tensor(gradient), retain_graph,
                       /*create_graph=*/false);
  });
}

ct_status ct_gradients(ct_tensor x, const ct_tensor *inputs, size_t inputs_count,
                       ct_tensor gradient, bool create_graph, ct_tensor *outs) {
  return guarded([&] {
    std::vector<at::Tensor> seeds;
    if (gradient != nullptr) seeds.push_back(tensor(gradient));
    const auto found = torch::autograd::grad({tensor(x)}, tensors(inputs, inputs_count), seeds,
                                             create_graph, create_graph, true);
    for (size_t i = 0; i < found.size(); ++i)
      outs[i] = found[i].defined() ? wrap(found[i]) : nullptr;
  });
}

ct_status ct_straight_through(ct_tensor value, ct_tensor other, ct_tensor *out) {
  return guarded([&] {
    TORCH_CHECK(tensor(value).sizes() == tensor(other).sizes(), "a value of shape ",
                tensor(value).sizes(), " has no gradient of shape ", tensor(other).sizes());
    // Without its own history, which would be gone through for nothing.
    *out = wrap(StraightThrough::apply(tensor(value).detach(), tensor(other)));
  });
}

ct_status ct_inference_begin(void **guard) {
  return guarded([&] { *guard = new c10::InferenceMode(true); });
}

bool ct_grad_is_enabled(void) { return c10::GradMode::is_enabled(); }

void ct_set_grad_enabled(bool enabled) { c10::GradMode::set_enabled(enabled); }

void ct_inference_end(void *guard) { delete static_cast<c10::InferenceMode *>(guard); }
