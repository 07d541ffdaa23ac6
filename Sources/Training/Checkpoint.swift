import Darknet
import Foundation
import Networks
import Torch

/// Everything that a run needs to continue bit for bit: parameters, running statistics, momentum,
/// averages, loss scale, position and the gradients that wait for the next step, in one safetensors
/// file with checksums.
///
/// The figures of finished epochs are in a file of their own (``RunHistory``), so that a checkpoint
/// is as large after ten thousand epochs as after one. Random numbers need no state: they are
/// functions of seed, epoch and sample.
struct Checkpoint {
  /// Where a run is and what it was started with.
  struct State: Codable, Equatable {
    /// The epoch to continue in, from 0.
    var epoch = 0
    /// The batch of that epoch to continue with, from 0; the number of an epoch's batches where its
    /// validation is still to come.
    var batch = 0
    /// Batches since the start of the run.
    var totalBatches = 0
    /// Batches whose gradients wait for the next step.
    var pending = 0
    /// Optimizer steps since the start of the run.
    var steps = 0
    /// Pictures since the start of the run.
    var imagesSeen: Int64 = 0
    /// Optimizer steps that the average has seen; 0 without one.
    var averagedSteps = 0
    /// Whether what comes before the first step is done.
    var hasBegun = false
    /// What the network was worth before its first step; nil where it was not judged.
    var start: ValidationFigures?
    /// The best epoch so far and its figures.
    var best: EpochFigures?
    /// The highest mAP@0.5 so far; nil in checkpoints of versions that did not say, where it is
    /// that of ``best``.
    var highest: Double?
    /// mAP@0.5 of the best epoch when the run was last made longer, which an epoch has to be above from
    /// then on; nil of other runs.
    var kept: Double?
    /// How much of the history belongs to this checkpoint.
    var history = RunHistory.Mark()
    /// Sums of the loss terms in the unfinished epoch.
    var lossSums: [Double] = []
    /// Pictures per second of the epoch whose validation is still to come.
    var imagesPerSecond: Double?
    /// Names of the techniques; nil in checkpoints of versions that did not say.
    var techniques: [String]?
    /// Options of the run.
    var options: TrainingOptions
    /// SHA-256 of the cfg.
    var configurationHash: String
    /// Fingerprint of the training pictures and labels.
    var dataFingerprint: String
    /// What exactness depends on: threads, instruction set, libtorch.
    var environment: String
  }

  var state: State
  var tensors: [(name: String, tensor: Tensor)]

  private static let stateKey = "pare.checkpoint"
  /// Of versions that kept the history in the file.
  private static let oldKey = "pare.state"

  /// Writes the checkpoint; the old one stays until the new one is complete.
  func write(to path: String) throws {
    let text = String(decoding: try RunHistory.encoder.encode(state), as: UTF8.self)
    try writeSafetensors(tensors, metadata: [Self.stateKey: text], checksums: true, to: path)
  }

  /// Reads a checkpoint's state and opens its tensors.
  static func read(_ path: String) throws -> (state: State, file: SafetensorsFile) {
    func refuse(_ reason: String) -> TrainingError {
      .checkpointDoesNotFit(path: path, reason: reason)
    }
    guard FileManager.default.fileExists(atPath: path) else {
      throw TrainingError.nothingToResume(path: path)
    }
    let file = try SafetensorsFile(contentsOf: path)
    guard let text = file.metadata[stateKey] else {
      guard file.metadata[oldKey] == nil else {
        throw refuse(
          "a checkpoint of an earlier version of pare, which this one cannot continue; "
            + "start a new run from last.weights beside it with --weights")
      }
      throw refuse("not a checkpoint of pare")
    }
    guard file.hasChecksums else {
      throw refuse("its table of checksums is missing: it was damaged after it was written")
    }
    do {
      return (try RunHistory.decoder.decode(State.self, from: Data(text.utf8)), file)
    } catch {
      throw refuse("its state is unreadable or of another version")
    }
  }
}

extension Checkpoint.State {
  /// Takes the options that the run goes on with.
  ///
  /// Where these make it longer, the learning rate rises again, and what comes next is no better by being
  /// later: the weights that are kept stay until an epoch is above them.
  mutating func take(_ options: TrainingOptions) {
    if options.epochs > self.options.epochs, let best = best?.map50, best > 0 { kept = best }
    self.options = options
  }
}
