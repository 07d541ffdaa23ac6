import Torch

/// Processes that train one network together, each on its share of every batch: what they tell each
/// other.
///
/// Each call is one that all of them make, in the same order. Of these the loss uses ``sumInPlace(_:)``;
/// the loop trains in one process so far.
public protocol Communicator: AnyObject {
  /// This process, from 0. The first one writes.
  var rank: Int { get }
  /// How many there are.
  var size: Int { get }

  /// Replaces each tensor by its sum over all processes, in place; all have the same shapes.
  func sumInPlace(_ tensors: [Tensor]) throws

  /// Whether it is so in any of the processes.
  func any(_ value: Bool) throws -> Bool

  /// What each process gives, by rank, to all of them.
  func gather(_ bytes: [UInt8]) throws -> [[UInt8]]

  /// Waits until all are here.
  func barrier() throws
}

/// One process that trains by itself.
public final class SingleProcess: Communicator {
  /// It is the first.
  public let rank = 0
  /// There is no other.
  public let size = 1

  /// A process of its own.
  public init() {}

  /// The sum of one is itself.
  public func sumInPlace(_ tensors: [Tensor]) {}
  /// As it is here.
  public func any(_ value: Bool) -> Bool { value }
  /// What this process gives.
  public func gather(_ bytes: [UInt8]) -> [[UInt8]] { [bytes] }
  /// It is here.
  public func barrier() {}
}
