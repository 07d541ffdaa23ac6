/// Lets work of one kind run side by side, and work of different kinds never.
///
/// Who comes first goes first: work of a kind that is under way waits behind another kind's that has
/// come before it.
public actor Turnstile<Kind: Hashable & Sendable> {
  private var kind: Kind?
  private var underWay = 0
  private var waiting: [(kind: Kind, begin: CheckedContinuation<Void, Never>)] = []

  /// Nothing is under way.
  public init() {}

  /// Runs `work` when nothing of another kind is under way.
  public nonisolated func pass<Result: Sendable>(
    _ kind: Kind, _ work: @Sendable () async throws -> Result
  ) async rethrows -> Result {
    await enter(kind)
    do {
      let result = try await work()
      await leave()
      return result
    } catch {
      await leave()
      throw error
    }
  }

  private func enter(_ kind: Kind) async {
    if waiting.isEmpty, underWay == 0 || self.kind == kind {
      self.kind = kind
      underWay += 1
    } else {
      await withCheckedContinuation { waiting.append((kind, $0)) }
    }
  }

  private func leave() {
    underWay -= 1
    guard underWay == 0, let next = waiting.first?.kind else { return }
    kind = next
    // All of its kind, whoever came between.
    let (begin, rest) = (waiting.filter { $0.kind == next }, waiting.filter { $0.kind != next })
    (waiting, underWay) = (rest, begin.count)
    for next in begin { next.begin.resume() }
  }
}
