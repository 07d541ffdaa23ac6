import CIntegers
import Darknet

/// A kernel in the order in which blocks of products read it.
struct PackedKernel {
  /// `[blocks of channels][tap][pair of inputs][channel][2]`.
  private let weights: [Int16]
  /// Pairs of inputs, all taps together.
  private let pairs: Int
  private let inputPairs: Int
  private let inChannels: Int

  init(_ weights: [Int32], _ spec: ConvolutionSpec) {
    let (taps, block) = (spec.kernelHeight * spec.kernelWidth, ci_channels)
    inChannels = weights.count / (spec.outChannels * taps)
    inputPairs = (inChannels + 1) / 2
    pairs = taps * inputPairs
    let blocks = (spec.outChannels + block - 1) / block
    var packed = [Int16](repeating: 0, count: blocks * pairs * block * 2)
    for channel in 0..<spec.outChannels {
      let start = (channel / block * pairs * block + channel % block) * 2
      for input in 0..<inChannels {
        for tap in 0..<taps {
          let pair = tap * inputPairs + input / 2
          packed[start + pair * block * 2 + input % 2] =
            Int16(truncatingIfNeeded: weights[(channel * inChannels + input) * taps + tap])
        }
      }
    }
    self.weights = packed
  }

  /// Bytes of values that a thread holds at a time, so that they stay in its cache.
  private static let cachedBytes = 256 << 10

  /// Makes the sums of all channels, block by block.
  ///
  /// - Parameter take: is given a channel, its first place, and the sums of places from there on.
  func sums(
    of input: IntegerMap, _ spec: ConvolutionSpec, places: FeatureShape, threads: Int,
    instructions: ci_instructions, _ take: (Int, Int, UnsafeBufferPointer<Int32>) -> Void
  ) {
    let width = ci_places
    let count = places.height * places.width
    let blockWeights = pairs * ci_channels * 2
    let (blocks, tiles) = (weights.count / blockWeights, (count + width - 1) / width)
    let atOnce = max(1, min(Self.cachedBytes / (pairs * width * 4), tiles))
    inParallel(tiles, threads: threads) { tiles in
      withUnsafeTemporaryAllocation(of: Int16.self, capacity: atOnce * pairs * width * 2) {
        values in
        withUnsafeTemporaryAllocation(of: Int32.self, capacity: ci_channels * width) { sums in
          guard let values = values.baseAddress, let sums = sums.baseAddress else { return }
          for first in stride(from: tiles.lowerBound, to: tiles.upperBound, by: atOnce) {
            let some = first..<min(first + atOnce, tiles.upperBound)
            for tile in some {
              gather(
                input, spec, places, tile * width..<min((tile + 1) * width, count),
                into: values + (tile - first) * pairs * width * 2)
            }
            weights.withUnsafeBufferPointer { weights in
              guard let weights = weights.baseAddress else { return }
              for block in 0..<blocks {
                for tile in some {
                  ci_add_products(
                    instructions, weights + block * blockWeights,
                    values + (tile - first) * pairs * width * 2, pairs, sums)
                  let (start, end) = (tile * width, min((tile + 1) * width, count))
                  let lane = block * ci_channels
                  for channel in 0..<min(ci_channels, spec.outChannels - lane) {
                    take(
                      lane + channel, start,
                      UnsafeBufferPointer(start: sums + channel * width, count: end - start))
                  }
                }
              }
            }
          }
        }
      }
    }
  }

  /// The values under the kernel at each place of a tile, `[tap][pair of inputs][place][2]`; zeros at
  /// the places that the last tile lacks, so that no sum is larger than those that are wanted.
  func gather(
    _ input: IntegerMap, _ spec: ConvolutionSpec, _ places: FeatureShape, _ tile: Range<Int>,
    into values: UnsafeMutablePointer<Int16>
  ) {
    let width = ci_places
    if tile.count < width { values.update(repeating: 0, count: pairs * width * 2) }
    for tap in 0..<spec.kernelHeight * spec.kernelWidth {
      for run in TapRun.runs(of: tile, tap: tap, spec, places, input.shape) {
        for pair in 0..<inputPairs {
          let out =
            values + ((tap * inputPairs + pair) * width + run.place - tile.lowerBound) * 2
          out.update(repeating: 0, count: 2 * run.inside.lowerBound)
          let past = 2 * run.inside.upperBound
          (out + past).update(repeating: 0, count: 2 * run.count - past)
          guard !run.inside.isEmpty else { continue }
          let second = 2 * pair + 1 < inChannels ? input.channel(2 * pair + 1) + run.offset : nil
          ci_interleave(
            input.channel(2 * pair) + run.offset, second, run.inside.count, spec.stride.x,
            out + 2 * run.inside.lowerBound)
        }
      }
    }
  }
}

/// Neighbouring places of one row under one tap of a kernel.
struct TapRun {
  /// The first place, and how many there are.
  var place: Int
  var count: Int
  /// Those whose value lies inside of the map, counted from the first.
  var inside: Range<Int>
  /// Where the value of the first of those is in its channel.
  var offset: Int

  /// The runs of some places.
  static func runs(
    of places: Range<Int>, tap: Int, _ spec: ConvolutionSpec, _ output: FeatureShape,
    _ input: FeatureShape
  ) -> [TapRun] {
    var runs: [TapRun] = []
    let (dy, dx) = (tap / spec.kernelWidth * spec.dilation, tap % spec.kernelWidth * spec.dilation)
    // A kernel of one tap reads the map as one long row.
    let isFlat = spec.kernelSize == 1 && spec.padding == 0 && spec.stride == (1, 1)
    let width = isFlat ? output.width * output.height : output.width
    let inWidth = isFlat ? input.width * input.height : input.width
    let inHeight = isFlat ? 1 : input.height
    let stride = spec.stride
    var place = places.lowerBound
    while place < places.upperBound {
      let (y, x) = (place / width, place % width)
      let count = min(width - x, places.upperBound - place)
      let (row, column) = (y * stride.y + dy - spec.padding, x * stride.x + dx - spec.padding)
      var inside = 0..<0
      if row >= 0, row < inHeight {
        let first = column < 0 ? (-column + stride.x - 1) / stride.x : 0
        let end = column < inWidth ? (inWidth - column + stride.x - 1) / stride.x : 0
        inside = min(first, count)..<max(min(first, count), min(end, count))
      }
      runs.append(
        TapRun(
          place: place, count: count, inside: inside,
          offset: row * inWidth + column + inside.lowerBound * stride.x))
      place += count
    }
    return runs
  }
}

extension ConvolutionSpec {
  /// The stride of the convolution itself.
  var stride: (y: Int, x: Int) { (strideY, strideX) }
}

/// Adds up one channel tap by tap: of groups, and where 32 bits may not do.
///
/// - Parameters:
///   - kernel: the weights of the channel, `[in / groups, taps]`.
///   - sums: one a place, to which the products are added.
func addTaps<Sum: FixedWidthInteger & SignedInteger>(
  _ input: IntegerMap, _ spec: ConvolutionSpec, firstInput: Int, kernel: ArraySlice<Int32>,
  places: FeatureShape, to sums: UnsafeMutablePointer<Sum>
) {
  let taps = spec.kernelHeight * spec.kernelWidth
  let stride = spec.stride.x
  for tap in 0..<taps {
    let all = 0..<places.height * places.width
    for run in TapRun.runs(of: all, tap: tap, spec, places, input.shape) where !run.inside.isEmpty {
      let out = sums + run.place + run.inside.lowerBound
      for channel in 0..<kernel.count / taps {
        let weight = Sum(truncatingIfNeeded: kernel[kernel.startIndex + channel * taps + tap])
        let values = input.channel(firstInput + channel) + run.offset
        let count = run.inside.count
        if stride == 1 {
          for i in 0..<count { out[i] &+= weight &* Sum(truncatingIfNeeded: values[i]) }
        } else {
          for i in 0..<count { out[i] &+= weight &* Sum(truncatingIfNeeded: values[i &* stride]) }
        }
      }
    }
  }
}
