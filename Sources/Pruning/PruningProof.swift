/// How far the smaller network's outputs are from those of the masked one.
///
/// The two compute the same sums in another order, so they agree but for rounding wherever they are
/// compared, borders included; anything more is a mistake, and nothing is saved.
public struct PruningProof: Hashable, Sendable {
  /// The largest relative difference that rounding in single precision explains.
  public static let tolerance = 1e-4

  /// The largest difference of two values; infinite once one of them is not a number or the outputs
  /// differ in size.
  public private(set) var maxAbsDifference = 0.0
  /// The largest magnitude among the masked network's outputs.
  public private(set) var outputScale = 0.0
  /// Values compared.
  public private(set) var comparedValues = 0

  /// A proof that has seen nothing yet.
  public init() {}

  /// The difference as a share of the output's scale; infinite while nothing was compared.
  public var relativeDifference: Double {
    guard comparedValues > 0, maxAbsDifference.isFinite else { return .infinity }
    return maxAbsDifference == 0 ? 0 : maxAbsDifference / outputScale
  }

  /// Whether the two networks are the same.
  public var holds: Bool { relativeDifference <= Self.tolerance }

  /// Compares one output of both networks: a head for one picture or for a batch.
  public mutating func compare(masked: [Float], compact: [Float]) {
    guard masked.count == compact.count else {
      maxAbsDifference = .infinity
      return
    }
    for (expected, found) in zip(masked, compact) {
      let difference = abs(Double(expected) - Double(found))
      maxAbsDifference = difference.isNaN ? .infinity : max(maxAbsDifference, difference)
      outputScale = max(outputScale, abs(Double(expected)))
    }
    comparedValues += masked.count
  }

  /// Refuses a pruning that does not hold.
  ///
  /// - Throws: ``PruningError/proofFailed(relativeDifference:)``; ``PruningError/nothingToCompare``
  ///   where the network has no output.
  public func check() throws(PruningError) {
    guard comparedValues > 0 || !maxAbsDifference.isFinite else { throw .nothingToCompare }
    guard holds else { throw .proofFailed(relativeDifference: relativeDifference) }
  }
}
