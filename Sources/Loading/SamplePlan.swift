import Boxes
import Datasets

/// Everything that is decided about one training sample before a pixel is touched: which pictures
/// lie where on a canvas, how the canvas is brought to the input, the colour gains, the boxes.
///
/// A mosaic's canvas is twice the input (docs/formulas.md 4.2): four pictures touch its centre,
/// which lies anywhere in the middle half; the input is the canvas's middle. Else one picture is
/// letterboxed on a canvas of the input's size. The plan is a function of (seed, epoch, sample)
/// alone.
struct SamplePlan: Hashable, Sendable {
  /// A picture on the canvas, in canvas pixels; it may reach over the canvas's edge.
  struct Tile: Hashable, Sendable {
    /// Index into the data set.
    var picture: Int
    var x, y, width, height: Int
  }

  /// One, or four: top left, top right, bottom left, bottom right.
  var tiles: [Tile]
  /// Where four tiles meet; a single tile lies before it.
  var centerX, centerY: Int
  var canvasWidth, canvasHeight: Int
  /// From canvas to input.
  var forward: Affine
  /// From input to canvas.
  var inverse: Affine
  /// Factors of hue, saturation and value.
  var gains: [Float]
  /// Boxes as fractions of the input.
  var labels: [Label]

  /// Tiles of a mosaic.
  static let mosaicTiles = 4
}

/// Draws plans.
struct SamplePlanner: Sendable {
  let settings: AugmentationSettings
  private(set) var inputWidth, inputHeight: Int
  let seed: UInt64
  let pictureCount: Int
  /// Which of them have no labels.
  let unlabelled: UnlabelledPictures?

  init(
    settings: AugmentationSettings, inputWidth: Int, inputHeight: Int, seed: UInt64,
    pictureCount: Int, unlabelled: UnlabelledPictures? = nil
  ) {
    (self.settings, self.seed, self.pictureCount) = (settings, seed, pictureCount)
    self.unlabelled = unlabelled
    (self.inputWidth, self.inputHeight) = (inputWidth, inputHeight)
  }

  /// The planner of samples of another size.
  func sized(width: Int, height: Int) -> SamplePlanner {
    var planner = self
    (planner.inputWidth, planner.inputHeight) = (width, height)
    return planner
  }

  /// The pictures that the sample of picture `index` is made of: itself, and three others for a
  /// mosaic, drawn with replacement: with labels or without, as itself.
  func pictures(epoch: Int, index: Int) -> [Int] {
    var random = SampleRandom(seed: seed, epoch: epoch, sample: index, stream: 1)
    guard random.uniform() < settings.mosaic else { return [index] }
    let pool = pool(of: index)
    return [index]
      + (1..<SamplePlan.mosaicTiles).map { _ in
        pool.lowerBound + random.integer(below: pool.count)
      }
  }

  /// The pictures that a picture may be mixed with, or be replaced by.
  func pool(of index: Int) -> Range<Int> { unlabelled?.pool(of: index) ?? 0..<pictureCount }

  /// The plan of the sample of picture `index`.
  ///
  /// - Parameters:
  ///   - pictures: index, size scaled to the input, and labels of each of its pictures; they may
  ///     stand in for unreadable ones.
  func plan(
    epoch: Int, index: Int, pictures: [(index: Int, width: Int, height: Int, labels: [Label])]
  ) -> SamplePlan {
    var random = SampleRandom(seed: seed, epoch: epoch, sample: index, stream: 2)
    let isMosaic = pictures.count == SamplePlan.mosaicTiles
    let (w, h) = (inputWidth, inputHeight)
    var plan = SamplePlan(
      tiles: [], centerX: w, centerY: h, canvasWidth: w, canvasHeight: h, forward: Affine(),
      inverse: Affine(), gains: [1, 1, 1], labels: [])
    if isMosaic {
      (plan.canvasWidth, plan.canvasHeight) = (2 * w, 2 * h)
      plan.centerX = Int(random.uniform(0.5 * Double(w), 1.5 * Double(w)))
      plan.centerY = Int(random.uniform(0.5 * Double(h), 1.5 * Double(h)))
      plan.tiles = pictures.enumerated().map { place, picture in
        SamplePlan.Tile(
          picture: picture.index,
          x: place % 2 == 0 ? plan.centerX - picture.width : plan.centerX,
          y: place < 2 ? plan.centerY - picture.height : plan.centerY,
          width: picture.width, height: picture.height)
      }
    } else {
      plan.tiles = pictures.prefix(1).map {
        SamplePlan.Tile(
          picture: $0.index, x: (w - $0.width) / 2, y: (h - $0.height) / 2, width: $0.width,
          height: $0.height)
      }
    }
    let (map, scale) = canvasToInput(plan, isMosaic: isMosaic, &random)
    if let inverse = map.inverse { (plan.forward, plan.inverse) = (map, inverse) }
    let flips = (
      random.uniform() < settings.horizontalFlip, random.uniform() < settings.verticalFlip
    )
    if flips.0 { plan.append(.horizontalFlip(width: Double(w))) }
    if flips.1 { plan.append(.verticalFlip(height: Double(h))) }
    plan.gains = [settings.hue, settings.saturation, settings.value].map {
      Float(1 + random.uniform(-1, 1) * $0)
    }
    for (tile, picture) in zip(plan.tiles, pictures) {
      plan.labels += picture.labels.compactMap {
        moved($0, of: tile, plan, scale: scale, isChecked: isMosaic || settings.isAffine)
      }
    }
    return plan
  }

  /// docs/formulas.md 4.3: M = S·T·R, with rotation and scale about the canvas's centre, and the
  /// shift that cuts a mosaic's middle out.
  private func canvasToInput(
    _ plan: SamplePlan, isMosaic: Bool, _ random: inout SampleRandom
  ) -> (Affine, scale: Double) {
    func jitter(_ magnitude: Double) -> Double { random.uniform(-magnitude, magnitude) }
    let (width, height) = (Double(plan.canvasWidth), Double(plan.canvasHeight))
    let (degrees, scale) = (jitter(settings.degrees), 1 + jitter(settings.scale))
    let (shiftX, shiftY) = (jitter(settings.translation), jitter(settings.translation))
    let (shearX, shearY) = (jitter(settings.shear), jitter(settings.shear))
    let border = isMosaic ? (-Double(inputWidth / 2), -Double(inputHeight / 2)) : (0, 0)
    let rotation =
      settings.isAffine
      ? Affine.rotation(degrees: degrees, scale: scale, aboutX: width / 2, y: height / 2)
      : Affine()
    return (
      rotation
        .then(.translation(x: shiftX * width + border.0, y: shiftY * height + border.1))
        .then(.shear(xDegrees: shearX, yDegrees: shearY)), scale
    )
  }

  /// A label of a tile, on the input; nil when too little of it is left.
  private func moved(
    _ label: Label, of tile: SamplePlan.Tile, _ plan: SamplePlan, scale: Double, isChecked: Bool
  ) -> Label? {
    var box = label.box(pictureWidth: tile.width, pictureHeight: tile.height)
    box = Box(
      x1: box.x1 + Float(tile.x), y1: box.y1 + Float(tile.y), x2: box.x2 + Float(tile.x),
      y2: box.y2 + Float(tile.y)
    ).clipped(width: Float(plan.canvasWidth), height: Float(plan.canvasHeight))
    let area = box.area
    box = plan.forward.hull(box).clipped(width: Float(inputWidth), height: Float(inputHeight))
    guard box.width > 0, box.height > 0 else { return nil }
    if isChecked {
      // Too small, mostly cut off, or too thin to be told what it is.
      let isKept =
        box.width > 4 && box.height > 4 && box.area > 0.2 * area * Float(scale)
        && max(box.width / box.height, box.height / box.width) < 10
      guard isKept else { return nil }
    }
    return Label(
      classIndex: label.classIndex, box: box, pictureWidth: inputWidth, pictureHeight: inputHeight)
  }
}

extension SamplePlan {
  /// Adds a mirror that is its own way back.
  fileprivate mutating func append(_ flip: Affine) {
    forward = forward.then(flip)
    inverse = flip.then(inverse)
  }
}
