import Boxes
import Testing
import _TestSupport

@testable import Vision

@Suite struct DrawingTests {
  private let red = Color(red: 255, green: 0, blue: 0)

  @Test func `filling is clipped to the picture`() {
    var picture = Image(width: 4, height: 3, filledWith: .black)
    picture.fill(PixelRectangle(left: -5, top: 1, right: 2, bottom: 99), with: red)
    let filled = (0..<3).map { y in (0..<4).map { x in picture[x, y] == red } }
    #expect(
      filled == [
        [false, false, false, false], [true, true, false, false], [true, true, false, false],
      ])
    let before = picture
    picture.fill(PixelRectangle(left: 4, top: 0, right: 9, bottom: 3), with: red)
    picture.fill(PixelRectangle(left: 3, top: 0, right: 1, bottom: 3), with: red)
    #expect(picture == before)
  }

  // Half of 200 over 100: 150.
  @Test func `opacity mixes`() {
    var picture = Image(width: 1, height: 1, channels: 1, pixels: [100])
    let all = PixelRectangle(left: 0, top: 0, right: 1, bottom: 1)
    picture.fill(all, with: Color(gray: 200), opacity: 0.5)
    #expect(picture.pixels == [150])
    picture.fill(all, with: Color(gray: 200), opacity: 1)
    #expect(picture.pixels == [200])
  }

  @Test func `a stroke touches its border only`() {
    var picture = Image(width: 10, height: 8, filledWith: .black)
    let box = PixelRectangle(left: 2, top: 1, right: 9, bottom: 7)
    picture.stroke(box, with: red, lineWidth: 2)
    for y in 0..<8 {
      for x in 0..<10 {
        let inside = x >= 2 && x < 9 && y >= 1 && y < 7
        let core = x >= 4 && x < 7 && y >= 3 && y < 5
        #expect((picture[x, y] == red) == (inside && !core), "\(x), \(y)")
      }
    }
  }

  @Test func `a stroke wider than its box fills it`() {
    var picture = Image(width: 9, height: 9, filledWith: .black)
    picture.stroke(
      PixelRectangle(left: 3, top: 3, right: 6, bottom: 5), with: red, lineWidth: 7)
    #expect(picture.pixels.count { $0 == 255 } == 6)
  }

  @Test func `text has grey edges and stays in its line`() throws {
    var picture = Image(width: 120, height: 40, channels: 1, filledWith: .black)
    try picture.draw("Agjy 0.95", left: 10, top: 10, size: 20, color: .white)
    #expect(picture.pixels.contains(255))
    #expect(picture.pixels.contains { $0 > 0 && $0 < 255 })
    for y in [0, 9, 30, 39] {
      #expect((0..<120).allSatisfy { picture[$0, y] == .black }, "row \(y)")
    }
    let mask = try TextMask("Agjy 0.95", size: 20)
    #expect(mask.height == 20)
    // Capitals reach the upper edge and descenders the lower one.
    let rows = (0..<20).map { y in mask.coverage[y * mask.width..<(y + 1) * mask.width].max() ?? 0 }
    #expect(rows[1] > 0 && rows[18] > 0)
  }

  @Test func `text may hang over any edge`() throws {
    for (left, top) in [(-30, 5), (100, 5), (5, -12), (5, 35), (-500, 0), (0, 500)] {
      var picture = Image(width: 120, height: 40, channels: 1, filledWith: .black)
      try picture.draw("edge of it", left: left, top: top, size: 20, color: .white)
      #expect(picture.pixels.contains { $0 > 0 } == (abs(left) < 500 && top < 500))
    }
  }

  @Test(arguments: [("café", "cafe"), ("Łódź", "Lodz"), ("naïve", "naive"), ("a\u{301}b", "ab")])
  func `accents fall off`(text: String, drawn: String) {
    #expect(TextMask.drawable(text) == drawn)
    #expect(TextMask.isDrawable(text, fonts: Fonts(in: [])))
  }

  @Test func `a class with an undrawable name shows its number`() {
    let painter = DetectionPainter(names: ["cat", "狗"], fonts: Fonts(in: []))
    #expect(painter.label(of: detection(0, 0.954)) == "cat 0.95")
    #expect(painter.label(of: detection(1, 0.05)) == "class 1 0.05")
    #expect(painter.label(of: detection(7, 1)) == "class 7 1.00")
    #expect(painter.label(of: detection(-1, .nan)) == "class -1")
  }

  @Test func `colours of classes are stable and far apart`() {
    let colors = (0..<80).map { Palette.color(forClass: $0) }
    #expect(Set(colors).count == 80)
    #expect(colors[0] == Color(red: 255, green: 68, blue: 51))
    #expect(Palette.color(forClass: 256) == colors[0])
    #expect(Palette.color(forClass: -256) == colors[0])
    for (i, a) in colors.prefix(20).enumerated() {
      for b in colors.prefix(i) {
        let distance =
          abs(Int(a.red) - Int(b.red)) + abs(Int(a.green) - Int(b.green))
          + abs(Int(a.blue) - Int(b.blue))
        #expect(distance >= 60, "\(a) and \(b)")
      }
    }
  }

  @Test func `a text is the same each time, and another at another size`() throws {
    let first = try TextMask("cell 0.5", size: 14)
    let (second, large) = (try TextMask("cell 0.5", size: 14), try TextMask("cell 0.5", size: 28))
    #expect(first.height == 14 && large.height == 28 && large.width > first.width)
    #expect(second.width == first.width && second.coverage == first.coverage)
  }

  // A picture with many boxes was copied whole for each of their lines.
  @Test func `drawing changes a picture in its place`() {
    var image = Image(width: 300, height: 200)
    var places: Set<Int> = []
    for column in 0..<8 {
      image.fill(PixelRectangle(left: column, top: 4, right: 9, bottom: 8), with: .padding)
      image.pixels.withUnsafeBufferPointer { _ = places.insert(Int(bitPattern: $0.baseAddress)) }
    }
    #expect(places.count == 1)
  }

  @Test func `a box is drawn in its class's colour and its label above it`() throws {
    var picture = Image(width: 640, height: 480, filledWith: .black)
    try DetectionPainter(names: ["dog"]).draw(
      [Detection(box: Box(x1: 100, y1: 200, x2: 300, y2: 400), classIndex: 0, confidence: 0.5)],
      on: &picture)
    let color = Palette.color(forClass: 0)
    #expect(picture[100, 300] == color && picture[299, 300] == color && picture[200, 399] == color)
    #expect(picture[200, 300] == .black)
    #expect(picture[101, 199] == color, "the label's plate stands on the box")
    #expect(picture[200, 202] == .black)
  }

  @Test func `a label without room above goes inside, and never leaves the picture`() throws {
    for box in [
      Box(x1: 0, y1: 0, x2: 639, y2: 479), Box(x1: 620, y1: 2, x2: 700, y2: 30),
      Box(x1: -50, y1: 460, x2: 30, y2: 600),
    ] {
      var picture = Image(width: 640, height: 480, filledWith: .black)
      try DetectionPainter(names: ["a rather long name"]).draw(
        [Detection(box: box, classIndex: 0, confidence: 1)], on: &picture)
      // Black letters on the plate: the whole text is there in each place.
      let plate = picture.pixels.count { $0 == 68 }
      #expect(plate > 1500)
    }
  }

  @Test func `labels make way for each other`() throws {
    let painter = DetectionPainter(names: ["cat", "dog"])
    let box = Box(x1: 200, y1: 200, x2: 400, y2: 400)
    var one = Image(width: 640, height: 480, filledWith: .black)
    var two = one
    try painter.draw([Detection(box: box, classIndex: 0, confidence: 0.9)], on: &one)
    try painter.draw(
      [
        Detection(box: box, classIndex: 1, confidence: 0.8),
        Detection(box: box, classIndex: 0, confidence: 0.9),
      ], on: &two)
    // The surer one keeps its place; the other's plate stands at the right end.
    for x in 200..<240 { #expect(two[x, 195] == one[x, 195]) }
    let second = Palette.color(forClass: 1)
    #expect(two[398, 195] == second)
  }

  @Test(arguments: [1, 3])
  func `nothing crashes, whatever the boxes and the size`(channels: Int) throws {
    var generator = _TestSupport.SeededGenerator(seed: 11)
    let odd: [Float] = [0, -1, 1e30, -1e30, .nan, .infinity, -.infinity, 0.4, 5, 17]
    for (width, height) in [(1, 1), (2, 300), (300, 2), (17, 13)] {
      var picture = Image(width: width, height: height, channels: channels)
      let detections = (0..<100).map { _ in
        let sides = (0..<4).map { _ in odd.randomElement(using: &generator) ?? 0 }
        return Detection(
          box: Box(x1: sides[0], y1: sides[1], x2: sides[2], y2: sides[3]),
          classIndex: .random(in: -5...5, using: &generator),
          confidence: odd.randomElement(using: &generator) ?? 0)
      }
      try DetectionPainter(names: ["x"]).draw(detections, on: &picture)
      #expect(picture.pixels.count == width * height * channels)
    }
  }

  @Test func `boxes outside or not finite leave no trace`() throws {
    let empty = Image(width: 50, height: 50)
    var picture = empty
    let boxes = [
      Box(x1: 50, y1: 0, x2: 60, y2: 10), Box(x1: -9, y1: -9, x2: 0, y2: 0),
      Box(x1: .nan, y1: 0, x2: 10, y2: 10), Box(x1: 20, y1: 0, x2: 10, y2: 10),
    ]
    try DetectionPainter(names: []).draw(
      boxes.map { Detection(box: $0, classIndex: 0, confidence: 1) }, on: &picture)
    #expect(picture == empty)
  }

  private func detection(_ index: Int, _ confidence: Float) -> Detection {
    Detection(
      box: Box(x1: 0, y1: 0, x2: 1, y2: 1), classIndex: index, confidence: confidence)
  }
}

@Suite struct PagePictureTests {
  // 1000×500 becomes 416×208; a box of the original's middle fifth lies at 166…250 × 83…125 there.
  @Test func `pictures of a page have one size, and boxes of the original's`() throws {
    let original = Image(width: 1000, height: 500, filledWith: .black)
    var picture = try PagePicture(original)
    #expect(picture.image.width == 416 && picture.image.height == 208)
    let box = Box(x1: 400, y1: 200, x2: 600, y2: 300)
    try picture.draw([BoxMark(box: box, color: .right, text: "dog")])
    #expect(picture.image[166, 100] == .right && picture.image[249, 100] == .right)
    #expect(picture.image[200, 100] == .black && picture.image[160, 100] == .black)
    // Small ones grow.
    let small = try PagePicture(Image(width: 20, height: 40))
    #expect(small.image.width == 208 && small.image.height == 416)
  }

  // Noise is what JPEG can do least with: at the first quality it takes 150 kB.
  @Test func `a picture of a page is small, whatever is on it`() throws {
    var noise = Image(width: 416, height: 416)
    var state: UInt64 = 9
    for index in noise.pixels.indices {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      noise.pixels[index] = UInt8(truncatingIfNeeded: state >> 40)
    }
    #expect(try noise.encoded(as: .jpeg, quality: 82).count > 100_000)
    #expect(try PagePicture(noise).jpeg().count < 60_000)
  }
}
