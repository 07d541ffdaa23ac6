// Decoding and encoding of everything but JPEG decoding.

#include "Guard.h"

#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>

#include <cstdlib>
#include <cstring>
#include <vector>

using vision::guarded;
using vision::view;

namespace {

/// Samples of 16 bits below this leave at most 64 of 256 levels when their lower byte is dropped.
constexpr int darkBelow = 1 << 14;

/// A picture of 16-bit samples in 8: the upper byte, or from smallest to largest where it is dark.
cv::Mat eightBits(const cv::Mat &picture, int32_t *smallest, int32_t *largest) {
  double low = 0;
  double high = 0;
  cv::minMaxLoc(picture.reshape(1), &low, &high);
  cv::Mat out;
  if (high < darkBelow && low < high) {
    *smallest = static_cast<int32_t>(low);
    *largest = static_cast<int32_t>(high);
    const double scale = 255 / (high - low);
    picture.convertTo(out, CV_8U, scale, -low * scale);
    return out;
  }
  out.create(picture.rows, picture.cols, CV_8UC(picture.channels()));
  for (int y = 0; y < picture.rows; ++y) {
    const auto *from = picture.ptr<uint16_t>(y);
    auto *to = out.ptr<uint8_t>(y);
    for (int x = 0; x < picture.cols * picture.channels(); ++x)
      to[x] = static_cast<uint8_t>(from[x] >> 8);
  }
  return out;
}

} // namespace

int32_t vis_is_built_with(const char *title) {
  const std::string text = cv::getBuildInformation();
  const size_t place = text.find(std::string("    ") + title + ":");
  if (place == std::string::npos)
    return 0;
  const size_t value = text.find_first_not_of(' ', text.find(':', place) + 1);
  return value != std::string::npos && text.compare(value, 2, "NO") != 0 ? 1 : 0;
}

vis_status vis_decode(const uint8_t *bytes, size_t count, int32_t width, int32_t height,
                      int32_t channels, bool deep, uint8_t *pixels, int32_t *smallest,
                      int32_t *largest) {
  return guarded([&]() -> vis_status {
    const cv::Mat buffer(1, static_cast<int>(count), CV_8UC1, const_cast<uint8_t *>(bytes));
    const int flags = (channels == 1 ? cv::IMREAD_GRAYSCALE : cv::IMREAD_COLOR) |
                      cv::IMREAD_IGNORE_ORIENTATION | (deep ? cv::IMREAD_ANYDEPTH : 0);
    cv::Mat picture = cv::imdecode(buffer, flags);
    if (picture.depth() == CV_16U)
      picture = eightBits(picture, smallest, largest);
    if (picture.empty()) {
      vision::setMessage("undecodable data");
      return vis_corrupt;
    }
    if (picture.cols != width || picture.rows != height || picture.depth() != CV_8U ||
        picture.channels() != channels) {
      vision::setMessage("the header says " + std::to_string(width) + "x" +
                         std::to_string(height) + " pixels, the data has " +
                         std::to_string(picture.cols) + "x" + std::to_string(picture.rows));
      return vis_corrupt;
    }
    cv::Mat out = view(pixels, width, height, channels);
    if (channels == 1)
      picture.copyTo(out);
    else
      cv::cvtColor(picture, out, cv::COLOR_BGR2RGB);
    return vis_ok;
  });
}

vis_status vis_orient(const uint8_t *pixels, int32_t width, int32_t height, int32_t channels,
                      int32_t orientation, uint8_t *out) {
  return guarded([&]() -> vis_status {
    const cv::Mat source = view(pixels, width, height, channels);
    cv::Mat target = orientation > 4 ? view(out, height, width, channels)
                                     : view(out, width, height, channels);
    // EXIF 2.32, tag 0x0112: 2–4 flip, 5–8 transpose and then flip (1: left–right, 0: up–down).
    switch (orientation) {
    case 2: cv::flip(source, target, 1); break;
    case 3: cv::flip(source, target, -1); break;
    case 4: cv::flip(source, target, 0); break;
    case 5: cv::transpose(source, target); break;
    case 6: cv::rotate(source, target, cv::ROTATE_90_CLOCKWISE); break;
    case 7: {
      cv::Mat turned;
      cv::transpose(source, turned);
      cv::flip(turned, target, -1);
      break;
    }
    case 8: cv::rotate(source, target, cv::ROTATE_90_COUNTERCLOCKWISE); break;
    default: source.copyTo(target); break;
    }
    return vis_ok;
  });
}

vis_status vis_encode(const uint8_t *pixels, int32_t width, int32_t height, int32_t channels,
                      const char *extension, int32_t quality, uint8_t **out, size_t *count) {
  return guarded([&]() -> vis_status {
    const cv::Mat picture = view(pixels, width, height, channels);
    cv::Mat ordered;
    if (channels == 1)
      ordered = picture;
    else
      cv::cvtColor(picture, ordered, cv::COLOR_RGB2BGR);
    std::vector<uint8_t> encoded;
    const std::vector<int> parameters = {cv::IMWRITE_JPEG_QUALITY, std::min(quality, 100),
                                         cv::IMWRITE_WEBP_QUALITY, quality};
    if (!cv::imencode(extension, ordered, encoded, parameters)) {
      vision::setMessage("the encoder gave up");
      return vis_failed;
    }
    auto *copy = static_cast<uint8_t *>(std::malloc(encoded.size()));
    if (copy == nullptr)
      throw std::bad_alloc();
    std::memcpy(copy, encoded.data(), encoded.size());
    *out = copy;
    *count = encoded.size();
    return vis_ok;
  });
}

void vis_free(uint8_t *bytes) { std::free(bytes); }
