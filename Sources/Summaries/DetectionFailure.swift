import Runs
import Terminal

/// What keeps a detection from being a success.
package enum DetectionFailure: Error, Hashable, CustomStringConvertible {
  /// It was ended early; the folder with what was found till then, where there is one.
  case stopped(looked: Int, sources: Int, folder: String?)
  /// Not one source could be read.
  case nothingDetected(sources: Int, first: String?)
  /// Files could not be written; the rest of the work was done.
  case unwritten(count: Int, first: String)
  /// Not all frames of videos could be read; the rest of the work was done.
  case broken(count: Int, first: String)

  /// One line.
  package var description: String {
    switch self {
    case .stopped(let looked, let sources, let folder):
      "stopped after \(looked) of \(counted(sources, "source"))"
        + (folder.map { "; what was found till then is in \($0)" } ?? "")
    case .nothingDetected(let count, let first):
      (count == 1 ? "" : "not one usable picture or video among \(count); the first: ")
        + (first ?? "nothing to read")
    case .unwritten(let count, let first):
      count == 1 ? first : "\(count) files could not be written, the first: \(first)"
    case .broken(let count, let first):
      count == 1 ? first : "\(count) videos could be read in part only, the first: \(first)"
    }
  }
}

extension DetectionOutcome {
  /// What keeps the run from being a success, where anything does.
  ///
  /// - Parameters:
  ///   - sources: how many there were.
  ///   - folder: where results are.
  package func failure(sources: Int, folder: String) -> DetectionFailure? {
    if wasStopped {
      return .stopped(looked: looked, sources: sources, folder: isUsed ? folder : nil)
    }
    guard isUsed else {
      return .nothingDetected(sources: sources, first: skipped.first?.reason)
    }
    if let first = unwritten.first {
      return .unwritten(count: unwritten.count, first: first.reason)
    }
    return broken.first.map { .broken(count: broken.count, first: $0.reason) }
  }
}
