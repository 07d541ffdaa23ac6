// The C interface to libtorch that Sources/Torch is written on.
//
// One shape for every function that can fail: inputs first, results last through `out`, a status
// back; `ct_last_error` then says what went wrong. No C++ exception leaves a function. Results are
// new handles, which the caller frees with `ct_free`. Functions without a status cannot fail. An
// operation without a comment does what libtorch's of that name does, with every argument given.
// Everything is as thread-safe as libtorch is: a tensor may be read from several threads, and grad
// mode and autocast belong to the thread.

#ifndef CTORCH_H
#define CTORCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#pragma clang assume_nonnull begin

typedef enum ct_status { CT_OK = 0, CT_ERROR = 1, CT_OUT_OF_MEMORY = 2 } ct_status;

/// A tensor: a boxed `at::Tensor`.
typedef struct ct_tensor_box *ct_tensor;

/// A random number generator: a boxed `at::Generator`.
typedef struct ct_generator_box *ct_generator;

/// Element types, numbered as libtorch numbers them.
typedef enum ct_dtype {
  CT_UINT8 = 0,
  CT_INT8 = 1,
  CT_INT16 = 2,
  CT_INT32 = 3,
  CT_INT64 = 4,
  CT_FLOAT16 = 5,
  CT_FLOAT32 = 6,
  CT_FLOAT64 = 7,
  CT_BOOL = 11,
  CT_BFLOAT16 = 15
} ct_dtype;

typedef enum ct_device_type { CT_CPU = 0, CT_CUDA = 1 } ct_device_type;

/// A device; `index` is ignored for the CPU.
typedef struct ct_device {
  ct_device_type type;
  int32_t index;
} ct_device;

typedef enum ct_memory_format { CT_CONTIGUOUS = 0, CT_CHANNELS_LAST = 1 } ct_memory_format;

/// A number that keeps whether it is whole, for type promotion.
typedef struct ct_scalar {
  double real;
  int64_t integer;
  bool is_integer;
} ct_scalar;

/// Sizes along height and width.
typedef struct ct_pair {
  intptr_t height;
  intptr_t width;
} ct_pair;

/// How a loss is reduced, numbered as libtorch numbers it.
typedef enum ct_reduction {
  CT_REDUCE_NONE = 0,
  CT_REDUCE_MEAN = 1,
  CT_REDUCE_SUM = 2
} ct_reduction;

// Handles

/// What the last failed call on this thread said; may hold several lines.
const char *ct_last_error(void);

/// Gives a handle back.
void ct_free(ct_tensor x);

/// Handles not yet given back, in the whole process.
intptr_t ct_live_tensor_count(void);

/// Handles made on this thread less those given back on it.
intptr_t ct_live_tensor_count_of_thread(void);

// Creation

/// A tensor with unspecified contents.
ct_status ct_empty(const intptr_t *shape, size_t shape_count, ct_dtype type, ct_device on,
                   ct_memory_format format, ct_tensor _Nullable *_Nonnull out);

/// A tensor filled with `value`.
ct_status ct_full(const intptr_t *shape, size_t shape_count, ct_scalar value, ct_dtype type,
                  ct_device on, ct_tensor _Nullable *_Nonnull out);

/// From `start` up to but without `end`.
ct_status ct_arange(ct_scalar start, ct_scalar end, ct_scalar step, ct_dtype type, ct_device on,
                    ct_tensor _Nullable *_Nonnull out);

/// `count` values from `start` to `end`, both included.
ct_status ct_linspace(double start, double end, intptr_t count, ct_dtype type, ct_device on,
                      ct_tensor _Nullable *_Nonnull out);

/// Copies `byte_count` bytes in row-major order; the count must be the shape's. With `pinned`
/// the bytes pass through page-locked memory and the upload does not wait.
ct_status ct_from_bytes(const void *_Nullable bytes, size_t byte_count, const intptr_t *shape,
                        size_t shape_count, ct_dtype type, ct_device on, bool pinned,
                        ct_tensor _Nullable *_Nonnull out);

ct_status ct_zeros_like(ct_tensor x, ct_tensor _Nullable *_Nonnull out);
/// Uniform numbers in `low..<high`, on the generator's device.
ct_status ct_uniform(const intptr_t *shape, size_t shape_count, double low, double high,
                     ct_generator random, ct_dtype type, ct_tensor _Nullable *_Nonnull out);

/// Normal numbers, on the generator's device.
ct_status ct_normal(const intptr_t *shape, size_t shape_count, double mean, double deviation,
                    ct_generator random, ct_dtype type, ct_tensor _Nullable *_Nonnull out);

/// A generator of its own for `on`.
ct_status ct_generator_new(uint64_t seed, ct_device on, ct_generator _Nullable *_Nonnull out);

ct_status ct_generator_seed(ct_generator random, uint64_t seed);

/// Gives a generator back.
void ct_generator_free(ct_generator random);

// Description

intptr_t ct_rank(ct_tensor x);

/// Writes `ct_rank` sizes.
void ct_shape(ct_tensor x, intptr_t *sizes);

intptr_t ct_count(ct_tensor x);
ct_dtype ct_dtype_of(ct_tensor x);
ct_device ct_device_of(ct_tensor x);
bool ct_is_contiguous(ct_tensor x, ct_memory_format format);
bool ct_requires_grad(ct_tensor x);

// Host access and conversion

/// Copies all elements to the host as `type`, in row-major order; `byte_count` must fit.
ct_status ct_read(ct_tensor x, ct_dtype type, void *_Nullable bytes, size_t byte_count);

/// The address of the elements of a contiguous tensor on the host; valid while `x` lives.
ct_status ct_data(ct_tensor x, void *_Nullable *_Nonnull data);

/// The value of a tensor of one element.
ct_status ct_item(ct_tensor x, double *value);

/// The value of a tensor of one element, as a whole number.
ct_status ct_item_integer(ct_tensor x, int64_t *value);

ct_status ct_to(ct_tensor x, ct_device on, ct_dtype type, bool non_blocking,
                ct_tensor _Nullable *_Nonnull out);
ct_status ct_to_device(ct_tensor x, ct_device on, bool non_blocking,
                       ct_tensor _Nullable *_Nonnull out);
ct_status ct_to_dtype(ct_tensor x, ct_dtype type, ct_tensor _Nullable *_Nonnull out);
ct_status ct_contiguous(ct_tensor x, ct_memory_format format, ct_tensor _Nullable *_Nonnull out);
ct_status ct_clone(ct_tensor x, ct_tensor _Nullable *_Nonnull out);
ct_status ct_detach(ct_tensor x, ct_tensor _Nullable *_Nonnull out);

/// A copy in page-locked host memory.
ct_status ct_pin(ct_tensor x, ct_tensor _Nullable *_Nonnull out);

// Arithmetic, element by element

ct_status ct_add(ct_tensor x, ct_tensor y, ct_tensor _Nullable *_Nonnull out);
ct_status ct_add_scalar(ct_tensor x, ct_scalar y, ct_tensor _Nullable *_Nonnull out);
ct_status ct_sub(ct_tensor x, ct_tensor y, ct_tensor _Nullable *_Nonnull out);
ct_status ct_sub_scalar(ct_tensor x, ct_scalar y, ct_tensor _Nullable *_Nonnull out);
ct_status ct_mul(ct_tensor x, ct_tensor y, ct_tensor _Nullable *_Nonnull out);
ct_status ct_mul_scalar(ct_tensor x, ct_scalar y, ct_tensor _Nullable *_Nonnull out);
ct_status ct_div(ct_tensor x, ct_tensor y, ct_tensor _Nullable *_Nonnull out);
ct_status ct_div_scalar(ct_tensor x, ct_scalar y, ct_tensor _Nullable *_Nonnull out);

/// `x - y`.
ct_status ct_scalar_sub(ct_scalar x, ct_tensor y, ct_tensor _Nullable *_Nonnull out);

/// `x / y`.
ct_status ct_scalar_div(ct_scalar x, ct_tensor y, ct_tensor _Nullable *_Nonnull out);

ct_status ct_pow_scalar(ct_tensor x, ct_scalar y, ct_tensor _Nullable *_Nonnull out);
ct_status ct_remainder(ct_tensor x, ct_tensor y, ct_tensor _Nullable *_Nonnull out);
ct_status ct_remainder_scalar(ct_tensor x, ct_scalar y, ct_tensor _Nullable *_Nonnull out);
ct_status ct_floor_divide(ct_tensor x, ct_tensor y, ct_tensor _Nullable *_Nonnull out);
ct_status ct_floor_divide_scalar(ct_tensor x, ct_scalar y, ct_tensor _Nullable *_Nonnull out);
ct_status ct_gt(ct_tensor x, ct_tensor y, ct_tensor _Nullable *_Nonnull out);
ct_status ct_gt_scalar(ct_tensor x, ct_scalar y, ct_tensor _Nullable *_Nonnull out);
ct_status ct_ge(ct_tensor x, ct_tensor y, ct_tensor _Nullable *_Nonnull out);
ct_status ct_ge_scalar(ct_tensor x, ct_scalar y, ct_tensor _Nullable *_Nonnull out);
ct_status ct_lt(ct_tensor x, ct_tensor y, ct_tensor _Nullable *_Nonnull out);
ct_status ct_lt_scalar(ct_tensor x, ct_scalar y, ct_tensor _Nullable *_Nonnull out);
ct_status ct_le(ct_tensor x, ct_tensor y, ct_tensor _Nullable *_Nonnull out);
ct_status ct_le_scalar(ct_tensor x, ct_scalar y, ct_tensor _Nullable *_Nonnull out);
ct_status ct_eq(ct_tensor x, ct_tensor y, ct_tensor _Nullable *_Nonnull out);
ct_status ct_eq_scalar(ct_tensor x, ct_scalar y, ct_tensor _Nullable *_Nonnull out);
ct_status ct_ne(ct_tensor x, ct_tensor y, ct_tensor _Nullable *_Nonnull out);
ct_status ct_ne_scalar(ct_tensor x, ct_scalar y, ct_tensor _Nullable *_Nonnull out);
ct_status ct_logical_and(ct_tensor x, ct_tensor y, ct_tensor _Nullable *_Nonnull out);
ct_status ct_logical_or(ct_tensor x, ct_tensor y, ct_tensor _Nullable *_Nonnull out);
ct_status ct_logical_not(ct_tensor x, ct_tensor _Nullable *_Nonnull out);
ct_status ct_minimum(ct_tensor x, ct_tensor y, ct_tensor _Nullable *_Nonnull out);
ct_status ct_maximum(ct_tensor x, ct_tensor y, ct_tensor _Nullable *_Nonnull out);

/// Either limit may be missing, not both.
ct_status ct_clamp(ct_tensor x, const ct_scalar *_Nullable low, const ct_scalar *_Nullable high,
                   ct_tensor _Nullable *_Nonnull out);

/// Takes `x` where the condition holds, else `y`.
ct_status ct_where(ct_tensor condition, ct_tensor x, ct_tensor y,
                   ct_tensor _Nullable *_Nonnull out);

ct_status ct_neg(ct_tensor x, ct_tensor _Nullable *_Nonnull out);
ct_status ct_abs(ct_tensor x, ct_tensor _Nullable *_Nonnull out);
ct_status ct_sign(ct_tensor x, ct_tensor _Nullable *_Nonnull out);
ct_status ct_exp(ct_tensor x, ct_tensor _Nullable *_Nonnull out);
ct_status ct_log(ct_tensor x, ct_tensor _Nullable *_Nonnull out);
ct_status ct_sqrt(ct_tensor x, ct_tensor _Nullable *_Nonnull out);
ct_status ct_rsqrt(ct_tensor x, ct_tensor _Nullable *_Nonnull out);
ct_status ct_square(ct_tensor x, ct_tensor _Nullable *_Nonnull out);
ct_status ct_reciprocal(ct_tensor x, ct_tensor _Nullable *_Nonnull out);
ct_status ct_floor(ct_tensor x, ct_tensor _Nullable *_Nonnull out);
ct_status ct_ceil(ct_tensor x, ct_tensor _Nullable *_Nonnull out);
ct_status ct_round(ct_tensor x, ct_tensor _Nullable *_Nonnull out);
ct_status ct_atan(ct_tensor x, ct_tensor _Nullable *_Nonnull out);
ct_status ct_tanh(ct_tensor x, ct_tensor _Nullable *_Nonnull out);
ct_status ct_sigmoid(ct_tensor x, ct_tensor _Nullable *_Nonnull out);
ct_status ct_isfinite(ct_tensor x, ct_tensor _Nullable *_Nonnull out);

// Reductions, sorting, softmax

ct_status ct_sum_all(ct_tensor x, ct_tensor _Nullable *_Nonnull out);
ct_status ct_sum(ct_tensor x, const intptr_t *dims, size_t dims_count, bool keep,
                 ct_tensor _Nullable *_Nonnull out);
ct_status ct_mean_all(ct_tensor x, ct_tensor _Nullable *_Nonnull out);
ct_status ct_mean(ct_tensor x, const intptr_t *dims, size_t dims_count, bool keep,
                  ct_tensor _Nullable *_Nonnull out);
ct_status ct_var(ct_tensor x, const intptr_t *dims, size_t dims_count, bool unbiased, bool keep,
                 ct_tensor _Nullable *_Nonnull out);

/// Over everything when `dims` is empty.
ct_status ct_amax(ct_tensor x, const intptr_t *dims, size_t dims_count, bool keep,
                  ct_tensor _Nullable *_Nonnull out);

/// Over everything when `dims` is empty.
ct_status ct_amin(ct_tensor x, const intptr_t *dims, size_t dims_count, bool keep,
                  ct_tensor _Nullable *_Nonnull out);

ct_status ct_argmax(ct_tensor x, intptr_t dim, bool keep, ct_tensor _Nullable *_Nonnull out);
ct_status ct_max_dim(ct_tensor x, intptr_t dim, bool keep, ct_tensor _Nullable *_Nonnull values,
                     ct_tensor _Nullable *_Nonnull indices);
/// Stable.
ct_status ct_sort(ct_tensor x, intptr_t dim, bool descending, ct_tensor _Nullable *_Nonnull values,
                  ct_tensor _Nullable *_Nonnull indices);

ct_status ct_all(ct_tensor x, ct_tensor _Nullable *_Nonnull out);
ct_status ct_softmax(ct_tensor x, intptr_t dim, ct_tensor _Nullable *_Nonnull out);
ct_status ct_log_softmax(ct_tensor x, intptr_t dim, ct_tensor _Nullable *_Nonnull out);

// Shape

ct_status ct_reshape(ct_tensor x, const intptr_t *shape, size_t shape_count,
                     ct_tensor _Nullable *_Nonnull out);
ct_status ct_view(ct_tensor x, const intptr_t *shape, size_t shape_count,
                  ct_tensor _Nullable *_Nonnull out);
ct_status ct_permute(ct_tensor x, const intptr_t *dims, size_t dims_count,
                     ct_tensor _Nullable *_Nonnull out);
ct_status ct_transpose(ct_tensor x, intptr_t a, intptr_t b, ct_tensor _Nullable *_Nonnull out);
ct_status ct_flatten(ct_tensor x, intptr_t from, intptr_t to, ct_tensor _Nullable *_Nonnull out);
ct_status ct_unsqueeze(ct_tensor x, intptr_t dim, ct_tensor _Nullable *_Nonnull out);
ct_status ct_squeeze(ct_tensor x, intptr_t dim, ct_tensor _Nullable *_Nonnull out);
ct_status ct_squeeze_all(ct_tensor x, ct_tensor _Nullable *_Nonnull out);
ct_status ct_expand(ct_tensor x, const intptr_t *shape, size_t shape_count,
                    ct_tensor _Nullable *_Nonnull out);
ct_status ct_repeat(ct_tensor x, const intptr_t *counts, size_t counts_count,
                    ct_tensor _Nullable *_Nonnull out);
ct_status ct_flip(ct_tensor x, const intptr_t *dims, size_t dims_count,
                  ct_tensor _Nullable *_Nonnull out);
/// Concatenates along `dim`.
ct_status ct_cat(const ct_tensor _Nonnull *_Nonnull xs, size_t xs_count, intptr_t dim,
                 ct_tensor _Nullable *_Nonnull out);

/// Stacks along a new `dim`.
ct_status ct_stack(const ct_tensor _Nonnull *_Nonnull xs, size_t xs_count, intptr_t dim,
                   ct_tensor _Nullable *_Nonnull out);

/// Cuts along `dim` into pieces of the given sizes; `outs` has room for as many.
ct_status ct_split(ct_tensor x, const intptr_t *sizes, size_t sizes_count, intptr_t dim,
                   ct_tensor _Nullable *_Nonnull outs);

/// Pads the last dims first: left, right, top, bottom, …
ct_status ct_pad(ct_tensor x, const intptr_t *padding, size_t padding_count, ct_scalar value,
                 ct_tensor _Nullable *_Nonnull out);

// Indexing

ct_status ct_narrow(ct_tensor x, intptr_t dim, intptr_t start, intptr_t length,
                    ct_tensor _Nullable *_Nonnull out);
ct_status ct_slice(ct_tensor x, intptr_t dim, intptr_t start, intptr_t end, intptr_t step,
                   ct_tensor _Nullable *_Nonnull out);
ct_status ct_select(ct_tensor x, intptr_t dim, intptr_t index, ct_tensor _Nullable *_Nonnull out);
ct_status ct_index_select(ct_tensor x, intptr_t dim, ct_tensor indices,
                          ct_tensor _Nullable *_Nonnull out);
ct_status ct_gather(ct_tensor x, intptr_t dim, ct_tensor indices,
                    ct_tensor _Nullable *_Nonnull out);
ct_status ct_scatter_add(ct_tensor x, intptr_t dim, ct_tensor indices, ct_tensor source,
                         ct_tensor _Nullable *_Nonnull out);

/// `reduction` is one of sum, prod, mean, amax, amin.
ct_status ct_scatter_reduce(ct_tensor x, intptr_t dim, ct_tensor indices, ct_tensor source,
                            const char *reduction, bool include_self,
                            ct_tensor _Nullable *_Nonnull out);

ct_status ct_masked_fill(ct_tensor x, ct_tensor mask, ct_scalar value,
                         ct_tensor _Nullable *_Nonnull out);
/// The indices of the elements that are not zero, [n, rank].
ct_status ct_nonzero(ct_tensor x, ct_tensor _Nullable *_Nonnull out);

ct_status ct_one_hot(ct_tensor x, intptr_t classes, ct_tensor _Nullable *_Nonnull out);

// Network layers

ct_status ct_relu(ct_tensor x, ct_tensor _Nullable *_Nonnull out);
ct_status ct_relu6(ct_tensor x, ct_tensor _Nullable *_Nonnull out);
ct_status ct_mish(ct_tensor x, ct_tensor _Nullable *_Nonnull out);
ct_status ct_silu(ct_tensor x, ct_tensor _Nullable *_Nonnull out);
ct_status ct_hardswish(ct_tensor x, ct_tensor _Nullable *_Nonnull out);
ct_status ct_hardsigmoid(ct_tensor x, ct_tensor _Nullable *_Nonnull out);
ct_status ct_selu(ct_tensor x, ct_tensor _Nullable *_Nonnull out);
ct_status ct_softplus(ct_tensor x, ct_tensor _Nullable *_Nonnull out);
ct_status ct_gelu(ct_tensor x, ct_tensor _Nullable *_Nonnull out);
ct_status ct_leaky_relu(ct_tensor x, double slope, ct_tensor _Nullable *_Nonnull out);
ct_status ct_elu(ct_tensor x, double alpha, ct_tensor _Nullable *_Nonnull out);
ct_status ct_conv2d(ct_tensor x, ct_tensor weight, ct_tensor _Nullable bias, ct_pair stride,
                    ct_pair padding, ct_pair dilation, intptr_t groups,
                    ct_tensor _Nullable *_Nonnull out);

/// Changes the running statistics in place when training.
ct_status ct_batch_norm(ct_tensor x, ct_tensor _Nullable weight, ct_tensor _Nullable bias,
                        ct_tensor _Nullable running_mean, ct_tensor _Nullable running_variance,
                        bool training, double momentum, double epsilon,
                        ct_tensor _Nullable *_Nonnull out);

ct_status ct_max_pool2d(ct_tensor x, ct_pair kernel, ct_pair stride, ct_pair padding,
                        ct_tensor _Nullable *_Nonnull out);
ct_status ct_avg_pool2d(ct_tensor x, ct_pair kernel, ct_pair stride, ct_pair padding,
                        bool counts_padding, ct_tensor _Nullable *_Nonnull out);
ct_status ct_upsample_nearest(ct_tensor x, ct_pair size, ct_tensor _Nullable *_Nonnull out);

/// `antialias` needs a CPU or CUDA tensor of floats.
ct_status ct_upsample_bilinear(ct_tensor x, ct_pair size, bool align_corners, bool antialias,
                               ct_tensor _Nullable *_Nonnull out);

ct_status ct_upsample_bicubic(ct_tensor x, ct_pair size, bool align_corners, bool antialias,
                              ct_tensor _Nullable *_Nonnull out);
// NULL: the default generator.
ct_status ct_dropout(ct_tensor x, double probability, ct_generator _Nullable random,
                     ct_tensor _Nullable *_Nonnull out);
ct_status ct_linear(ct_tensor x, ct_tensor weight, ct_tensor _Nullable bias,
                    ct_tensor _Nullable *_Nonnull out);
ct_status ct_matmul(ct_tensor x, ct_tensor y, ct_tensor _Nullable *_Nonnull out);

ct_status ct_pixel_unshuffle(ct_tensor x, intptr_t factor, ct_tensor _Nullable *_Nonnull out);

// Losses

ct_status ct_bce_with_logits(ct_tensor x, ct_tensor target, ct_tensor _Nullable weight,
                             ct_tensor _Nullable positive_weight, ct_reduction reduction,
                             ct_tensor _Nullable *_Nonnull out);

// Gradients

ct_status ct_set_requires_grad(ct_tensor x, bool flag);

/// The gradient, or null where there is none.
ct_status ct_grad(ct_tensor x, ct_tensor _Nullable *_Nonnull out);

/// Sets the gradient; null clears it.
ct_status ct_set_grad(ct_tensor x, ct_tensor _Nullable gradient);

ct_status ct_backward(ct_tensor x, ct_tensor _Nullable gradient, bool retain_graph);

/// Gradients of `x` by each of `inputs`; null for one that `x` does not depend on. `outs` has
/// room for as many.
ct_status ct_gradients(ct_tensor x, const ct_tensor _Nonnull *_Nonnull inputs, size_t inputs_count,
                       ct_tensor _Nullable gradient, bool create_graph,
                       ct_tensor _Nullable *_Nonnull outs);

/// `value` as it is, whose gradient goes to `other` alone, which has its shape.
ct_status ct_straight_through(ct_tensor value, ct_tensor other,
                              ct_tensor _Nullable *_Nonnull out);

bool ct_grad_is_enabled(void);
void ct_set_grad_enabled(bool enabled);

/// Enters inference mode on this thread.
ct_status ct_inference_begin(void *_Nullable *_Nonnull guard);

/// Leaves inference mode; in reverse order of entering, on the same thread.
void ct_inference_end(void *guard);

// Changes in place, never recorded for gradients

/// `x += scale * y`.
ct_status ct_add_(ct_tensor x, ct_tensor y, ct_scalar scale);

ct_status ct_add_scalar_(ct_tensor x, ct_scalar y);
ct_status ct_mul_(ct_tensor x, ct_tensor y);
ct_status ct_mul_scalar_(ct_tensor x, ct_scalar y);
ct_status ct_div_(ct_tensor x, ct_tensor y);
ct_status ct_copy_(ct_tensor x, ct_tensor source, bool non_blocking);
ct_status ct_fill_(ct_tensor x, ct_scalar value);

/// `x += weight * (end - x)`.
ct_status ct_lerp_(ct_tensor x, ct_tensor end, double weight);

/// `xs[i] += scale * ys[i]`.
ct_status ct_foreach_add_(const ct_tensor _Nonnull *_Nonnull xs, size_t xs_count,
                          const ct_tensor _Nonnull *_Nonnull ys, size_t ys_count, double scale);

ct_status ct_foreach_add_scalar_(const ct_tensor _Nonnull *_Nonnull xs, size_t xs_count, double y);

/// `xs[i] += weight * (ends[i] - xs[i])`.
ct_status ct_foreach_lerp_(const ct_tensor _Nonnull *_Nonnull xs, size_t xs_count,
                           const ct_tensor _Nonnull *_Nonnull ends, size_t ends_count,
                           double weight);

ct_status ct_foreach_zero_(const ct_tensor _Nonnull *_Nonnull xs, size_t xs_count);

/// One step of SGD for all parameters. The rate is `rate_tensor` where there is one. The
/// buffers may be missing when the momentum is 0.
ct_status ct_fused_sgd_(const ct_tensor _Nonnull *_Nonnull parameters, size_t parameters_count,
                        const ct_tensor _Nonnull *_Nonnull gradients, size_t gradients_count,
                        const ct_tensor _Nonnull *_Nonnull buffers, size_t buffers_count,
                        double rate, ct_tensor _Nullable rate_tensor, double momentum,
                        double weight_decay, double dampening, bool nesterov, bool maximize,
                        bool is_first_step, ct_tensor _Nullable gradient_scale,
                        ct_tensor _Nullable found_infinity);

/// One step of Adam for all parameters, or of AdamW when `decoupled`. `steps` are float tensors
/// of one element, which the caller advances before the call.
ct_status ct_fused_adam_(const ct_tensor _Nonnull *_Nonnull parameters, size_t parameters_count,
                         const ct_tensor _Nonnull *_Nonnull gradients, size_t gradients_count,
                         const ct_tensor _Nonnull *_Nonnull averages, size_t averages_count,
                         const ct_tensor _Nonnull *_Nonnull squares, size_t squares_count,
                         const ct_tensor _Nonnull *_Nonnull steps, size_t steps_count, double rate,
                         ct_tensor _Nullable rate_tensor, double beta1, double beta2,
                         double weight_decay, double epsilon, bool decoupled, bool maximize,
                         ct_tensor _Nullable gradient_scale, ct_tensor _Nullable found_infinity);

/// Multiplies the gradients by `inverse_scale`, and sets `found_infinity` to 1 where one is not
/// finite.
ct_status ct_unscale_gradients_(const ct_tensor _Nonnull *_Nonnull gradients,
                                size_t gradients_count, ct_tensor found_infinity,
                                ct_tensor inverse_scale);

/// The next loss scale: backed off after an infinity, grown after `interval` steps without one.
ct_status ct_update_gradient_scale_(ct_tensor scale, ct_tensor growth_tracker,
                                    ct_tensor found_infinity, double growth, double backoff,
                                    intptr_t interval);

// The process

/// Memory on a device, in bytes.
typedef struct ct_memory {
  int64_t allocated;
  int64_t peak_allocated;
  int64_t reserved;
  int64_t total;
} ct_memory;

/// Autocast as it was on this thread before `ct_autocast_begin`.
typedef struct ct_autocast {
  ct_device_type type;
  bool was_enabled;
  ct_dtype dtype;
} ct_autocast;

/// libtorch's version, as in 2.11.0.
const char *ct_version(void);

/// The instruction set that the CPU kernels use: DEFAULT, AVX2 or AVX512.
const char *ct_cpu_capability(void);

intptr_t ct_thread_count(void);
ct_status ct_set_thread_count(intptr_t count);

/// Calls `body` once for each index of 0..<count, side by side on the threads that share a CPU
/// operation; operations inside of it use one thread each. In order on this thread where libtorch
/// does not divide its work by GNU OpenMP. `body` must not throw.
void ct_side_by_side(
    intptr_t count, void *context, void (*body)(void *context, intptr_t index));
bool ct_deterministic(void);
ct_status ct_set_deterministic(bool enabled);

/// Seeds the default generators of all devices.
ct_status ct_seed(uint64_t seed);

ct_status ct_tf32(bool *products, bool *convolutions);
ct_status ct_set_tf32(bool products, bool convolutions);

/// Usable CUDA devices; the first call loads libtorch's CUDA half.
intptr_t ct_cuda_count(void);

/// Why there is no CUDA device; empty when there is one.
const char *ct_cuda_reason(void);

ct_status ct_synchronize(ct_device on);
ct_status ct_memory_use(ct_device on, ct_memory *use);

/// Sets autocast for one kind of device on this thread.
ct_status ct_autocast_begin(ct_device_type type, ct_dtype dtype, bool enabled, ct_autocast *before);

ct_status ct_autocast_end(ct_autocast before);

#pragma clang assume_nonnull end

#ifdef __cplusplus
}
#endif

#endif
