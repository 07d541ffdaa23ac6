import Vision

/// A picture as 48×48 gray samples, whatever its proportions: enough to tell whether two files show
/// the same.
struct Thumbnail: Hashable, Sendable {
  static let side = 48
  /// `side × side` samples, rows from the top.
  let samples: [UInt8]

  /// The mean over the area of each sample.
  init(_ image: Image) throws(VisionError) {
    precondition(image.channels == 1, "a gray picture")
    samples = try image.resized(width: Self.side, height: Self.side, interpolation: .area).pixels
  }

  /// Whether there is next to nothing to see: then all such pictures are alike.
  var isFlat: Bool {
    let values = samples.map(Float.init)
    let mean = values.reduce(0, +) / Float(values.count)
    return values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } < 4 * Float(values.count)
  }
}

/// A part of a picture, as fractions of its sides.
struct PictureWindow: Hashable, Sendable {
  var x0: Float = 0
  var y0: Float = 0
  var x1: Float = 1
  var y1: Float = 1
}

extension Thumbnail {
  /// How alike the other picture and the part of this one that resembles it most are: the
  /// correlation of their samples, at most 1.
  ///
  /// Starting from `window`, its edges are moved in smaller and smaller steps as long as the
  /// correlation rises: a crop, a change of scale and of proportions are undone.
  func similarity(to other: Thumbnail, from window: PictureWindow) -> Float {
    let target = CenteredSamples(other)
    var (best, bestScore) = (window, score(window, target))
    // Unrelated pictures stay far below; they need no alignment.
    guard bestScore > 0.5 else { return bestScore }
    for step: Float in [0.02, 0.01, 0.005] {
      var isBetter = true
      var rounds = 0
      while isBetter, rounds < 8 {
        isBetter = false
        rounds += 1
        for candidate in best.neighbours(step) {
          let score = score(candidate, target)
          if score > bestScore { (best, bestScore, isBetter) = (candidate, score, true) }
        }
      }
    }
    return bestScore
  }

  /// The other picture's samples less their mean, and their deviation.
  private struct CenteredSamples {
    var values: [Float]
    var norm: Float

    init(_ thumbnail: Thumbnail) {
      values = thumbnail.samples.map(Float.init)
      let mean = values.reduce(0, +) / Float(values.count)
      for index in values.indices { values[index] -= mean }
      norm = values.reduce(0) { $0 + $1 * $1 }.squareRoot()
    }
  }

  /// Correlation of a window of this thumbnail, sampled bilinearly, with the whole of the other.
  private func score(_ window: PictureWindow, _ target: CenteredSamples) -> Float {
    let columns = Samples(from: window.x0, to: window.x1)
    let rows = Samples(from: window.y0, to: window.y1)
    let side = Self.side
    var (sum, squares, product) = (Float(0), Float(0), Float(0))
    samples.withUnsafeBufferPointer { samples in
      target.values.withUnsafeBufferPointer { target in
        for y in 0..<side {
          let (upper, lower, v) = (rows.low[y] * side, rows.high[y] * side, rows.weight[y])
          for x in 0..<side {
            let (left, right, u) = (columns.low[x], columns.high[x], columns.weight[x])
            let above = Float(samples[upper + left]) * (1 - u) + Float(samples[upper + right]) * u
            let below = Float(samples[lower + left]) * (1 - u) + Float(samples[lower + right]) * u
            let value = above * (1 - v) + below * v
            sum += value
            squares += value * value
            product += value * target[y * side + x]
          }
        }
      }
    }
    let count = Float(side * side)
    let norm = max(squares - sum * sum / count, 0).squareRoot()
    return norm > 0 && target.norm > 0 ? product / (norm * target.norm) : 0
  }

  /// Where along one side the samples of a window lie: between which two, and how far.
  private struct Samples {
    var low: [Int] = []
    var high: [Int] = []
    var weight: [Float] = []

    init(from start: Float, to end: Float) {
      let side = Thumbnail.side
      for index in 0..<side {
        let place =
          (start + (end - start) * (Float(index) + 0.5) / Float(side)) * Float(side) - 0.5
        let clamped = min(max(place, 0), Float(side - 1))
        low.append(Int(clamped))
        high.append(min(Int(clamped) + 1, side - 1))
        weight.append(clamped - Float(Int(clamped)))
      }
    }
  }
}

extension PictureWindow {
  /// The windows that differ by one step: an edge moved, or two edges together.
  fileprivate func neighbours(_ step: Float) -> [PictureWindow] {
    [-step, step].flatMap { step in
      [
        (step, 0, 0, 0), (0, step, 0, 0), (0, 0, step, 0), (0, 0, 0, step), (step, 0, step, 0),
        (0, step, 0, step),
      ].map { x0, y0, x1, y1 in
        PictureWindow(
          x0: min(max(self.x0 + x0, 0), 0.4), y0: min(max(self.y0 + y0, 0), 0.4),
          x1: min(max(self.x1 + x1, 0.6), 1), y1: min(max(self.y1 + y1, 0.6), 1))
      }
    }
  }
}
