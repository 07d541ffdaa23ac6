#pragma once
// Pictures through OpenCV and libjpeg, behind a C interface.
//
// Every function catches all exceptions and returns a status; vis_last_message() then says what
// happened, on the calling thread. Pixels are 8-bit, interleaved, rows from the top without
// padding, one channel (gray) or three (RGB). Nothing here prints.

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum vis_status {
  vis_ok = 0,
  /// The bytes end before the picture does.
  vis_truncated,
  /// The bytes are no picture that can be decoded.
  vis_corrupt,
  vis_out_of_memory,
  vis_failed,
} vis_status;

typedef enum vis_interpolation {
  vis_nearest = 0,
  vis_bilinear,
  vis_area,
} vis_interpolation;

/// What the last call that failed on this thread has to say; valid until the next one.
const char *_Nonnull vis_last_message(void);

/// Decodes a JPEG of `width` × `height` pixels, shrunk by `denominator` (1, 2, 4 or 8; sizes are
/// rounded up) into `pixels`. EXIF orientation is not applied. Damaged data is an error.
vis_status vis_decode_jpeg(const uint8_t *_Nonnull bytes, size_t count, int32_t width,
                           int32_t height, int32_t channels, int32_t denominator,
                           uint8_t *_Nonnull pixels);

/// Decodes any other format that OpenCV reads into `pixels`, `width` × `height` × `channels`.
/// 16-bit samples lose their lower byte, alpha is dropped. EXIF orientation is not applied.
vis_status vis_decode(const uint8_t *_Nonnull bytes, size_t count, int32_t width, int32_t height,
                      int32_t channels, uint8_t *_Nonnull pixels);

/// Turns a picture upright by its EXIF orientation (1...8). `out` has the size of the result:
/// `height` × `width` for orientations above 4.
vis_status vis_orient(const uint8_t *_Nonnull pixels, int32_t width, int32_t height,
                      int32_t channels, int32_t orientation, uint8_t *_Nonnull out);

/// Encodes by file extension (".jpg", ".png", ...). `quality` (1...100) is for JPEG and WebP, where
/// 101 means lossless WebP. The caller frees `*out` with vis_free().
vis_status vis_encode(const uint8_t *_Nonnull pixels, int32_t width, int32_t height,
                      int32_t channels, const char *_Nonnull extension, int32_t quality,
                      uint8_t *_Nullable *_Nonnull out, size_t *_Nonnull count);

/// Frees what vis_encode() returned.
void vis_free(uint8_t *_Nullable bytes);

/// Resizes with OpenCV's interpolation of the same name.
vis_status vis_resize(const uint8_t *_Nonnull pixels, int32_t width, int32_t height,
                      int32_t channels, int32_t new_width, int32_t new_height,
                      vis_interpolation interpolation, uint8_t *_Nonnull out);

/// Draws one line of ASCII text into a coverage mask (0...255) that the caller frees with vis_free().
///
/// `size` is the height of the line in pixels, from above its capitals to below its descenders.
vis_status vis_render_text(const char *_Nonnull text, int32_t size,
                           uint8_t *_Nullable *_Nonnull mask, int32_t *_Nonnull width,
                           int32_t *_Nonnull height);

/// A font file that is open.
typedef struct vis_font vis_font;

/// Opens a font file. `vis_corrupt` when it is none that can be drawn at any size, `vis_failed` when
/// FreeType cannot be loaded. Fonts stay open.
vis_status vis_font_open(const char *_Nonnull path, vis_font *_Nullable *_Nonnull out);

/// 1 when the font has this character, else 0.
int32_t vis_font_has(vis_font *_Nonnull font, uint32_t codepoint);

/// Draws one line of characters, each from the font of its place, as vis_render_text() does.
vis_status vis_font_render(vis_font *_Nonnull const *_Nonnull fonts,
                           const uint32_t *_Nonnull codepoints, size_t count, int32_t size,
                           uint8_t *_Nullable *_Nonnull mask, int32_t *_Nonnull width,
                           int32_t *_Nonnull height);

#ifdef __cplusplus
}
#endif
