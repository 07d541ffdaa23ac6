import Testing
import Vision

@testable import Datasets

@Suite struct BoxFrameTests {
  private func header(_ width: Int, _ height: Int, orientation: Int = 1) throws -> PictureHeader {
    var header = try PictureHeader(
      of: Image(width: width, height: height).encoded(as: .png), path: "x")
    header.orientation = orientation
    return header
  }

  private func label(_ frame: BoxFrame, _ box: [Double]) throws -> [Float] {
    var reach = EdgeReach()
    let label = try frame.label(
      PixelBox(x1: box[0], y1: box[1], x2: box[2], y2: box[3]), classIndex: 0, what: "a box",
      reach: &reach)
    return [label.centerX, label.centerY, label.width, label.height]
  }

  // A box of 20×10 in the top left corner of a stored picture of 80×40, at x 8…28 and y 4…14, in
  // the picture as shown, of 40×80 (EXIF 2.32, tag 0x0112): 5, mirrored along the diagonal: x 4…14,
  // y 8…28; 6, a quarter turn clockwise, the top becomes the right side: x 40−14…40−4, y 8…28; 7: x
  // 26…36, y 80−28…80−8; 8, against the clock: x 4…14, y 52…72.
  @Test(
    arguments: [
      (5, [9, 18]), (6, [31, 18]), (7, [31, 62]), (8, [9, 62]),
    ] as [(Int, [Float])])
  func `boxes turn with the picture`(orientation: Int, center: [Float]) throws {
    let frame = try BoxFrame(stated: (80, 40), header(80, 40, orientation: orientation))
    #expect(
      frame.remark
        == "says 80x40, the picture is 40x80 by its EXIF orientation \(orientation); boxes are turned "
        + "alike")
    let found = try label(frame, [8, 4, 28, 14])
    let expected: [Float] = [center[0] / 40, center[1] / 80, 10 / 40, 20 / 80]
    #expect(zip(found, expected).allSatisfy { abs($0 - $1) < 1e-6 })
  }

  @Test func `the picture's own size needs no word`() throws {
    #expect(try BoxFrame(stated: (40, 80), header(80, 40, orientation: 6)).remark == nil)
    #expect(try BoxFrame(stated: nil, header(80, 40)).remark == nil)
    #expect(try BoxFrame(stated: (0, 40), header(80, 40)).remark == nil)
  }

  // Half as large: 8…28 of 80 becomes 8…28 of 160.
  @Test func `a resized picture keeps the fractions`() throws {
    let frame = try BoxFrame(stated: (160, 80), header(80, 40))
    #expect(frame.remark == "says 160x80, the picture is 80x40; taken as resized")
    #expect(try label(frame, [8, 4, 28, 14]) == [18 / 160.0, 9 / 80.0, 20 / 160.0, 10 / 80.0])
  }

  @Test func `a resized picture that EXIF turns has its boxes turned too`() throws {
    let frame = try BoxFrame(stated: (160, 80), header(80, 40, orientation: 6))
    #expect(frame.orientation == 6 && frame.width == 160)
  }

  @Test func `other proportions are a remark, and the picture's pixels count`() throws {
    let frame = try BoxFrame(stated: (100, 100), header(80, 40))
    #expect(
      frame.remark
        == "says 100x100, the picture is 80x40, of other proportions; boxes are taken as the "
        + "picture's pixels")
    #expect(try label(frame, [0, 0, 40, 40]) == [0.25, 0.5, 0.5, 1])
  }
}
