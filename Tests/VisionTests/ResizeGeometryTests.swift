import Boxes
import Testing

@testable import Vision

@Suite struct ResizeGeometryTests {
  // 640×480 into 416×416: scale 416/640 = 0.65, 480·0.65 = 312, 416 − 312 = 104, 52 above and below.
  // The box (100, 200, 300, 400) goes to (65, 130 + 52, 195, 260 + 52).
  @Test func `a letterbox keeps the shape and centres`() {
    let geometry = ResizeGeometry(
      .letterbox, sourceWidth: 640, sourceHeight: 480, targetWidth: 416, targetHeight: 416)
    #expect(geometry.resizedWidth == 416 && geometry.resizedHeight == 312)
    #expect(geometry.left == 0 && geometry.top == 52)
    let box = geometry.toTarget(Box(x1: 100, y1: 200, x2: 300, y2: 400))
    #expect(isClose(box, Box(x1: 65, y1: 182, x2: 195, y2: 312)))
    #expect(isClose(geometry.toSource(box), Box(x1: 100, y1: 200, x2: 300, y2: 400)))
  }

  // 333×500 into 320×320: scale 0.64, 333·0.64 = 213.12 → 213, 320 − 213 = 107: 53 left, 54 right.
  // Boxes use the real scale 213/333, so the picture's edge is the padding's edge.
  @Test func `an odd padding is larger on the right`() {
    let geometry = ResizeGeometry(
      .letterbox, sourceWidth: 333, sourceHeight: 500, targetWidth: 320, targetHeight: 320)
    #expect(geometry.resizedWidth == 213 && geometry.left == 53 && geometry.top == 0)
    let box = geometry.toTarget(Box(x1: 0, y1: 0, x2: 333, y2: 500))
    #expect(isClose(box, Box(x1: 53, y1: 0, x2: 266, y2: 320)))
  }

  // 100×50 into 200×200: enlarged by 2, or left as it is with 50 and 75 around.
  @Test func `a small picture is enlarged only when asked`() {
    let large = ResizeGeometry(
      .letterbox, sourceWidth: 100, sourceHeight: 50, targetWidth: 200, targetHeight: 200)
    #expect(large.resizedWidth == 200 && large.top == 50)
    let same = ResizeGeometry(
      .letterbox, sourceWidth: 100, sourceHeight: 50, targetWidth: 200, targetHeight: 200,
      enlarges: false)
    #expect(same.resizedWidth == 100 && same.left == 50 && same.top == 75)
  }

  // 640×480 stretched to 320×320: halves x, and 2/3 of y.
  @Test func `stretching scales each side by itself`() {
    let geometry = ResizeGeometry(
      .stretch, sourceWidth: 640, sourceHeight: 480, targetWidth: 320, targetHeight: 320)
    let box = geometry.toTarget(Box(x1: 64, y1: 48, x2: 640, y2: 480))
    #expect(isClose(box, Box(x1: 32, y1: 32, x2: 320, y2: 320)))
    #expect(isClose(geometry.toSource(box), Box(x1: 64, y1: 48, x2: 640, y2: 480)))
  }

  // 640×480 at 416: 416×312, and 312 up to a multiple of 32 is 320: 4 above and below.
  @Test func `the smallest letterbox pads up to the stride`() {
    let geometry = ResizeGeometry.smallestLetterbox(
      sourceWidth: 640, sourceHeight: 480, longSide: 416, multiple: 32)
    #expect(geometry.targetWidth == 416 && geometry.targetHeight == 320)
    #expect(geometry.resizedHeight == 312 && geometry.top == 4)
  }

  @Test func `a picture of one pixel's height survives`() throws {
    let geometry = ResizeGeometry(
      .letterbox, sourceWidth: 5000, sourceHeight: 1, targetWidth: 64, targetHeight: 64)
    #expect(geometry.resizedHeight == 1)
    let picture = try Image(width: 5000, height: 1).resized(by: geometry)
    #expect(picture.width == 64 && picture.height == 64)
  }

  @Test func `the picture lies where its boxes say`() throws {
    let white = Image(width: 100, height: 50, filledWith: .white)
    let geometry = ResizeGeometry(
      .letterbox, sourceWidth: 100, sourceHeight: 50, targetWidth: 64, targetHeight: 64)
    let input = try white.resized(by: geometry)
    // 64×32, 16 above.
    #expect(input[0, 15] == .padding && input[0, 16] == .white)
    #expect(input[63, 47] == .white && input[63, 48] == .padding)
    let covered = geometry.toTarget(Box(x1: 0, y1: 0, x2: 100, y2: 50))
    #expect(isClose(covered, Box(x1: 0, y1: 16, x2: 64, y2: 48)))
  }

  private func isClose(_ a: Box, _ b: Box) -> Bool {
    zip([a.x1, a.y1, a.x2, a.y2], [b.x1, b.y1, b.x2, b.y2]).allSatisfy { abs($0 - $1) < 1e-3 }
  }
}
