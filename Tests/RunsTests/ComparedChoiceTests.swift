import Boxes
import Testing

@testable import Runs

/// Which network `compare` leads to.
@Suite struct ComparedChoiceTests {
  private func quality(_ map: Double) -> DetectionQuality {
    .init(map50: 1.5 * map, map: map, precision: 0.5, recall: 0.5, confidence: 0.3)
  }

  private func candidates(_ rows: [(Int?, Double?)]) -> [ComparedChoice.Candidate] {
    rows.enumerated().map { index, row in
      .init(name: "n\(index)", bytes: row.0, quality: row.1.map(quality))
    }
  }

  /// The choice where all intervals reach as far to both sides.
  private func choice(_ rows: [(Int?, Double?)], reach: Double) -> ComparedChoice? {
    ComparedChoice(candidates(rows)) { best, other in
      [result(.map, rows[best].1 ?? 0, rows[other].1 ?? 0, reach: reach)]
    }
  }

  private func result(
    _ metric: PairedBootstrap.Metric, _ old: Double, _ new: Double, reach: Double
  ) -> BootstrapResult {
    BootstrapResult(
      metric: metric, images: 50, resamples: 100, level: 0.95, baseline: old, candidate: new,
      meanDifference: new - old, lower: new - old - reach, upper: new - old + reach)
  }

  @Test func `of those that are not behind the best, the smallest is chosen`() throws {
    let rows: [(Int?, Double?)] = [(100, 0.50), (20, 0.49), (10, 0.40), (50, 0.495)]
    let found = try #require(choice(rows, reach: 0.02))
    #expect(found.index == 1 && found.reason == .notBehind(best: "n0"))
    // Where every difference is shown, the best stands alone.
    let best = try #require(choice(rows, reach: 0.001))
    #expect(best.index == 0 && best.reason == .best(hasSmaller: true))
  }

  // A wide interval holds zero whatever was lost: then a point is as far as a smaller one may be.
  @Test func `few pictures do not speak for a network that lost much`() throws {
    let rows: [(Int?, Double?)] = [(100, 0.50), (10, 0.38), (20, 0.492)]
    let found = try #require(choice(rows, reach: 0.2))
    #expect(found.index == 2 && found.reason == .withinPoint(best: "n0"))
    let alone = try #require(choice([(100, 0.50), (20, 0.37), (10, 0.38)], reach: 0.2))
    #expect(alone.index == 0 && alone.reason == .untold(smaller: "n2"))
  }

  // The pruned one and what training made of it are as large; the second finds more.
  @Test func `of networks of one size the better one is chosen`() throws {
    let rows: [(Int?, Double?)] = [(100, 0.30), (40, 0.20), (40, 0.24)]
    let few = try #require(choice(rows, reach: 0.2))
    #expect(few.index == 0 && few.reason == .untold(smaller: "n2"))
    // The worse one of a pair whose interval happens to be narrow is not chosen either.
    let found = ComparedChoice(candidates(rows)) { best, other in
      [result(.map, rows[best].1 ?? 0, rows[other].1 ?? 0, reach: other == 1 ? 0.0299 : 0.2)]
    }
    #expect(found?.index == 0)
  }

  // Sizes, figures and reaches of all kinds: nobody is led to a network that another beats in both.
  @Test func `no network is chosen where one that is no larger has a higher figure`() throws {
    var generator = SeededGenerator(seed: 7)
    for _ in 0..<500 {
      let rows: [(Int?, Double?)] = (0..<4).map { _ in
        (10 * (1 + generator.index(below: 3)), 0.2 + 0.01 * Double(generator.index(below: 20)))
      }
      let found = try #require(
        ComparedChoice(candidates(rows)) { best, other in
          [
            result(
              .map, rows[best].1 ?? 0, rows[other].1 ?? 0,
              reach: 0.01 * Double(1 + generator.index(below: 20)))
          ]
        })
      var named = [found.index]
      if case .untold(let smaller) = found.reason {
        named += rows.indices.filter { "n\($0)" == smaller }
      }
      for index in named {
        let isBeaten = rows.contains {
          ($0.0 ?? 0) <= (rows[index].0 ?? 0) && ($0.1 ?? 0) > (rows[index].1 ?? 0)
        }
        #expect(!isBeaten, "\(rows): \(found)")
      }
    }
  }

  // As good by mAP@0.5:0.95, 7 points worse by mAP@0.5.
  @Test func `a loss of mAP@0.5 counts too`() throws {
    let rows: [(Int?, Double?)] = [(100, 0.30), (40, 0.30)]
    for (reach, isShown) in [(0.08, false), (0.02, true)] {
      let found = try #require(
        ComparedChoice(candidates(rows)) { _, _ in
          [result(.map50, 0.45, 0.38, reach: reach), result(.map, 0.30, 0.30, reach: 0.02)]
        })
      #expect(found.index == 0)
      #expect(found.reason == (isShown ? .best(hasSmaller: true) : .untold(smaller: "n1")))
    }
  }

  // mAP@0.5 is 1.5 times the other here: 0.12 and 0.18, below 0.2.
  @Test func `a network that is too poor is never chosen for its size`() throws {
    let rows: [(Int?, Double?)] = [(100, 0.14), (10, 0.13)]
    let found = try #require(choice(rows, reach: 0.02))
    #expect(found.index == 0 && found.reason == .best(hasSmaller: true))
    let poor = try #require(choice([(100, 0.08), (10, 0.12)], reach: 0.02))
    #expect(poor.index == 1 && poor.reason == .leastPoor)
  }

  @Test func `stored predictions have no size, and nothing measured is no choice`() throws {
    let stored = try #require(choice([(nil, 0.40), (nil, 0.41)], reach: 0.02))
    #expect(stored.index == 1 && stored.reason == .best(hasSmaller: false))
    #expect(choice([(10, nil)], reach: 0.02) == nil)
    // Of equal ones the first.
    #expect(choice([(10, 0.4), (10, 0.4)], reach: 0.02)?.index == 0)
  }
}
