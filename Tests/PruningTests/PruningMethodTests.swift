import Boxes
import Darknet
import Testing

@testable import Pruning

/// The columns of the table, one by one, on hand-written γ.
@Suite struct PruningMethodTests {
  private func kept(
    _ network: (Configuration, NetworkParameters), _ method: PruningMethod, percent: Double,
    layers: [Int], change: (inout PruningRequest) -> Void = { _ in }
  ) throws -> [[Int]] {
    var request = PruningRequest(percent: percent)
    change(&request)
    let pruner = try Pruner(network.0, network.1, method: method)
    let result = try pruner.prune(request, force: true)
    return layers.map { result.keptChannels[$0] }
  }

  // MARK: - Comparisons and floors

  // |γ| ascending: 0.1 0.2 0.3 0.4 0.5 0.6 0.9.
  private func chain() throws -> (Configuration, NetworkParameters) {
    try handNetwork(
      conv(4) + conv(3), gamma: [0: [0.1, -0.5, 0.3, 0.9], 1: [0.2, 0.4, -0.6]])
  }

  // ⌊7 · 0.5⌋ = 3: the threshold 0.4 stays with normal and shortcut, not with slim.
  @Test(arguments: [
    (PruningMethod.normal, [[1, 3], [1, 2]]), (.shortcut, [[1, 3], [1, 2]]),
    (.slim, [[1, 3], [2]]),
  ])
  func `the threshold itself stays or goes`(method: PruningMethod, expected: [[Int]]) throws {
    #expect(try kept(chain(), method, percent: 0.5, layers: [0, 1]) == expected)
  }

  // Of 0 0 0 0 0.4 0.5 0.6 the place ⌊7 · 0.3⌋ = 2 is 0, which is no reason to keep what is worth
  // nothing. The second layer has one channel to keep in any case.
  @Test(arguments: [PruningMethod.normal, .shortcut, .slim])
  func `zeros go though the threshold is zero`(method: PruningMethod) throws {
    let network = try handNetwork(
      conv(4) + conv(3) + conv(2), gamma: [0: [0, -0.5, 0, 0.6], 1: [0, 0.4, 0]])
    let found = try kept(network, method, percent: 0.3, layers: [0, 1])
    #expect(found == [[1, 3], [1]])
  }

  // ⌊7 · 0.95⌋ = 6: nothing is above 0.9. ⌊4 · 0.01⌋ = 0, so one stays; ⌊4 · 0.7⌋ = ⌊3 · 0.7⌋ = 2.
  @Test(arguments: [(0.01, [[3], [2]]), (0.7, [[1, 3], [1, 2]])] as [(Double, [[Int]])])
  func `slim keeps a share of every layer`(layerKeep: Double, expected: [[Int]]) throws {
    let found = try kept(chain(), .slim, percent: 0.95, layers: [0, 1]) {
      $0.layerKeep = layerKeep
    }
    #expect(found == expected)
  }

  // Of 0.1 0.3 0.5 0.9 the place ⌊4 · 0.25⌋ = 1, above 0.3: two. Of 0.2 0.4 0.6 the place
  // ⌊3 · 0.7⌋ = 2, above 0.6: none, so ⌊3 · 0.5⌋ = 1.
  @Test func `group has a quantile for every range`() throws {
    let found = try kept(chain(), .group, percent: 0, layers: [0, 1]) {
      $0.ranges = [.init(layers: 0..<1, percent: 0.25), .init(layers: 1..<2, percent: 0.7)]
      $0.layerKeep = 0.5
    }
    #expect(found == [[1, 3], [2]])
  }

  // ⌊4 · 0.1⌋ = 0: then 16, which is more than there are.
  @Test func `group keeps sixteen channels where the share is none`() throws {
    let found = try kept(chain(), .group, percent: 0.95, layers: [0, 1]) { $0.layerKeep = 0.1 }
    #expect(found == [[0, 1, 2, 3], [0, 1, 2]])
    let wide = try handNetwork(
      conv(20) + conv(2), gamma: [0: (1...20).map { Float($0) / 100 }, 1: [0.8, 0.9]])
    // Of 22 the place 20 is 0.8.
    let sixteen = try kept(wide, .group, percent: 0.95, layers: [0]) { $0.layerKeep = 0.01 }
    #expect(sixteen == [Array(4..<20)])
  }

  // The first two channels are worth the same; ⌊5 · 0.9⌋ = 4, nothing is above 0.9.
  @Test func `of equal scores the first ones fill a floor`() throws {
    let network = try handNetwork(conv(3) + conv(2), gamma: [0: [0.2, 0.2, 0.2], 1: [0.3, 0.9]])
    let found = try kept(network, .slim, percent: 0.9, layers: [0, 1]) { $0.layerKeep = 0.67 }
    #expect(found == [[0, 1], [1]])
  }

  // MARK: - Merges

  /// Layers 0, 1 and 3 are added.
  private func residual() throws -> (Configuration, NetworkParameters) {
    try handNetwork(
      conv(4) + conv(4) + "[shortcut]\nfrom=-2\n" + conv(4) + "[shortcut]\nfrom=-2\n" + conv(2),
      gamma: [
        0: [0.9, 0.8, 0.7, 0.1], 1: [0.9, 0.8, 0.1, 0.7], 3: [0.9, 0.2, 0.2, 0.1], 5: [0.5, 0.3],
      ])
  }

  // Of 0.1 0.1 0.1 0.2 0.2 0.3 0.5 0.7 … the place ⌊14 · 0.43⌋ = 6: above 0.5 are {0, 1, 2},
  // {0, 1, 3} and {0}; the channels have 3, 2, 1 and 1 votes of 3.
  @Test(arguments: [
    (PruningMethod.ParallelMerge.union, [0, 1, 2, 3]), (.leader, [0, 1, 2]), (.vote, [0, 1]),
    (.least, [0]),
  ])
  func `verdicts merge`(merge: PruningMethod.ParallelMerge, expected: [Int]) throws {
    var method = PruningMethod.group
    method.parallelMerge = merge
    let found = try kept(residual(), method, percent: 0.43, layers: [0, 1, 3, 5]) {
      $0.layerKeep = 0.25
    }
    // ⌊2 · 0.25⌋ = 0, so layer 5 keeps min(16, 2).
    #expect(found == [expected, expected, expected, [0, 1]])
  }

  @Test func `half of the votes are enough`() throws {
    let network = try handNetwork(
      conv(2) + conv(2) + "[shortcut]\nfrom=-2\n" + conv(2),
      gamma: [0: [0.9, 0.1], 1: [0.8, 0.2], 3: [0.4, 0.5]])
    var request = PruningRequest(percent: 0.5)
    request.layerKeep = 0.5
    // Above 0.5 (the place 3 of 6): channel 0 twice. A vote of one in two, as in the second case.
    let first = try Pruner(network.0, network.1, method: .group).prune(request, force: true)
    #expect(first.keptChannels[0] == [0])
    var parameters = network.1
    parameters.layers[1][.gamma]?.values = [0.2, 0.8]
    let second = try Pruner(network.0, parameters, method: .group).prune(request, force: true)
    #expect(second.keptChannels[0] == [0, 1])
  }

  // Sums 2.7, 1.8, 1.0 and 0.9, three times each, beside 0.3 and 0.5: of 14 the place 6 is 1.0.
  @Test func `target adds scores`() throws {
    let found = try kept(residual(), .target, percent: 0.43, layers: [0, 1, 3, 5]) {
      $0.multiple = 1
    }
    #expect(found == [[0, 1, 2], [0, 1, 2], [0, 1, 2], [0]])
  }

  // Leaders and untied channels: 0.1 0.3 0.4 0.5 0.6, the place 2: 0.4. The followers' 0.9 and 0.8
  // count for nothing.
  @Test func `shortcut asks the leaders alone`() throws {
    let network = try handNetwork(
      conv(3) + conv(3) + "[shortcut]\nfrom=-2\n" + conv(2),
      gamma: [0: [0.1, 0.6, 0.3], 1: [0.9, 0.2, 0.8], 3: [0.4, 0.5]])
    #expect(try kept(network, .shortcut, percent: 0.5, layers: [0, 1, 3]) == [[1], [1], [0, 1]])
    // The same under slim: above 0.5, the place 4 of 8, are {1} and {0, 2}.
    #expect(
      try kept(network, .slim, percent: 0.5, layers: [0, 1, 3]) == [[0, 1, 2], [0, 1, 2], [1]])
  }

  // Of 0.1 0.2 0.3 0.7 0.8 the place 3: no leader reaches 0.7.
  @Test func `a leader that would lose everything keeps its best for all`() throws {
    let network = try handNetwork(
      conv(3) + conv(3) + "[shortcut]\nfrom=-2\n" + conv(2),
      gamma: [0: [0.1, 0.3, 0.2], 1: [0.9, 0.2, 0.8], 3: [0.7, 0.8]])
    let pruner = try Pruner(network.0, network.1, method: .shortcut)
    #expect(pruner.emptyingPercent == 2.0 / 5)
    #expect(try kept(network, .shortcut, percent: 0.7, layers: [0, 1, 3]) == [[1], [1], [0, 1]])
  }

  // MARK: - Rounding

  /// γ of 0.01 to 0.12, and six from 0.5.
  private func wide() throws -> (Configuration, NetworkParameters) {
    try handNetwork(
      conv(12) + conv(6),
      gamma: [0: (1...12).map { Float($0) / 100 }, 1: (0..<6).map { 0.5 + Float($0) / 100 }])
  }

  // The place ⌊18 · p⌋ of the first twelve: 3, 11 and none stay; multiples of n, at least n, at
  // most the layer's own 12.
  @Test(arguments: [(0.5, 8, 8), (0.5, 4, 4), (0.1, 8, 12), (0.7, 8, 8), (0.5, 32, 12)])
  func `widths go up to multiples`(percent: Double, multiple: Int, width: Int) throws {
    let found = try kept(wide(), .regular, percent: percent, layers: [0, 1]) {
      $0.multiple = multiple
    }
    #expect(found == [Array(12 - width..<12), Array(0..<6)])
  }

  // Ten channels are worth the same; the old systems kept them all.
  @Test func `ties do not widen a rounded layer`() throws {
    let network = try handNetwork(
      conv(12) + conv(6),
      gamma: [
        0: [Float](repeating: 0.05, count: 10) + [0.5, 0.6],
        1: [Float](repeating: 0.3, count: 6),
      ])
    let found = try kept(network, .regular, percent: 0.6, layers: [0])
    #expect(found[0].count == 8)
    #expect(found[0].suffix(2) == [10, 11])
  }

  // MARK: - Random shares

  /// Filters whose L1 norms rise from channel to channel.
  private func rising() throws -> (Configuration, NetworkParameters) {
    var network = try handNetwork(
      conv(16) + conv(16) + "[shortcut]\nfrom=-2\n" + conv(10), gamma: [:])
    for layer in [0, 1, 3] {
      guard let weight = network.1.layers[layer][.weight] else { continue }
      let row = weight.values.count / weight.shape[0]
      let values = weight.values.indices.map { Float($0 / row + 1) * ($0 % 2 == 0 ? 1 : -1) }
      network.1.layers[layer][.weight]?.values = values
    }
    return network
  }

  // Layer by layer ⌊N · (1 − r)⌋ of the largest norms, at least one; of added layers the wider one.
  @Test func `EagleEye keeps random shares of the largest filters`() throws {
    for seed in UInt64(0)..<20 {
      var generator = Boxes.SeededGenerator(seed: seed)
      let widths = [16, 16, 10].map { max(Int(Double($0) * (1 - generator.uniform())), 1) }
      let sum = max(widths[0], widths[1])
      let found = try kept(rising(), .eagleEyeSlim, percent: 0, layers: [0, 1, 3]) {
        $0.seed = seed
      }
      let chain = Array(16 - sum..<16)
      let last = Array(10 - widths[2]..<10)
      #expect(found == [chain, chain, last])
    }
  }

  // To the nearest multiple of 4, halves up: 2 → 4, 5 → 4, 6 → 8, 9 → 8; at least 4, at most N.
  @Test func `EagleEye rounds to the nearest multiple`() throws {
    for seed in UInt64(0)..<20 {
      var generator = Boxes.SeededGenerator(seed: seed)
      let widths = [16, 16, 10].map { own in
        let drawn = max(Int(Double(own) * (1 - generator.uniform())), 1)
        return min(max((drawn + 2) / 4 * 4, 4), own)
      }
      let found = try kept(rising(), .eagleEyeRegular, percent: 0, layers: [0, 1, 3]) {
        $0.seed = seed
        $0.multiple = 4
      }
      let sum = max(widths[0], widths[1])
      #expect(found.map(\.count) == [sum, sum, widths[2]])
    }
  }
}
