// Text as a mask of coverage, from OpenCV's stroke font.

#include "Guard.h"

#include <opencv2/imgproc.hpp>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <cstring>

namespace {

// Hershey simplex at scale 1: capitals reach 21 units above the base line, descenders 7 below
// (OpenCV's font table); strokes go half their width beyond.
constexpr int font = cv::FONT_HERSHEY_SIMPLEX;
constexpr double capital = 21, descender = 7;

} // namespace

vis_status vis_render_text(const char *text, int32_t size, uint8_t **mask, int32_t *width,
                           int32_t *height) {
  return vision::guarded([&]() -> vis_status {
    const int fine = size <= 48 ? 4 : 2;
    const int large = size * fine;
    const int stroke = std::max(1, static_cast<int>(std::lround(large / 11.0)));
    const double scale = (large - stroke) / (capital + descender);
    const int baseLine = static_cast<int>(std::lround(capital * scale)) + stroke / 2;
    const cv::Size extent = cv::getTextSize(text, font, scale, stroke, nullptr);
    const int columns = std::max(1, (extent.width + fine - 1) / fine);

    cv::Mat strokes = cv::Mat::zeros(large, columns * fine, CV_8UC1);
    cv::putText(strokes, text, cv::Point(stroke / 2, baseLine), font, scale, cv::Scalar(255),
                stroke, cv::LINE_AA);
    auto *coverage = static_cast<uint8_t *>(
        std::malloc(static_cast<size_t>(columns) * static_cast<size_t>(size)));
    if (coverage == nullptr)
      throw std::bad_alloc();
    cv::Mat target(size, columns, CV_8UC1, coverage);
    cv::resize(strokes, target, target.size(), 0, 0, cv::INTER_AREA);
    *mask = coverage;
    *width = columns;
    *height = size;
    return vis_ok;
  });
}
