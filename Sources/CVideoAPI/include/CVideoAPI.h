#pragma once
// What the optional library CVideo offers: videos, cameras and streams through OpenCV's videoio.
//
// CVideo is loaded when a video is opened, so that programs run without videoio and what it needs.
// Its one exported function, cvideo_api_get(), returns this table. No call throws or prints; after
// a status other than cvideo_ok, last_message() says what happened, on the calling thread.
// Frames are 8-bit RGB, interleaved, rows from the top without padding.

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum cvideo_status {
  cvideo_ok = 0,
  /// No frame is left.
  cvideo_end,
  cvideo_failed,
} cvideo_status;

typedef struct cvideo_reader cvideo_reader;
typedef struct cvideo_writer cvideo_writer;

typedef struct cvideo_info {
  /// In pixels, of every frame.
  int32_t width, height;
  /// 0 when unknown, as with many cameras.
  double frames_per_second;
  /// 0 when unknown, as with cameras and streams.
  int64_t frame_count;
} cvideo_info;

/// Changes with the table: a program refuses a library of another number.
#define CVIDEO_API_VERSION 1

typedef struct cvideo_api {
  int32_t version;
  const char *_Nonnull (*_Nonnull last_message)(void);

  /// Opens a file or an address.
  cvideo_status (*_Nonnull open)(const char *_Nonnull path,
                                 cvideo_reader *_Nullable *_Nonnull reader,
                                 cvideo_info *_Nonnull info);
  cvideo_status (*_Nonnull open_camera)(int32_t number, cvideo_reader *_Nullable *_Nonnull reader,
                                        cvideo_info *_Nonnull info);
  /// Writes the next frame, `width × height × 3` bytes.
  cvideo_status (*_Nonnull read)(cvideo_reader *_Nonnull reader, uint8_t *_Nonnull pixels);
  void (*_Nonnull close_reader)(cvideo_reader *_Nonnull reader);

  /// Creates a file; `codec` has four letters, "mp4v".
  cvideo_status (*_Nonnull create)(const char *_Nonnull path, const char *_Nonnull codec,
                                   cvideo_info info, cvideo_writer *_Nullable *_Nonnull writer);
  cvideo_status (*_Nonnull write)(cvideo_writer *_Nonnull writer, const uint8_t *_Nonnull pixels);
  /// Completes the file; the writer is gone after it.
  cvideo_status (*_Nonnull close_writer)(cvideo_writer *_Nonnull writer);
} cvideo_api;

/// The one function that CVideo exports.
const cvideo_api *_Nonnull cvideo_api_get(void);

#ifdef __cplusplus
}
#endif
