// Text as a mask of coverage, from font files, through FreeType.
//
// FreeType's headers say how its structures look; the library itself is loaded when the first font is
// opened, so that programs start, and draw ASCII, where it is missing.

#include "Guard.h"

#include <ft2build.h>
#include FT_FREETYPE_H

#include <dlfcn.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <mutex>
#include <new>
#include <stdexcept>
#include <string>
#include <vector>

struct vis_font {
  FT_Face face;
};

namespace {

struct Library {
  decltype(&FT_Init_FreeType) init = nullptr;
  decltype(&FT_New_Face) newFace = nullptr;
  decltype(&FT_Done_Face) doneFace = nullptr;
  decltype(&FT_Set_Pixel_Sizes) setPixelSizes = nullptr;
  decltype(&FT_Get_Char_Index) charIndex = nullptr;
  decltype(&FT_Load_Glyph) loadGlyph = nullptr;
  FT_Library library = nullptr;
  std::string problem;

  Library() {
    void *handle = dlopen("libfreetype.so.6", RTLD_NOW | RTLD_LOCAL);
    if (handle == nullptr) {
      const char *reason = dlerror();
      problem = reason != nullptr ? reason : "libfreetype.so.6 cannot be loaded";
      return;
    }
    const bool isWhole = find(handle, "FT_Init_FreeType", init) &&
                         find(handle, "FT_New_Face", newFace) &&
                         find(handle, "FT_Done_Face", doneFace) &&
                         find(handle, "FT_Set_Pixel_Sizes", setPixelSizes) &&
                         find(handle, "FT_Get_Char_Index", charIndex) &&
                         find(handle, "FT_Load_Glyph", loadGlyph);
    if (!isWhole || init(&library) != 0)
      problem = "libfreetype.so.6 is another library, or does not start";
  }

  template <typename Function> bool find(void *handle, const char *name, Function &function) {
    function = reinterpret_cast<Function>(dlsym(handle, name));
    return function != nullptr;
  }
};

/// One thread at a time uses FreeType.
std::mutex lock;

Library &library() {
  static Library library;
  if (!library.problem.empty())
    throw std::runtime_error(library.problem);
  return library;
}

/// A letter as FreeType draws it, and where it goes.
struct Glyph {
  int left, top, width, height;
  std::vector<uint8_t> coverage;
};

} // namespace

vis_status vis_font_open(const char *path, vis_font **out) {
  return vision::guarded([&]() -> vis_status {
    const std::lock_guard<std::mutex> guard(lock);
    Library &freetype = library();
    FT_Face face = nullptr;
    if (freetype.newFace(freetype.library, path, 0, &face) != 0)
      return vis_corrupt;
    // Fonts of pictures alone, such as coloured emoji, have no outlines to draw at any size.
    if (!FT_IS_SCALABLE(face)) {
      freetype.doneFace(face);
      return vis_corrupt;
    }
    *out = new vis_font{face};
    return vis_ok;
  });
}

int32_t vis_font_has(vis_font *font, uint32_t codepoint) {
  const std::lock_guard<std::mutex> guard(lock);
  return library().charIndex(font->face, codepoint) != 0 ? 1 : 0;
}

vis_status vis_font_render(vis_font *const *fonts, const uint32_t *codepoints, size_t count,
                           int32_t size, uint8_t **mask, int32_t *width, int32_t *height) {
  return vision::guarded([&]() -> vis_status {
    const std::lock_guard<std::mutex> guard(lock);
    Library &freetype = library();
    // Of an em, letters reach 0.93 above the base line with accents, and 0.24 below it.
    const int em = std::max(1, static_cast<int>(std::lround(size * 0.84)));
    const int baseLine = static_cast<int>(std::lround(size * 0.79));
    std::vector<Glyph> glyphs;
    int pen = 0, right = 0, leftmost = 0;
    for (size_t index = 0; index < count; index += 1) {
      FT_Face face = fonts[index]->face;
      if (freetype.setPixelSizes(face, 0, static_cast<FT_UInt>(em)) != 0)
        throw std::runtime_error("a font that has no such size");
      const FT_UInt glyph = freetype.charIndex(face, codepoints[index]);
      if (freetype.loadGlyph(face, glyph, FT_LOAD_RENDER | FT_LOAD_TARGET_LIGHT) != 0)
        throw std::runtime_error("a letter that cannot be drawn");
      const FT_GlyphSlot slot = face->glyph;
      const FT_Bitmap &bitmap = slot->bitmap;
      if (bitmap.pixel_mode == FT_PIXEL_MODE_GRAY && bitmap.rows > 0) {
        Glyph drawn{pen + slot->bitmap_left, baseLine - slot->bitmap_top,
                    static_cast<int>(bitmap.width), static_cast<int>(bitmap.rows), {}};
        drawn.coverage.resize(static_cast<size_t>(drawn.width) * drawn.height);
        for (int row = 0; row < drawn.height; row += 1)
          std::copy_n(bitmap.buffer + row * bitmap.pitch, drawn.width,
                      drawn.coverage.data() + static_cast<size_t>(row) * drawn.width);
        leftmost = std::min(leftmost, drawn.left);
        right = std::max(right, drawn.left + drawn.width);
        glyphs.push_back(std::move(drawn));
      }
      pen += static_cast<int>((slot->advance.x + 32) >> 6);
    }
    const int columns = std::max({1, right - leftmost, pen - leftmost});
    auto *coverage = static_cast<uint8_t *>(
        std::calloc(static_cast<size_t>(columns) * static_cast<size_t>(size), 1));
    if (coverage == nullptr)
      throw std::bad_alloc();
    for (const Glyph &glyph : glyphs) {
      for (int row = 0; row < glyph.height; row += 1) {
        const int y = glyph.top + row;
        if (y < 0 || y >= size)
          continue;
        uint8_t *target = coverage + static_cast<size_t>(y) * columns + (glyph.left - leftmost);
        const uint8_t *source = glyph.coverage.data() + static_cast<size_t>(row) * glyph.width;
        for (int x = 0; x < glyph.width; x += 1)
          target[x] = std::max(target[x], source[x]);
      }
    }
    *mask = coverage;
    *width = columns;
    *height = size;
    return vis_ok;
  });
}
