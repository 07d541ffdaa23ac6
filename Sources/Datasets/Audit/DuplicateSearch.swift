/// Finds pictures that show the same among many.
///
/// Each picture's hash is filed in four tables, one a 16-bit band. Each picture looks itself up by
/// the hashes of sixteen windows, its least certain bits tried both ways; what lies there and
/// differs in few bits is compared sample by sample. For n pictures that is n · 16 · 4 · 16
/// look-ups of O(1) and at most ``candidateLimit`` comparisons a picture, O(n) in all, however many
/// look alike.
struct DuplicateSearch: Sendable {
  /// Two pictures that show the same.
  struct Match: Hashable, Sendable {
    /// Numbers of the pictures, the lower one first.
    var first, second: Int
    /// Correlation of the aligned thumbnails, at most 1.
    var similarity: Float
  }

  /// Comparisons a picture, of those that differ in the fewest bits.
  static let candidateLimit = 32
  /// Bits of 64 that may differ.
  static let greatestDistance = 12
  /// Correlation from which two pictures show the same.
  static let leastSimilarity: Float = 0.93
  /// Entries of one table cell that a look-up reads: those around its own number.
  private static let cellLimit = 256

  private let thumbnails: [Thumbnail?]
  private let hashes: [UInt64]
  /// By band and value: the numbers of the pictures, rising.
  private let tables: [[UInt16: [Int32]]]

  /// - Parameter thumbnails: nil for pictures that are not looked at.
  init(_ thumbnails: [Thumbnail?]) {
    // Flat pictures are all alike.
    self.thumbnails = thumbnails.map { $0.flatMap { $0.isFlat ? nil : $0 } }
    hashes = self.thumbnails.map {
      $0.map { PerceptualHash.hashes(of: $0, wholeOnly: true)[0].bits } ?? 0
    }
    var tables = [[UInt16: [Int32]]](repeating: [:], count: PerceptualHash.bands)
    for (number, thumbnail) in self.thumbnails.enumerated() where thumbnail != nil {
      for band in 0..<PerceptualHash.bands {
        let shift = UInt64(band * PerceptualHash.bandBits)
        tables[band][UInt16(truncatingIfNeeded: hashes[number] >> shift), default: []]
          .append(Int32(number))
      }
    }
    self.tables = tables
  }

  /// The pictures that show the same as picture `number` or a part of it.
  func matches(of number: Int) -> [Match] {
    guard let thumbnail = thumbnails[number] else { return [] }
    let matches = candidates(of: number, thumbnail).compactMap { other, window -> Match? in
      guard let otherThumbnail = thumbnails[other] else { return nil }
      let similarity = thumbnail.similarity(to: otherThumbnail, from: window)
      guard similarity >= Self.leastSimilarity else { return nil }
      return Match(
        first: min(number, other), second: max(number, other), similarity: min(similarity, 1))
    }
    return matches
  }

  /// All matches, each pair once, in order.
  ///
  /// - Parameter progress: called with the number of pictures looked up so far.
  func matches(workers: Int, progress: (Int) -> Void = { _ in }) -> [Match] {
    let search = OrderedWorkers(
      workers: workers, ahead: 64 * max(workers, 1), range: 0..<thumbnails.count
    ) { matches(of: $0) }
    var best: [Pair: Float] = [:]
    var done = 0
    while let found = search.next() {
      for match in found {
        let pair = Pair(first: match.first, second: match.second)
        best[pair] = max(best[pair] ?? 0, match.similarity)
      }
      done += 1
      progress(done)
    }
    return best.map { Match(first: $0.first, second: $0.second, similarity: $1) }
      .sorted { ($0.first, $0.second) < ($1.first, $1.second) }
  }

  private struct Pair: Hashable {
    var first, second: Int
  }

  /// Pictures whose hash is near, and the window that it is near to; the nearest ones.
  private func candidates(
    of number: Int, _ thumbnail: Thumbnail
  ) -> [(other: Int, window: PictureWindow)] {
    var nearest: [Int: (distance: Int, window: Int)] = [:]
    for (window, hash) in PerceptualHash.hashes(of: thumbnail).enumerated() {
      for band in 0..<PerceptualHash.bands {
        for value in hash.probes(band: band) {
          for other in cell(band, value, around: number) where other != number {
            let distance = hash.distance(to: hashes[other])
            if distance <= Self.greatestDistance,
              distance < nearest[other]?.distance ?? .max
            {
              nearest[other] = (distance, window)
            }
          }
        }
      }
    }
    return nearest.sorted { ($0.value.distance, $0.key) < ($1.value.distance, $1.key) }
      .prefix(Self.candidateLimit)
      .map { (other: $0.key, window: PerceptualHash.windows[$0.value.window]) }
  }

  private func cell(_ band: Int, _ value: UInt16, around number: Int) -> some Sequence<Int> {
    let cell = tables[band][value] ?? []
    var start = 0
    if cell.count > Self.cellLimit {
      let place = cell.firstIndex { $0 >= Int32(number) } ?? cell.count
      start = min(max(place - Self.cellLimit / 2, 0), cell.count - Self.cellLimit)
    }
    return cell[start..<min(start + Self.cellLimit, cell.count)].lazy.map(Int.init)
  }
}
