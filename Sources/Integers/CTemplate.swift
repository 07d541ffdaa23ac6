/// The functions of a program in C, each written where a layer needs it.
enum CTemplate {
  /// From sums to codes.
  static let rule = """
    /* From sums to codes: a multiplier of each lane, the activation, a range. */
    typedef struct {
      const int32_t *multipliers;
      const uint8_t *shifts;
      const int32_t *negatives;
      const uint8_t *negative_shifts;
      const entry_t *table;
      int32_t first, entries, lanes, zero, lowest, highest;
    } rule_t;

    /* sum * multiplier / 2^shift, to the nearest; halves to the even one. */
    static int64_t scaled(int64_t sum, int32_t multiplier, int shift) {
      const int64_t product = sum * multiplier;
      if (shift == 0) return product;
      return (product + ((int64_t)1 << (shift - 1)) - 1 + ((product >> shift) & 1)) >> shift;
    }

    static int32_t number_of(const rule_t *rule, int64_t sum, size_t lane) {
      int64_t code;
      if (rule->lanes == 1) lane = 0;
      if (sum < 0 && rule->negatives != NULL)
        code = scaled(sum, rule->negatives[lane], rule->negative_shifts[lane]);
      else
        code = scaled(sum, rule->multipliers[lane], rule->shifts[lane]);
      if (rule->table != NULL) {
        code -= rule->first;
        if (code < 0) code = 0;
        if (code >= rule->entries) code = rule->entries - 1;
        return rule->table[code];
      }
      code += rule->zero;
      if (code < rule->lowest) code = rule->lowest;
      if (code > rule->highest) code = rule->highest;
      return (int32_t)code;
    }

    static code_t code_of(const rule_t *rule, int64_t sum, size_t lane) {
      return (code_t)number_of(rule, sum, lane);
    }

    """

  /// The functions that some layers need.
  static func functions(used layers: [IntegerLayer]) -> String {
    var names: [String] = []
    for layer in layers {
      let name: String? =
        switch layer.operation {
        case .convolution(let convolution):
          convolution.blur == nil ? "convolve" : "blur"
        case .gate: "gate"
        case .blurredMaximum: "blur_maximum"
        case .sum: "add"
        case .product: "multiply"
        case .averagePool: "average_all"
        case .localAveragePool: "average"
        case .enlargement: "enlarge"
        case .affine: "scale"
        case .passing(.maxPool): "maximum"
        case .passing(.channelMaxPool): "channel_maximum"
        case .passing(.upsample): "repeat"
        case .passing(.reorg), .passing(.reorg3d): "space_to_depth"
        case .passing: nil
        }
      let used = name.map { needs[$0, default: []] + [$0] } ?? []
      names += used.filter { !names.contains($0) }
    }
    return names.compactMap { texts[$0] }.joined(separator: "\n")
  }

  /// What a function calls.
  private static let needs = [
    "blur": ["convolve"], "maximum": ["largest"], "blur_maximum": ["largest"],
    "gate": ["channel_sum"], "average_all": ["channel_sum"],
  ]

  private static let texts = [
    "convolve": """
    /* The weight at a place of a file of 1, 2 or 4 bytes a weight. */
    static int32_t weight_at(const unsigned char *weights, size_t place, int bytes) {
      if (bytes == 1) return (int8_t)weights[place];
      if (bytes == 2) return (int16_t)(weights[2 * place] | weights[2 * place + 1] << 8);
      return (int32_t)((uint32_t)weights[4 * place] | (uint32_t)weights[4 * place + 1] << 8 |
                       (uint32_t)weights[4 * place + 2] << 16 |
                       (uint32_t)weights[4 * place + 3] << 24);
    }

    /* The channels from one to before another. Gives 0 where a sum does not fit into 32 bits.
       Without a rule the sums are what is wanted; with numbers codes go there, less zero. */
    static int convolve(const code_t *in, int32_t zero, int channels, int height, int width,
                        int out_channels, int out_height, int out_width, int kernel, int stride_y,
                        int stride_x, int padding, int dilation, int groups,
                        const unsigned char *weights, int bytes, const int32_t *biases,
                        const rule_t *rule, int from, int to, code_t *out, int32_t *numbers) {
      const int inputs = channels / groups, outputs = out_channels / groups;
      size_t place = 0;
      for (int o = from; o < to; o++) {
        const code_t *first = in + (size_t)(o / outputs) * inputs * height * width;
        const size_t start = (size_t)o * inputs * kernel * kernel;
        for (int y = 0; y < out_height; y++) {
          for (int x = 0; x < out_width; x++, place++) {
            sum_t sum = biases[o];
            for (int ky = 0; ky < kernel; ky++) {
              const int row = y * stride_y + ky * dilation - padding;
              if (row < 0 || row >= height) continue;
              for (int kx = 0; kx < kernel; kx++) {
                const int column = x * stride_x + kx * dilation - padding;
                if (column < 0 || column >= width) continue;
                const code_t *value = first + (size_t)row * width + column;
                size_t tap = start + (size_t)ky * kernel + kx;
                for (int i = 0; i < inputs; i++) {
                  sum += (sum_t)weight_at(weights, tap, bytes) * ((int32_t)*value - zero);
                  tap += (size_t)kernel * kernel;
                  value += (size_t)height * width;
                }
              }
            }
            if (!FITS(sum)) return 0;
            if (numbers == NULL)
              out[place] = code_of(rule, sum, (size_t)o);
            else if (rule == NULL)
              numbers[place] = (int32_t)sum;
            else
              numbers[place] = number_of(rule, sum, (size_t)o) - rule->zero;
          }
        }
      }
      return 1;
    }

    """,
    "blur": """
    /* One channel. */
    static void blur(const int32_t *in, int height, int width, int out_height, int out_width,
                     int size, int stride_y, int stride_x, const rule_t *rule, code_t *out) {
      const int padding = size == 3;
      for (int y = 0; y < out_height; y++) {
        for (int x = 0; x < out_width; x++) {
          int64_t sum = 0;
          for (int i = 0; i < size; i++) {
            const int row = y * stride_y + i - padding;
            if (row < 0 || row >= height) continue;
            for (int j = 0; j < size; j++) {
              const int column = x * stride_x + j - padding;
              if (column < 0 || column >= width) continue;
              sum += (int64_t)in[(size_t)row * width + column] *
                     ((size == 3 && i == 1 ? 2 : 1) * (size == 3 && j == 1 ? 2 : 1));
            }
          }
          *out++ = code_of(rule, sum, 0);
        }
      }
    }

    """,
    "channel_sum": """
    /* The sum of a channel. Gives 0 where that is not below 2^32 in size. */
    static int channel_sum(const code_t *in, int32_t zero, int places, int64_t *sum) {
      *sum = 0;
      for (int p = 0; p < places; p++) *sum += (int32_t)in[p] - zero;
      return *sum < (int64_t)1 << 32 && *sum > -((int64_t)1 << 32);
    }

    """,
    "gate": """
    /* Gives 0 where the sum of a channel is too large. */
    static int gate(const code_t *in, int32_t zero, int channels, int places, int width,
                     const int32_t *squeeze, const int32_t *excite, const rule_t *mean,
                     const rule_t *middle, const rule_t *factor, const rule_t *rule,
                     int32_t *means, int32_t *values, code_t *out) {
      int64_t sum;
      for (int c = 0; c < channels; c++) {
        if (!channel_sum(in + (size_t)c * places, zero, places, &sum)) return 0;
        means[c] = number_of(mean, sum, 0);
      }
      for (int h = 0; h < width; h++) {
        sum = 0;
        for (int c = 0; c < channels; c++)
          sum += (int64_t)squeeze[(size_t)h * channels + c] * means[c];
        values[h] = number_of(middle, sum, (size_t)h);
      }
      for (int c = 0; c < channels; c++) {
        sum = 0;
        for (int h = 0; h < width; h++) sum += (int64_t)excite[(size_t)c * width + h] * values[h];
        const int64_t number = number_of(factor, sum, (size_t)c);
        for (int p = 0; p < places; p++)
          *out++ = code_of(rule, number * ((int32_t)*in++ - zero), (size_t)c);
      }
      return 1;
    }

    """,
    "add": """
    typedef struct {
      const code_t *map;
      const int32_t *factors;
      int by_channel, channels;
      int32_t zero;
    } summand_t;

    static void add(const summand_t *summands, int count, int channels, int places,
                    const rule_t *rule, code_t *out) {
      for (int c = 0; c < channels; c++) {
        for (int p = 0; p < places; p++) {
          int64_t sum = 0;
          for (int s = 0; s < count; s++) {
            if (c >= summands[s].channels) continue;
            sum += (int64_t)summands[s].factors[summands[s].by_channel ? c : 0] *
                   ((int32_t)summands[s].map[(size_t)c * places + p] - summands[s].zero);
          }
          out[(size_t)c * places + p] = code_of(rule, sum, (size_t)c);
        }
      }
    }

    """,
    "multiply": """
    static void multiply(const code_t *a, int32_t zero_a, int channel_a, int place_a,
                         const code_t *b, int32_t zero_b, int channel_b, int place_b, int channels,
                         int places, const rule_t *rule, code_t *out) {
      for (int c = 0; c < channels; c++)
        for (int p = 0; p < places; p++)
          *out++ = code_of(rule,
                           (int64_t)((int32_t)a[c * channel_a + p * place_a] - zero_a) *
                               ((int32_t)b[c * channel_b + p * place_b] - zero_b),
                           0);
    }

    """,
    "average_all": """
    /* Gives 0 where the sum of a channel is too large. */
    static int average_all(const code_t *in, int32_t zero, int channels, int places,
                           const rule_t *rule, code_t *out) {
      int64_t sum;
      for (int c = 0; c < channels; c++) {
        if (!channel_sum(in + (size_t)c * places, zero, places, &sum)) return 0;
        out[c] = code_of(rule, sum, 0);
      }
      return 1;
    }

    """,
    "average": """
    static void average(const code_t *in, int32_t zero, int channels, int height, int width,
                        int out_height, int out_width, int size, int stride_y, int stride_x,
                        int padding, const rule_t *rule, code_t *out) {
      for (int c = 0; c < channels; c++, in += (size_t)height * width) {
        for (int y = 0; y < out_height; y++) {
          for (int x = 0; x < out_width; x++) {
            int64_t sum = 0;
            size_t count = 0;
            for (int row = y * stride_y - padding; row < y * stride_y - padding + size; row++) {
              if (row < 0 || row >= height) continue;
              for (int i = x * stride_x - padding; i < x * stride_x - padding + size; i++) {
                if (i < 0 || i >= width) continue;
                sum += (int32_t)in[(size_t)row * width + i] - zero;
                count++;
              }
            }
            *out++ = code_of(rule, sum, count > 0 ? count - 1 : 0);
          }
        }
      }
    }

    """,
    "enlarge": """
    static void enlarge(const code_t *in, int32_t zero, int channels, int height, int width,
                        int stride, const rule_t *rule, code_t *out) {
      for (int c = 0; c < channels; c++, in += (size_t)height * width)
        for (int y = 0; y < height * stride; y++)
          for (int x = 0; x < width * stride; x++)
            *out++ = code_of(rule, (int32_t)in[(size_t)(y / stride) * width + x / stride] - zero, 0);
    }

    """,
    "scale": """
    static void scale(const code_t *in, int32_t zero, int channels, int places,
                      const int32_t *weights, const int32_t *biases, const rule_t *rule,
                      code_t *out) {
      for (int c = 0; c < channels; c++)
        for (int p = 0; p < places; p++)
          *out++ = code_of(rule, (int64_t)weights[c] * ((int32_t)*in++ - zero) + biases[c],
                           (size_t)c);
    }

    """,
    "largest": """
    /* The largest code of a window of a channel. */
    static int32_t largest(const code_t *in, int height, int width, int top, int left, int size) {
      int found = 0;
      code_t most = 0;
      for (int row = top; row < top + size; row++) {
        if (row < 0 || row >= height) continue;
        for (int i = left; i < left + size; i++) {
          if (i < 0 || i >= width) continue;
          if (!found || in[(size_t)row * width + i] > most) most = in[(size_t)row * width + i];
          found = 1;
        }
      }
      return most;
    }

    """,
    "blur_maximum": """
    /* A blur of the maxima that a pool of stride 1 gives. */
    static void blur_maximum(const code_t *in, int32_t zero, int channels, int height, int width,
                             int pool, int padding, int middle_height, int middle_width,
                             int out_height, int out_width, int size, int stride_y, int stride_x,
                             const rule_t *rule, code_t *out) {
      const int ring = size == 3;
      for (int c = 0; c < channels; c++, in += (size_t)height * width) {
        for (int y = 0; y < out_height; y++) {
          for (int x = 0; x < out_width; x++) {
            int64_t sum = 0;
            for (int i = 0; i < size; i++) {
              const int row = y * stride_y + i - ring;
              if (row < 0 || row >= middle_height) continue;
              for (int j = 0; j < size; j++) {
                const int column = x * stride_x + j - ring;
                if (column < 0 || column >= middle_width) continue;
                sum += (int64_t)(largest(in, height, width, row - padding, column - padding, pool) -
                                 zero) *
                       ((size == 3 && i == 1 ? 2 : 1) * (size == 3 && j == 1 ? 2 : 1));
              }
            }
            *out++ = code_of(rule, sum, 0);
          }
        }
      }
    }

    """,
    "maximum": """
    static void maximum(const code_t *in, int channels, int height, int width, int out_height,
                        int out_width, int size, int stride_y, int stride_x, int padding,
                        code_t *out) {
      for (int c = 0; c < channels; c++, in += (size_t)height * width) {
        for (int y = 0; y < out_height; y++) {
          for (int x = 0; x < out_width; x++)
            *out++ = (code_t)largest(in, height, width, y * stride_y - padding,
                                     x * stride_x - padding, size);
        }
      }
    }

    """,
    "channel_maximum": """
    static void channel_maximum(const code_t *in, int channels, int out_channels, int places,
                                code_t *out) {
      for (int c = 0; c < out_channels; c++) {
        for (int p = 0; p < places; p++) {
          code_t most = in[(size_t)c * places + p];
          for (int other = c + out_channels; other < channels; other += out_channels)
            if (in[(size_t)other * places + p] > most) most = in[(size_t)other * places + p];
          *out++ = most;
        }
      }
    }

    """,
    "repeat": """
    static void repeat(const code_t *in, int channels, int height, int width, int stride,
                       code_t *out) {
      for (int c = 0; c < channels; c++, in += (size_t)height * width)
        for (int y = 0; y < height * stride; y++)
          for (int x = 0; x < width * stride; x++)
            *out++ = in[(size_t)(y / stride) * width + x / stride];
    }

    """,
    "space_to_depth": """
    static void space_to_depth(const code_t *in, int channels, int height, int width, int stride,
                               code_t *out) {
      for (int offset = 0; offset < stride * stride; offset++)
        for (int c = 0; c < channels; c++)
          for (int y = 0; y < height / stride; y++)
            for (int x = 0; x < width / stride; x++)
              *out++ = in[((size_t)c * height + y * stride + offset / stride) * width +
                          x * stride + offset % stride];
    }

    """,
  ]
}
