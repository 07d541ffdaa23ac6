// JPEG decoding by libjpeg itself. OpenCV's reader gives half a picture for half a file, and lets
// libjpeg print its warnings; here damage is a status, and a picture can be shrunk while decoding.

#include "Guard.h"

#include <cstdio>

#include <jpeglib.h>
#include <jerror.h>

#include <csetjmp>
#include <vector>

namespace {

/// More scans than any encoder writes; a hostile file repeats them to keep the decoder busy.
constexpr int maximumScans = 500;

struct ErrorManager {
  jpeg_error_mgr base;
  std::jmp_buf escape;
  vis_status status;
  char message[JMSG_LENGTH_MAX];
};

[[noreturn]] void leave(j_common_ptr info, vis_status status) {
  auto *errors = reinterpret_cast<ErrorManager *>(info->err);
  errors->status = status;
  errors->base.format_message(info, errors->message);
  std::longjmp(errors->escape, 1);
}

void onError(j_common_ptr info) {
  switch (info->err->msg_code) {
  case JERR_OUT_OF_MEMORY: leave(info, vis_out_of_memory);
  case JERR_INPUT_EOF:
  case JERR_INPUT_EMPTY: leave(info, vis_truncated);
  default: leave(info, vis_corrupt);
  }
}

/// Negative levels are warnings. Those that mean lost pixels end the decoding; others, such as
/// surplus bytes between segments, are common in pictures that every program opens.
void onMessage(j_common_ptr info, int level) {
  if (level >= 0)
    return;
  switch (info->err->msg_code) {
  case JWRN_JPEG_EOF: leave(info, vis_truncated);
  case JWRN_HIT_MARKER:
  case JWRN_HUFF_BAD_CODE:
  case JWRN_ARITH_BAD_CODE:
  case JWRN_MUST_RESYNC: leave(info, vis_corrupt);
  default: break;
  }
}

void onProgress(j_common_ptr info) {
  auto *decoder = reinterpret_cast<j_decompress_ptr>(info);
  if (info->is_decompressor && decoder->input_scan_number > maximumScans) {
    info->err->msg_code = JERR_BAD_PROGRESSION;
    leave(info, vis_corrupt);
  }
}

/// One row of CMYK to RGB or gray; Adobe's files hold the complement.
void convertInks(const uint8_t *inks, bool complement, int32_t width, int32_t channels,
                 uint8_t *out) {
  for (int32_t x = 0; x < width; ++x, inks += 4, out += channels) {
    int colour[3];
    for (int c = 0; c < 3; ++c)
      colour[c] = complement ? inks[c] * inks[3] / 255 : (255 - inks[c]) * (255 - inks[3]) / 255;
    if (channels == 1)
      out[0] = static_cast<uint8_t>((299 * colour[0] + 587 * colour[1] + 114 * colour[2]) / 1000);
    else
      for (int c = 0; c < 3; ++c)
        out[c] = static_cast<uint8_t>(colour[c]);
  }
}

/// Only plain data lives in this frame: longjmp runs no destructors.
vis_status decode(const uint8_t *bytes, size_t count, int32_t width, int32_t height,
                  int32_t channels, int32_t denominator, uint8_t *pixels, uint8_t *inks,
                  ErrorManager *errors) {
  jpeg_decompress_struct decoder = {};
  jpeg_progress_mgr progress = {};
  decoder.err = jpeg_std_error(&errors->base);
  errors->base.error_exit = onError;
  errors->base.emit_message = onMessage;
  if (setjmp(errors->escape) != 0) {
    jpeg_destroy_decompress(&decoder);
    return errors->status;
  }
  jpeg_create_decompress(&decoder);
  progress.progress_monitor = onProgress;
  decoder.progress = &progress;
  jpeg_mem_src(&decoder, bytes, static_cast<unsigned long>(count));
  jpeg_read_header(&decoder, TRUE);
  const bool isInk = decoder.num_components == 4;
  decoder.out_color_space = isInk ? JCS_CMYK : channels == 1 ? JCS_GRAYSCALE : JCS_RGB;
  decoder.scale_num = 1;
  decoder.scale_denom = static_cast<unsigned>(denominator);
  jpeg_start_decompress(&decoder);
  if (decoder.output_width != static_cast<unsigned>(width) ||
      decoder.output_height != static_cast<unsigned>(height) ||
      decoder.output_components != (isInk ? 4 : channels)) {
    std::snprintf(errors->message, sizeof errors->message, "two headers of different size");
    jpeg_destroy_decompress(&decoder);
    return vis_corrupt;
  }
  const size_t stride = static_cast<size_t>(width) * static_cast<size_t>(channels);
  while (decoder.output_scanline < decoder.output_height) {
    uint8_t *row = pixels + stride * decoder.output_scanline;
    JSAMPROW target = isInk ? inks : row;
    jpeg_read_scanlines(&decoder, &target, 1);
    if (isInk)
      convertInks(inks, decoder.saw_Adobe_marker, width, channels, row);
  }
  jpeg_finish_decompress(&decoder);
  jpeg_destroy_decompress(&decoder);
  return vis_ok;
}

} // namespace

vis_status vis_decode_jpeg(const uint8_t *bytes, size_t count, int32_t width, int32_t height,
                           int32_t channels, int32_t denominator, uint8_t *pixels) {
  return vision::guarded([&]() -> vis_status {
    const int32_t shrunkWidth = (width + denominator - 1) / denominator;
    const int32_t shrunkHeight = (height + denominator - 1) / denominator;
    std::vector<uint8_t> inks(static_cast<size_t>(shrunkWidth) * 4);
    ErrorManager errors = {};
    const vis_status status = decode(bytes, count, shrunkWidth, shrunkHeight, channels,
                                     denominator, pixels, inks.data(), &errors);
    if (status != vis_ok)
      vision::setMessage(errors.message);
    return status;
  });
}
