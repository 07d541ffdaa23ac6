import Darknet

/// Darknet's blur before subsampling in whole numbers: weights of 1, 2 and 4, or four of 1, that add
/// up to ``total`` (docs/formulas.md 10.15).
public struct IntegerBlur: Sendable {
  /// Its size and strides.
  public let spec: BlurSpec
  /// From sums to the codes of the layer.
  public let requantization: Requantization

  /// The sum of the weights.
  public var total: Int { spec.size == 3 ? 16 : 4 }
  /// Places of zeros around the map.
  var padding: Int { spec.size == 3 ? 1 : 0 }

  /// - Parameter input: the grid of what is blurred.
  public init(_ spec: BlurSpec, input: CodeGrid, output: CodeGrid) {
    self.spec = spec
    let step = input.step / (spec.size == 3 ? 16 : 4)
    requantization = Requantization(
      steps: [step], activation: .linear, leakySlope: 0, to: output)
  }

  /// A grid for what becomes codes of another when it is blurred: a fourth of its step, four times its
  /// reach, for a peak is higher than what is left of it.
  public static func grid(before output: CodeGrid) -> CodeGrid {
    let most = 16 * output.largestMagnitude
    return CodeGrid(step: output.step / 4, zero: 0, lowest: -most, highest: most)
  }

  /// The weight of a tap.
  func weight(_ row: Int, _ column: Int) -> Int {
    spec.size == 3 ? (row == 1 ? 2 : 1) * (column == 1 ? 2 : 1) : 1
  }

  /// Blurs each channel of a map.
  func callAsFunction(_ input: IntegerMap, into output: IntegerMap) {
    let (shape, places) = (input.shape, output.shape)
    let zero = requantization.grid.zero
    for channel in 0..<places.channels {
      let (values, out) = (input.channel(channel), output.channel(channel))
      for y in 0..<places.height {
        for x in 0..<places.width {
          var sum = 0
          for row in 0..<spec.size {
            let top = y * spec.strideY + row - padding
            guard top >= 0, top < shape.height else { continue }
            for column in 0..<spec.size {
              let left = x * spec.strideX + column - padding
              guard left >= 0, left < shape.width else { continue }
              sum += weight(row, column) * Int(values[top * shape.width + left])
            }
          }
          out[y * places.width + x] = Int32(
            truncatingIfNeeded: requantization.code(sum, lane: 0) &- zero)
        }
      }
    }
  }
}
