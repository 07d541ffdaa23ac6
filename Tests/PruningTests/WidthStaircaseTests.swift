import Darknet
import Testing
import Torch

@testable import Pruning

/// Latency against width, and widths that follow it.
@Suite struct WidthStaircaseTests {
  private func staircase(_ points: [(Int, Double)]) -> WidthStaircase {
    WidthStaircase(points.map { .init(width: $0.0, milliseconds: $0.1) })
  }

  // From the widest down, 3 % longer than the shortest so far is as long: 48 counts, 40 is shorter,
  // 32 and 24 are longer than 40, 16 is shorter, 8 is not (1.00 · 1.03 > 1.02).
  @Test func `a width is an edge when every wider one takes longer`() {
    let steps = staircase([(8, 1.0), (16, 1.02), (24, 1.5), (32, 1.51), (40, 1.2), (48, 2)])
    #expect(steps.edges == [16, 40, 48])
    #expect([1, 16, 17, 40, 41, 48].map(steps.edge) == [16, 16, 40, 40, 48, 48])
  }

  // 1024 / 16 = 64; 100 / 16 rounds up to 8.
  @Test func `at most sixteen widths are measured`() {
    #expect(
      WidthStaircase.widths(upTo: 1024, multiple: 8)
        == Array(stride(from: 64, through: 1024, by: 64)))
    #expect(
      WidthStaircase.widths(upTo: 100, multiple: 8)
        == Array(stride(from: 8, through: 96, by: 8)) + [100])
    #expect(WidthStaircase.widths(upTo: 3, multiple: 8) == [3])
  }

  // Of 0.01 … 0.12 and six from 0.5, at the place ⌊18 · 0.5⌋ three of layer 0 stay, then five for
  // the edge; at 0.1 eleven, then twelve.
  @Test(arguments: [(0.5, 5), (0.1, 12)], [PruningMethod.target, .normal])
  func `widths go up to the edge of their step`(
    point: (percent: Double, width: Int), method: PruningMethod
  ) throws {
    let network = try handNetwork(
      conv(12) + conv(6),
      gamma: [0: (1...12).map { Float($0) / 100 }, 1: (0..<6).map { 0.5 + Float($0) / 100 }])
    var request = PruningRequest(percent: point.percent)
    request.multiple = 1
    request.staircases = [0: staircase([(5, 1), (8, 3), (10, 2.9), (12, 2.9)])]
    let result = try Pruner(network.0, network.1, method: method).prune(request, force: true)
    #expect(result.keptChannels[0] == Array(12 - point.width..<12))
    #expect(result.keptChannels[1].count == 6)
  }

  @Test func `layers that go together have one staircase`() throws {
    let network = try handNetwork(
      conv(16) + conv(16) + "[shortcut]\nfrom=-2\n"
        + "[convolutional]\nbatch_normalize=1\nfilters=16\nsize=3\npad=1\ngroups=16\n"
        + "activation=leaky\n" + conv(10), gamma: [:])
    let found = try Pruner(network.0, network.1).staircases(
      width: 16, height: 16, multiple: 4, on: .cpu, passes: 1)
    #expect(found.keys.sorted() == [0, 1, 3, 4])
    #expect(found[0] == found[1] && found[0] == found[3])
    #expect(found[0]?.points.map(\.width) == [4, 8, 12, 16])
    #expect(found[4]?.points.map(\.width) == [4, 8, 10])
    for staircase in found.values {
      #expect(staircase.points.allSatisfy { $0.milliseconds > 0 })
      #expect(staircase.edges.last == staircase.points.last?.width)
    }
  }
}
