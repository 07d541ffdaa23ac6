/// 64 bits that say what a picture looks like: the signs of its lowest frequencies.
///
/// The coefficients are those of a discrete cosine transform over a part of the picture. Files that
/// show the same differ in few bits, and those are the ones whose coefficients are close to zero
/// (``probes(band:)``).
struct PerceptualHash: Hashable, Sendable {
  /// Bit k is the sign of coefficient k.
  let bits: UInt64
  /// Bits of each 16-bit band, numbered in the whole hash, from the least certain up.
  let weakest: [[Int]]

  /// Bands that the index looks pictures up by.
  static let bands = 4
  static let bandBits = 64 / bands
  /// Bits of a band that a look-up tries both ways.
  static let flippedBits = 4

  /// The parts of a picture that are hashed: 5 % off none, one or both ends of either side.
  static let windows: [PictureWindow] = {
    let trims: [(Float, Float)] = [(0, 1), (0.05, 1), (0, 0.95), (0.05, 0.95)]
    return trims.flatMap { y in
      trims.map { x in PictureWindow(x0: x.0, y0: y.0, x1: x.1, y1: y.1) }
    }
  }()

  /// The hashes of all ``windows``, or of the whole picture alone.
  static func hashes(of thumbnail: Thumbnail, wholeOnly: Bool = false) -> [PerceptualHash] {
    let side = Thumbnail.side
    let axes = wholeOnly ? Array(CosineBasis.axes.prefix(1)) : CosineBasis.axes
    let samples = thumbnail.samples.map(Float.init)
    // Rows first, for each horizontal trim; then columns, for each pair of trims.
    let rows = axes.map { axis in
      (0..<side).map { y in
        axis.functions.map { function in
          (0..<side).reduce(into: Float(0)) { $0 += function[$1] * samples[y * side + $1] }
        }
      }
    }
    return axes.flatMap { vertical in
      rows.map { rows in
        PerceptualHash(
          CosineBasis.frequencies.map { u, v in
            (0..<side).reduce(into: Float(0)) { $0 += vertical.functions[v][$1] * rows[$1][u] }
          })
      }
    }
  }

  private init(_ coefficients: [Float]) {
    bits = coefficients.enumerated().reduce(0) { bits, each in
      each.element > 0 ? bits | 1 << UInt64(each.offset) : bits
    }
    weakest = (0..<Self.bands).map { band in
      let own = (band * Self.bandBits)..<((band + 1) * Self.bandBits)
      return Array(
        own.sorted { abs(coefficients[$0]) < abs(coefficients[$1]) }.prefix(Self.flippedBits))
    }
  }

  /// How many bits differ.
  func distance(to other: UInt64) -> Int { (bits ^ other).nonzeroBitCount }

  /// The values of a band with its weakest bits tried both ways; its own value comes first.
  func probes(band: Int) -> [UInt16] {
    let shift = UInt64(band * Self.bandBits)
    return (0..<(1 << Self.flippedBits)).map { choice in
      let flipped = weakest[band].enumerated().reduce(bits) { bits, each in
        choice >> each.offset & 1 == 1 ? bits ^ 1 << UInt64(each.element) : bits
      }
      return UInt16(truncatingIfNeeded: flipped >> shift)
    }
  }
}

/// Cosines over one trim of a side, less their mean, so that brightness does not show in them.
private struct CosineBasis: Sendable {
  /// By frequency, each as many values as a thumbnail has samples a side.
  let functions: [[Float]]

  /// The 64 lowest pairs of horizontal and vertical frequency, (0, 0) left out. Neighbours in the
  /// list go to different bands, so that each band has low and high ones.
  static let frequencies: [(u: Int, v: Int)] = {
    let all = (0...highest).flatMap { v in (0...highest).map { u in (u: u, v: v) } }
    let lowest = all.filter { $0.u + $0.v > 0 }
      .sorted { ($0.u + $0.v, $0.u) < ($1.u + $1.v, $1.u) }.prefix(64)
    return (0..<PerceptualHash.bands).flatMap { band in
      lowest.enumerated().filter { $0.offset % PerceptualHash.bands == band }.map(\.element)
    }
  }()
  private static let highest = 10

  /// One for each trim of ``PerceptualHash/windows``.
  static let axes: [CosineBasis] = PerceptualHash.windows.prefix(4).map {
    CosineBasis(from: Double($0.x0), to: Double($0.x1))
  }

  private init(from start: Double, to end: Double) {
    let side = Thumbnail.side
    // How much of each sample lies in the trim.
    let weights = (0..<side).map { index in
      let (left, right) = (Double(index) / Double(side), Double(index + 1) / Double(side))
      return max(min(right, end) - max(left, start), 0) * Double(side)
    }
    functions = (0...Self.highest).map { frequency in
      let raw = (0..<side).map { index in
        let place = ((Double(index) + 0.5) / Double(side) - start) / (end - start)
        return weights[index] * cosine(.pi * Double(frequency) * place)
      }
      guard frequency > 0 else { return raw.map(Float.init) }
      let mean = raw.reduce(0, +) / weights.reduce(0, +)
      return zip(raw, weights).map { Float($0 - mean * $1) }
    }
  }
}
