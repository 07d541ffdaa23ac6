import Darknet
import Foundation
import Networks
import Torch

/// Everything that a run needs to continue bit for bit: parameters, running statistics, momentum,
/// averages, loss scale and position, in one safetensors file.
///
/// Positions are whole optimizer steps, so that no half-summed gradient has to be stored. Random
/// numbers need no state: they are functions of seed, epoch and sample.
struct Checkpoint {
  /// Where a run is and what it was started with.
  struct State: Codable, Equatable {
    /// The epoch to continue in, from 0.
    var epoch: Int
    /// The batch of that epoch to continue with, from 0.
    var batch: Int
    /// Batches since the start of the run.
    var totalBatches: Int
    /// Optimizer steps since the start of the run.
    var steps: Int
    /// Pictures since the start of the run.
    var imagesSeen: Int64
    /// Optimizer steps that the average has seen; 0 without one.
    var averagedSteps: Int
    /// The epoch with the best validation so far and its figures.
    var best: EpochFigures?
    /// Figures of the finished epochs.
    var history: [EpochFigures]
    /// Sums of the loss terms in the unfinished epoch.
    var lossSums: [Double]
    /// Options of the run.
    var options: TrainingOptions
    /// Text of the cfg.
    var configuration: String
    /// Fingerprint of the training pictures and labels.
    var dataFingerprint: String
    /// What exactness depends on: threads, instruction set, libtorch.
    var environment: String
    /// What each technique has to know, by its name; checkpoints of earlier versions have none.
    var techniques: [String: Data]?
  }

  var state: State
  var tensors: [(name: String, tensor: Tensor)]

  private static let stateKey = "pare.state"

  /// Writes the checkpoint; the old one stays until the new one is complete.
  func write(to path: String) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    let text = String(decoding: try encoder.encode(state), as: UTF8.self)
    try writeSafetensors(tensors, metadata: [Self.stateKey: text], to: path)
  }

  /// Reads a checkpoint's state and opens its tensors.
  static func read(_ path: String) throws -> (state: State, file: SafetensorsFile) {
    guard FileManager.default.fileExists(atPath: path) else {
      throw TrainingError.nothingToResume(path: path)
    }
    let file = try SafetensorsFile(contentsOf: path)
    guard let text = file.metadata[stateKey] else {
      throw TrainingError.checkpointDoesNotFit(path: path, reason: "not a checkpoint of pare")
    }
    do {
      return (try JSONDecoder().decode(State.self, from: Data(text.utf8)), file)
    } catch {
      throw TrainingError.checkpointDoesNotFit(
        path: path, reason: "its state is unreadable or of another version")
    }
  }
}

/// Figures of one epoch.
public struct EpochFigures: Codable, Equatable, Sendable {
  /// From 0.
  public var epoch: Int
  /// Mean weighted box, objectness and class terms and their sum.
  public var losses: [Double]
  /// Learning rate of the epoch's last batch.
  public var learningRate: Double
  /// Pictures per second of training.
  public var imagesPerSecond: Double
  /// Validation, where it took place.
  public var precision: Double?
  /// Share of objects found at ``precision``'s threshold.
  public var recall: Double?
  /// Harmonic mean of precision and recall.
  public var f1: Double?
  /// mAP at an overlap of 0.5.
  public var map50: Double?
  /// mAP over overlaps of 0.5 to 0.95.
  public var map: Double?
  /// Figures of the techniques, by name.
  public var techniques: [String: Double] = [:]
}
