import Boxes

/// Draws detections: boxes in the colours of their classes, with names and confidences.
///
/// Line widths and text grow with the picture, from 1 pixel and 9 pixels on.
public struct DetectionPainter: Sendable {
  /// Names by class index; a class without a name is called "class 7".
  public var names: [String]
  /// Whether labels end in the confidence, as in "dog 0.92".
  public var showsConfidence: Bool

  private let fonts: Fonts

  /// A painter of these classes.
  public init(names: [String], showsConfidence: Bool = true) {
    self.init(names: names, showsConfidence: showsConfidence, fonts: .shared)
  }

  init(names: [String], showsConfidence: Bool = true, fonts: Fonts) {
    (self.names, self.showsConfidence, self.fonts) = (names, showsConfidence, fonts)
  }

  /// Why some names are not drawn as they are written, and what helps; nil when all are.
  public var fontProblem: String? {
    for (index, name) in names.enumerated() {
      guard let problem = TextMask.problem(with: name, fonts: fonts) else { continue }
      let shown =
        TextMask.isDrawable(name, fonts: fonts) ? TextMask.drawable(name) : "class \(index)"
      return "the class name '\(name)' is drawn as '\(shown)': \(problem.description)"
    }
    return nil
  }

  /// Draws detections on a picture, the surest on top.
  ///
  /// - Parameter detections: boxes in pixels of `image`; what lies outside is clipped, boxes that
  ///   are outside as a whole, or not finite, are left out.
  public func draw(_ detections: [Detection], on image: inout Image) throws(VisionError) {
    let isTiny = Style(image).isTiny
    let marks = detections.sorted { $0.confidence < $1.confidence }.map { detection in
      BoxMark(
        box: detection.box, color: Palette.color(forClass: detection.classIndex),
        text: isTiny ? name(of: detection) : label(of: detection))
    }
    try image.draw(marks, fonts: fonts)
  }

  /// What stands beside a box: "dog 0.92". A name in letters that cannot be drawn gives way to the
  /// number of its class.
  public func label(of detection: Detection) -> String {
    let name = name(of: detection)
    guard showsConfidence, detection.confidence.isFinite else { return name }
    let hundredths = Int((min(max(detection.confidence, 0), 1) * 100).rounded())
    let digits = "\(hundredths % 100)"
    return "\(name) \(hundredths / 100).\(digits.count == 1 ? "0" : "")\(digits)"
  }

  private func name(of detection: Detection) -> String { name(ofClass: detection.classIndex) }

  /// A class's name, or its number where the name cannot be drawn.
  public func name(ofClass index: Int) -> String {
    let hasName =
      names.indices.contains(index) && !names[index].isEmpty
      && TextMask.isDrawable(names[index], fonts: fonts)
    return hasName ? names[index] : "class \(index)"
  }
}

/// A box to draw: its colour, and the words on a plate beside it.
public struct BoxMark: Hashable, Sendable {
  /// In pixels of the picture.
  public var box: Box
  /// Of the box and the plate.
  public var color: Color
  /// In letters that can be drawn.
  public var text: String

  /// A box to draw.
  public init(box: Box, color: Color, text: String) {
    (self.box, self.color, self.text) = (box, color, text)
  }
}

extension Image {
  /// Draws boxes, the last on top. What lies outside is clipped; boxes that are outside as a whole,
  /// or not finite, are left out. Plates keep clear of one another where there is room.
  ///
  /// - Parameter lineWidth: in pixels; from the picture's size unless given.
  public mutating func draw(_ marks: [BoxMark], lineWidth: Int? = nil) throws(VisionError) {
    try draw(marks, lineWidth: lineWidth, fonts: .shared)
  }

  fileprivate mutating func draw(
    _ marks: [BoxMark], lineWidth: Int? = nil, fonts: Fonts
  ) throws(VisionError) {
    let visible = marks.compactMap { mark in pixels(of: mark.box).map { (mark, $0) } }
    let style = Style(self)
    for (mark, rectangle) in visible {
      stroke(rectangle, with: mark.color, lineWidth: lineWidth ?? style.lineWidth)
    }
    var labels: [Label] = []
    for (mark, rectangle) in visible.reversed() {
      labels.append(
        try Label(mark.text, of: rectangle, style, in: self, avoiding: labels, fonts: fonts))
    }
    for ((mark, _), label) in zip(visible, labels.reversed()) {
      fill(label.plate, with: mark.color)
      draw(
        label.mask, left: label.plate.left + label.margin, top: label.plate.top + label.margin,
        color: mark.color.readableText)
    }
  }

  /// The box in whole pixels, at least one each way; nil when nothing of it is inside.
  private func pixels(of box: Box) -> PixelRectangle? {
    guard box.isFinite, box.x1 < Float(width), box.y1 < Float(height), box.x2 > 0, box.y2 > 0,
      box.x1 <= box.x2, box.y1 <= box.y2
    else { return nil }
    let left = min(Int(max(box.x1, 0).rounded()), width - 1)
    let top = min(Int(max(box.y1, 0).rounded()), height - 1)
    return PixelRectangle(
      left: left, top: top, right: max(Int(min(box.x2, Float(width)).rounded()), left + 1),
      bottom: max(Int(min(box.y2, Float(height)).rounded()), top + 1))
  }
}

/// Sizes in pixels, from the geometric mean of the picture's sides.
private struct Style {
  let lineWidth: Int
  let textSize: Int
  /// Too small for more than names.
  let isTiny: Bool

  init(_ image: Image) {
    let side = (Double(image.width) * Double(image.height)).squareRoot()
    lineWidth = max(Int((side / 300).rounded()), 1)
    textSize = max(Int((6 + side / 55).rounded()), 9)
    isTiny = side < 160
  }
}

/// Text on a plate, and the place found for it.
private struct Label {
  let mask: TextMask
  let margin: Int
  let plate: PixelRectangle

  init(
    _ text: String, of box: PixelRectangle, _ style: Style, in image: Image,
    avoiding others: [Label], fonts: Fonts
  ) throws(VisionError) {
    let margin = max(style.textSize / 5, 1)
    var mask = try TextMask(text, size: style.textSize, fonts: fonts)
    if mask.width + 2 * margin > image.width {
      // Long names on narrow pictures: smaller letters, down to what can be read at all.
      let size = max(style.textSize * (image.width - 2 * margin) / mask.width, 7)
      mask = try TextMask(text, size: size, fonts: fonts)
    }
    let (width, height) = (mask.width + 2 * margin, mask.height + 2 * margin)

    // Above the box; inside at its upper edge; below; each from the left edge or up to the right
    // one. Without any free place, labels overlap.
    let rows = [box.top - height, box.top, box.bottom, box.bottom - height]
    let places = rows.filter { $0 >= 0 && $0 + height <= image.height }.flatMap { top in
      [box.left, box.right - width].map { left in
        let inside = max(min(left, image.width - width), 0)
        return PixelRectangle(
          left: inside, top: top, right: inside + width, bottom: top + height)
      }
    }
    let free = places.first { place in !others.contains { $0.plate.overlaps(place) } }
    (self.mask, self.margin) = (mask, margin)
    plate =
      free ?? places.first ?? PixelRectangle(left: 0, top: 0, right: width, bottom: height)
  }
}
