import Parsing

/// The outline of an object in COCO's forms: polygons, or a mask in run lengths.
enum COCOSegmentation {
  /// The most runs of a mask that are read; each is at least a pixel.
  private static let maximumRuns = 1 << 19

  /// Reads the smallest box around an outline: `[[x, y, …], …]`, or `{"counts", "size"}` with the
  /// counts as numbers or in COCO's compressed text.
  ///
  /// - Returns: nil when the outline holds no pixel, or is none.
  static func hull(_ reader: JSONReader) throws -> PixelBox? {
    switch try reader.kind() {
    case .array: return try polygonHull(reader)
    case .object: return try maskHull(reader)
    default:
      try reader.skip()
      return nil
    }
  }

  private static func polygonHull(_ reader: JSONReader) throws -> PixelBox? {
    var hull = Hull()
    try reader.forEachElement { reader in
      var x: Double?
      try reader.forEachElement { reader in
        guard let value = try reader.number() else { return }
        if let first = x {
          hull.add(x: first...first, y: value...value)
          x = nil
        } else {
          x = value
        }
      }
    }
    return hull.box
  }

  /// Runs of 0 and 1 in turn, down the columns.
  private static func maskHull(_ reader: JSONReader) throws -> PixelBox? {
    var counts: [Int] = []
    var compressed: String?
    var size: [Double]?
    try reader.forEachMember { key, reader in
      switch key {
      case "counts" where try reader.kind() == .string: compressed = try reader.string()
      case "counts":
        try reader.forEachElement { reader in
          let run = try reader.number() ?? -1
          guard counts.count < maximumRuns else { return }
          counts.append((0..<1e12).contains(run) ? Int(run) : -1)
        }
      case "size": size = try reader.numbers(2)
      default: break
      }
    }
    guard let size, size.allSatisfy({ (1..<1_000_000).contains($0) }) else { return nil }
    var mask = MaskHull(width: Int(size[1]), height: Int(size[0]))
    do {
      for run in counts { try mask.add(run: run) }
      if let compressed { try addCompressed(compressed, to: &mask) }
    } catch {
      return nil
    }
    return mask.hull.box
  }

  // COCO's maskApi.c, rleFrString: five bits a character from 48 on, bit 5 says that more follow,
  // and from the fourth run on the difference from the run before the last is written.
  private static func addCompressed(_ text: String, to mask: inout MaskHull) throws {
    var runs = (last: 0, beforeLast: 0)
    var number = 0
    var (value, shift) = (0, 0)
    for byte in text.utf8 {
      guard (48..<112).contains(byte), shift < 60 else {
        throw BadRecord(reason: "not COCO's compressed run lengths")
      }
      let bits = Int(byte) - 48
      value |= (bits & 0x1F) << shift
      shift += 5
      guard bits & 0x20 == 0 else { continue }
      if bits & 0x10 != 0 { value |= -1 << shift }
      if number > 2 { value &+= runs.beforeLast }
      try mask.add(run: value)
      runs = (value, runs.last)
      number += 1
      (value, shift) = (0, 0)
    }
  }

  /// The smallest box around points.
  struct Hull {
    private(set) var box: PixelBox?

    mutating func add(x: ClosedRange<Double>, y: ClosedRange<Double>) {
      guard let old = box else {
        box = PixelBox(x1: x.lowerBound, y1: y.lowerBound, x2: x.upperBound, y2: y.upperBound)
        return
      }
      box = PixelBox(
        x1: min(old.x1, x.lowerBound), y1: min(old.y1, y.lowerBound),
        x2: max(old.x2, x.upperBound), y2: max(old.y2, y.upperBound))
    }
  }

  /// The smallest box around the pixels of a mask, run by run.
  private struct MaskHull {
    let width, height: Int
    var hull = Hull()
    private var position = 0
    private var isInside = false

    init(width: Int, height: Int) { (self.width, self.height) = (width, height) }

    mutating func add(run: Int) throws {
      guard run >= 0, run <= width * height - position else {
        throw BadRecord(reason: "run lengths beyond the mask")
      }
      if isInside, run > 0 {
        let last = position + run - 1
        let (left, right) = (position / height, last / height)
        // A run around the end of a column touches the lower and the upper edge.
        let rows = left == right ? position % height...last % height : 0...(height - 1)
        hull.add(
          x: Double(left)...Double(right + 1),
          y: Double(rows.lowerBound)...Double(rows.upperBound + 1))
      }
      position += run
      isInside.toggle()
    }
  }
}
