#include "Guard.h"

#include <opencv2/core/utils/logger.hpp>

#include <iostream>
#include <mutex>
#include <streambuf>

namespace vision {
namespace {

thread_local std::string lastMessage;
thread_local bool isQuiet = false;

/// Passes everything on, but for threads that asked for quiet.
class FilteringBuffer final : public std::streambuf {
public:
  explicit FilteringBuffer(std::streambuf *target) : target(target) {}

protected:
  int_type overflow(int_type character) override {
    if (isQuiet || traits_type::eq_int_type(character, traits_type::eof()))
      return traits_type::not_eof(character);
    return target->sputc(traits_type::to_char_type(character));
  }
  std::streamsize xsputn(const char *text, std::streamsize count) override {
    return isQuiet ? count : target->sputn(text, count);
  }
  int sync() override { return isQuiet ? 0 : target->pubsync(); }

private:
  std::streambuf *target;
};

} // namespace

void setMessage(const std::string &text) noexcept {
  try {
    lastMessage = text;
  } catch (...) {
    lastMessage.clear();
  }
}

void prepare() {
  static std::once_flag once;
  std::call_once(once, [] {
    cv::utils::logging::setLogLevel(cv::utils::logging::LOG_LEVEL_SILENT);
    cv::setNumThreads(1);
    // Never freed: std::cerr may be written to until the process has ended.
    std::cerr.rdbuf(new FilteringBuffer(std::cerr.rdbuf()));
  });
}

Quiet::Quiet() noexcept : before(isQuiet) { isQuiet = true; }
Quiet::~Quiet() { isQuiet = before; }

} // namespace vision

const char *vis_last_message(void) { return vision::lastMessage.c_str(); }
