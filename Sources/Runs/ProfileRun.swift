import Darknet
import Diagnosis
import Inference
import Networks
import Quantization
import Torch
import Training

/// Everything that decides what the layers of a cfg cost.
public struct ProfileRecipe: Recipe {
  /// The cfg.
  public var cfg: String
  /// Width of the input in pixels; the cfg's own unless given, with ``height``.
  public var width: Int?
  /// Height of the input in pixels; the cfg's own unless given, with ``width``.
  public var height: Int?
  /// Timed passes.
  public var repeats = 20
  /// What it runs on.
  public var machine = MachineRecipe()

  /// A recipe for a cfg.
  public init(cfg: String) { self.cfg = cfg }
}

/// What the layers of a network cost: counted, and timed with fresh weights.
public struct ProfileRun {
  /// What was asked for.
  public let recipe: ProfileRecipe
  /// The cfg.
  public let spec: NetworkSpec
  /// Parameters and operations, layer by layer.
  public let profile: NetworkProfile
  /// The codes of a pair that is quantized; nil of others.
  public let codes: PairCodes?

  private let observer: any RunObserver

  /// Reads the cfg and counts.
  ///
  /// - Parameter observer: is told what is odd; nobody is unless given.
  /// - Throws: ``ConfigurationError``.
  public init(
    _ recipe: ProfileRecipe, observer: any RunObserver = SilentObserver()
  ) throws {
    try recipe.check()
    (self.recipe, self.observer) = (recipe, observer)
    spec = try NetworkSpec(contentsOf: recipe.cfg)
    for warning in spec.warnings.merged { observer.warn("\(warning)") }
    let (width, height) = (recipe.width ?? spec.net.width, recipe.height ?? spec.net.height)
    try spec.checkInput(width: width, height: height)
    profile = try spec.profile(width: width, height: height)
    codes = Self.codes(recipe.cfg, spec, observer)
  }

  private static func codes(
    _ cfg: String, _ spec: NetworkSpec, _ observer: any RunObserver
  ) -> PairCodes? {
    let run = RunFolder(path: folderPath(of: cfg))
    guard fileName(of: cfg) == fileName(of: run.cfgPath), fileExists(run.weightsPath),
      let path = quantizationPath(beside: run.weightsPath)
    else { return nil }
    do {
      let state = try QuantizationFile.read(
        path, for: spec, cfg: cfg, weights: run.weightsPath)
      return PairCodes(path, state, of: spec)
    } catch {
      observer.warn("\(error)")
      return nil
    }
  }

  /// Measures the layers' times.
  public func times() throws -> LayerTimes {
    let (width, height) = (profile.width, profile.height)
    let device = try openDevice(recipe.machine.device, threads: recipe.machine.threads)
    try setThreadsForTiming(
      recipe.machine.threads, for: [(spec, width, height)], on: device, observer)
    let network = try Network(spec.configuration)
    try network.load(Self.steadied(network.parameters()))
    try network.move(to: device, memoryFormat: .channelsLast)
    let engine = try recipe.machine.engine.engine(
      timed(network), precision: recipe.machine.precision)
    var watch = LoadWatch()
    let whole = try Latency.alternating(
      [engine], width: width, height: height, passes: recipe.repeats
    ) { watch.look() }[0]
    if let engine = engine as? IntegerEngine {
      let layers = try engine.layerLatencies(
        width: width, height: height, passes: recipe.repeats)
      return LayerTimes(
        device: .cpu, threads: engine.runner.threads, repeats: recipe.repeats, whole: whole,
        layers: layers, load: watch.load())
    }
    let layers = try Latency.layers(
      of: network, width: width, height: height, passes: recipe.repeats
    ) { watch.look() }
    return LayerTimes(
      device: device, threads: TorchRuntime.threadCount, repeats: recipe.repeats, whole: whole,
      layers: layers, load: watch.load())
  }

  /// The network as the engine takes it: for whole numbers quantized to 8 bits, by a picture of noise.
  private func timed(_ network: Network) throws -> Network {
    switch recipe.machine.engine {
    case .torch: return network
    case .integer:
      let calibration = try PostTraining(network, options: QuantizationOptions())
      try calibration.calibrate(
        .uniform(
          [1, spec.net.channels, profile.height, profile.width],
          generator: Generator(seed: 0)
        ).to(network.device))
      return try calibration.finished().quantized(network)
    }
  }

  /// Fresh weights under which values neither fade to subnormal numbers, which are slow, nor grow:
  /// their variance, 1/(3·fan in), times γ² = 6 is that of He et al., 2015.
  private static func steadied(_ fresh: NetworkParameters) -> NetworkParameters {
    var parameters = fresh
    for index in parameters.layers.indices {
      guard let gamma = parameters.layers[index][.gamma] else { continue }
      parameters.layers[index][.gamma] = ParameterArray(
        shape: gamma.shape, values: gamma.values.map { $0 * Float(6).squareRoot() })
    }
    return parameters
  }
}

/// What each layer of a network takes.
public struct LayerTimes {
  /// Where it ran.
  public let device: Device
  /// CPU threads of tensor operations.
  public let threads: Int
  /// Timed passes.
  public let repeats: Int
  /// Passes that only the end of the network waits for.
  public let whole: Latency
  /// Each layer, waited for.
  public let layers: [Latency]
  /// How busy the machine was meanwhile; nil where the system does not tell.
  package let load: MachineLoad?

  /// All layers' fastest passes, added up.
  public var sum: Double { layers.reduce(0) { $0 + $1.fastest } }

  /// Their fastest passes, added up.
  public func milliseconds(ofLayers indices: [Int]) -> Double {
    indices.reduce(0) { $0 + layers[$1].fastest }
  }

  /// Their share of the sum over all layers.
  public func share(ofLayers indices: [Int]) -> Double { milliseconds(ofLayers: indices) / sum }
}
