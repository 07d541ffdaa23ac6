// Videos through OpenCV's videoio, behind the table of CVideoAPI.h.

#include "CVideo.h"

#include <opencv2/core.hpp>
#include <opencv2/core/utils/logger.hpp>
#include <opencv2/videoio.hpp>

#include <cstdlib>
#include <exception>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

struct cvideo_reader {
  cv::VideoCapture capture;
  cv::Mat frame;
  /// The first frame is read on opening: its size is the truth, and a file without any is refused.
  bool isFirst = true;
};

struct cvideo_writer {
  cv::VideoWriter writer;
  cv::Mat frame;
  int width, height;
};

namespace {

thread_local std::string message;

cvideo_status fail(const char *text) {
  message = text;
  return cvideo_failed;
}

template <typename Body> cvideo_status guarded(Body body) noexcept {
  try {
    return body();
  } catch (const cv::Exception &error) {
    return fail(error.err.c_str());
  } catch (const std::exception &error) {
    return fail(error.what());
  } catch (...) {
    return fail("unknown exception");
  }
}

/// From OpenCV's order, blue first, with or without alpha, or from gray; and from RGB back.
void toRGB(const cv::Mat &source, cv::Mat &target) {
  const std::vector<int> pairs = source.channels() == 1 ? std::vector<int>{0, 0, 0, 1, 0, 2}
                                                        : std::vector<int>{0, 2, 1, 1, 2, 0};
  cv::mixChannels(&source, 1, &target, 1, pairs.data(), pairs.size() / 2);
}

const char *lastMessage() { return message.c_str(); }

cvideo_status start(std::unique_ptr<cvideo_reader> reader, cvideo_reader **out,
                    cvideo_info *info) {
  if (!reader->capture.isOpened())
    return fail("cannot be opened as a video");
  if (!reader->capture.read(reader->frame) || reader->frame.empty())
    return fail("a video without any frame that can be decoded");
  const double rate = reader->capture.get(cv::CAP_PROP_FPS);
  const double count = reader->capture.get(cv::CAP_PROP_FRAME_COUNT);
  info->width = reader->frame.cols;
  info->height = reader->frame.rows;
  // FFmpeg reports 1000 or more for files without a rate of their own, cameras report 0 or less.
  info->frames_per_second = rate > 0 && rate < 1000 ? rate : 0;
  info->frame_count = count > 0 && count < 1e12 ? static_cast<int64_t>(count) : 0;
  *out = reader.release();
  return cvideo_ok;
}

cvideo_status openPath(const char *path, cvideo_reader **out, cvideo_info *info) {
  return guarded([&] {
    auto reader = std::make_unique<cvideo_reader>();
    // FFmpeg alone: the last resort of OpenCV, numbered pictures, takes names for patterns.
    reader->capture.open(path, cv::CAP_FFMPEG);
    return start(std::move(reader), out, info);
  });
}

cvideo_status openCamera(int32_t number, cvideo_reader **out, cvideo_info *info) {
  return guarded([&] {
    auto reader = std::make_unique<cvideo_reader>();
    reader->capture.open(number, cv::CAP_V4L2);
    return start(std::move(reader), out, info);
  });
}

cvideo_status readFrame(cvideo_reader *reader, uint8_t *pixels) {
  return guarded([&] {
    const cv::Size size = reader->frame.size();
    if (!reader->isFirst && !reader->capture.read(reader->frame))
      return cvideo_end;
    reader->isFirst = false;
    if (reader->frame.size() != size)
      return fail("a frame of another size than those before");
    cv::Mat target(size, CV_8UC3, pixels);
    toRGB(reader->frame, target);
    return cvideo_ok;
  });
}

void closeReader(cvideo_reader *reader) { delete reader; }

cvideo_status create(const char *path, const char *codec, cvideo_info info,
                     cvideo_writer **out) {
  return guarded([&] {
    auto writer = std::make_unique<cvideo_writer>();
    writer->width = info.width;
    writer->height = info.height;
    const int code = cv::VideoWriter::fourcc(codec[0], codec[1], codec[2], codec[3]);
    writer->writer.open(path, cv::CAP_FFMPEG, code, info.frames_per_second,
                        cv::Size(info.width, info.height), true);
    if (!writer->writer.isOpened())
      return fail("cannot be created with this codec and size");
    *out = writer.release();
    return cvideo_ok;
  });
}

cvideo_status writeFrame(cvideo_writer *writer, const uint8_t *pixels) {
  return guarded([&] {
    const cv::Mat source(writer->height, writer->width, CV_8UC3, const_cast<uint8_t *>(pixels));
    writer->frame.create(source.size(), CV_8UC3);
    toRGB(source, writer->frame);
    writer->writer.write(writer->frame);
    return cvideo_ok;
  });
}

cvideo_status closeWriter(cvideo_writer *writer) {
  return guarded([&] {
    const std::unique_ptr<cvideo_writer> owner(writer);
    owner->writer.release();
    return cvideo_ok;
  });
}

constexpr cvideo_api table = {CVIDEO_API_VERSION, lastMessage, openPath,   openCamera, readFrame,
                              closeReader,        create,      writeFrame, closeWriter};

} // namespace

const cvideo_api *cvideo_api_get(void) {
  static std::once_flag once;
  std::call_once(once, [] {
    cv::utils::logging::setLogLevel(cv::utils::logging::LOG_LEVEL_SILENT);
    // FFmpeg's AV_LOG_QUIET; OpenCV reads it when it opens its first video.
    setenv("OPENCV_FFMPEG_LOGLEVEL", "-8", 0);
  });
  return &table;
}
