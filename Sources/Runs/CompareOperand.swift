import Boxes
import Darknet
import Foundation
import Inference
import Networks
import Storage
import Torch
import Training

/// A network and how pictures are shown to it.
struct FedNetwork {
  let network: Network
  let feeding: Feeding
  /// As it is read.
  let model: Model
  /// Its codes; nil of a float network.
  let codes: PairCodes?
}

/// What `compare` is given: a run folder, a cfg beside its weights, a file of weights beside its
/// cfg, stored predictions or a folder of such.
struct CompareOperand {
  let name: String
  private(set) var pair: (cfg: String, weights: String)?
  /// Why other weights than those of the best epoch are taken.
  private(set) var reason: String?
  private let files: [String]
  /// Whether it is a run folder or one that `prune` wrote.
  private let isRun: Bool

  init(_ path: String) throws {
    name = path
    let manager = FileManager.default
    var isFolder: ObjCBool = false
    guard manager.fileExists(atPath: path, isDirectory: &isFolder) else {
      throw RunError.unusable(path, reason: "no such file or folder")
    }
    let run = RunFolder(path: path)
    isRun = isFolder.boolValue && fileExists(run.cfgPath)
    if isRun {
      pair = (run.cfgPath, run.weightsPath)
      files = []
    } else if isFolder.boolValue {
      files = try manager.contentsOfDirectory(atPath: path).filter { $0.hasSuffix(".json") }
        .sorted().map { "\(path)/\($0)" }
      guard !files.isEmpty else {
        throw RunError.unusable(
          path, reason: "holds neither model.cfg nor stored predictions (*.json)")
      }
    } else if path.hasSuffix(".cfg") {
      pair = (path, String(path.dropLast(4)) + ".weights")
      files = []
    } else if path.hasSuffix(".weights") {
      let beside = String(path.dropLast(8)) + ".cfg"
      pair = (
        fileExists(beside) ? beside : RunFolder(path: folderPath(of: path)).cfgPath, path
      )
      files = []
    } else if Self.mayBePredictions(path) {
      files = [path]
    } else {
      let kind = FileKind(of: path)
      throw RunError.unusable(
        path,
        reason: kind == .data
          ? "is \(FileKind.data.words), not a network; --data takes it"
          : (kind.map { "is \($0.words), not a network" }
            ?? "is neither a network nor stored predictions")
            + "; name a run's folder, a .cfg or a .weights file")
    }
    if let pair, !isRun {
      for file in [pair.weights, pair.cfg] where !fileExists(file) {
        throw RunError.unusable(
          path,
          reason: "needs \(fileName(of: file)) beside it; or name the run's folder")
      }
    }
  }

  /// Whether a file begins as JSON does.
  private static func mayBePredictions(_ path: String) -> Bool {
    guard let handle = FileHandle(forReadingAtPath: path) else { return true }
    defer { try? handle.close() }
    let start = (try? handle.read(upToCount: 64)) ?? Data()
    let first = start.first { ![0x20, 0x09, 0x0A, 0x0D, 0xEF, 0xBB, 0xBF].contains($0) }
    return first == nil || first == UInt8(ascii: "{")
  }

  /// All operands. Of a run the weights are taken that another operand was pruned from, so that the
  /// two differ by the pruning alone.
  static func all(_ paths: [String]) throws -> [CompareOperand] {
    var operands = try paths.map(CompareOperand.init)
    for index in operands.indices where operands[index].isRun {
      let folder = resolvedPath(operands[index].name)
      for other in operands {
        guard let pair = other.pair,
          let description = try ModelDescription.find(cfg: pair.cfg, weights: pair.weights)?
            .description,
          description.prunedFrom.map(resolvedPath) == folder,
          let weights = description.prunedFromWeights, fileExists(weights)
        else { continue }
        let name = operands[index].name
        let own = "\(name)/\(fileName(of: weights))"
        operands[index].pair?.weights =
          resolvedPath(own) == resolvedPath(weights) ? own : weights
        operands[index].reason =
          "which \(other.name) was pruned from; for its best epoch's name "
          + "'\(RunFolder(path: name).weightsPath)'"
        break
      }
    }
    return operands
  }

  func network(
    on device: Device, _ machine: MachineRecipe, _ feeding: FeedingRecipe,
    _ observer: any RunObserver
  ) throws -> FedNetwork? {
    guard let pair else { return nil }
    try observer.tellProgress(ofWeights: pair.weights)
    let model = try Model(cfg: pair.cfg, weights: pair.weights, warn: observer.warn)
    let (network, codes) = try model.usedNetwork(on: device, machine, observer)
    return FedNetwork(
      network: network, feeding: try model.feeding(feeding.wishes), model: model, codes: codes)
  }

  func predictions() throws -> StoredPredictions? {
    guard !files.isEmpty else { return nil }
    return try StoredPredictions.joining(files.map { try StoredPredictions(contentsOf: $0) })
  }
}
