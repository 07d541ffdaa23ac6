import Torch

/// Processes that train one network together, each on its share of every batch: what they tell each
/// other.
///
/// Each call is one that all of them make, in the same order. In a ``Trainer`` each process has its
/// part of every batch (`BatchShare`): gradients, losses and what normalises them are summed,
/// running statistics are the mean over the processes, stopping is agreed, and the first process
/// validates and writes. A process that fails does not make its next call: then the calls of the
/// others have to throw.
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

extension Communicator {
  /// Whether this process is the one that validates and writes.
  var isFirst: Bool { rank == 0 }
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
