import Synchronization
import Testing
import Torch
import _TorchSupport

/// Who is inside, and what they have met there.
private final class Room: Sendable {
  private let inside = Mutex<[Int: Int]>([:])
  /// The most of one kind that were in at once.
  private let greatest = Mutex(0)
  private let meetings = Mutex<Set<Set<Int>>>([])

  var met: Set<Set<Int>> { meetings.withLock { $0 } }

  /// Stays for a while, or until as many of one kind have been in at once.
  ///
  /// - Returns: whether they came.
  func stay(_ kind: Int, until count: Int = .max, turns: Int) async throws -> Bool {
    inside.withLock { inside in
      inside[kind, default: 0] += 1
      greatest.withLock { $0 = max($0, inside[kind, default: 0]) }
    }
    defer { inside.withLock { $0[kind, default: 0] -= 1 } }
    for _ in 0..<turns {
      let here = inside.withLock { Set($0.filter { $0.value > 0 }.keys) }
      _ = meetings.withLock { $0.insert(here) }
      if greatest.withLock({ $0 >= count }) { return true }
      try await Task.sleep(for: .milliseconds(1))
    }
    return false
  }
}

/// Counted by several tasks.
private final class Count: Sendable {
  let value = Atomic<Int>(0)
}

@Suite struct TurnstileTests {
  // Each stays 10 ms, in which the others would come in were it not for the turnstile.
  @Test func `different kinds never meet`() async throws {
    let (turnstile, room) = (Turnstile<Int>(), Room())
    try await withThrowingTaskGroup(of: Void.self) { group in
      for index in 0..<12 {
        group.addTask {
          _ = try await turnstile.pass(index % 3) { try await room.stay(index % 3, turns: 10) }
        }
      }
      try await group.waitForAll()
    }
    #expect(room.met == [[0], [1], [2]])
  }

  // Each waits for the other, in vain where one has to be out before the next is in.
  @Test func `those of one kind run side by side`() async throws {
    let (turnstile, room) = (Turnstile<Int>(), Room())
    let met = try await withThrowingTaskGroup(of: Bool.self) { group in
      for _ in 0..<2 {
        group.addTask {
          try await turnstile.pass(1) { try await room.stay(1, until: 2, turns: 5000) }
        }
      }
      return try await group.reduce(into: []) { $0.append($1) }
    }
    #expect(met == [true, true])
  }

  private struct Fault: Error {}

  @Test func `who fails lets the next one in`() async throws {
    let turnstile = Turnstile<Int>()
    await #expect(throws: Fault.self) { try await turnstile.pass(1) { throw Fault() } }
    #expect(await turnstile.pass(2) { 7 } == 7)
  }
}

@Suite struct LibtorchSwitchesTests {
  @Test(.libtorch(.determinism)) func `who needs determinism has it`() {
    #expect(TorchRuntime.isDeterministic)
  }

  @Test(.libtorch(.nothing)) func `who needs nothing has none`() {
    #expect(!TorchRuntime.isDeterministic)
  }

  @Test(.libtorch(.exactProducts)) func `who needs exact products has no TF32`() throws {
    let allowed = try TorchRuntime.tf32()
    #expect(!allowed.products && !allowed.convolutions && !TorchRuntime.isDeterministic)
  }

  // 20 holds of either kind, each of which gives the other time to switch.
  @Test func `a switch stays as it is needed, and is put back`() async throws {
    let wrong = Count()
    try await withThrowingTaskGroup(of: Void.self) { group in
      for index in 0..<20 {
        let need: LibtorchNeed = index.isMultiple(of: 2) ? .determinism : .nothing
        group.addTask {
          try await LibtorchSwitches(need: need).hold {
            for _ in 0..<5 {
              if TorchRuntime.isDeterministic != (need == .determinism) {
                wrong.value.add(1, ordering: .relaxed)
              }
              try await Task.sleep(for: .milliseconds(1))
            }
          }
        }
      }
      try await group.waitForAll()
    }
    #expect(wrong.value.load(ordering: .relaxed) == 0)
    try await LibtorchSwitches(need: .nothing).hold { #expect(!TorchRuntime.isDeterministic) }
  }

  @Test func `a need inside of another is refused, and the same one is no second`() async throws {
    try await LibtorchSwitches(need: .determinism).hold {
      try await LibtorchSwitches(need: .determinism).hold { #expect(TorchRuntime.isDeterministic) }
      await #expect(throws: DifferentNeed.self) {
        try await LibtorchSwitches(need: .nothing).hold {}
      }
    }
  }

  @Test(.libtorch(.nothing)) func `overlapping calls end with the last`() async {
    await #expect(processExitsWith: .success) {
      try TorchRuntime.withDeterministicAlgorithms {
        try TorchRuntime.withDeterministicAlgorithms { #expect(TorchRuntime.isDeterministic) }
        #expect(TorchRuntime.isDeterministic)
      }
      #expect(!TorchRuntime.isDeterministic)
      #expect(throws: TorchError.self) {
        try TorchRuntime.withDeterministicAlgorithms { throw TorchError.libtorch("x") }
      }
      #expect(!TorchRuntime.isDeterministic)
    }
  }
}
