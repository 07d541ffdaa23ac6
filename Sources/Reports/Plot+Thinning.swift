extension Plot.Line {
  /// The line with at most five points in each of some stretches of equal numbers of points: the
  /// first, the last, the least and the greatest, and one gap. Nothing that the eye could see is
  /// lost.
  func thinned(toBuckets buckets: Int) -> Plot.Line {
    guard x.count > 5 * buckets else { return self }
    var kept: [Int] = []
    for bucket in 0..<buckets {
      let range = bucket * x.count / buckets..<(bucket + 1) * x.count / buckets
      let finite = range.filter { x[$0].isFinite && y[$0].isFinite }
      let gap = range.first { !(x[$0].isFinite && y[$0].isFinite) }
      let places = [
        finite.first, finite.min { y[$0] < y[$1] }, finite.max { y[$0] < y[$1] }, finite.last, gap,
      ]
      kept += Set(places.compactMap { $0 }).sorted()
    }
    var line = self
    (line.x, line.y) = (kept.map { x[$0] }, kept.map { y[$0] })
    return line
  }
}
