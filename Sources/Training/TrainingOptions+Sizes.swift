import Darknet

extension TrainingOptions {
  /// Takes the sizes of pictures (docs/formulas.md 4.5).
  ///
  /// - Parameters:
  ///   - sides: of squares, in pixels: the smallest and the largest to train at, and the one to test
  ///     at; of fewer the last is all that follow. The cfg's own size, which need not be square, where
  ///     there are none.
  ///   - isMultiScale: whether the size changes from step to step; it does where bounds differ.
  ///   - spec: the network.
  /// - Throws: `ConfigurationError` where the network takes no pictures of such a size.
  public mutating func takeSizes(
    _ sides: [Int], isMultiScale: Bool, of spec: NetworkSpec
  ) throws(ConfigurationError) {
    var (width, height) = (spec.net.width, spec.net.height)
    var test = (width: width, height: height)
    var bounds = max(width, height)...max(width, height)
    let stride = spec.greatestStride
    if let first = sides.first, let last = sides.last {
      let second = sides.count > 1 ? sides[1] : first
      bounds = min(first, second)...max(first, second)
      test = (last, last)
    }
    let varies = isMultiScale || bounds.count > 1
    if isMultiScale, bounds.count == 1 {
      // From 1/1.5 to 1.5 of the size, in multiples of the stride.
      func side(_ length: Int) -> Int { max(stride, length / stride * stride) }
      let length = bounds.lowerBound
      bounds = side(length * 2 / 3)...side(length * 3 / 2)
    }
    if !sides.isEmpty { (width, height) = (bounds.upperBound, bounds.upperBound) }
    (imageWidth, imageHeight, testWidth, testHeight) = (width, height, test.width, test.height)
    multiScale = varies ? bounds : nil
    for side in [bounds.lowerBound, bounds.upperBound] {
      let size = size(longSide: side, multiple: stride)
      try spec.checkInput(width: size.width, height: size.height)
    }
    try spec.checkInput(width: testWidth, height: testHeight)
  }
}
