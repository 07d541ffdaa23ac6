import Datasets

/// One training batch before a tensor is made: the plans of its samples, and where their pixels
/// are. Worker threads make it; it holds plain numbers only.
struct BatchPlan: Sendable {
  /// The part of a tile that may show in the input, with the place of its pixels.
  struct Patch: Hashable, Sendable {
    /// Which tile of the sample, 0…3.
    var place: Int
    /// Of its first pixel, and from one of its rows to the next; in pixels.
    var offset, stride: Int
    /// On the canvas.
    var x, y, width, height: Int
  }

  var epoch: Int
  var index: Int
  /// The network's input, in pixels.
  var width, height: Int
  /// Pictures that all processes together load for the batch.
  var pictureCount: Int
  /// The data set's picture that each sample is of.
  var pictures: [Int] = []
  var samples: [SamplePlan] = []
  /// Of each sample.
  var patches: [[Patch]] = []
  /// The patches' pixels one after the other; empty when they lie in the device's cache.
  var pixels: [UInt8] = []

  /// Whether every sample's pixels fall on input pixels.
  var isWhole: Bool { samples.allSatisfy(\.forward.isWhole) }

  /// The labels of all samples.
  var targets: [BatchTarget] {
    samples.enumerated().flatMap { index, sample in
      sample.labels.map { BatchTarget(imageIndex: index, label: $0) }
    }
  }
}

/// One labelled box of a batch.
public struct BatchTarget: Hashable, Sendable {
  /// Which picture of the batch.
  public var imageIndex: Int
  /// From 0.
  public var classIndex: Int
  /// As fractions of the input, `0...1`.
  public var centerX, centerY, width, height: Float

  /// A box of a class in a picture of the batch; fractions of the picture.
  public init(
    imageIndex: Int, classIndex: Int, centerX: Float, centerY: Float, width: Float, height: Float
  ) {
    (self.imageIndex, self.classIndex) = (imageIndex, classIndex)
    (self.centerX, self.centerY, self.width, self.height) = (centerX, centerY, width, height)
  }

  init(imageIndex: Int, label: Label) {
    (self.imageIndex, classIndex) = (imageIndex, label.classIndex)
    (centerX, centerY) = (label.centerX, label.centerY)
    (width, height) = (label.width, label.height)
  }
}

extension SamplePlan {
  /// What of each tile may show in an input of this size, without its place in memory.
  ///
  /// Where pixels are interpolated two more on every side are taken.
  func visiblePatches(inputWidth: Int, inputHeight: Int) -> [BatchPlan.Patch] {
    let corners = [(0, 0), (inputWidth, 0), (inputWidth, inputHeight), (0, inputHeight)]
      .map { inverse(x: Double($0.0), y: Double($0.1)) }
    let margin = forward.isWhole ? 0.0 : 2.0
    func range(_ values: [Double], limit: Int) -> Range<Int> {
      let low = ((values.min() ?? 0) - margin).rounded(.down)
      let high = ((values.max() ?? 0) + margin).rounded(.up)
      let start = Int(min(max(low, 0), Double(limit)))
      return start..<max(start, Int(min(max(high, 0), Double(limit))))
    }
    let columns = range(corners.map(\.x), limit: canvasWidth)
    let rows = range(corners.map(\.y), limit: canvasHeight)
    return tiles.enumerated().compactMap { place, tile in
      let x = columns.clamped(to: tile.x..<(tile.x + tile.width))
      let y = rows.clamped(to: tile.y..<(tile.y + tile.height))
      guard !x.isEmpty, !y.isEmpty else { return nil }
      return BatchPlan.Patch(
        place: place, offset: 0, stride: 0, x: x.lowerBound, y: y.lowerBound, width: x.count,
        height: y.count)
    }
  }
}
