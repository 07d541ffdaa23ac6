import Boxes
import Darknet
import Datasets
import Foundation
import Inference
import Networks
import Storage
import Torch

/// The files of a run (docs/architecture.md, *A run*): the pair with the best validation, the last
/// one, the checkpoint and the figures. Every write replaces the old file in one step.
public struct RunFolder: Sendable {
  /// The folder itself.
  public let path: String

  /// A folder that exists.
  public init(path: String) { self.path = path }

  /// `last.safetensors`: what a run needs to continue.
  public var checkpointPath: String { path + "/last.safetensors" }
  /// The cfg of both pairs.
  public var cfgPath: String { path + "/model.cfg" }
  /// Weights with the best validation.
  public var weightsPath: String { path + "/model.weights" }
  /// Weights of the last epoch.
  public var lastWeightsPath: String { path + "/last.weights" }
  /// Class names.
  public var namesPath: String { path + "/model.names" }
  /// What the pair cannot say.
  public var modelPath: String { path + "/model.json" }
  /// Figures of the finished epochs, a line of JSON each; the checkpoint counts on it.
  public var historyPath: String { path + "/history.jsonl" }
  /// What the run was started with.
  public var requestPath: String { path + "/request.json" }
  /// The pictures that the run was trained on.
  public var picturesPath: String { path + "/pictures.json" }
  /// What a pruning was asked for.
  public var recipePath: String { path + "/recipe.json" }
  /// Plots of the figures.
  public var reportPath: String { path + "/report.html" }
  /// Figures per epoch.
  public var figuresPath: String { path + "/results.csv" }
  /// Command, versions, seeds, hashes and figures.
  public var recordPath: String { path + "/run.json" }

  /// Names of the files that a run writes into its folder; a `*` stands for any end.
  public static let fileNames = [
    "last.safetensors", "model.cfg", "model.weights", "last.weights", "model.names", "model.json",
    "history.jsonl", "request.json", "pictures.json", "report.html", "results.csv", "run.json",
    "events.out.tfevents.*", "control.html", "model.quantization.safetensors",
    "last.quantization.safetensors", "model.quantization.next.safetensors",
    "last.quantization.next.safetensors",
  ]

  /// Names of what is kept of ``lastWeightsPath`` when a run that had ended gets longer; a `*` stands
  /// for any end.
  public static let namesOfKeptWeights = (1...9).map { "last-\($0)*" }

  /// Names of the files of a pair and its page.
  public static let pairFileNames = [
    "model.cfg", "model.weights", "model.names", "model.json", "certificate.json", "recipe.json",
    "report.html",
  ]

  /// Whether a run writes a file of this name.
  public static func writes(_ name: String) -> Bool {
    (fileNames + namesOfKeptWeights).contains {
      $0.hasSuffix("*") ? name.hasPrefix($0.dropLast()) : name == $0
    }
  }

  /// Writes the cfg, the names and what the pair cannot say.
  public func writeModel(
    _ network: Network, feeding: Feeding, names: [String], prunedFrom: String? = nil,
    prunedFromWeights: String? = nil
  ) throws {
    try writeModel(
      network.configuration, nil, feeding: feeding, names: names, prunedFrom: prunedFrom,
      prunedFromWeights: prunedFromWeights)
  }

  /// Writes a pair, or a cfg whose weights are still to come, the names and what the pair cannot
  /// say.
  ///
  /// - Parameters:
  ///   - change: what making the pair out of another one came to, where that was measured.
  ///   - validation: what the pair is worth on validation pictures, where that is known.
  public func writeModel(
    _ configuration: Configuration, _ parameters: NetworkParameters?, feeding: Feeding,
    names: [String], prunedFrom: String? = nil, prunedFromWeights: String? = nil,
    change: DifferenceJudgement? = nil, validation: DetectionQuality? = nil
  ) throws {
    let spec = try NetworkSpec(configuration)
    try writeText(configuration.text, to: cfgPath)
    try writeText(names.map { $0 + "\n" }.joined(), to: namesPath)
    if let parameters { try WeightsFile.write(parameters, for: spec, to: weightsPath) }
    var model = ModelDescription(
      channels: spec.net.channels, feeding: feeding, classes: names, prunedFrom: prunedFrom,
      prunedFromWeights: prunedFromWeights)
    model.cfgHash = try ModelDescription.hash(ofFile: cfgPath)
    (model.change, model.validation) = (change, validation)
    if parameters != nil { model.weightsHash = try ModelDescription.hash(ofFile: weightsPath) }
    try writeJSON(model, to: modelPath)
  }

  /// Writes the weights of the best epoch so far.
  ///
  /// `model.json` names the hashes of the new weights and of the old ones before the new ones are
  /// there: whenever the process ends, the weights are what the description says.
  ///
  /// - Parameters:
  ///   - validation: what they are worth on validation pictures; nil without any.
  ///   - pictures: the fingerprint of these.
  func writeBest(
    _ parameters: NetworkParameters, for spec: NetworkSpec, validation: DetectionQuality? = nil,
    on pictures: String? = nil
  ) throws {
    if var model = try ModelDescription(contentsOf: modelPath) {
      let new = try Self.weightsHash(of: parameters, for: spec)
      if new != model.weightsHash {
        (model.previousWeightsHash, model.weightsHash) = (model.weightsHash, new)
      }
      model.validation = validation
      model.validationPictures = validation == nil ? nil : pictures
      try writeJSON(model, to: modelPath)
    }
    try WeightsFile.write(parameters, for: spec, to: weightsPath)
  }

  /// The SHA-256 that the `.weights` file of parameters has, in hexadecimal.
  static func weightsHash(
    of parameters: NetworkParameters, for spec: NetworkSpec
  ) throws -> String {
    var hash = SHA256()
    try WeightsFile.forEachPiece(of: parameters, for: spec) { hash.update($0) }
    return hash.hexadecimal()
  }

  /// Writes the weights of the last epoch.
  func writeLast(_ parameters: NetworkParameters, for spec: NetworkSpec) throws {
    try WeightsFile.write(parameters, for: spec, to: lastWeightsPath)
  }

  /// Gives the weights of the last epoch, and what lies beside them under their name, a second name with
  /// the number of epochs, which stays theirs when new ones are written. Other weights of such a name
  /// stay, and these get `-2` and so on besides.
  ///
  /// - Returns: the second name of the weights; nil where they had one or none could be given.
  func keepLastWeights(epoch: Int) -> String? {
    let manager = FileManager.default
    let name = fileName(of: lastWeightsPath).split(separator: ".")[0]
    let checkpoint = fileName(of: checkpointPath)
    let beside = ((try? manager.contentsOfDirectory(atPath: path)) ?? []).filter {
      $0.hasPrefix("\(name).") && $0 != checkpoint
    }
    var second = "\(name)-\(epoch)"
    func kept(_ file: String) -> String { "\(path)/\(second)\(file.dropFirst(name.count))" }
    var weights: String { kept(fileName(of: lastWeightsPath)) }
    var number = 1
    while fileExists(weights) {
      if manager.contentsEqual(atPath: weights, andPath: lastWeightsPath) { return nil }
      number += 1
      second = "\(name)-\(epoch)-\(number)"
    }
    for file in beside { try? linkOrCopy("\(path)/\(file)", to: kept(file)) }
    return fileExists(weights) ? weights : nil
  }

  /// Writes a record as JSON with sorted keys.
  public func writeJSON(_ value: some Encodable, to path: String) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    try writeText(String(decoding: encoder.encode(value), as: UTF8.self) + "\n", to: path)
  }

  private func writeText(_ text: String, to path: String) throws {
    try writeAtomically(Array(text.utf8), to: path)
  }
}

/// What bit-for-bit exactness depends on besides the build: threads, instruction set, libtorch.
enum TrainingEnvironment {
  static var current: String {
    "libtorch \(TorchRuntime.version), \(TorchRuntime.cpuCapability), "
      + "\(TorchRuntime.threadCount) threads"
  }
}
