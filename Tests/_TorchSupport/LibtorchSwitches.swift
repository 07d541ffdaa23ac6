import Testing
import Torch

/// What a test needs of libtorch's switches, of which a process has one each.
public enum LibtorchNeed: Sendable {
  /// Every operation gives the same in every run; some throw then.
  case determinism
  /// Whatever libtorch does by itself.
  case nothing
  /// That, and factors of products that are not rounded on a GPU.
  case exactProducts
  /// A number of threads that the test, or a run in it, sets.
  case threads
}

/// Tests of different needs never overlap; those of one may. Afterwards the switches are as they were.
public struct LibtorchSwitches: TestTrait, SuiteTrait, TestScoping {
  /// What is needed.
  public let need: LibtorchNeed

  /// The switches for a need.
  public init(need: LibtorchNeed) { self.need = need }

  /// Of a suite, each of its tests has the need.
  public var isRecursive: Bool { true }

  private static let turnstile = Turnstile<LibtorchNeed>()
  @TaskLocal private static var held: LibtorchNeed?

  /// Runs a test with the switches that it needs.
  public func provideScope(
    for test: Test, testCase: Test.Case?, performing body: @Sendable () async throws -> Void
  ) async throws {
    try await hold(body)
  }

  /// Runs `body` with the switches.
  ///
  /// - Throws: ``DifferentNeed`` where this task holds others, for which it would wait for ever.
  public func hold(_ body: @Sendable () async throws -> Void) async throws {
    if let held = Self.held {
      guard held == need else { throw DifferentNeed(needed: need, held: held) }
      return try await body()
    }
    try await Self.turnstile.pass(need) {
      try await Self.$held.withValue(need) { try await switched(body) }
    }
  }

  private func switched(_ body: () async throws -> Void) async throws {
    switch need {
    case .determinism:
      try TorchRuntime.beginDeterminism()
      defer { TorchRuntime.endDeterminism() }
      try await body()
    case .nothing:
      try await body()
    case .exactProducts:
      let before = try TorchRuntime.tf32()
      try TorchRuntime.setAllowsTF32(false)
      try await body()
      try TorchRuntime.setTF32(before)
    case .threads:
      let before = TorchRuntime.threadCount
      try await body()
      try TorchRuntime.setThreadCount(before)
    }
    // A test that switches it on without saying so.
    if need != .determinism, TorchRuntime.isDeterministic {
      Issue.record("another test has switched determinism on meanwhile")
    }
  }
}

/// A test whose suite has another need than itself.
public struct DifferentNeed: Error, Equatable {
  let needed: LibtorchNeed
  let held: LibtorchNeed
}

extension Trait where Self == LibtorchSwitches {
  /// The test needs these switches of libtorch's.
  public static func libtorch(_ need: LibtorchNeed) -> Self { LibtorchSwitches(need: need) }
}
