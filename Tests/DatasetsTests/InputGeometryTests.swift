import Boxes
import Testing
import Vision

@testable import Datasets

@Suite struct InputGeometryTests {
  // 640×480 into 416×416: scale 0.65, 416×312, 52 above and below.
  @Test func `a wide picture is padded above and below`() {
    let geometry = InputGeometry(
      pictureWidth: 640, pictureHeight: 480, inputWidth: 416, inputHeight: 416)
    #expect((geometry.scaledWidth, geometry.scaledHeight) == (416, 312))
    #expect((geometry.left, geometry.top) == (0, 52))
    let box = geometry.inputBox(Box(x1: 100, y1: 200, x2: 300, y2: 400))
    #expect(abs(box.x1 - 65) < 1e-4 && abs(box.y1 - 182) < 1e-4)
    #expect(abs(box.x2 - 195) < 1e-4 && abs(box.y2 - 312) < 1e-4)
    let back = geometry.pictureBox(box)
    #expect(abs(back.x1 - 100) < 1e-3 && abs(back.y2 - 400) < 1e-3)
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

  // 1×2 into 10×10 is 5×10: of the odd rest two are left and three right.
  @Test func `an odd rest goes to the right and below`() {
    let wide = InputGeometry(pictureWidth: 1, pictureHeight: 2, inputWidth: 10, inputHeight: 10)
    #expect((wide.left, wide.top) == (2, 0))
    let tall = InputGeometry(pictureWidth: 2, pictureHeight: 1, inputWidth: 10, inputHeight: 10)
    #expect((tall.left, tall.top) == (0, 2))
  }

  @Test func `stretching fills the input`() {
    let geometry = InputGeometry(
      pictureWidth: 640, pictureHeight: 480, inputWidth: 320, inputHeight: 320, fit: .stretch)
    #expect(
      geometry.inputBox(Box(x1: 64, y1: 48, x2: 640, y2: 480))
        == Box(x1: 32, y1: 32, x2: 320, y2: 320))
  }

  @Test(arguments: [(1, 1000), (1000, 1), (5, 5), (33, 17)])
  func `every picture keeps a pixel at least and fits`(size: (Int, Int)) {
    let geometry = InputGeometry(
      pictureWidth: size.0, pictureHeight: size.1, inputWidth: 64, inputHeight: 32)
    #expect((1...64).contains(geometry.scaledWidth) && (1...32).contains(geometry.scaledHeight))
    #expect(geometry.scaledWidth == 64 || geometry.scaledHeight == 32)
  }

  @Test func `a placed picture lies where the geometry says`() throws {
    let image = Image(
      width: 4, height: 2, filledWith: Color(red: 10, green: 20, blue: 30))
    let geometry = InputGeometry(pictureWidth: 4, pictureHeight: 2, inputWidth: 8, inputHeight: 8)
    let input = Image(width: 8, height: 8, pixels: try image.placed(geometry, fill: 114))
    for y in 0..<8 {
      for x in 0..<8 {
        let expected =
          (2..<6).contains(y) ? Color(red: 10, green: 20, blue: 30) : Color(gray: 114)
        #expect(input[x, y] == expected)
      }
    }
  }
}
