#pragma once
// What every function of the shim goes through: exceptions become a status and a message.

#include "CVision.h"

#include <opencv2/core.hpp>

#include <new>
#include <string>

namespace vision {

/// Leaves `text` for vis_last_message() on this thread.
void setMessage(const std::string &text) noexcept;

/// Brings OpenCV to silence and to one thread, once a process: callers spread work over pictures.
void prepare();

/// While one lives, what this thread writes to std::cerr is dropped: OpenCV 4.6 reports some
/// damaged files there, and the same facts come back as a status.
class Quiet {
public:
  Quiet() noexcept;
  ~Quiet();
  Quiet(const Quiet &) = delete;
  Quiet &operator=(const Quiet &) = delete;

private:
  bool before;
};

inline int matType(int32_t channels) { return channels == 1 ? CV_8UC1 : CV_8UC3; }

/// A matrix over the caller's pixels; never reallocated, because every use keeps its size.
inline cv::Mat view(const uint8_t *pixels, int32_t width, int32_t height, int32_t channels) {
  return cv::Mat(height, width, matType(channels), const_cast<uint8_t *>(pixels));
}

template <typename Body> vis_status guarded(Body body) noexcept {
  try {
    prepare();
    Quiet quiet;
    return body();
  } catch (const cv::Exception &error) {
    if (error.code == cv::Error::StsNoMem) {
      setMessage("out of memory");
      return vis_out_of_memory;
    }
    setMessage(error.err);
  } catch (const std::bad_alloc &) {
    setMessage("out of memory");
    return vis_out_of_memory;
  } catch (const std::exception &error) {
    setMessage(error.what());
  } catch (...) {
    setMessage("unknown exception");
  }
  return vis_failed;
}

} // namespace vision
