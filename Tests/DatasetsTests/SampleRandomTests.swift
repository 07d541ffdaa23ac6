import Testing

@testable import Datasets

@Suite struct SampleRandomTests {
  @Test func `numbers depend on each of seed, epoch, sample and stream`() {
    func first(_ seed: UInt64, _ epoch: Int, _ sample: Int, _ stream: UInt64) -> UInt64 {
      var random = SampleRandom(seed: seed, epoch: epoch, sample: sample, stream: stream)
      return random.next()
    }
    var seen: Set<UInt64> = []
    for seed in 0..<6 as Range<UInt64> {
      for epoch in 0..<6 {
        for sample in 0..<6 {
          for stream in 0..<6 as Range<UInt64> { seen.insert(first(seed, epoch, sample, stream)) }
        }
      }
    }
    #expect(seen.count == 6 * 6 * 6 * 6)
    #expect(first(1, 2, 3, 4) == first(1, 2, 3, 4))
    #expect(first(0, 1, 0, 0) != first(1, 0, 0, 0))
  }

  // Over 100,000 draws the mean of a uniform number has a deviation of 0.0009, that of a normal
  // one 0.003.
  @Test func `numbers are spread as they should be`() {
    var random = SampleRandom(seed: 3)
    let uniform = (0..<100_000).map { _ in random.uniform() }
    #expect(uniform.allSatisfy { (0..<1).contains($0) })
    #expect(abs(uniform.reduce(0, +) / 100_000 - 0.5) < 0.005)
    let normal = (0..<100_000).map { _ in random.normal() }
    #expect(abs(normal.reduce(0, +) / 100_000) < 0.015)
    #expect(abs(normal.reduce(0) { $0 + $1 * $1 } / 100_000 - 1) < 0.03)
    var counts = [0, 0, 0]
    for _ in 0..<30_000 { counts[random.integer(below: 3)] += 1 }
    #expect(counts.allSatisfy { abs($0 - 10_000) < 400 })
  }

  @Test func `a permutation holds every number once`() {
    var random = SampleRandom(seed: 5)
    let order = random.permutation(100)
    #expect(order.sorted() == Array(0..<100))
    #expect(order != Array(0..<100))
    #expect(random.permutation(0).isEmpty && random.permutation(1) == [0])
  }
}
