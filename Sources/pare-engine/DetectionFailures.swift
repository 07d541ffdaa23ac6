import ArgumentParsing
import Commands
import Runs
import Terminal

extension DetectionOutcome {
  /// Throws what keeps the run from being a success.
  func check(sources: Int, folder: String) throws {
    if wasStopped {
      throw DetectionStopped(looked: looked, sources: sources, folder: isUsed ? folder : nil)
    }
    guard isUsed else { throw NothingDetected(skipped.map(\.reason), sources) }
    if let first = unwritten.first {
      throw UnwrittenFiles(count: unwritten.count, first: first.reason)
    }
    if let first = broken.first { throw BrokenVideos(count: broken.count, first: first.reason) }
  }
}

/// A run of `detect` that a signal ended.
struct DetectionStopped: ExitStatusError {
  let looked: Int
  let sources: Int
  let folder: String?

  var exitCode: ExitCode { Interruption.exitCode }

  var description: String {
    "stopped after \(looked) of \(counted(sources, "source"))"
      + (folder.map { "; what was found till then is in \($0)" } ?? "")
  }
}

/// Files that could not be written; the rest of the work was done.
struct UnwrittenFiles: Error, CustomStringConvertible {
  let count: Int
  let first: String

  var description: String {
    count == 1 ? first : "\(count) files could not be written, the first: \(first)"
  }
}

/// Videos of which not all frames could be read; the rest of the work was done.
struct BrokenVideos: Error, CustomStringConvertible {
  let count: Int
  let first: String

  var description: String {
    count == 1 ? first : "\(count) videos could be read in part only, the first: \(first)"
  }
}

/// Sources of which not one could be read.
struct NothingDetected: Error, CustomStringConvertible {
  let description: String

  init(_ reasons: [String], _ count: Int) {
    let first = reasons.first ?? "nothing to read"
    description =
      count == 1
      ? first : "not one usable picture or video among \(count); the first: \(first)"
  }
}
