import Boxes
import Datasets
import Testing
import Torch
import _TestSupport

@testable import Loading

@Suite struct BatchComposerTests {
  /// A plan of one sample over pictures in hand.
  private func plan(
    _ settings: AugmentationSettings, side: Int, index: Int, pictures: [ScaledPicture],
    labels: [[Label]]
  ) -> BatchPlan {
    let planner = SamplePlanner(
      settings: settings, inputWidth: side, inputHeight: side, seed: 9,
      pictureCount: pictures.count)
    let chosen = planner.pictures(epoch: 0, index: index)
    let sample = planner.plan(
      epoch: 0, index: index,
      pictures: chosen.map { ($0, pictures[$0].width, pictures[$0].height, labels[$0]) })
    var plan = BatchPlan(epoch: 0, index: 0, width: side, height: side, pictureCount: 1)
    var patches = sample.visiblePatches(inputWidth: side, inputHeight: side)
    for patch in patches.indices {
      let tile = sample.tiles[patches[patch].place]
      let picture = pictures[tile.picture]
      patches[patch].offset = plan.pixels.count / 3
      patches[patch].stride = patches[patch].width
      for y in 0..<patches[patch].height {
        let start =
          ((patches[patch].y - tile.y + y) * tile.width + patches[patch].x - tile.x) * 3
        plan.pixels += picture.pixels[start..<(start + patches[patch].width * 3)]
      }
    }
    (plan.samples, plan.patches, plan.pictures) = ([sample], [patches], [index])
    return plan
  }

  /// Random pixels.
  private func picture(width: Int, height: Int, seed: UInt64) -> ScaledPicture {
    var random = SampleRandom(seed: seed)
    return ScaledPicture(
      width: width, height: height,
      pixels: (0..<(width * height * 3)).map { _ in UInt8(truncatingIfNeeded: random.next()) })
  }

  private func composer(_ settings: AugmentationSettings) -> BatchComposer {
    BatchComposer(device: .cpu, channels: 3, settings: settings)
  }

  private var mosaic: AugmentationSettings {
    var settings = AugmentationSettings()
    (settings.mosaic, settings.horizontalFlip, settings.verticalFlip) = (1, 0.5, 0.5)
    return settings
  }

  @Test func `a mosaic is what a loop over its pixels says`() throws {
    let side = 32
    let pictures = [
      picture(width: 32, height: 24, seed: 1), picture(width: 20, height: 32, seed: 2),
      picture(width: 32, height: 32, seed: 3),
    ]
    for index in 0..<3 {
      let plan = plan(
        mosaic, side: side, index: index, pictures: pictures, labels: [[], [], []])
      let sample = plan.samples[0]
      // docs/formulas.md 4.2 pixel by pixel: the last picture whose rectangle holds the canvas
      // pixel.
      var expected = [Float](repeating: 114, count: 3 * side * side)
      for y in 0..<side {
        for x in 0..<side {
          let source = sample.inverse(x: Double(x) + 0.5, y: Double(y) + 0.5)
          let (u, v) = (Int(source.x.rounded(.down)), Int(source.y.rounded(.down)))
          for tile in sample.tiles
          where (tile.x..<(tile.x + tile.width)).contains(u)
            && (tile.y..<(tile.y + tile.height)).contains(v)
          {
            let pixel = ((v - tile.y) * tile.width + u - tile.x) * 3
            for c in 0..<3 {
              expected[(c * side + y) * side + x] = Float(
                pictures[tile.picture].pixels[pixel + c])
            }
          }
        }
      }
      for copies in [true, false] {
        let images = try composer(mosaic).images(plan, copiesRectangles: copies)
        #expect(images.shape == [1, 3, side, side])
        let found = try (images * 255).rounded().toFloats()
        #expect(found == expected)
      }
    }
  }

  @Test func `an interpolated picture is what a loop over its pixels says`() throws {
    let side = 24
    var settings = AugmentationSettings()
    (settings.degrees, settings.scale, settings.shear, settings.translation) = (30, 0.4, 10, 0.1)
    let pictures = [picture(width: 24, height: 18, seed: 4)]
    let plan = plan(settings, side: side, index: 0, pictures: pictures, labels: [[]])
    let (sample, patch) = (plan.samples[0], plan.patches[0][0])
    #expect(!plan.isWhole)
    let found = try (composer(settings).images(plan) * 255).toFloats()
    for y in 0..<side {
      for x in 0..<side {
        let source = sample.inverse(x: Double(x) + 0.5, y: Double(y) + 0.5)
        let (u, v) = (source.x - Double(patch.x), source.y - Double(patch.y))
        let isNearEdge = [u, v, u - Double(patch.width), v - Double(patch.height)]
          .contains { abs($0) < 1e-3 }
        if isNearEdge { continue }
        let isInside = u >= 0 && v >= 0 && u < Double(patch.width) && v < Double(patch.height)
        for c in 0..<3 {
          func pixel(_ x: Double, _ y: Double) -> Double {
            let column = Int(min(max(x, 0), Double(patch.width - 1)))
            let row = Int(min(max(y, 0), Double(patch.height - 1)))
            return Double(plan.pixels[(row * patch.width + column) * 3 + c])
          }
          let (left, top) = ((u - 0.5).rounded(.down), (v - 0.5).rounded(.down))
          let (s, t) = (u - 0.5 - left, v - 0.5 - top)
          let upper = pixel(left, top) * (1 - s) + pixel(left + 1, top) * s
          let lower = pixel(left, top + 1) * (1 - s) + pixel(left + 1, top + 1) * s
          let expected = isInside ? upper * (1 - t) + lower * t : 114
          #expect(abs(Double(found[(c * side + y) * side + x]) - expected) < 0.05)
        }
      }
    }
  }

  /// A gray picture with a solid rectangle, and the label of that.
  private func painted(_ box: Box, width: Int, height: Int) -> (ScaledPicture, Label) {
    var pixels = [UInt8](repeating: 60, count: width * height * 3)
    for y in Int(box.y1)..<Int(box.y2) {
      for x in Int(box.x1)..<Int(box.x2) {
        for c in 0..<3 { pixels[(y * width + x) * 3 + c] = 250 }
      }
    }
    let label = Label(classIndex: 0, box: box, pictureWidth: width, pictureHeight: height)
    return (ScaledPicture(width: width, height: height, pixels: pixels), label)
  }

  @Test(arguments: [false, true])
  func `a painted rectangle ends up where its label says`(isMosaic: Bool) throws {
    let side = 128
    var settings = AugmentationSettings.legacy
    settings.mosaic = isMosaic ? 1 : 0
    (settings.degrees, settings.scale, settings.shear, settings.translation) = (0, 0.4, 0, 0.15)
    // A hull is tight only without turning, so that is checked with the corners' hull below.
    (settings.hue, settings.saturation, settings.value) = (0, 0, 0)
    settings.verticalFlip = 0.5
    let (first, firstLabel) = painted(
      Box(x1: 30, y1: 20, x2: 70, y2: 50), width: 128, height: 96)
    let (empty, _) = painted(Box(x1: 0, y1: 0, x2: 0, y2: 0), width: 96, height: 128)
    let pictures = [first] + [ScaledPicture](repeating: empty, count: 40)
    let labels = [[firstLabel]] + [[Label]](repeating: [], count: 40)
    var checked = 0
    for seed in 0..<60 as Range<UInt64> {
      let planner = SamplePlanner(
        settings: settings, inputWidth: side, inputHeight: side, seed: seed,
        pictureCount: pictures.count)
      guard planner.pictures(epoch: 0, index: 0).dropFirst().allSatisfy({ $0 != 0 }) else {
        continue
      }
      let plan = try plan(planner, pictures: pictures, labels: labels)
      guard let label = plan.samples[0].labels.first else { continue }
      let image = try composer(settings).images(plan)
      let found = try #require(try brightBox(image, side: side))
      let expected = label.box(pictureWidth: side, pictureHeight: side)
      #expect(abs(found.x1 - expected.x1) <= 1.5 && abs(found.y1 - expected.y1) <= 1.5)
      #expect(abs(found.x2 - expected.x2) <= 1.5 && abs(found.y2 - expected.y2) <= 1.5)
      checked += 1
    }
    #expect(checked >= 15)
  }

  // Turned and sheared, the rectangle's own hull is the label: bright pixels reach all its sides.
  @Test func `a turned rectangle fills its label`() throws {
    let side = 128
    var settings = AugmentationSettings()
    (settings.degrees, settings.scale, settings.shear, settings.translation) = (40, 0.3, 10, 0.1)
    let (picture, label) = painted(Box(x1: 40, y1: 40, x2: 90, y2: 70), width: 128, height: 96)
    var checked = 0
    for seed in 0..<30 as Range<UInt64> {
      let planner = SamplePlanner(
        settings: settings, inputWidth: side, inputHeight: side, seed: seed, pictureCount: 1)
      let plan = try plan(planner, pictures: [picture], labels: [[label]])
      guard let moved = plan.samples[0].labels.first else { continue }
      let expected = moved.box(pictureWidth: side, pictureHeight: side)
      // At the input's edge the cut corners decide, not the hull's.
      guard expected.x1 > 1, expected.y1 > 1, expected.x2 < 127, expected.y2 < 127 else { continue }
      let found = try #require(
        try brightBox(composer(settings).images(plan), side: side))
      #expect(abs(found.x1 - expected.x1) <= 1.5 && abs(found.y1 - expected.y1) <= 1.5)
      #expect(abs(found.x2 - expected.x2) <= 1.5 && abs(found.y2 - expected.y2) <= 1.5)
      checked += 1
    }
    #expect(checked >= 10)
  }

  private func plan(
    _ planner: SamplePlanner, pictures: [ScaledPicture], labels: [[Label]]
  ) throws -> BatchPlan {
    let dataset = DetectionDataset(
      pictures: labels.map { .init(path: "", labels: $0) }, names: ["x"])
    let store = PictureStore(
      pictures: pictures, inputWidth: planner.inputWidth, inputHeight: planner.inputHeight)
    let batch = BatchPlanner(
      dataset: dataset, store: store, samples: planner, batchSize: 1,
      batchesPerEpoch: pictures.count, places: nil)
    // The batch whose sample is picture 0.
    for number in 0..<pictures.count {
      if let plan = batch.plan(number), plan.pictures == [0] { return plan }
    }
    throw DatasetError.noPictures(path: "")
  }

  /// The box of the pixels brighter than halfway between 60 and 250; nil when there is none.
  private func brightBox(_ image: Tensor, side: Int) throws -> Box? {
    let red = try image.toFloats()[..<(side * side)]
    let bright = red.indices.filter { red[$0] > 155.0 / 255 }
    let (xs, ys) = (bright.map { $0 % side }, bright.map { $0 / side })
    guard let left = xs.min(), let right = xs.max(), let top = ys.min(), let bottom = ys.max()
    else {
      return nil
    }
    return Box(
      x1: Float(left), y1: Float(top), x2: Float(right + 1), y2: Float(bottom + 1))
  }

  // By hand: (0.8, 0.4, 0.2) is value 0.8, chroma 0.6, saturation 0.75, hue (0.4−0.2)/0.6 = 1/3 of
  // 60°. Gains 1, 0.5, 0.5: value 0.4, saturation 0.375, chroma 0.15: (0.4, 0.25 + 0.15/3, 0.25).
  @Test func `colours change as worked out by hand`() throws {
    let pixels: [Float] = [0.8, 0.4, 0.2]
    let image = try Tensor(pixels, shape: [1, 3, 1, 1])
    func jittered(_ gains: [Float]) throws -> [Float] {
      try ColorJitter.apply(image, gains: [gains]).toFloats()
    }
    func near(_ a: [Float], _ b: [Float]) -> Bool { zip(a, b).allSatisfy { abs($0 - $1) < 1e-5 } }
    #expect(near(try jittered([1, 1, 1]), pixels))
    #expect(near(try jittered([1, 0.5, 0.5]), [0.4, 0.3, 0.25]))
    // Six times the hue is 2 sextants: green is the largest, red and blue the least.
    #expect(near(try jittered([6, 1, 1]), [0.2, 0.8, 0.2]))
    // Both are cut at 1: value 1, saturation 1: (1, 1/3, 0).
    #expect(near(try jittered([1, 2, 2]), [1, 1.0 / 3, 0]))
  }

  @Test func `unchanged gains give the picture back`() throws {
    var random = SampleRandom(seed: 8)
    let values = (0..<(2 * 3 * 16 * 16)).map { _ in Float(random.uniform()) }
    let images = try Tensor(values, shape: [2, 3, 16, 16])
    let found = try ColorJitter.apply(images, gains: [[1, 1, 1], [1, 1, 1]]).toFloats()
    #expect(zip(found, values).allSatisfy { abs($0 - $1) < 1e-5 })
    let gray = try Tensor.full([1, 3, 4, 4], 0.5)
    #expect(
      try ColorJitter.apply(gray, gains: [[1.01, 1.5, 1]]).toFloats()
        .allSatisfy { abs($0 - 0.5) < 1e-6 })
  }
}
