import Testing

@testable import Vision

/// Darknet's way of resizing.
@Suite struct CornerResizingTests {
  // From NumPy: V · X · Hᵀ in double precision, where row i of H has 1 − f at column ⌊s⌋ and f
  // beside it, s = i · (4 − 1) / (w − 1), f = s − ⌊s⌋; the last row has 1 at the last column; V
  // likewise.
  private static let picture = Image(
    width: 4, height: 3, channels: 1, pixels: [0, 50, 100, 250, 10, 30, 200, 7, 255, 128, 64, 32])

  @Test(
    arguments: [
      (3, 2, [0, 75, 250, 255, 96, 32]), (2, 3, [0, 250, 10, 7, 255, 32]), (1, 1, [32]),
      (
        7, 5,
        [
          0, 25, 50, 75, 100, 175, 250, 5, 22.5, 40, 95, 150, 139.25, 128.5, 10, 20, 30, 115, 200,
          103.5, 7, 132.5, 105.75, 79, 105.5, 132, 75.75, 19.5, 255, 191.5, 128, 96, 64, 48, 32,
        ]
      ),
    ] as [(Int, Int, [Double])])
  func `new pixels lie where Darknet has them`(width: Int, height: Int, expected: [Double]) throws {
    let resized = try Self.picture.resized(width: width, height: height, interpolation: .corners)
    for (found, expected) in zip(resized.pixels, expected) {
      #expect(abs(Double(found) - expected) <= 0.51)
    }
  }

  /// Darknet's two passes in single precision, as they are described: columns, then rows.
  private func reference(_ image: Image, width: Int, height: Int) -> [Float] {
    func passed(_ values: [Float], _ old: Int, _ new: Int) -> [Float] {
      (0..<new).map { index in
        guard index < new - 1, old > 1 else { return values[old - 1] }
        let place = Float(index) * (Float(old - 1) / Float(new - 1))
        let whole = min(Int(place), old - 2)
        let share = place - Float(whole)
        return (1 - share) * values[whole] + share * values[whole + 1]
      }
    }
    var result = [Float](repeating: 0, count: width * height * image.channels)
    for channel in 0..<image.channels {
      let rows = (0..<image.height).map { y in
        passed(
          (0..<image.width).map { x in
            Float(image.pixels[(y * image.width + x) * image.channels + channel])
          }, image.width, width)
      }
      for x in 0..<width {
        for (y, value) in passed(rows.map { $0[x] }, image.height, height).enumerated() {
          result[(y * width + x) * image.channels + channel] = value
        }
      }
    }
    return result
  }

  @Test(
    arguments: [
      (37, 23, 320, 256), (37, 23, 9, 5), (640, 480, 416, 416), (1, 1, 8, 8), (1, 40, 17, 3),
      (50, 1, 1, 1), (3, 3, 2, 9), (33, 64, 33, 16),
    ])
  func `every pixel is within one level of Darknet's`(
    oldWidth: Int, oldHeight: Int, width: Int, height: Int
  ) throws {
    for channels in [1, 3] {
      var state: UInt32 = 7
      let pixels = (0..<(oldWidth * oldHeight * channels)).map { _ in
        state = state &* 1_664_525 &+ 1_013_904_223
        return UInt8(state >> 24)
      }
      let image = Image(width: oldWidth, height: oldHeight, channels: channels, pixels: pixels)
      let resized = try image.resized(width: width, height: height, interpolation: .corners)
      let expected = reference(image, width: width, height: height)
      let worst = zip(resized.pixels, expected).map { abs(Float($0) - $1) }.max() ?? 0
      #expect(worst <= 1, "\(channels) channels")
    }
  }

  @Test func `Darknet's fit fills the input with it`() throws {
    let geometry = InputGeometry(
      pictureWidth: 4, pictureHeight: 3, inputWidth: 3, inputHeight: 2, fit: .darknet)
    #expect((geometry.scaledWidth, geometry.scaledHeight) == (3, 2))
    #expect(try Self.picture.placed(geometry) == [0, 75, 250, 255, 96, 32])
  }
}
