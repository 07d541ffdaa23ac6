import Commands
import Darknet
import Foundation
import Runs

/// Something that an option names and that cannot be used.
struct OperandError: Error, Equatable, CustomStringConvertible {
  private let operand: String
  private let reason: String

  /// - Parameter operand: "--model runs/a".
  init(_ operand: String, reason: String) {
    (self.operand, self.reason) = (operand, reason)
  }

  /// One line.
  var description: String { "\(operand): \(reason)" }
}

extension RunFiles {
  /// Refuses a folder that is named as a run and is none, and the last weights of one that has none.
  ///
  /// - Parameters:
  ///   - folder: none is refused where none is named.
  ///   - weights: the file that was chosen of it.
  ///   - option: the option that names it.
  static func require(
    _ folder: String?, weights: String? = nil, option: String = "--model"
  ) throws(OperandError) {
    guard let folder else { return }
    if fileExists("\(folder)/\(cfg)") {
      guard
        weights != "\(folder)/\(last)" || fileExists("\(folder)/\(last)")
          || !fileExists("\(folder)/\(best)")
      else {
        throw OperandError(
          "--weights last",
          reason: RunProgress(of: folder)?.emptiness
            ?? "\(folder) has \(best) alone, as folders of pruned networks do; leave "
            + "'--weights' out")
      }
      return
    }
    var isFolder: ObjCBool = false
    let exists = FileManager.default.fileExists(atPath: folder, isDirectory: &isFolder)
    throw OperandError(
      "\(option) \(folder)",
      reason: !exists
        ? "no such folder"
        : isFolder.boolValue
          ? "no run folder: it holds no \(cfg)" : mistake(folder, option: option))
  }

  /// That a file is none, and how to name its folder, or it.
  private static func mistake(_ file: String, option: String) -> String {
    let kind = FileKind(of: file)
    let words = "is \(kind?.words ?? "a file"), not \(FileKind.run.words)"
    let folder = folderPath(of: file)
    if fileExists("\(folder)/\(cfg)") { return "\(words); name the folder: \(option) \(folder)" }
    guard kind == .cfg || kind == .weights else { return words }
    let prefix = option == "--model" ? "--" : "\(option)-"
    return "\(words); name both files: \(prefix)cfg and \(prefix)weights"
  }
}
