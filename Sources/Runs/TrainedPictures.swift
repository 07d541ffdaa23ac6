import Darknet
import Datasets
import Inference
import Storage
import Terminal
import Training

/// What the run of a network knows of its training, found by the folder that its weights lie in.
extension TrainingRecipe {
  /// The requests of the runs that a network comes from, its own first: a folder that `prune` or
  /// `quantize` wrote has that of the network that it was made of. Empty where nothing is known.
  package static func findAll(cfg: String, weights: String) -> [TrainingRecipe] {
    RunFolder.line(cfg: cfg, weights: weights).compactMap(\.request)
  }
}

extension RunFolder {
  /// The folders of the runs that a network comes from, its own first. The weights say whose they
  /// are; a cfg of a run counts where they lie in none.
  static func line(cfg: String, weights: String) -> [RunFolder] {
    folder(cfg: cfg, weights: weights).map(line) ?? []
  }

  private static func folder(cfg: String, weights: String) -> String? {
    // Both by their names in a run, as `model.json` is found.
    [weights, cfg].filter { ModelDescription.path(beside: $0) != nil }.map(folderPath)
      .first { RunFolder(path: $0).hasRecord }
  }

  /// As ``line(cfg:weights:)``, from a folder on.
  static func line(of folder: String) -> [RunFolder] {
    var folder: String? = folder
    var found: [RunFolder] = []
    var visited: Set<String> = []
    while let path = folder, visited.insert(resolvedPath(path)).inserted {
      let run = RunFolder(path: path)
      found.append(run)
      folder =
        (try? ModelDescription(contentsOf: run.modelPath))?.prunedFrom
        ?? run.origin.flatMap { Self.folder(cfg: $0.cfg, weights: $0.weights) }
    }
    return found
  }

  /// The pair that it was quantized from or pruned from, or that its training began with.
  private var origin: (cfg: String, weights: String)? {
    if let request { return request.weights.map { (request.cfg, $0) } }
    return (quantization?.pair ?? pruning?.pair).map { ($0.cfg, $0.weights) }
  }

  /// Whether a training, a pruning or a quantization left its recipe, or what it came from, there.
  private var hasRecord: Bool { [requestPath, recipePath, modelPath].contains(where: fileExists) }

  /// What `quantize` was asked for; nil where it did not write the folder.
  private var quantization: QuantizationRecipe? {
    fileExists(recipePath) ? try? QuantizationRecipe(contentsOf: recipePath) : nil
  }

  /// What `prune` was asked for; nil where it did not write the folder.
  private var pruning: PruningRecipe? {
    fileExists(recipePath) ? try? PruningRecipe(contentsOf: recipePath) : nil
  }

  /// What its training was asked for; nil where it is none, or cannot be read.
  fileprivate var request: TrainingRecipe? {
    fileExists(requestPath) ? try? TrainingRecipe(contentsOf: requestPath) : nil
  }

  /// The data set that it was trained, pruned or quantized with.
  var dataset: (data: String, isSingleClass: Bool)? {
    if let request { return (request.data, request.isSingleClass) }
    if let quantization { return (quantization.data, quantization.isSingleClass) }
    return pruning.flatMap { recipe in recipe.data.map { ($0, recipe.isSingleClass) } }
  }
}

extension DetectionDataset {
  /// How many of these pictures the runs that a network comes from were trained on, by the files
  /// that they are; 0 where nothing is known.
  private func countOfTrainedPictures(cfg: String, weights: String) -> Int {
    let own = Set(pictures.lazy.map { resolvedPath($0.path) })
    var trained: Set<String> = []
    var lists: Set<String> = []
    for request in TrainingRecipe.findAll(cfg: cfg, weights: weights) {
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

  /// Whether the runs that a network comes from were trained on all these pictures.
  func isTrained(cfg: String, weights: String) -> Bool {
    !pictures.isEmpty
      && countOfTrainedPictures(cfg: cfg, weights: weights)
        == Set(pictures.lazy.map { resolvedPath($0.path) }).count
  }

  /// Whether figures of these pictures say what a network that is made of a pair is worth: they are all
  /// those of validation, and it was trained on none of them.
  func isValidation(_ split: DatasetSplit, _ chosen: Int?, of model: Model) -> Bool {
    split == .valid && chosen == nil
      && countOfTrainedPictures(cfg: model.cfgPath, weights: model.weightsPath) == 0
  }

  /// Warns where figures of a network on these pictures are of some that it was trained on.
  ///
  /// - Returns: how many these are.
  @discardableResult
  package func warnOfTrainedPictures(
    _ name: String, cfg: String, weights: String, _ observer: any RunObserver
  ) -> Int {
    let count = countOfTrainedPictures(cfg: cfg, weights: weights)
    guard count > 0 else { return 0 }
    let all = counted(pictures.count, "picture")
    let share =
      count == pictures.count
      ? count == 1 ? "the picture is one of those" : "all \(all) are among those"
      : "\(grouped(count)) of the \(all) \(count == 1 ? "is" : "are") among those"
    observer.warn(
      "\(share) that \(name) was trained on, so its figures are too good; new pictures would tell")
    return count
  }
}
