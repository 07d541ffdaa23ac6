import Darknet
import Foundation
import Terminal
import Training

extension RunFolder {
  /// What a reader knows weights by: the folder of a run whose best ones they are, else their file.
  package static func name(ofWeights weights: String) -> String {
    let run = RunFolder(path: folderPath(of: weights))
    return displayed(run.weightsPath == weights ? run.path : weights)
  }

  /// Refuses a folder that is named as a run and is none, and the last weights of one that has none.
  ///
  /// - Parameters:
  ///   - path: none is refused where none is named.
  ///   - weights: the file that was chosen of it.
  ///   - option: the option that names it.
  /// - Throws: ``RunError/unusable(_:reason:)``.
  package static func require(
    _ path: String?, weights: String? = nil, option: String = "--model"
  ) throws(RunError) {
    guard let path else { return }
    let folder = RunFolder(path: path)
    guard fileExists(folder.cfgPath) else {
      throw .unusable("\(option) \(path)", reason: folder.mistake(option: option))
    }
    if weights == folder.weightsPath, !fileExists(folder.weightsPath),
      fileExists(folder.lastWeightsPath)
    {
      throw .unusable(
        "\(option) \(path)",
        reason: "\(fileName(of: folder.weightsPath)), the best weights, is missing; "
          + "\(fileName(of: folder.lastWeightsPath)) is there: --weights last takes it")
    }
    guard weights == folder.lastWeightsPath, !fileExists(folder.lastWeightsPath),
      fileExists(folder.weightsPath)
    else { return }
    throw .unusable(
      "--weights last",
      reason: RunProgress(of: path)?.emptiness
        ?? "\(path) has \(fileName(of: folder.weightsPath)) alone, as folders of pruned networks do; "
        + "leave '--weights' out")
  }

  /// What is there in place of a run, and how to name the run, or the file that was meant.
  private func mistake(option: String) -> String {
    guard fileExists(path) else {
      // A bare name is looked for among the runs too.
      return path.contains("/") ? "no such folder" : "no such folder, here or in runs"
    }
    guard !isFolder(path) else {
      return "no run folder: it holds no \(fileName(of: cfgPath))" + runs(option: option)
    }
    let kind = FileKind(of: path)
    let words = "is \(kind?.words ?? "a file"), not \(FileKind.run.words)"
    let folder = folderPath(of: path)
    if fileExists(RunFolder(path: folder).cfgPath) {
      return "\(words); name the folder: \(option) \(folder)"
    }
    guard kind == .cfg || kind == .weights else { return words }
    let prefix = option == "--model" ? "--" : "\(option)-"
    return "\(words); name both files: \(prefix)cfg and \(prefix)weights"
  }

  /// The runs that it holds, in words; empty without any.
  private func runs(option: String) -> String {
    let names = ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).sorted()
      .filter { fileExists(RunFolder(path: "\(path)/\($0)").cfgPath) }
    guard let first = names.first else { return "" }
    let more = names.count > 8 ? " and \(names.count - 8) more" : ""
    return "; it holds the runs \(names.prefix(8).joined(separator: ", "))\(more): "
      + "\(option) \(path)/\(first)"
  }
}
