// Resizing.

#include "Guard.h"

#include <opencv2/imgproc.hpp>

#include <vector>

using vision::guarded;
using vision::view;

namespace {

/// Where a new row or column lies between two old ones.
struct Place {
  /// The old one before it; the one after it is `step` further, 0 at the end.
  size_t index, step;
  /// Share of the one after it, in 1/2048.
  int32_t share;
};

constexpr int shareBits = 11;
constexpr int32_t whole = 1 << shareBits;

/// The place of each of `count` new rows or columns among `old` ones, the first on the first and
/// the last on the last.
std::vector<Place> places(int32_t old, int32_t count) {
  std::vector<Place> result(static_cast<size_t>(count));
  for (int32_t i = 0; i < count; ++i) {
    if (i == count - 1 || old == 1) {
      result[i] = {static_cast<size_t>(old - 1), 0, 0};
      continue;
    }
    // In whole numbers: exact, and never beyond the last one.
    const int64_t product = static_cast<int64_t>(i) * (old - 1);
    const int64_t index = product / (count - 1), rest = product % (count - 1);
    result[i] = {static_cast<size_t>(index), 1,
                 static_cast<int32_t>((rest * whole + (count - 1) / 2) / (count - 1))};
  }
  return result;
}

template <int channels>
void resizeCorners(const uint8_t *pixels, int32_t width, int32_t height, int32_t new_width,
                   int32_t new_height, uint8_t *out) {
  const std::vector<Place> columns = places(width, new_width);
  const std::vector<Place> rows = places(height, new_height);
  const size_t stride = static_cast<size_t>(width) * channels;
  constexpr int32_t half = 1 << (2 * shareBits - 1);
  for (const Place &row : rows) {
    const uint8_t *upper = pixels + row.index * stride;
    const uint8_t *lower = upper + row.step * stride;
    for (const Place &column : columns) {
      const size_t left = column.index * channels, right = left + column.step * channels;
      for (int c = 0; c < channels; ++c) {
        const int32_t above =
            upper[left + c] * (whole - column.share) + upper[right + c] * column.share;
        const int32_t below =
            lower[left + c] * (whole - column.share) + lower[right + c] * column.share;
        // Darknet keeps fractions until the network's input; rounding is at most half a level off.
        out[c] = static_cast<uint8_t>(
            (above * (whole - row.share) + below * row.share + half) >> (2 * shareBits));
      }
      out += channels;
    }
  }
}

} // namespace

vis_status vis_resize(const uint8_t *pixels, int32_t width, int32_t height, int32_t channels,
                      int32_t new_width, int32_t new_height, vis_interpolation interpolation,
                      uint8_t *out) {
  return guarded([&]() -> vis_status {
    if (interpolation == vis_corners) {
      (channels == 1 ? resizeCorners<1> : resizeCorners<3>)(pixels, width, height, new_width,
                                                            new_height, out);
      return vis_ok;
    }
    const cv::Mat source = view(pixels, width, height, channels);
    cv::Mat target = view(out, new_width, new_height, channels);
    const int mode = interpolation == vis_nearest    ? cv::INTER_NEAREST
                     : interpolation == vis_bilinear ? cv::INTER_LINEAR
                                                     : cv::INTER_AREA;
    cv::resize(source, target, target.size(), 0, 0, mode);
    return vis_ok;
  });
}
