import Boxes
import Darknet
import Datasets
import Foundation
import Inference
import Networks
import Torch
import Training

/// A measurement of precision, recall and mAP on labelled pictures.
///
/// ```swift
/// let recipe = TestRecipe(
///   PairRecipe(cfg: "model.cfg", weights: "model.weights"), data: "set.data")
/// let outcome = try TestRun(recipe)()
/// print(outcome.result.map50)
/// ```
public struct TestRun {
  /// What was asked for.
  public let recipe: TestRecipe
  /// The pair.
  public let model: Model
  /// The pictures with their labels.
  public let dataset: DetectionDataset
  /// How they are shown to the network.
  public let feeding: Feeding
  /// Where it runs.
  public let device: Device
  /// The codes that it is measured on; nil of a float network.
  public let codes: PairCodes?
  /// How many of the pictures it is known to have been trained on.
  public let trainedPictures: Int

  private let network: Network
  private let data: DataFile
  private let observer: any RunObserver

  /// Opens the pair and the pictures.
  ///
  /// - Parameters:
  ///   - name: what a reader knows the network by; its weights' path unless given.
  ///   - observer: is told what happens; nobody is unless given.
  /// - Throws: an error of the files, the machine or the network; ``RunError``.
  public init(
    _ recipe: TestRecipe, name: String? = nil, observer: any RunObserver = SilentObserver()
  ) throws {
    try recipe.check()
    (self.recipe, self.observer) = (recipe, observer)
    model = try recipe.pair.model(observer)
    device = try openDevice(recipe.machine.device, threads: recipe.machine.threads)
    data = try DataFile(contentsOf: recipe.data)
    if recipe.isSingleClass { try requireSingleClass(model.spec) }
    dataset = try openDataset(
      data, recipe.split, for: model.spec, names: recipe.names,
      isSingleClass: recipe.isSingleClass, observer: observer)
    feeding = try model.feeding(recipe.pair.feeding.wishes, savesPadding: recipe.savesPadding)
    observer.tellFeeding(feeding, of: model)
    dataset.warnOfOtherNames(
      cfg: model.cfgPath, weights: model.weightsPath, of: recipe.names ?? recipe.data, observer)
    trainedPictures = dataset.warnOfTrainedPictures(
      name ?? model.weightsPath, cfg: model.cfgPath, weights: model.weightsPath, observer)
    try setThreads(
      recipe.machine.threads, for: [(model.spec, feeding.width, feeding.height)],
      batchSize: recipe.batchSize, on: device)
    (network, codes) = try model.usedNetwork(on: device, recipe.machine, observer)
  }

  /// Measures.
  ///
  /// - Throws: ``DatasetError/noPictures(path:first:)`` where none can be read.
  public func callAsFunction() throws -> Evaluation.Outcome {
    try outcome(of: evaluation(feeding, overlap: recipe.boxes.overlap))
  }

  /// A measurement at one size and overlap.
  public struct Point {
    /// Of the input, in pixels.
    public let width, height: Int
    /// Whether that is the network's own size, or the one asked for.
    public let isOwn: Bool
    /// The IoU above which two boxes are taken for one object.
    public let overlap: Float
    /// What it came to.
    public let outcome: Evaluation.Outcome
  }

  /// Measures at sizes and overlaps side by side (docs/formulas.md 8.7): the network's own size, or the
  /// one asked for, and the usual ones around it.
  public func sizesAndOverlaps() throws -> [Point] {
    let own = (width: feeding.width, height: feeding.height)
    var sizes = [256, 384, 512].map { (width: $0, height: $0) }
    if !sizes.contains(where: { $0 == own }) { sizes.append(own) }
    sizes.sort { $0.width * $0.height < $1.width * $1.height }
    return try sizes.flatMap { size in
      try [0.6, 0.7].map { (overlap: Float) in
        let feeding = feeding.overruled(by: .init(size: size))
        return Point(
          width: size.width, height: size.height, isOwn: size == own, overlap: overlap,
          outcome: try outcome(of: evaluation(feeding, overlap: overlap)))
      }
    }
  }

  func evaluation(_ feeding: Feeding, overlap: Float) -> Evaluation {
    var boxes = recipe.boxes
    boxes.overlap = overlap
    var evaluation = Evaluation(
      dataset, of: model.spec, fed: feeding, batchSize: recipe.batchSize,
      isRectangular: recipe.savesPadding, style: recipe.averagePrecision,
      detection: boxes.settings(feeding))
    evaluation.loading.workers = processorCount
    return evaluation
  }

  private func outcome(of evaluation: Evaluation) throws -> Evaluation.Outcome {
    let engine = try recipe.machine.engine.engine(network, precision: recipe.machine.precision)
    observer.begin("test", pictures: evaluation.dataset.pictures.count)
    defer { observer.end() }
    let outcome = try evaluation(engine) { observer.advance(to: $0) }
    observer.list(
      outcome.problems, what: "pictures cannot be read and do not count",
      one: "picture cannot be read and does not count")
    guard outcome.result.images > 0 else {
      throw DatasetError.noPictures(path: recipe.data, first: outcome.problems.first)
    }
    return outcome
  }

  // MARK: What is written

  /// Refuses what would be written over, before the measurement, which would be lost.
  ///
  /// - Parameters:
  ///   - output: where ``write(_:to:description:)`` is to write.
  ///   - others: files that the caller will write.
  public func refuse(_ output: OutputFolder?, alsoWriting others: [String] = []) throws {
    if !others.isEmpty { try protectedFiles.refuse(others) }
    guard let output, output.replacesSomething else { return }
    try output.refuse(inputs: [recipe.pair.cfg, recipe.pair.weights, recipe.names])
    try output.refuse(data, dataset)
    let files =
      ["report.html"] + (recipe.savesResults ? [DetectionFiles.results] : [])
      + (recipe.savesText
        ? OutputNames(dataset.pictures.map(\.path)).names.map(DetectionFiles.labels) : [])
    try protectedFiles.refuse(files.map { output.path + "/" + $0 })
    try output.requireOwn(files)
  }

  /// What is read and must not be written.
  private var protectedFiles: ProtectedFiles {
    var protected = ProtectedFiles()
    for picture in dataset.pictures { protected.protect(picture: picture.path) }
    for path in [recipe.pair.cfg, recipe.pair.weights, recipe.data, recipe.names] {
      path.map { protected.protect($0) }
    }
    return protected
  }

  /// Writes the page, and the detections as the recipe says.
  ///
  /// - Parameter description: of the command and the machine, for the page.
  /// - Returns: of each picture its label file, where such are written.
  @discardableResult
  public func write(
    _ outcome: Evaluation.Outcome, to output: OutputFolder, description: RunDescription
  ) throws -> [(picture: String, labels: String?)] {
    var written: [(picture: String, labels: String?)] = []
    try output.fill { folder in
      written = try writeDetections(outcome, to: output)
      try writePage(outcome, description, to: folder)
    }
    return written
  }

  private func writeDetections(
    _ outcome: Evaluation.Outcome, to output: OutputFolder
  ) throws -> [(picture: String, labels: String?)] {
    var files = DetectionFiles(
      output: output, names: dataset.names, savesText: recipe.savesText,
      savesJSON: recipe.savesResults)
    // By the whole list, so that a picture's name does not depend on whether others can be read.
    let paths = dataset.pictures.map(\.path)
    let names = Dictionary(
      zip(paths, OutputNames(paths).names), uniquingKeysWith: { first, _ in first })
    let written = try outcome.predictions.images.map { image in
      let labels = try files.add(
        image.detections, name: names[image.path] ?? fileName(of: image.path), path: image.path,
        width: image.width, height: image.height)
      return (image.path, labels)
    }
    try files.finish()
    if recipe.savesResults || recipe.savesText {
      observer.note("wrote detections to \(output.path)")
    }
    return written
  }
}
