#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// The sides of a box, in pixels of the network's input.
public struct BoxSize: Hashable, Sendable {
  /// The horizontal side.
  public var width: Float
  /// The vertical side.
  public var height: Float

  /// Makes a size.
  public init(width: Float, height: Float) {
    self.width = width
    self.height = height
  }

  /// IoU with another size on the same centre, in `0...1`.
  public func iou(with other: BoxSize) -> Float {
    Box.sizeIoU(
      width: width, height: height, otherWidth: other.width, otherHeight: other.height)
  }
}

/// Finds anchors that fit the objects of a data set: clusters of sizes, then improved by chance.
public struct AnchorClustering: Hashable, Sendable {
  /// What makes a good set of anchors.
  public enum Method: String, Codable, CaseIterable, Sendable {
    /// Clusters by 1 − IoU, then the highest mean IoU of objects with their best anchor.
    /// Redmon and Farhadi, *YOLO9000*, CVPR 2017.
    case iou
    /// Clusters by distance over the sides' deviations (30 rounds), then the highest mean IoU where
    /// an IoU up to 0.20 counts nothing (docs/formulas.md 5.8).
    case legacy
  }

  /// How many anchors to find.
  public var count: Int
  /// What makes a good set.
  public var method: Method
  /// How many changes are tried after clustering.
  public var mutations: Int
  /// The anchors are the same for the same seed.
  public var seed: UInt64

  /// Makes a clustering.
  public init(count: Int, method: Method = .iou, mutations: Int = 1000, seed: UInt64 = 0) {
    precondition(count > 0 && mutations >= 0)
    self.count = count
    self.method = method
    self.mutations = mutations
    self.seed = seed
  }

  /// Finds anchors for objects of the given sizes, sorted from the smallest area up.
  ///
  /// The best of ten clusterings is improved. Sizes that are not positive numbers are left out; of
  /// more than 20,000, so many are looked at, at even steps.
  ///
  /// - Throws: ``BoxesError/tooFewSizes(found:needed:)`` when there are fewer different sizes than
  ///   anchors.
  public func callAsFunction(_ sizes: [BoxSize]) throws(BoxesError) -> [BoxSize] {
    let usable = sizes.filter {
      $0.width > 0 && $0.height > 0 && $0.width.isFinite && $0.height.isFinite
    }
    let different = Set(usable).count
    guard different >= count else { throw .tooFewSizes(found: different, needed: count) }
    let step = max(1, Double(usable.count) / 20_000)
    let sample = (0..<min(usable.count, 20_000)).map { usable[Int(Double($0) * step)] }
    var generator = SeededGenerator(seed: seed)
    var clusters = clustered(sample, &generator)
    for _ in 1..<10 {
      let others = clustered(sample, &generator)
      if fitness(of: others, for: sample) > fitness(of: clusters, for: sample) {
        clusters = others
      }
    }
    return refined(clusters, sample, &generator)
      .sorted { $0.width * $0.height < $1.width * $1.height }
  }

  /// Share of the sizes that some anchor fits with an IoU above `threshold`, in `0...1`: what a
  /// detector could find at most if only such anchors are trained (docs/formulas.md 5.1). 0 without
  /// sizes.
  public static func bestPossibleRecall(
    of sizes: [BoxSize], anchors: [BoxSize], threshold: Float = 0.20
  ) -> Double {
    guard !sizes.isEmpty else { return 0 }
    let fitting = sizes.count { size in anchors.contains { $0.iou(with: size) > threshold } }
    return Double(fitting) / Double(sizes.count)
  }

  /// Mean IoU of each size with its best anchor, as the method counts it; 0 without sizes.
  func fitness(of anchors: [BoxSize], for sizes: [BoxSize]) -> Double {
    guard !sizes.isEmpty else { return 0 }
    let floor: Float = method == .legacy ? 0.20 : 0
    let sum = sizes.reduce(0.0) { sum, size in
      let best = anchors.reduce(0) { max($0, $1.iou(with: size)) }
      return best > floor ? sum + Double(best) : sum
    }
    return sum / Double(sizes.count)
  }

  /// Lloyd's algorithm from starts that are far apart (k-means++).
  private func clustered(_ sizes: [BoxSize], _ generator: inout SeededGenerator) -> [BoxSize] {
    let distance = self.distance(over: sizes)
    var centers = starts(sizes, distance, &generator)
    var assigned = Array(repeating: -1, count: sizes.count)
    for _ in 0..<30 {
      let nearest = sizes.map { size in
        let distances = centers.map { distance(size, $0) }
        return distances.indices.min { distances[$0] < distances[$1] } ?? 0
      }
      guard nearest != assigned else { break }
      assigned = nearest
      var sums = Array(repeating: (width: 0.0, height: 0.0, count: 0.0), count: count)
      for (size, cluster) in zip(sizes, assigned) {
        sums[cluster].width += Double(size.width)
        sums[cluster].height += Double(size.height)
        sums[cluster].count += 1
      }
      // A cluster that lost all its members stays where it is.
      for (cluster, sum) in sums.enumerated() where sum.count > 0 {
        centers[cluster] = BoxSize(
          width: Float(sum.width / sum.count), height: Float(sum.height / sum.count))
      }
    }
    return centers
  }

  /// How far two sizes are apart.
  private func distance(over sizes: [BoxSize]) -> (BoxSize, BoxSize) -> Double {
    guard method == .legacy else { return { 1 - Double($0.iou(with: $1)) } }
    func variance(_ side: KeyPath<BoxSize, Float>) -> Double {
      let values = sizes.map { Double($0[keyPath: side]) }
      let mean = values.reduce(0, +) / Double(values.count)
      let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count)
      return variance > 0 ? variance : 1
    }
    let (wide, high) = (variance(\.width), variance(\.height))
    return { a, b in
      let (dx, dy) = (Double(a.width - b.width), Double(a.height - b.height))
      return dx * dx / wide + dy * dy / high
    }
  }

  /// Different sizes, each drawn with a chance that grows with its distance from those before.
  /// Arthur and Vassilvitskii, *k-means++*, SODA 2007.
  private func starts(
    _ sizes: [BoxSize], _ distance: (BoxSize, BoxSize) -> Double,
    _ generator: inout SeededGenerator
  ) -> [BoxSize] {
    var centers = [sizes[generator.index(below: sizes.count)]]
    var nearest = sizes.map { distance($0, centers[0]) }
    while centers.count < count {
      var ticket = generator.uniform() * nearest.reduce(0, +)
      var drawn = nearest.indices.max { nearest[$0] < nearest[$1] } ?? 0
      for index in nearest.indices where nearest[index] > 0 {
        ticket -= nearest[index]
        if ticket < 0 {
          drawn = index
          break
        }
      }
      centers.append(sizes[drawn])
      for index in sizes.indices {
        nearest[index] = min(nearest[index], distance(sizes[index], sizes[drawn]))
      }
    }
    return centers
  }

  /// Tries changes of the sides, and keeps those that fit better.
  ///
  /// Each side is multiplied, with a chance of 0.9, by 1 + N(0, 0.1), within 0.3 to 3
  /// (docs/formulas.md 5.8).
  private func refined(
    _ anchors: [BoxSize], _ sizes: [BoxSize], _ generator: inout SeededGenerator
  ) -> [BoxSize] {
    var (best, bestFitness) = (anchors, fitness(of: anchors, for: sizes))
    func factor() -> Float {
      guard generator.uniform() < 0.9 else { return 1 }
      return Float(min(max(1 + 0.1 * generator.normal(), 0.3), 3))
    }
    for _ in 0..<mutations {
      let changed = best.map {
        BoxSize(width: $0.width * factor(), height: $0.height * factor())
      }
      let fitness = self.fitness(of: changed, for: sizes)
      if fitness > bestFitness { (best, bestFitness) = (changed, fitness) }
    }
    return best
  }
}
