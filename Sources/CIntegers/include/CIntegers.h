// Sums of products of whole numbers, for Integers: what takes nearly all of a network's time.
#pragma once

#include <stddef.h>
#include <stdint.h>

/// Instructions that the sums are made with; each gives the same.
typedef enum { ci_portable, ci_avx2, ci_vnni } ci_instructions;

/// The best that this processor has.
ci_instructions ci_best_instructions(void);

/// Channels and places of one block.
enum { ci_channels = 4, ci_places = 32 };

/// Adds a block of products: sums[channel][place] = Σ weights[pair][channel][2]·values[pair][place][2].
///
/// The caller knows that no sum of sizes exceeds 32 bits, whatever the order.
void ci_add_products(ci_instructions instructions, const int16_t *_Nonnull weights, const int16_t *_Nonnull values,
                     size_t pairs, int32_t *_Nonnull sums);

/// Two rows of numbers of 16 bits, one beside the other: out[2i] = a[i·stride], out[2i + 1] = b[i·stride].
/// Without `b` its numbers are zero.
void ci_interleave(const int32_t *_Nonnull a, const int32_t *_Nullable b, size_t count,
                   size_t stride, int16_t *_Nonnull out);
