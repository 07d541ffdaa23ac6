import Boxes
import Vision

/// One drawn picture: a textured background with shapes of random colour, size and rotation that
/// may cover parts of each other, and tight boxes around what of each can be seen.
///
/// A function of (seed, index) alone.
struct SyntheticPicture {
  private(set) var image: Image
  private(set) var labels: [Label] = []

  /// Of every shape at least this share stays visible.
  static let leastVisible = 0.65

  private let side: Int
  private var random: SampleRandom
  /// Red, green, blue of each pixel, `0...1`.
  private var canvas: [SIMD3<Float>]
  /// The shape that each pixel shows, -1 for none.
  private var owners: [Int]
  private var shapes: [(classIndex: Int, pixels: Int, visible: Int)] = []

  /// Samples along each side of a pixel, for smooth edges.
  private static let samples = 4

  /// Draws a picture.
  ///
  /// - Parameters:
  ///   - shapes: the classes to draw from.
  ///   - side: of the square picture, in pixels, at least 32.
  ///   - maximumObjects: shapes drawn at most; one at least is.
  init(seed: UInt64, index: Int, shapes: [SyntheticShape], side: Int, maximumObjects: Int) {
    self.side = side
    random = SampleRandom(seed: seed, sample: index, stream: 4)
    canvas = []
    owners = [Int](repeating: -1, count: side * side)
    image = Image(width: 1, height: 1)
    drawBackground()
    let objects = 1 + random.integer(below: maximumObjects)
    for _ in 0..<objects { drawObject(shapes) }
    image = Image(width: side, height: side, pixels: samplesWithNoise())
    labels = visibleLabels()
  }

  /// How much of each shape can be seen, counted pixel by pixel.
  var visibleShares: [Double] {
    var counts = shapes.map { _ in 0 }
    for owner in owners where owner >= 0 { counts[owner] += 1 }
    return zip(shapes, counts).map { Double($1) / Double($0.pixels) }
  }

  // MARK: Background

  private mutating func drawBackground() {
    let (first, second) = (randomColor(), randomColor())
    // Two colours not too far apart, mixed by a pattern.
    let contrast = Float(random.uniform(0.15, 0.6))
    let other = first + (second - first) * contrast
    let pattern: (Double, Double) -> Double
    switch random.integer(below: 4) {
    case 0: pattern = gradient()
    case 1: pattern = stripes()
    case 2: pattern = blobs()
    default: pattern = noise(cells: 3 + random.integer(below: 10))
    }
    let grain = noise(cells: 12 + random.integer(below: 30))
    let grainStrength = random.uniform(0, 0.35)
    canvas = (0..<(side * side)).map { place in
      let (y, x) = place.quotientAndRemainder(dividingBy: side)
      let (u, v) = ((Double(x) + 0.5) / Double(side), (Double(y) + 0.5) / Double(side))
      let mix = pattern(u, v) + grainStrength * (grain(u, v) - 0.5)
      return first + (other - first) * Float(min(max(mix, 0), 1))
    }
  }

  private mutating func gradient() -> (Double, Double) -> Double {
    let angle = random.uniform(0, 2 * .pi)
    let (dx, dy) = (cosine(angle), sine(angle))
    return { x, y in 0.5 + (x - 0.5) * dx + (y - 0.5) * dy }
  }

  private mutating func stripes() -> (Double, Double) -> Double {
    let angle = random.uniform(0, 2 * .pi)
    let period = 2 * .pi * random.uniform(3, 14)
    let phase = random.uniform(0, 2 * .pi)
    let (dx, dy) = (cosine(angle) * period, sine(angle) * period)
    return { x, y in 0.5 + 0.5 * sine(x * dx + y * dy + phase) }
  }

  private mutating func blobs() -> (Double, Double) -> Double {
    let discs = (0..<(4 + random.integer(below: 8))).map { _ in
      (x: random.uniform(), y: random.uniform(), radius: random.uniform(0.05, 0.3))
    }
    return { x, y in
      discs.reduce(0) { sum, disc in
        let square = (x - disc.x) * (x - disc.x) + (y - disc.y) * (y - disc.y)
        return sum + max(0, 1 - square / (disc.radius * disc.radius))
      }
    }
  }

  /// Smoothly interpolated random values on a grid, `0...1`.
  private mutating func noise(cells: Int) -> (Double, Double) -> Double {
    let columns = cells + 2
    let values = (0..<(columns * columns)).map { _ in random.uniform() }
    return { x, y in
      let (u, v) = (x * Double(cells), y * Double(cells))
      let (column, row) = (Int(u), Int(v))
      func smooth(_ t: Double) -> Double { t * t * (3 - 2 * t) }
      let (s, t) = (smooth(u - Double(column)), smooth(v - Double(row)))
      let start = row * columns + column
      let upper = values[start] + (values[start + 1] - values[start]) * s
      let lower =
        values[start + columns] + (values[start + columns + 1] - values[start + columns]) * s
      return upper + (lower - upper) * t
    }
  }

  // MARK: Objects

  /// A shape's place: centre and radius in pixels, its turn, and its width by its height.
  private struct Pose {
    var x, y, radius, angle, aspect: Double
  }

  /// Tries some places until one leaves enough of the shapes below visible.
  private mutating func drawObject(_ classes: [SyntheticShape]) {
    let classIndex = random.integer(below: classes.count)
    let extent = Double(side)
    for _ in 0..<20 {
      // Sizes over nearly two octaves, small ones as often as large ones.
      let radius = extent * 0.07 * exponential(random.uniform(0, logarithm(0.24 / 0.07)))
      // Now and then a little of it is outside.
      let margin = radius * (random.uniform() < 0.15 ? 0.7 : 1)
      let pose = Pose(
        x: random.uniform(margin, extent - margin), y: random.uniform(margin, extent - margin),
        radius: radius, angle: random.uniform(0, 2 * .pi), aspect: random.uniform(0.94, 1.06))
      let coverage = coverage(of: classes[classIndex], pose)
      guard canBeDrawn(coverage) else { continue }
      paint(coverage, classIndex: classIndex, pose)
      return
    }
  }

  /// The pixels that a shape touches, each with the share of it that is covered.
  private func coverage(
    of shape: SyntheticShape, _ pose: Pose
  ) -> [(place: Int, share: Float)] {
    let reach = pose.radius * 1.15
    let columns = max(0, Int(pose.x - reach))...min(side - 1, Int(pose.x + reach) + 1)
    let rows = max(0, Int(pose.y - reach))...min(side - 1, Int(pose.y + reach) + 1)
    let (dx, dy) = (cosine(pose.angle) / pose.radius, sine(pose.angle) / pose.radius)
    let n = Self.samples
    var result: [(place: Int, share: Float)] = []
    for row in rows {
      for column in columns {
        var hits = 0
        for sample in 0..<(n * n) {
          let x = Double(column) + (Double(sample % n) + 0.5) / Double(n) - pose.x
          let y = Double(row) + (Double(sample / n) + 0.5) / Double(n) - pose.y
          if shape.contains((x * dx + y * dy) * pose.aspect, (y * dx - x * dy) / pose.aspect) {
            hits += 1
          }
        }
        if hits > 0 { result.append((row * side + column, Float(hits) / Float(n * n))) }
      }
    }
    return result
  }

  private func canBeDrawn(_ coverage: [(place: Int, share: Float)]) -> Bool {
    var hidden = [Int](repeating: 0, count: shapes.count)
    for (place, share) in coverage where share >= 0.5 && owners[place] >= 0 {
      hidden[owners[place]] += 1
    }
    let isSeen = zip(shapes, hidden).allSatisfy { shape, hidden in
      Double(shape.visible - hidden) >= Self.leastVisible * Double(shape.pixels)
    }
    return isSeen && coverage.count { $0.share >= 0.5 } >= 16
  }

  private mutating func paint(
    _ coverage: [(place: Int, share: Float)], classIndex: Int, _ pose: Pose
  ) {
    let color = contrastingColor(coverage)
    let lightAngle = random.uniform(0, 2 * .pi)
    let light = (
      x: cosine(lightAngle) / pose.radius, y: sine(lightAngle) / pose.radius,
      strength: random.uniform(0, 0.25)
    )
    var pixels = 0
    for (place, share) in coverage {
      let (row, column) = place.quotientAndRemainder(dividingBy: side)
      let slope = (Double(column) - pose.x) * light.x + (Double(row) - pose.y) * light.y
      let shaded = color * Float(1 + light.strength * slope)
      canvas[place] += (shaded - canvas[place]) * share
      if share >= 0.5 {
        if owners[place] >= 0 { shapes[owners[place]].visible -= 1 }
        owners[place] = shapes.count
        pixels += 1
      }
    }
    shapes.append((classIndex, pixels, pixels))
  }

  /// A colour that stands out from what it will cover.
  private mutating func contrastingColor(
    _ coverage: [(place: Int, share: Float)]
  ) -> SIMD3<Float> {
    let below = coverage.reduce(SIMD3<Float>()) { $0 + canvas[$1.place] } / Float(coverage.count)
    func distance(_ color: SIMD3<Float>) -> Float {
      let difference = color - below
      return (difference * difference).sum().squareRoot()
    }
    var best = randomColor()
    for _ in 0..<8 where distance(best) < 0.5 {
      let other = randomColor()
      if distance(other) > distance(best) { best = other }
    }
    return best
  }

  private mutating func randomColor() -> SIMD3<Float> {
    // Between gray and a saturated colour, dark ones rarer.
    let hue = random.uniform(0, 6)
    let (saturation, value) = (
      random.uniform(0.1, 1), 1 - 0.8 * random.uniform() * random.uniform()
    )
    func channel(_ offset: Double) -> Float {
      let k = (offset + hue).truncatingRemainder(dividingBy: 6)
      return Float(value * (1 - saturation * min(max(min(k, 4 - k), 0), 1)))
    }
    return SIMD3(channel(5), channel(3), channel(1))
  }

  // MARK: Result

  private mutating func samplesWithNoise() -> [UInt8] {
    let strength = Float(random.uniform(0, 0.06))
    return canvas.flatMap { color in
      // Three noise values of 21 bits from one draw.
      let bits = random.next()
      let noise = SIMD3(
        Float(bits & 0x1F_FFFF), Float(bits >> 21 & 0x1F_FFFF), Float(bits >> 42 & 0x1F_FFFF))
      let noisy = color + (noise * 0x1p-21 - 0.5) * strength
      let bytes = (noisy.clamped(lowerBound: .zero, upperBound: .one) * 255)
        .rounded(.toNearestOrAwayFromZero)
      return [UInt8(bytes.x), UInt8(bytes.y), UInt8(bytes.z)]
    }
  }

  /// The tight box around the visible pixels of each shape.
  private func visibleLabels() -> [Label] {
    var bounds = shapes.map { _ in (left: side, top: side, right: -1, bottom: -1) }
    for (place, owner) in owners.enumerated() where owner >= 0 {
      let (row, column) = place.quotientAndRemainder(dividingBy: side)
      bounds[owner].left = min(bounds[owner].left, column)
      bounds[owner].top = min(bounds[owner].top, row)
      bounds[owner].right = max(bounds[owner].right, column)
      bounds[owner].bottom = max(bounds[owner].bottom, row)
    }
    return zip(shapes, bounds).map { shape, bounds in
      Label(
        classIndex: shape.classIndex,
        box: Box(
          x1: Float(bounds.left), y1: Float(bounds.top), x2: Float(bounds.right + 1),
          y2: Float(bounds.bottom + 1)),
        pictureWidth: side, pictureHeight: side)
    }
  }
}
