import Darknet
import Datasets
import Foundation
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

  /// The pictures that a `.data` file has for it now.
  fileprivate func trainingPictures(of data: DataFile) throws -> DetectionDataset {
    var pictures = try DetectionDataset(data, split: .train, isSingleClass: isSingleClass)
    if let unlabeled {
      try pictures.append(unlabelledOf: unlabeled, besides: data, SilentObserver())
    }
    return pictures
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

/// The pictures that a training shows its network: what its run keeps of them, whatever becomes of the
/// lists that it read.
struct TrainedPictures: Codable, Hashable {
  /// Names of the files that they are, by folder; links are followed.
  var folders: [String: [String]]

  /// Those of a data set, with the ones that have no labels.
  init(_ dataset: DetectionDataset) { self.init(paths: dataset.pictures.lazy.map(\.path)) }

  init(paths: some Sequence<String>) {
    var places = ResolvedPaths()
    folders = Dictionary(grouping: paths.map { places.resolved($0) }, by: folderPath)
      .mapValues { $0.map(fileName) }
  }

  /// Their paths.
  var paths: some Sequence<String> {
    folders.lazy.flatMap { folder, names in names.lazy.map { "\(folder)/\($0)" } }
  }
}

extension RunFolder {
  /// What is known of the pictures that a run was trained on.
  fileprivate enum Trained {
    case on(TrainedPictures)
    /// It keeps no list of its own, and its data set is another than it was.
    case onChangedData
  }

  /// Nil where it was not trained, or nothing is known.
  fileprivate var trained: Trained? {
    if let pictures: TrainedPictures = contents(of: picturesPath) { return .on(pictures) }
    // A run from before there were such lists.
    guard let request, let file = try? DataFile(contentsOf: request.data),
      let entries = try? file.pictures(.train)
    else { return nil }
    if let old = fingerprint, let now = try? request.trainingPictures(of: file).fingerprint,
      now != old
    {
      return .onChangedData
    }
    return .on(TrainedPictures(paths: entries))
  }

  /// That of the data that it was trained on; nil where its record does not say.
  private var fingerprint: String? {
    struct Record: Decodable { var dataFingerprint: String }
    let record: Record? = contents(of: recordPath)
    return record?.dataFingerprint
  }

  /// What a JSON file holds; nil where it is not there, or is not of that kind.
  private func contents<Value: Decodable>(of path: String) -> Value? {
    (try? Data(contentsOf: URL(filePath: path)))
      .flatMap { try? JSONDecoder().decode(Value.self, from: $0) }
  }
}

extension DetectionDataset {
  /// How many of these pictures the runs that a network comes from were trained on, by the files
  /// that they are, and those of the runs of which that cannot be told any more.
  private func trainedPictures(cfg: String, weights: String) -> (count: Int, unsure: [String]) {
    let runs = RunFolder.line(cfg: cfg, weights: weights)
    guard !runs.isEmpty else { return (0, []) }
    let own = files
    var trained: Set<String> = []
    var unsure: [String] = []
    for run in runs {
      switch run.trained {
      case .on(let pictures): trained.formUnion(own.intersection(pictures.paths))
      case .onChangedData: unsure.append(run.path)
      case nil: continue
      }
    }
    return (trained.count, unsure)
  }

  /// Whether the runs that a network comes from were trained on all these pictures.
  func isTrained(cfg: String, weights: String) -> Bool {
    !pictures.isEmpty
      && trainedPictures(cfg: cfg, weights: weights).count
        == files.count
  }

  /// The files that the pictures are, without links.
  private var files: Set<String> {
    var places = ResolvedPaths()
    return Set(pictures.map { places.resolved($0.path) })
  }

  /// Whether figures of these pictures say what a network that is made of a pair is worth: they are all
  /// those of validation, and it was trained on none of them.
  func isValidation(_ split: DatasetSplit, _ chosen: Int?, of model: Model) -> Bool {
    split == .valid && chosen == nil
      && trainedPictures(cfg: model.cfgPath, weights: model.weightsPath) == (0, [])
  }

  /// Warns where figures of a network on these pictures are of some that it was trained on, or may be.
  ///
  /// - Returns: how many of them it is known to have been trained on.
  @discardableResult
  package func warnOfTrainedPictures(
    _ name: String, cfg: String, weights: String, _ observer: any RunObserver
  ) -> Int {
    let (count, unsure) = trainedPictures(cfg: cfg, weights: weights)
    for run in unsure {
      observer.warn(
        "the data set of \(displayed(run)) has changed since that run was trained: where the pictures "
          + "are some that it was trained on, the figures of \(name) are too good")
    }
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
