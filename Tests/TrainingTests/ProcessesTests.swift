import Darknet
import Foundation
import Loading
import Networks
import Testing
import Torch
import Training
import _TrainingSupport

/// Threads of this process that train as if each were one of its own.
private final class Threads: @unchecked Sendable {
  private let size: Int
  private let condition = NSCondition()
  private var round = 0
  private var arrived = 0
  private var given: [Any?]
  private var taken: [Any] = []

  init(_ size: Int) {
    self.size = size
    given = Array(repeating: nil, count: size)
  }

  /// What all give, by rank, once all have given it.
  fileprivate func exchange<Value>(_ value: Value, from rank: Int) -> [Value] {
    condition.withLock {
      let own = round
      given[rank] = value
      arrived += 1
      if arrived == size {
        taken = given.map { $0! }
        (arrived, round) = (0, round + 1)
        condition.broadcast()
      }
      while round == own { condition.wait() }
      return taken.map { $0 as! Value }
    }
  }

  final class Process: Communicator {
    let rank: Int
    var size: Int { threads.size }
    private let threads: Threads

    init(_ threads: Threads, rank: Int) { (self.threads, self.rank) = (threads, rank) }

    func sumInPlace(_ tensors: [Tensor]) throws {
      let values = try tensors.map { try $0.detach().toFloats() }
      let all = threads.exchange(values, from: rank)
      for (index, tensor) in tensors.enumerated() {
        var sum = [Float](repeating: 0, count: values[index].count)
        for own in all { for place in sum.indices { sum[place] += own[index][place] } }
        try withoutGrad { _ = try tensor.detach().copyInPlace(Tensor(sum, shape: tensor.shape)) }
      }
    }
    func any(_ value: Bool) -> Bool { threads.exchange(value, from: rank).contains(true) }
    func gather(_ bytes: [UInt8]) -> [[UInt8]] { threads.exchange(bytes, from: rank) }
    func barrier() { _ = threads.exchange(0, from: rank) }
  }

  /// Runs `body` for each of `size` processes at once; what each gives, by rank.
  static func run<Value>(
    _ size: Int, _ body: @escaping (Process) throws -> Value
  ) throws -> [Value] {
    let (threads, work, group) = (Threads(size), Work(body), DispatchGroup())
    for rank in 0..<size {
      group.enter()
      Thread.detachNewThread {
        let result = Result { try work.body(Process(threads, rank: rank)) }
        work.lock.withLock { work.results[rank] = result }
        group.leave()
      }
    }
    group.wait()
    return try (0..<size).map { try #require(work.results[$0]).get() }
  }
}

/// What the threads share: each has its own entry of `results`.
private final class Work<Value>: @unchecked Sendable {
  let body: (Threads.Process) throws -> Value
  let lock = NSLock()
  var results: [Int: Result<Value, any Error>] = [:]
  init(_ body: @escaping (Threads.Process) throws -> Value) { self.body = body }
}

/// Several processes train one network, each on its part of every batch.
@Suite struct ProcessesTests {
  private static let convolution = """
    [convolutional]
    filters=8
    size=3
    stride=4
    pad=1
    activation=leaky
    """

  /// No batch normalisation, which looks at one process's pictures alone: what is left is the same
  /// for one process and for three, but for the order of sums.
  private static let plain = """
    [net]
    width=64
    height=64
    channels=3
    \(convolution)
    \(convolution)
    [convolutional]
    filters=18
    size=1
    stride=1
    activation=linear
    [yolo]
    mask=0,1
    anchors=14,14, 30,30
    classes=4
    num=2
    """

  private func run(pictures: Int, plain: Bool) throws -> (TinyRun, TrainingOptions) {
    var run = try TinyRun(pictures: pictures)
    if plain { run.configuration = try Configuration(parsing: Self.plain, path: "plain.cfg") }
    var options = run.options(epochs: 3)
    options.batchSize = 4
    return (run, options)
  }

  // Seven pictures: of the second batch's three each process has one.
  @Test func `three processes learn what one learns`() throws {
    let (run, options) = try run(pictures: 7, plain: true)
    let alone = try run.train("alone", options, techniques: []).parameters
    let together = try Threads.run(3) { process in
      try run.train("rank\(process.rank)", options, techniques: [], communicator: process)
        .parameters
    }
    for (layer, values) in alone.layers.enumerated() {
      for (role, expected) in values {
        let found = try #require(together[0].layers[layer][role])
        for (a, b) in zip(expected.values, found.values) {
          #expect(abs(a - b) <= 1e-5 * max(1, abs(a)), "layer \(layer) \(role)")
        }
      }
    }
    #expect(alone.imagesSeen == together[0].imagesSeen)
    #expect(isTrue(together[1] == together[0] && together[2] == together[0]))
  }

  // Three of a batch's four pictures have no labels: of three processes two have none with labels in
  // every batch.
  @Test func `a process without labels in its part learns with the others`() throws {
    var (run, options) = try run(pictures: 5, plain: true)
    options.unlabelledShare = 0.75
    run.dataset.append(unlabelled: [run.dataset.pictures[0].path, run.dataset.pictures[1].path])
    let alone = try run.train("alone", options, techniques: [])
    let together = try Threads.run(3) { [run, options] process in
      try run.train("rank\(process.rank)", options, techniques: [], communicator: process)
    }
    for (layer, values) in alone.parameters.layers.enumerated() {
      for (role, expected) in values {
        let found = try #require(together[0].parameters.layers[layer][role])
        for (a, b) in zip(expected.values, found.values) {
          #expect(abs(a - b) <= 1e-5 * max(1, abs(a)), "layer \(layer) \(role)")
        }
      }
    }
    let (expected, found) = (alone.result.last?.losses ?? [], together[1].result.last?.losses ?? [])
    #expect(expected.count == 4 && zip(expected, found).allSatisfy { abs($0 - $1) < 1e-4 * $0 })
    #expect(isTrue(together[1].parameters == together[0].parameters))
  }

  // Five pictures in batches of four: in the second batch both processes have the same one.
  @Test func `all have the same network, and the first one writes`() throws {
    let (run, options) = try run(pictures: 5, plain: false)
    let validation = try run.validation()
    let all = try Threads.run(2) { process in
      try run.train(
        "rank\(process.rank)", options, techniques: [], validation: validation,
        communicator: process)
    }
    #expect(isTrue(all[0].parameters == all[1].parameters))
    let best = try #require(all[0].result.best)
    #expect(best.map50 != nil && best.map50 == all[1].result.best?.map50)
    #expect(try files(run, "rank0").contains("last.safetensors"))
    #expect(try files(run, "rank1").isEmpty)
  }

  // The second process asks for it, in the midst of an optimizer step of two batches.
  @Test func `one asks to stop, and all go on from there to the same end`() throws {
    let (run, options) = try run(pictures: 11, plain: false)
    let whole = try Threads.run(2) { process in
      try run.train("whole", options, techniques: [], communicator: process)
    }
    #expect(whole.allSatisfy { !$0.result.wasStopped })
    let stopped = try Threads.run(2) { process in
      try run.train(
        "parts", options, techniques: [], communicator: process,
        stopAfter: process.rank == 1 ? 1 : nil)
    }
    #expect(stopped.allSatisfy { $0.result.wasStopped })
    #expect(isTrue(stopped[0].parameters == stopped[1].parameters))
    #expect(isTrue(stopped[0].parameters != whole[0].parameters))
    let resumed = try Threads.run(2) { process in
      try run.train("parts", options, techniques: [], communicator: process, resumes: true)
    }
    #expect(resumed[0].log.contains { $0.contains("batch 2") }, "\(resumed[0].log)")
    #expect(isTrue(resumed[0].parameters == whole[0].parameters))
    #expect(isTrue(resumed[1].parameters == whole[0].parameters))
  }

  @Test func `a stop in the first one's validation ends all`() throws {
    let (run, options) = try run(pictures: 4, plain: false)
    let validation = try run.validation()
    let stopped = try Threads.run(2) { process in
      try run.train(
        "run", options, techniques: [], validation: validation, communicator: process,
        stopsInValidation: process.rank == 0)
    }
    #expect(stopped.allSatisfy { $0.result.wasStopped })
  }

  /// The same; a failure then prints no million numbers.
  private func isTrue(_ condition: Bool) -> Bool { condition }

  private func files(_ run: TinyRun, _ name: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: run.folder + "/" + name)
  }
}
