/// The part of every batch that one of several processes loads.
///
/// The plan of batches is the same in all processes: their parts, in order of ranks, make up the
/// batch that one process alone would load. Only a batch with fewer pictures than processes
/// differs: it is filled up with its own pictures again, so that each process has one.
public struct BatchShare: Hashable, Sendable {
  /// This process, from 0.
  public let rank: Int
  /// How many there are.
  public let size: Int

  /// The whole batch.
  public static let whole = BatchShare(rank: 0, of: 1)

  /// The part of one process.
  ///
  /// - Parameters:
  ///   - rank: `0..<size`.
  ///   - size: processes, 1 at least.
  public init(rank: Int, of size: Int) {
    precondition(size >= 1 && (0..<size).contains(rank), "rank \(rank) of \(size)")
    (self.rank, self.size) = (rank, size)
  }

  /// This process's places of a batch, one at least, and how many all of them have.
  func part(of places: [Int]) -> (places: [Int], total: Int) {
    let total = max(places.count, size)
    let range = (total * rank / size)..<(total * (rank + 1) / size)
    return (range.map { places[$0 % places.count] }, total)
  }
}
