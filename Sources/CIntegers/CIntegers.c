#include "CIntegers.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

static void add_portable(const int16_t *weights, const int16_t *values, size_t pairs,
                         int32_t *sums) {
  int32_t block[ci_channels][ci_places] = {{0}};
  for (size_t pair = 0; pair < pairs; pair++) {
    const int16_t *w = weights + pair * 2 * ci_channels;
    const int16_t *x = values + pair * 2 * ci_places;
    for (int channel = 0; channel < ci_channels; channel++)
      for (int place = 0; place < ci_places; place++)
        block[channel][place] += (int32_t)w[2 * channel] * x[2 * place] +
                                 (int32_t)w[2 * channel + 1] * x[2 * place + 1];
  }
  for (int channel = 0; channel < ci_channels; channel++)
    for (int place = 0; place < ci_places; place++)
      sums[channel * ci_places + place] = block[channel][place];
}

#if defined(__x86_64__)
static int32_t pair_at(const int16_t *weights) {
  int32_t pair;
  __builtin_memcpy(&pair, weights, sizeof pair);
  return pair;
}

__attribute__((target("avx2"))) static void add_avx2(const int16_t *weights,
                                                     const int16_t *values, size_t pairs,
                                                     int32_t *sums) {
  // Sixteen places at a time: eight sums and their operands fit into sixteen registers.
  for (int half = 0; half < 2; half++) {
    __m256i block[ci_channels][2];
    for (int channel = 0; channel < ci_channels; channel++)
      block[channel][0] = block[channel][1] = _mm256_setzero_si256();
    for (size_t pair = 0; pair < pairs; pair++) {
      const __m256i *x = (const __m256i *)(values + pair * 2 * ci_places + half * ci_places);
      const int16_t *w = weights + pair * 2 * ci_channels;
      const __m256i low = _mm256_loadu_si256(x), high = _mm256_loadu_si256(x + 1);
      for (int channel = 0; channel < ci_channels; channel++) {
        const __m256i factor = _mm256_set1_epi32(pair_at(w + 2 * channel));
        block[channel][0] = _mm256_add_epi32(block[channel][0], _mm256_madd_epi16(factor, low));
        block[channel][1] = _mm256_add_epi32(block[channel][1], _mm256_madd_epi16(factor, high));
      }
    }
    for (int channel = 0; channel < ci_channels; channel++) {
      __m256i *out = (__m256i *)(sums + channel * ci_places + half * ci_places / 2);
      _mm256_storeu_si256(out, block[channel][0]);
      _mm256_storeu_si256(out + 1, block[channel][1]);
    }
  }
}

__attribute__((target("avx512f,avx512bw,avx512vnni"))) static void add_vnni(
    const int16_t *weights, const int16_t *values, size_t pairs, int32_t *sums) {
  __m512i block[ci_channels][2];
  for (int channel = 0; channel < ci_channels; channel++)
    block[channel][0] = block[channel][1] = _mm512_setzero_si512();
  for (size_t pair = 0; pair < pairs; pair++) {
    const int16_t *x = values + pair * 2 * ci_places;
    const int16_t *w = weights + pair * 2 * ci_channels;
    const __m512i low = _mm512_loadu_si512(x), high = _mm512_loadu_si512(x + ci_places);
    for (int channel = 0; channel < ci_channels; channel++) {
      const __m512i factor = _mm512_set1_epi32(pair_at(w + 2 * channel));
      block[channel][0] = _mm512_dpwssd_epi32(block[channel][0], factor, low);
      block[channel][1] = _mm512_dpwssd_epi32(block[channel][1], factor, high);
    }
  }
  for (int channel = 0; channel < ci_channels; channel++) {
    _mm512_storeu_si512(sums + channel * ci_places, block[channel][0]);
    _mm512_storeu_si512(sums + channel * ci_places + ci_places / 2, block[channel][1]);
  }
}
#endif

ci_instructions ci_best_instructions(void) {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx512vnni") && __builtin_cpu_supports("avx512bw")) return ci_vnni;
  if (__builtin_cpu_supports("avx2")) return ci_avx2;
#endif
  return ci_portable;
}

void ci_add_products(ci_instructions instructions, const int16_t *weights, const int16_t *values,
                     size_t pairs, int32_t *sums) {
  switch (instructions) {
#if defined(__x86_64__)
  case ci_vnni: add_vnni(weights, values, pairs, sums); return;
  case ci_avx2: add_avx2(weights, values, pairs, sums); return;
#else
  case ci_vnni:
  case ci_avx2:
#endif
  case ci_portable: add_portable(weights, values, pairs, sums); return;
  }
}

void ci_interleave(const int32_t *a, const int32_t *b, size_t count, size_t stride, int16_t *out) {
  if (b == NULL) {
    for (size_t i = 0; i < count; i++) {
      out[2 * i] = (int16_t)a[i * stride];
      out[2 * i + 1] = 0;
    }
  } else if (stride == 1) {
    for (size_t i = 0; i < count; i++) {
      out[2 * i] = (int16_t)a[i];
      out[2 * i + 1] = (int16_t)b[i];
    }
  } else {
    for (size_t i = 0; i < count; i++) {
      out[2 * i] = (int16_t)a[i * stride];
      out[2 * i + 1] = (int16_t)b[i * stride];
    }
  }
}
