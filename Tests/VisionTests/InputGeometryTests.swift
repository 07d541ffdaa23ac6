import Boxes
import Testing

@testable import Vision

@Suite struct InputGeometryTests {
  // 640×480 into 416×416: scale 0.65, 416×312, 52 above and below.
  @Test func `a wide picture is padded above and below`() {
    let geometry = InputGeometry(
      pictureWidth: 640, pictureHeight: 480, inputWidth: 416, inputHeight: 416)
    #expect((geometry.scaledWidth, geometry.scaledHeight) == (416, 312))
    #expect((geometry.left, geometry.top) == (0, 52))
    let box = geometry.inputBox(Box(x1: 100, y1: 200, x2: 300, y2: 400))
    #expect(isClose(box, Box(x1: 65, y1: 182, x2: 195, y2: 312)))
    #expect(isClose(geometry.pictureBox(box), Box(x1: 100, y1: 200, x2: 300, y2: 400)))
  }

  // 3×7 into 10×10: scale 10/7, 4×10; 3 left, 3 right.
  @Test func `a small tall picture grows and is padded left and right`() {
    let geometry = InputGeometry(
      pictureWidth: 3, pictureHeight: 7, inputWidth: 10, inputHeight: 10)
    #expect((geometry.scaledWidth, geometry.scaledHeight) == (4, 10))
    #expect((geometry.left, geometry.top) == (3, 0))
    // The picture's right edge lies at the scaled picture's, although 4 is not 30/7.
    #expect(geometry.inputBox(Box(x1: 0, y1: 0, x2: 3, y2: 7)) == Box(x1: 3, y1: 0, x2: 7, y2: 10))
  }

  // 333×500 into 320×320: scale 0.64, 333·0.64 = 213.12 → 213, 320 − 213 = 107: 53 left, 54 right.
  @Test func `an odd rest goes to the right and below`() {
    let wide = InputGeometry(
      pictureWidth: 333, pictureHeight: 500, inputWidth: 320, inputHeight: 320)
    #expect((wide.scaledWidth, wide.left, wide.top) == (213, 53, 0))
    let tall = InputGeometry(
      pictureWidth: 500, pictureHeight: 333, inputWidth: 320, inputHeight: 320)
    #expect((tall.scaledHeight, tall.left, tall.top) == (213, 0, 53))
  }

  // 640×480 stretched to 320×320: halves x, and 2/3 of y.
  @Test func `stretching fills the input`() {
    let geometry = InputGeometry(
      pictureWidth: 640, pictureHeight: 480, inputWidth: 320, inputHeight: 320, fit: .stretch)
    let box = geometry.inputBox(Box(x1: 64, y1: 48, x2: 640, y2: 480))
    #expect(isClose(box, Box(x1: 32, y1: 32, x2: 320, y2: 320)))
    #expect(isClose(geometry.pictureBox(box), Box(x1: 64, y1: 48, x2: 640, y2: 480)))
  }

  @Test(arguments: [(1, 1000), (1000, 1), (5, 5), (33, 17)])
  func `every picture keeps a pixel at least and fits`(size: (Int, Int)) throws {
    let geometry = InputGeometry(
      pictureWidth: size.0, pictureHeight: size.1, inputWidth: 64, inputHeight: 32)
    #expect((1...64).contains(geometry.scaledWidth) && (1...32).contains(geometry.scaledHeight))
    #expect(geometry.scaledWidth == 64 || geometry.scaledHeight == 32)
    #expect(try Image(width: size.0, height: size.1).placed(geometry).count == 64 * 32 * 3)
  }

  // At 416 and stride 32. 3:4 is 416×312 → 320; with 9:16 (234) the higher one decides; a square
  // among wide ones takes the whole input; 4:3 stands upright.
  @Test(
    arguments: [
      (0.75, 0.75, 416, 320), (0.5625, 0.75, 416, 320), (0.5625, 0.5625, 416, 256),
      (0.75, 1.0, 416, 416), (0.75, 1.5, 416, 416), (4.0 / 3, 1.5, 320, 416),
      (0.001, 0.001, 416, 32),
    ] as [(Double, Double, Int, Int)])
  func `a batch takes the smallest input of whole strides`(
    least: Double, greatest: Double, width: Int, height: Int
  ) {
    let input = InputGeometry.smallestInput(
      aspects: least...greatest, longSide: 416, multiple: 32)
    #expect(input == (width, height))
  }

  // 640×480 at 416 in its own batch: 416×312 and 4 pixels above and below.
  @Test func `the smallest input pads up to the stride`() {
    let input = InputGeometry.smallestInput(aspects: 0.75...0.75, longSide: 416, multiple: 32)
    let geometry = InputGeometry(
      pictureWidth: 640, pictureHeight: 480, inputWidth: input.width, inputHeight: input.height)
    #expect((geometry.scaledWidth, geometry.scaledHeight) == (416, 312))
    #expect((geometry.left, geometry.top) == (0, 4))
  }

  @Test func `a placed picture lies where its boxes say`() throws {
    let color = Color(red: 10, green: 20, blue: 30)
    let image = Image(width: 4, height: 2, filledWith: color)
    let geometry = InputGeometry(pictureWidth: 4, pictureHeight: 2, inputWidth: 8, inputHeight: 8)
    let input = Image(width: 8, height: 8, pixels: try image.placed(geometry))
    for y in 0..<8 {
      for x in 0..<8 {
        #expect(input[x, y] == ((2..<6).contains(y) ? color : .padding))
      }
    }
    #expect(
      geometry.inputBox(Box(x1: 0, y1: 0, x2: 4, y2: 2)) == Box(x1: 0, y1: 2, x2: 8, y2: 6))
  }

  private func isClose(_ a: Box, _ b: Box) -> Bool {
    zip([a.x1, a.y1, a.x2, a.y2], [b.x1, b.y1, b.x2, b.y2]).allSatisfy { abs($0 - $1) < 1e-3 }
  }
}
