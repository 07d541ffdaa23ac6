import Darknet
import Foundation

/// What can go wrong before the work starts.
enum EngineError: Error, Equatable, CustomStringConvertible {
  case outputExists(String)
  case outputIsInput(String)
  case cannotCreate(String, reason: String)
  case noSplit(String, data: String)
  case classOutOfRange(Int, classes: Int)
  case nothingToResume(String)
  case unusableOperand(String, reason: String)
  case problemsFound(Int)
  case otherInputScale(InputScale, path: String, stored: InputScale)
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
    case .nothingToResume(let path): "\(path): no run to resume"
    case .unusableOperand(let path, let reason): "\(path): \(reason)"
    case .otherInputScale(let wanted, let path, let stored):
      "--input-scale \(wanted.rawValue): \(path) says that the weights want \(stored.rawValue)"
    case .notSingleClass(let cfg, let classes):
      "\(cfg): \(classes) classes; '--single-cls' needs a network of one (config new --classes 1)"
    case .problemsFound(let count): count == 1 ? "1 problem found" : "\(count) problems found"
    }
  }
}

/// Folders that results go to.
enum OutputFolder {
  /// The folder asked for, or a new one `runs/<kind>`, `runs/<kind>-2` and so on.
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
    do {
      try FileManager.default.createDirectory(
        atPath: path, withIntermediateDirectories: true)
    } catch {
      throw EngineError.cannotCreate(path, reason: reason(error))
    }
    guard access(path, W_OK | X_OK) == 0 else {
      throw EngineError.cannotCreate(path, reason: String(cString: strerror(errno)))
    }
    return path
  }

  private static func reason(_ error: any Error) -> String {
    let underlying = (error as NSError).userInfo[NSUnderlyingErrorKey] as? NSError
    guard let code = underlying?.code else { return "no permission or not a folder" }
    return String(cString: strerror(Int32(code)))
  }
}
