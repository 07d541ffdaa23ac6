import Darknet

/// Draws networks of one cost (EagleEye, arXiv 2007.02491; docs/formulas.md 7.11).
///
/// Every layer loses a random share of its channels, uniform between 0 and a largest share; a
/// network counts when its multiplications are near what was asked for. The largest share begins at
/// 1, as published, and follows what is drawn: deep networks of random layers all cost about the
/// same, and that is seldom what was asked for.
public struct CandidateSampler: Sendable {
  /// The share of multiplications that stays.
  public var share: Double
  /// How far a network's share may be off.
  public var delta: Double
  /// Networks drawn before giving up on the next one.
  public let triesPerCandidate = 1000

  /// What is kept, and how near to it.
  public init(share: Double, delta: Double) { (self.share, self.delta) = (share, delta) }

  /// Requests for so many networks.
  ///
  /// - Parameter base: its seed is the first one; what rounds is taken from it.
  /// - Throws: ``PruningError/noCandidate(tries:share:delta:)`` when a thousand in a row do not
  ///   fit.
  public func callAsFunction(
    _ pruner: Pruner, count: Int, base: PruningRequest
  ) throws -> [PruningRequest] {
    let whole = try pruner.spec.macs(
      width: pruner.spec.net.width, height: pruner.spec.net.height)
    var request = base
    var found: [PruningRequest] = []
    var tries = 0
    while found.count < count {
      guard tries < triesPerCandidate else {
        throw PruningError.noCandidate(tries: tries, share: share, delta: delta)
      }
      let left = Double(try pruner.cost(request).macs) / Double(whole)
      if abs(left - share) <= delta {
        found.append(request)
        tries = 0
      } else {
        tries += 1
        request.largestShare =
          left < share ? request.largestShare * 0.98 : min(request.largestShare / 0.98, 1)
      }
      request.seed &+= 1
    }
    return found
  }
}
