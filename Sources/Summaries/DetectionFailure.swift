import Runs
import Terminal
import Vision

/// What keeps a detection from being a success.
package enum DetectionFailure: Error, Hashable, CustomStringConvertible {
  /// It was ended early; the folder with what was found till then, where there is one.
  /// In the middle of a video where `isCut`.
  case stopped(looked: Int, sources: Int, folder: String?, isCut: Bool = false)
  /// Not one source could be read; folders beside them that have pictures.
  case nothingDetected(sources: Int, first: String?, folders: [String] = [])
  /// Files could not be written; the rest of the work was done.
  case unwritten(count: Int, first: String)
  /// Not all frames of videos could be read; the rest of the work was done.
  case broken(count: Int, first: String)

  /// One line.
  package var description: String {
    switch self {
    case .stopped(let looked, let sources, let folder, let isCut):
      "stopped \(isCut ? "in the middle of source" : "after") \(looked) of \(isCut ? "\(sources)" : counted(sources, "source"))"
        + (folder.map { "; what was found till then is in \($0)" } ?? "")
    case .nothingDetected(let count, let first, let folders):
      (count == 1 ? "" : "not one usable picture or video among \(count); the first: ")
        + (first ?? "nothing to read")
        + (folders.isEmpty
          ? ""
          : "; there are pictures in \(folders.prefix(5).joined(separator: ", "))"
            + (folders.count > 5 ? ", …" : ""))
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
  ///   - arguments: what named the sources.
  package func failure(sources: Int, folder: String, arguments: [String] = []) -> DetectionFailure?
  {
    if wasStopped {
      return .stopped(looked: looked, sources: sources, folder: isUsed ? folder : nil, isCut: isCut)
    }
    guard isUsed else {
      return .nothingDetected(
        sources: sources, first: skipped.first?.reason,
        folders: arguments.flatMap(PictureSource.foldersWithPictures(in:)))
    }
    if let first = unwritten.first {
      return .unwritten(count: unwritten.count, first: first.reason)
    }
    return broken.first.map { .broken(count: broken.count, first: $0.reason) }
  }

  /// Whether the last source is a video that was not seen to its end, though it can be read.
  private var isCut: Bool {
    guard let last = self.sources.last, let video = last.video else { return false }
    return !video.isComplete && !broken.contains { $0.path == last.source.fullName }
  }
}
