/// A convolution of small whole numbers, whose right answer plain Swift works out: what a device
/// must be able to do.
///
/// No sum is beyond 2048, so that float16 holds each exactly. Methods that go by fractions
/// (Winograd's) miss whole numbers by a little: answers are rounded first.
package struct ConvolutionTrial: Hashable, Sendable {
  /// Channels in and out, and the pixels of a side; the kernel is 3×3 with a padding of 1.
  package var channels: Int
  package var outChannels: Int
  package var side: Int
  /// `[channels, side, side]`.
  package var input: [Int]
  /// `[outChannels, channels, 3, 3]`.
  package var weights: [Int]
  /// `[outChannels]`.
  package var bias: [Int]

  /// What came of it on a device.
  package struct Outcome: Hashable, Sendable {
    /// Numbers that differ from the right ones, of `count`.
    package var wrong: Int
    package var count: Int
    /// The first time, with all that is started up for it.
    package var firstMilliseconds: Double
    /// The quickest of ten more, until the answer is back in the host's memory.
    package var milliseconds: Double

    package init(wrong: Int, count: Int, firstMilliseconds: Double, milliseconds: Double) {
      (self.wrong, self.count) = (wrong, count)
      (self.firstMilliseconds, self.milliseconds) = (firstMilliseconds, milliseconds)
    }
  }

  /// Inputs of −3…3, weights of −2…2, biases of −8…8: at most 16 · 9 · 6 + 8 = 872.
  package init() {
    (channels, outChannels, side) = (16, 32, 24)
    input = (0..<channels * side * side).map { ($0 * $0 + $0 / 5) % 7 - 3 }
    weights = (0..<outChannels * channels * 9).map { ($0 * $0 * $0 / 7 + $0 / 3) % 5 - 2 }
    bias = (0..<outChannels).map { $0 * 5 % 17 - 8 }
  }

  /// The right answer, `[outChannels, side, side]`.
  package var answer: [Int] {
    var sums: [Int] = []
    for out in 0..<outChannels {
      for y in 0..<side {
        for x in 0..<side {
          var sum = bias[out]
          for channel in 0..<channels {
            for row in max(y - 1, 0)...min(y + 1, side - 1) {
              for column in max(x - 1, 0)...min(x + 1, side - 1) {
                let weight = weights[
                  ((out * channels + channel) * 3 + row - y + 1) * 3 + column - x + 1]
                sum += weight * input[(channel * side + row) * side + column]
              }
            }
          }
          sums.append(sum)
        }
      }
    }
    return sums
  }

  /// Has a device work it out, in float32 or float16.
  package func outcome(
    on device: Device, _ dtype: DType = .float32
  ) throws(TorchError) -> Outcome {
    let start = ContinuousClock.now
    let input = try Tensor(input.map(Float.init), shape: [1, channels, side, side])
      .to(device, dtype)
    let weights = try Tensor(weights.map(Float.init), shape: [outChannels, channels, 3, 3])
      .to(device, dtype)
    let bias = try Tensor(bias.map(Float.init)).to(device, dtype)
    func compute() throws(TorchError) -> [Float] {
      try input.conv2d(weights, bias: bias, padding: (1, 1)).toFloats()
    }
    let first = try compute()
    let firstMilliseconds = (ContinuousClock.now - start) / .milliseconds(1)
    var milliseconds = Double.infinity
    for _ in 0..<10 {
      let start = ContinuousClock.now
      _ = try compute()
      milliseconds = min(milliseconds, (ContinuousClock.now - start) / .milliseconds(1))
    }
    let answer = answer
    return Outcome(
      wrong: Self.wrongCount(first, answer), count: answer.count,
      firstMilliseconds: firstMilliseconds, milliseconds: milliseconds)
  }

  /// How many numbers are not the right ones, or are missing.
  static func wrongCount(_ values: [Float], _ answer: [Int]) -> Int {
    answer.count - zip(values, answer).count { $0.rounded() == Float($1) }
  }
}
