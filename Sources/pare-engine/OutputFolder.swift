import Darknet
import Datasets
import Foundation
import Storage
import Terminal
import Training

/// What can go wrong before the work starts.
enum EngineError: Error, Equatable, CustomStringConvertible {
  case outputIsInput(String)
  case cannotCreate(String, reason: String)
  case noSplit(String, data: String)
  case classOutOfRange(Int, classes: Int)
  case noSuchClass(String, names: [String])
  case nothingToResume(String)
  case unreadableRequest(String, reason: String)
  case otherOptions([String], run: String)
  case unusableOperand(String, reason: String)
  /// Weights of another network, and how many of its layers would fit.
  case otherNetwork(String, fitting: Int)
  case problemsFound(Int)
  case notSingleClass(cfg: String, classes: Int)

  var description: String {
    switch self {
    case .outputIsInput(let path):
      "\(path): is what would be read and written; name another --output"
    case .cannotCreate(let path, let reason): "\(path): cannot be created: \(reason)"
    case .noSplit(let split, let data): "\(data): names no '\(split)' list"
    case .classOutOfRange(let index, let classes):
      "--classes \(index): the network has classes 0 to \(classes - 1)"
    case .noSuchClass(let name, let names):
      "--classes \(name): no such class; expected a number or one of "
        + names.prefix(20).joined(separator: ", ") + (names.count > 20 ? ", …" : "")
    case .nothingToResume(let path): "\(path): no run to resume"
    case .unreadableRequest(let path, let reason):
      "\(path): \(reason); start a new run from last.weights beside it with --weights"
    case .otherOptions(let options, let run):
      "\(run): it was started with other values of \(options.joined(separator: ", ")); "
        + "--resume continues a run as it was begun and takes other --epochs alone"
    case .unusableOperand(let path, let reason): "\(path): \(reason)"
    case .otherNetwork(let error, let count):
      "\(error); '--pretrain' takes what fits: \(counted(count, "layer"))"
    case .notSingleClass(let cfg, let classes):
      "\(cfg): \(classes) classes; '--single-cls' needs a network of one (config new --classes 1)"
    case .problemsFound(let count): count == 1 ? "1 problem found" : "\(count) problems found"
    }
  }
}

/// A folder that results go to.
///
/// Results are written to ``workingPath`` and appear at ``path`` with ``commit(adding:later:)``, all at
/// once; until then, and when anything fails, the folder is as it was. Where many results come one by
/// one, a folder that held nothing `grows` instead. What Pare did not write stays, and is not written
/// over. The folder is locked for as long as this lives.
final class OutputFolder {
  private let replacement: FolderReplacement

  /// Where results will be.
  var path: String { replacement.path }
  /// Where to write them.
  var workingPath: String { replacement.workingPath }
  /// Whether the folder held anything.
  var replacesSomething: Bool { replacement.replacesSomething }

  /// The folder asked for, or a new one: `runs/<kind>`, `runs/<kind>-2` and so on.
  ///
  /// - Parameter grows: whether results are seen as they come, see ``place(for:)``.
  init(_ path: String?, overwrite: Bool, kind: String, grows: Bool = false) throws {
    if let path {
      // Runs of earlier versions have no list of their files.
      let isOldRun = fileExists(path + "/request.json")
      replacement = try FolderReplacement(
        path, replaces: overwrite, grows: grows, owning: { isOldRun && RunFolder.writes($0) })
      return
    }
    for number in 1... {
      let candidate = number == 1 ? "runs/\(kind)" : "runs/\(kind)-\(number)"
      do {
        replacement = try FolderReplacement(candidate, replaces: false, grows: grows)
        return
      } catch StorageError.notEmpty, StorageError.inUse, StorageError.notAFolder {
        continue
      }
    }
    throw EngineError.cannotCreate("runs/\(kind)", reason: "there are too many")
  }

  /// Refuses to take away what is read.
  func refuse(inputs: [String?]) throws {
    let inputs = inputs.compactMap { $0 }
    let folder = resolvedPath(path)
    let direct = inputs.first { parentFolder(of: resolvedPath($0)) == folder }
    if let input = direct ?? replacement.firstRemoved(of: inputs) {
      throw EngineError.outputIsInput(input)
    }
  }

  /// Refuses to take away pictures that are read, and their labels.
  func refuse(pictures: some Sequence<String>) throws {
    guard replacesSomething else { return }
    let files = pictures.lazy.flatMap { [$0] + DataFile.labelPaths(forPicture: $0).map(\.path) }
    if let picture = replacement.firstRemoved(of: files) {
      throw EngineError.outputIsInput(picture)
    }
  }

  /// Refuses to take away a data set that is read.
  func refuse(_ data: DataFile, _ datasets: DetectionDataset?...) throws {
    guard replacesSomething else { return }
    let files = [data.path, data.names, data.train, data.valid, data.test].compactMap { $0 }
    if let file = replacement.firstRemoved(of: files) { throw EngineError.outputIsInput(file) }
    for dataset in datasets.compactMap({ $0 }) {
      try refuse(pictures: dataset.pictures.lazy.map(\.path))
    }
  }

  /// Refuses names of files that are there and that Pare did not write, before the work.
  func requireOwn(_ names: some Sequence<String>) throws { try replacement.requireOwn(names) }

  /// Where to write a file now, by its name in the folder.
  func place(for name: String) throws -> String { try replacement.place(for: name) }

  /// Does `body`, which writes to ``workingPath``; its errors name the files by their later places.
  func naming<Result>(_ body: () throws -> Result) throws -> Result {
    try replacement.naming(body)
  }

  /// Puts the results in their place, see `FolderReplacement`.
  func commit(adding adds: Bool = false, later: [String] = []) throws {
    try replacement.commit(adding: adds, later: later)
  }

  /// Writes results and puts them in their place.
  ///
  /// - Parameters:
  ///   - adds: everything that is there stays, unless a new file has its name.
  ///   - body: writes into the folder that it is given.
  func fill(adding adds: Bool = false, _ body: (String) throws -> Void) throws {
    try naming {
      try body(workingPath)
      try commit(adding: adds)
    }
  }
}
