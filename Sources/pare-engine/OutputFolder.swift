import Darknet
import Foundation
import Storage
import Terminal
import Training

/// What can go wrong before the work starts.
enum EngineError: Error, Equatable, CustomStringConvertible {
  case outputExists(String)
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
    case .outputExists(let path):
      "\(path): exists and is not empty; name another --output, or add --overwrite"
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
/// once; until then, and when anything fails, the folder is as it was. It is locked for as long as this
/// lives.
final class OutputFolder {
  private let replacement: FolderReplacement

  /// Where results will be.
  var path: String { replacement.path }
  /// Where to write them.
  var workingPath: String { replacement.workingPath }

  /// The folder asked for, or a new one: `runs/<kind>`, `runs/<kind>-2` and so on.
  init(_ path: String?, overwrite: Bool, kind: String) throws {
    if let path {
      replacement = try FolderReplacement(path, replaces: overwrite)
      return
    }
    for number in 1... {
      let candidate = number == 1 ? "runs/\(kind)" : "runs/\(kind)-\(number)"
      do {
        replacement = try FolderReplacement(candidate, replaces: false)
        return
      } catch StorageError.notEmpty, StorageError.inUse, StorageError.notAFolder {
        continue
      }
    }
    throw EngineError.cannotCreate("runs/\(kind)", reason: "there are too many")
  }

  /// Refuses to replace what is read: files that lie in the folder itself.
  func refuse(inputs: [String?]) throws {
    for input in inputs.compactMap({ $0 })
    where parentFolder(of: resolvedPath(input)) == resolvedPath(path) {
      throw EngineError.outputIsInput(input)
    }
  }

  /// Does `body`, which writes to ``workingPath``; its errors name the files by their later places.
  func naming<Result>(_ body: () throws -> Result) throws -> Result {
    try replacement.naming(body)
  }

  /// Puts the results in their place, see `FolderReplacement`.
  func commit(adding adds: Bool = false, later: [String] = []) throws {
    // Runs of earlier versions have no list of their files.
    let isOldRun = fileExists(path + "/request.json")
    try replacement.commit(
      adding: adds, owning: { isOldRun && RunFolder.writes($0) }, later: later)
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

extension OutputFolder {
  /// The folder asked for, or a new numbered one, to be filled as the work goes on.
  static func make(_ path: String?, overwrite: Bool, kind: String) throws -> String {
    if let path { return try make(path, overwrite: overwrite) }
    for number in 1... {
      let candidate = number == 1 ? "runs/\(kind)" : "runs/\(kind)-\(number)"
      if !FileManager.default.fileExists(atPath: candidate) {
        return try make(candidate, overwrite: false)
      }
    }
    return "runs/\(kind)"
  }

  /// Says before the work whether a folder could be made after it; makes nothing.
  static func check(_ path: String?, overwrite: Bool) throws {
    guard let path else { return }
    if let entries = try? FileManager.default.contentsOfDirectory(atPath: path) {
      guard entries.isEmpty || overwrite else { throw EngineError.outputExists(path) }
    } else if FileManager.default.fileExists(atPath: path) {
      throw EngineError.cannotCreate(path, reason: "a file of that name exists")
    }
  }

  private static func make(_ path: String, overwrite: Bool) throws -> String {
    try check(path, overwrite: overwrite)
    do { try makeFolders(path) } catch {
      throw EngineError.cannotCreate(path, reason: "\(error)")
    }
    guard access(path, W_OK | X_OK) == 0 else {
      throw EngineError.cannotCreate(path, reason: String(cString: strerror(errno)))
    }
    return path
  }
}
