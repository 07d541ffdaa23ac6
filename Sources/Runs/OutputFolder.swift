import Darknet
import Datasets
import Foundation
import Storage
import Training

/// A folder that results go to.
///
/// Results are written to ``workingPath`` and appear at ``path`` with ``commit(adding:later:)``,
/// all at once; until then, and when anything fails, the folder is as it was. Where many results
/// come one by one, a folder that held nothing `grows` instead. What Pare did not write stays, and
/// is not written over, and neither is a folder that holds another kind of result. The folder is
/// locked for as long as this lives.
public final class OutputFolder {
  /// What results are; by its raw value new folders are called.
  public enum Kind: String, Sendable, CaseIterable {
    case training = "train"
    case pruning = "prune"
    case quantization = "quantize"
    case detections = "detect"
    case test
    case program = "export"
    case dump
    case division = "split"
    case statistics = "stats"

    var stored: ResultKind {
      switch self {
      case .training: .training
      case .pruning: .pruning
      case .quantization: .quantization
      case .detections: .detections
      case .test: .test
      case .program: .program
      case .dump: .dump
      case .division: .division
      case .statistics: .statistics
      }
    }
  }

  private let replacement: FolderReplacement

  /// Where results will be.
  public var path: String { replacement.path }
  /// Where to write them.
  public var workingPath: String { replacement.workingPath }
  /// Whether the folder held anything.
  public var replacesSomething: Bool { replacement.replacesSomething }

  /// The folder asked for, or a new one: `runs/<name>`, `runs/<name>-2` and so on.
  ///
  /// - Parameters:
  ///   - name: of a new folder; that of the kind unless given.
  ///   - grows: whether results are seen as they come, see ``place(for:)``.
  public init(
    _ path: String?, overwrite: Bool, kind: Kind, name: String? = nil, grows: Bool = false
  ) throws {
    replacement =
      try path.map { try Self.named($0, overwrite: overwrite, kind: kind, grows: grows) }
      ?? Self.new(name ?? kind.rawValue, kind: kind, grows: grows)
  }

  private static func named(
    _ path: String, overwrite: Bool, kind: Kind, grows: Bool
  ) throws -> FolderReplacement {
    // Runs of earlier versions have no list of their files.
    let isOldRun = fileExists(path + "/request.json")
    if isOldRun, !overwrite, kind == .training, fileExists(RunFolder(path: path).checkpointPath) {
      throw RunError.holdsRun(path)
    }
    return try FolderReplacement(
      path, of: kind.stored, replaces: overwrite, grows: grows,
      unlistedKind: isOldRun ? .training : nil,
      owning: { isOldRun && RunFolder.writes($0) })
  }

  private static func new(_ name: String, kind: Kind, grows: Bool) throws -> FolderReplacement {
    for number in 1... {
      let candidate = number == 1 ? "runs/\(name)" : "runs/\(name)-\(number)"
      do {
        return try FolderReplacement(candidate, of: kind.stored, replaces: false, grows: grows)
      } catch {
        guard error.isTaken else {
          throw RunError.cannotCreate(
            candidate, reason: "\(error.reason); --output names another place")
        }
      }
    }
    throw RunError.cannotCreate("runs/\(name)", reason: "there are too many")
  }

  /// Refuses to take away what is read.
  ///
  /// - Throws: ``RunError/outputIsInput(_:)``.
  public func refuse(inputs: [String?]) throws {
    let inputs = inputs.compactMap { $0 }
    try Self.refuse(inputs: inputs, in: path)
    if let input = replacement.firstRemoved(of: inputs) { throw RunError.outputIsInput(input) }
  }

  /// Refuses a folder that holds what is read, by any path to it.
  ///
  /// - Throws: ``RunError/outputIsInput(_:)``.
  static func refuse(inputs: [String], in folder: String) throws(RunError) {
    let folder = resolvedPath(folder)
    if let input = inputs.first(where: { parentFolder(of: resolvedPath($0)) == folder }) {
      throw .outputIsInput(input)
    }
  }

  /// Refuses to take away pictures that are read, and their labels.
  public func refuse(pictures: some Sequence<String>) throws {
    guard replacesSomething else { return }
    let files = pictures.lazy.flatMap { [$0] + DataFile.labelPaths(forPicture: $0).map(\.path) }
    if let picture = replacement.firstRemoved(of: files) {
      throw RunError.outputIsInput(picture)
    }
  }

  /// Refuses to take away a data set that is read.
  public func refuse(_ data: DataFile, _ datasets: DetectionDataset?...) throws {
    guard replacesSomething else { return }
    let files = [data.path, data.names, data.train, data.valid, data.test].compactMap { $0 }
    if let file = replacement.firstRemoved(of: files) { throw RunError.outputIsInput(file) }
    for dataset in datasets.compactMap({ $0 }) {
      try refuse(pictures: dataset.pictures.lazy.map(\.path))
    }
  }

  /// Refuses names of files that are there and that Pare did not write, before the work.
  public func requireOwn(_ names: some Sequence<String>) throws {
    try replacement.requireOwn(names)
  }

  /// Where to write a file now, by its name in the folder.
  public func place(for name: String) throws -> String { try replacement.place(for: name) }

  /// Does `body`, which writes to ``workingPath``; its errors name the files by their later places.
  public func naming<Result>(_ body: () throws -> Result) throws -> Result {
    try replacement.naming(body)
  }

  /// Puts the results in their place, see `FolderReplacement`.
  public func commit(adding adds: Bool = false, later: [String] = []) throws {
    try replacement.commit(adding: adds, later: later)
  }

  /// Writes results and puts them in their place.
  ///
  /// - Parameters:
  ///   - adds: everything that is there stays, unless a new file has its name.
  ///   - body: writes into the folder that it is given.
  @discardableResult
  public func fill<Result>(
    adding adds: Bool = false, _ body: (String) throws -> Result
  ) throws -> Result {
    try naming {
      let result = try body(workingPath)
      try commit(adding: adds)
      return result
    }
  }
}
