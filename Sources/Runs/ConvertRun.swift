import Darknet
import Inference
import Networks
import Storage
import Training

/// Everything that decides what a pair's weights are written as.
public struct ConvertRecipe: Recipe {
  /// The form of a file of weights.
  public enum Form: Codable, Hashable, Sendable {
    /// Darknet's.
    case darknet
    /// Darknet's, of the first layers alone.
    case backbone(layers: Int)
    /// Named arrays.
    case safetensors
    /// Two files of plain numbers, `NAME_weights.bin` and `NAME_bias.bin`, normalization folded in.
    case fused
  }

  /// A file and its form.
  public struct Output: Codable, Hashable, Sendable {
    /// Where it is to be.
    public var path: String
    /// How it is written.
    public var form: Form

    /// A file of a form.
    public init(_ path: String, _ form: Form) { (self.path, self.form) = (path, form) }

    /// The files that it becomes.
    public var files: [String] {
      guard form == .fused else { return [path] }
      let paths = FusedWeights.paths(for: path)
      return [paths.weights, paths.bias]
    }
  }

  /// The network's cfg.
  public var cfg: String
  /// Its weights, in any form that is read.
  public var weights: String
  /// What is written, in one folder.
  public var outputs: [Output]
  /// Where the cfg of the network in Darknet's own blocks is written; it stays as it is, and no cfg is
  /// written, unless given.
  public var standardCfg: String?
  /// How arrays are called.
  public var naming = ParameterNaming.pare
  /// Whether weights that hold NaN or infinity are taken.
  public var allowsNotFinite = false

  /// A recipe for a pair.
  public init(cfg: String, weights: String, outputs: [Output]) {
    (self.cfg, self.weights, self.outputs) = (cfg, weights, outputs)
  }

  /// All files that are written.
  public var files: [String] { outputs.flatMap(\.files) + [standardCfg].compactMap { $0 } }
}

/// Weights of a pair in other forms, and its network in Darknet's own blocks.
///
/// ```swift
/// let recipe = ConvertRecipe(
///   cfg: "model.cfg", weights: "model.weights",
///   outputs: [.init("model.safetensors", .safetensors)])
/// try ConvertRun(recipe)()
/// ```
public struct ConvertRun {
  /// What was asked for.
  public let recipe: ConvertRecipe
  /// The pair.
  public let model: Model
  private let observer: any RunObserver

  /// Reads the pair; refuses to write over it.
  ///
  /// - Parameters:
  ///   - others: files that the caller will write, which must not be among what is read.
  ///   - observer: is told what happens; nobody is unless given.
  /// - Throws: an error of the files, ``RunError``.
  public init(
    _ recipe: ConvertRecipe, alsoWriting others: [String] = [],
    observer: any RunObserver = SilentObserver()
  ) throws {
    try recipe.check()
    (self.recipe, self.observer) = (recipe, observer)
    var inputs = ProtectedFiles()
    for path in [recipe.cfg, recipe.weights] { inputs.protect(path) }
    try inputs.refuse(recipe.files + others)
    try observer.tellProgress(ofWeights: recipe.weights)
    do {
      model = try Model(
        cfg: recipe.cfg, weights: recipe.weights, toleratesNotFinite: recipe.allowsNotFinite,
        warn: observer.warn)
    } catch let error as StoredWeightsError {
      guard case .notFinite = error else { throw error }
      throw RunError.notFinite(error)
    }
    observer.noteFloat(model.weightsPath, "the float weights are converted, without their codes")
  }

  /// What was rewritten.
  public struct Rewriting: Hashable, Sendable {
    /// Layers of the network as it was.
    public let layersBefore: Int
    /// Layers in Darknet's own blocks.
    public let layers: Int
    /// How many blocks were rewritten, by what they were.
    public let blocks: [String: Int]
  }

  /// Writes all files or none: a cfg and weights that do not belong together are worse than neither.
  /// Files that are there are replaced.
  ///
  /// - Returns: what was rewritten, where that was asked for.
  @discardableResult
  public func callAsFunction() throws -> Rewriting? {
    guard let first = recipe.outputs.first else { return nil }
    let group = try FileGroup(in: folderPath(of: first.path))
    return try group.naming {
      var (spec, parameters) = (model.spec, model.parameters)
      var rewriting: Rewriting?
      if let cfg = recipe.standardCfg {
        (spec, parameters, rewriting) = try rewritten(to: cfg, in: group)
      }
      for output in recipe.outputs {
        try write(parameters, for: spec, to: group.place(for: output.path), output.form)
      }
      try group.commit()
      warnOfScale()
      return rewriting
    }
  }

  /// What a pair's description says of pixels has no place in the files.
  private func warnOfScale() {
    guard model.inputScale != .by255 else { return }
    for output in recipe.outputs {
      observer.warn(
        "\(output.path) cannot say so, but its pictures need --input-scale "
          + model.inputScale.rawValue)
    }
  }

  /// Rewrites the network in Darknet's own blocks, and writes its cfg.
  private func rewritten(
    to path: String, in group: FileGroup
  ) throws -> (NetworkSpec, NetworkParameters, Rewriting) {
    guard absolute(path) != absolute(model.cfgPath) else { throw RunError.outputIsInput(path) }
    let standard = try StandardNetwork(model.spec, model.parameters)
    var configuration = standard.configuration
    configuration.path = path
    let spec = try NetworkSpec(configuration)
    try writeAtomically(configuration.text, to: group.place(for: path))
    let rewriting = Rewriting(
      layersBefore: model.spec.layers.count, layers: spec.layers.count,
      blocks: standard.rewritten)
    return (spec, standard.parameters, rewriting)
  }

  private func write(
    _ parameters: NetworkParameters, for spec: NetworkSpec, to path: String,
    _ form: ConvertRecipe.Form
  ) throws {
    switch form {
    case .darknet: try WeightsFile.write(parameters, for: spec, to: path)
    case .backbone(let layers):
      try WeightsFile.write(parameters, for: spec, to: path, layers: layers)
    case .safetensors:
      try StoredWeights.writeSafetensors(parameters, for: spec, naming: recipe.naming, to: path)
    case .fused: try FusedWeights.write(parameters, for: spec, to: path)
    }
  }
}
