import Darknet

/// A map of whole numbers, `[channels, height, width]`: codes less the code of zero, or sums.
public final class IntegerMap: @unchecked Sendable {
  /// Its size.
  public let shape: FeatureShape
  /// Its numbers, row by row, channel by channel.
  let numbers: UnsafeMutableBufferPointer<Int32>

  /// A map whose numbers are to be filled in.
  init(_ shape: FeatureShape) {
    self.shape = shape
    numbers = .allocate(capacity: shape.count)
    numbers.initialize(repeating: 0)
  }

  deinit { numbers.deallocate() }

  /// The numbers.
  public var values: [Int32] { Array(numbers) }

  /// Places of one channel.
  var places: Int { shape.height * shape.width }

  /// The numbers of one channel.
  func channel(_ index: Int) -> UnsafeMutablePointer<Int32> {
    guard let base = numbers.baseAddress else { preconditionFailure("a map has numbers") }
    return base + index * places
  }
}
