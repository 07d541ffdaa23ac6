import Synchronization
import Terminal

/// How large pictures may be that are opened: a header of a few bytes can claim any size.
public enum PictureLimit {
  /// 100 megapixels: more than cameras have, and 300 MB in memory.
  public static let usualPixels = 100_000_000
  /// What OpenCV opens at most (its CV_IO_MAX_IMAGE_PIXELS), 2³⁰ pixels.
  public static let largestPixels = 1 << 30
  /// What OpenCV opens at most along a side is 2²⁰; one million is libpng's limit.
  static let largestSide = 1_000_000

  // One value for the process, as for the decoders themselves: it is set once, from the command
  // line, before the first picture is opened.
  private static let current = Atomic(usualPixels)

  /// More pixels than this are refused.
  public static var pixels: Int {
    get { current.load(ordering: .relaxed) }
    set { current.store(min(max(newValue, 1), largestPixels), ordering: .relaxed) }
  }

  /// The most bytes that a file of a picture may have; some programs keep much beside the pixels,
  /// and TIFF several pictures.
  static func bytes(_ header: PictureHeader) -> Int {
    let most = Int(Int32.max)
    if header.format == .tiff { return most }
    return min(most, 64 << 20 + 16 * header.storedWidth * header.storedHeight)
  }
}

/// Pictures of more than 8 bits that were nearly dark and have been scaled by their own range: what
/// a command says of them when it has ended.
public enum ScaledPictures {
  private struct Seen {
    var paths: Set<Int> = []
    var first: (path: String, range: ClosedRange<Int>)?
  }
  private static let seen = Mutex(Seen())

  /// How many different ones this process has read, and the first of them.
  public static var summary: (count: Int, path: String, range: ClosedRange<Int>)? {
    seen.withLock { seen in seen.first.map { (seen.paths.count, $0.path, $0.range) } }
  }

  /// ``summary`` in a line; nil where nothing was scaled.
  public static var line: String? {
    summary.map { line($0.count, $0.path, $0.range) }
  }

  static func line(_ count: Int, _ path: String, _ range: ClosedRange<Int>) -> String {
    let values = "\(range.lowerBound) to \(range.upperBound)"
    return count == 1
      ? "\(path.printablePath): more than 8 bits and nearly dark; its values, \(values), were scaled "
        + "to the full range"
      : "\(count) pictures of more than 8 bits were nearly dark; each was scaled by its own range "
        + "(\(path.printablePath): \(values))"
  }

  static func note(_ path: String, _ range: ClosedRange<Int>) {
    seen.withLock { seen in
      // Each once, whatever the number of epochs.
      seen.paths.insert(path.hashValue)
      if seen.first == nil { seen.first = (path, range) }
    }
  }
}
