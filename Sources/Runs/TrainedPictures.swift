import Darknet
import Datasets
import Inference
import Storage
import Terminal
import Training

/// What the run of a network knows of its training, found by the folder that the cfg lies in.
extension TrainingRecipe {
  /// The requests of the runs that a network comes from, its own first: a folder that `prune` or
  /// `quantize` wrote has that of the network that it was made of. Empty where nothing is known.
  package static func findAll(cfg: String) -> [TrainingRecipe] {
    RunFolder.line(of: cfg).compactMap(\.request)
  }
}

extension RunFolder {
  /// The folders of the runs that a network comes from, its own first.
  static func line(of cfg: String) -> [RunFolder] {
    guard fileName(of: cfg) == fileName(of: RunFolder(path: "").cfgPath) else { return [] }
    var folder: String? = folderPath(of: cfg)
    var found: [RunFolder] = []
    var visited: Set<String> = []
    while let path = folder, visited.insert(resolvedPath(path)).inserted {
      let run = RunFolder(path: path)
      found.append(run)
      folder =
        (try? ModelDescription(contentsOf: run.modelPath))?.prunedFrom
        ?? run.quantization.map { folderPath(of: $0.pair.cfg) }
    }
    return found
  }

  /// What `quantize` was asked for; nil where it did not write the folder.
  private var quantization: QuantizationRecipe? {
    fileExists(recipePath) ? try? QuantizationRecipe(contentsOf: recipePath) : nil
  }

  /// What its training was asked for; nil where it is none, or cannot be read.
  fileprivate var request: TrainingRecipe? {
    fileExists(requestPath) ? try? TrainingRecipe(contentsOf: requestPath) : nil
  }

  /// The data set that it was trained, pruned or quantized with.
  var dataset: (data: String, isSingleClass: Bool)? {
    if let request { return (request.data, request.isSingleClass) }
    if let quantization { return (quantization.data, quantization.isSingleClass) }
    guard fileExists(recipePath), let recipe = try? PruningRecipe(contentsOf: recipePath)
    else { return nil }
    return recipe.data.map { ($0, recipe.isSingleClass) }
  }
}

extension DetectionDataset {
  /// How many of these pictures the runs that a network comes from were trained on, by the files
  /// that they are; 0 where nothing is known.
  private func countOfTrainedPictures(cfg: String) -> Int {
    let own = Set(pictures.lazy.map { resolvedPath($0.path) })
    var trained: Set<String> = []
    var lists: Set<String> = []
    for request in TrainingRecipe.findAll(cfg: cfg) {
      guard let list = (try? DataFile(contentsOf: request.data))?.train,
        lists.insert(resolvedPath(list)).inserted,
        let entries = try? DataFile.pictures(inList: list)
      else { continue }
      for path in entries {
        let path = resolvedPath(path)
        if own.contains(path) { trained.insert(path) }
      }
    }
    return trained.count
  }

  /// Warns where figures of a network on these pictures are of some that it was trained on.
  package func warnOfTrainedPictures(
    _ name: String, cfg: String, _ observer: any RunObserver
  ) {
    let count = countOfTrainedPictures(cfg: cfg)
    guard count > 0 else { return }
    let all = counted(pictures.count, "picture")
    let share =
      count == pictures.count
      ? count == 1 ? "the picture is one of those" : "all \(all) are among those"
      : "\(grouped(count)) of the \(all) \(count == 1 ? "is" : "are") among those"
    observer.warn(
      "\(share) that \(name) was trained on, so its figures are too good; new pictures would tell")
  }
}
