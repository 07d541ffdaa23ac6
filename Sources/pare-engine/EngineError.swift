import ArgumentParsing
import Networks

/// What can go wrong before the work starts.
enum EngineError: Error, Equatable, CustomStringConvertible {
  case otherOptions([String], run: String)
  case problemsFound(Int)
  /// Where two engines give other codes.
  case differs(String)
  /// Weights that are no numbers, for `convert`.
  case notFinite(StoredWeightsError)

  var description: String {
    switch self {
    case .otherOptions(let options, let run):
      "\(run): it was started with other values of \(options.joined(separator: ", ")); "
        + "--resume continues a run as it was begun; only --epochs may change, what says where it "
        + "runs (--device, --threads, --workers, --cache, --cache-folder), and where files are now if "
        + "they have gone (--data, --teacher, --teacher-cfg, --teacher-weights)"
    case .notFinite(let error): "\(error); --allow-nan converts them all the same"
    case .differs(let place): "the engines differ first at \(place)"
    case .problemsFound(let count): count == 1 ? "1 problem found" : "\(count) problems found"
    }
  }
}

/// Work that a signal has ended.
struct Stopped: ExitStatusError {
  let description: String

  init(_ description: String) { self.description = description }

  var exitCode: ExitCode { Interruption.exitCode }
}
