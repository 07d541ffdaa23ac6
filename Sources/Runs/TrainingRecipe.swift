import Boxes
import Darknet
import Distillation
import Foundation
import Inference
import Loading
import Pruning
import Torch
import Training

/// Everything that decides what a training comes to, as it is kept in the run's folder
/// (`request.json`), so that the run goes on without being told again.
///
/// A value or a key that is not known is an error, never a default.
public struct TrainingRecipe: Codable, Equatable, Sendable {
  /// The network's cfg.
  public var cfg: String
  /// What the network's numbers are at the start; random numbers unless given. Runs of earlier
  /// versions did not keep it.
  public var weights: String?
  /// Whether of ``weights`` only what fits is taken; no unless given.
  public var takesWhatFits: Bool?
  /// The `.data` file.
  public var data: String
  /// Whether all classes count as one.
  public var isSingleClass: Bool
  /// What the loop is told.
  public var options: TrainingOptions
  /// Strength of sparse training; none unless given.
  public var sparsity: Double?
  /// Which scales are made sparse; all that can be unless given.
  public var sparsityScope: PruningScope?
  /// How the strength changes; it does not unless given, as in runs of versions that had no other.
  public var sparsitySchedule: Schedule?
  /// How the penalty acts; on gradients unless given.
  public var sparsityUpdate: SparsityUpdate?
  /// With a local schedule, the share of the scales that recovers; the schedule's own unless given.
  public var sparsityKeep: Double?
  /// With the steered schedule, the points of mAP@0.5 that it may cost; 2 unless given.
  public var sparsityBand: Double?
  /// What scales are multiplied by while training; they are not unless given.
  public var sparsityRescale: Double?
  /// How the network trains on the codes that it will have; it does not unless given.
  public var quantization: Quantization?
  /// Whom the network learns from; nobody unless given.
  public var distillation: DistillationOptions?
  /// What the training with teachers is compared with; nothing unless given.
  public var control: Control?
  /// Whether the teachers' outputs are kept in ``cacheFolder``; they are not unless given.
  public var keepsTeacherOutputs: Bool?
  /// A folder of pictures without labels, which teachers alone are asked about; none unless given.
  public var unlabeled: String?
  /// `auto`, `cpu`, `cuda` or `cuda:N`.
  public var device: String
  /// CPU threads of tensor operations: results depend on it in the last digits, so a resumed run
  /// uses as many. Set by libtorch unless given.
  public var threads: Int?
  /// Threads that decode pictures.
  public var workers: Int
  /// Where decoded pictures are kept between epochs.
  public var cache: PictureCache
  /// The folder of a cache on disk.
  public var cacheFolder: String
  /// The command line that started the run; empty where a program did.
  public var command: [String]
  /// When the run was started, as ISO 8601 writes it; nil in runs of earlier versions.
  public var started: String?
  /// The command lines that went on with it, the oldest first, and when; nil where none did.
  public var resumptions: [Resumption]?

  /// A command that went on with a run.
  public struct Resumption: Codable, Hashable, Sendable {
    /// Its command line.
    public var command: [String]
    /// When, as ISO 8601 writes it.
    public var date: String
    /// The epochs that it made the run's; nil where it left them.
    public var epochs: Int?

    /// A command at a time.
    public init(command: [String], date: String, epochs: Int? = nil) {
      (self.command, self.date, self.epochs) = (command, date, epochs)
    }
  }

  /// How the strength of sparse training changes over a run (docs/formulas.md 6.3).
  public enum Schedule: String, Codable, Hashable, Sendable, CaseIterable {
    /// It does not.
    case constant
    /// A hundredth is left after half of the epochs.
    case global
    /// A hundredth for the largest 15 % of the scales after half of the epochs.
    case local
    /// A hundredth for the largest 35 % after 0.4 of them.
    case localEarly = "local-early"
    /// Steered by validation.
    case auto
  }

  /// A recipe for a network, with what its cfg, and the pair that it starts from, say of sizes,
  /// pictures and augmentation, and with the ``usualRates``.
  ///
  /// - Parameters:
  ///   - cfg: path of the cfg.
  ///   - weights: what it starts from; random numbers unless given.
  ///   - data: path of the `.data` file.
  ///   - scale: what pixel values become before the first layer; the pair's own unless given.
  ///   - warn: takes what does not keep the pair from being used.
  /// - Throws: an error of the cfg or of the pair's description.
  public init(
    cfg: String, weights: String? = nil, data: String, scale: InputScale? = nil,
    warn: (String) -> Void = { _ in }
  ) throws {
    try self.init(
      NetworkSpec(contentsOf: cfg), cfg: cfg, weights: weights, data: data, scale: scale,
      warn: warn)
  }

  /// As ``init(cfg:weights:data:scale:warn:)``, for a cfg that was read.
  package init(
    _ spec: NetworkSpec, cfg: String, weights: String?, data: String, scale: InputScale?,
    warn: (String) -> Void
  ) throws {
    var options = TrainingOptions()
    (options.imageWidth, options.imageHeight) = (spec.net.width, spec.net.height)
    (options.testWidth, options.testHeight) = (spec.net.width, spec.net.height)
    let start = try Feeding(of: spec, cfg: cfg, weights: weights, scale: scale, warn: warn)
    options.inputScale = start.inputScale
    let isOurs = try ModelDescription.find(cfg: cfg, weights: weights) != nil
    options.fit = start.trainingFit(of: spec, isOurs: isOurs)
    options.suppression = isOurs ? start.suppression : SuppressionRule(.greedy)
    options.augmentation.follow(spec.net)
    (self.cfg, self.weights, self.data, self.options) = (cfg, weights, data, options)
    isSingleClass = false
    device = "auto"
    workers = processorCount
    cache = .none
    cacheFolder = folderPath(of: data) + "/.pare-cache"
    command = []
    takeUsualRates()
  }

  /// Reads what a run was started with. Everything is checked: a file may say anything.
  ///
  /// - Throws: ``RunError/unreadableRequest(_:reason:)``.
  public init(contentsOf path: String) throws {
    do { self = try readRecipe(Self.self, path) } catch {
      throw RunError.unreadableRequest(path, reason: error.reason)
    }
    do { try check() } catch {
      throw RunError.unreadableRequest(path, reason: "\(error)")
    }
  }

  /// Refuses values that no run can have.
  ///
  /// - Throws: ``TrainingError/invalidOption(_:reason:)``.
  public func check() throws(TrainingError) {
    try options.check()
    try distillation?.check()
    try checkQuantization()
    func require(_ name: String, _ isRight: Bool, _ found: Any) throws(TrainingError) {
      guard isRight else {
        throw .invalidOption(name, reason: "\(found) is not a value that it can have")
      }
    }
    try require("control", control == nil || distillation != nil, control?.rawValue ?? "")
    try require(
      "unlabeled", (unlabeled == nil) == (options.unlabelledShare == nil), unlabeled ?? "nothing")
    try require("workers", (1...1024).contains(workers), workers)
    if let threads { try require("threads", (1...4096).contains(threads), threads) }
    try require("device", Device.isName(device), device)
    if let sparsity { try require("sparsity", sparsity > 0 && sparsity.isFinite, sparsity) }
    if let sparsityKeep {
      try require("sparsityKeep", (0...1).contains(sparsityKeep), sparsityKeep)
    }
    if let sparsityBand {
      try require("sparsityBand", sparsityBand > 0 && sparsityBand.isFinite, sparsityBand)
    }
    if let sparsityRescale {
      try require(
        "sparsityRescale", sparsityRescale > 0 && sparsityRescale.isFinite, sparsityRescale)
    }
  }

  /// The same with absolute paths, so that it means the same from everywhere.
  package var withAbsolutePaths: TrainingRecipe {
    var recipe = self
    (recipe.cfg, recipe.data) = (absolute(cfg), Runs.absolute(data))
    recipe.weights = weights.map(absolute)
    recipe.unlabeled = unlabeled.map(absolute)
    recipe.distillation?.teachers = distillation?.teachers.map(\.withAbsolutePaths) ?? []
    recipe.cacheFolder = absolute(cacheFolder)
    return recipe
  }
}
