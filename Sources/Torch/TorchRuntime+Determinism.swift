import CTorch
import Synchronization

extension TorchRuntime {
  /// Whether every operation gives the same result in every run, or throws where it cannot.
  public static var isDeterministic: Bool { ct_deterministic() }

  /// Runs `body` while every operation gives the same result in every run, or throws where it cannot.
  ///
  /// libtorch has one switch for the process: what other threads compute meanwhile is deterministic
  /// too. Calls may overlap; the last to end leaves the switch as the first has found it.
  public static func withDeterministicAlgorithms<Result>(
    _ body: () throws -> Result
  ) throws -> Result {
    try beginDeterminism()
    defer { endDeterminism() }
    return try body()
  }

  /// Begins what ``withDeterministicAlgorithms(_:)`` does; ``endDeterminism()`` ends it.
  package static func beginDeterminism() throws(TorchError) {
    try determinism.withLock { state throws(TorchError) in
      if state.count == 0 {
        state.before = isDeterministic
        try check(ct_set_deterministic(true))
      }
      state.count += 1
    }
  }

  package static func endDeterminism() {
    determinism.withLock { state in
      state.count -= 1
      // What could be switched on can be switched off.
      if state.count == 0 { _ = ct_set_deterministic(state.before) }
    }
  }

  /// How many calls are under way, and what they have found.
  private static let determinism = Mutex((count: 0, before: false))
}
