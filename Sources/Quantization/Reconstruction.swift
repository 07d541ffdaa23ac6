import Darknet
import Networks
import Torch
import Training

/// Rounds the kernels of a quantized network so that its layers, or its blocks, give again what they
/// give in the float network: AdaRound and BRECQ (Nagel and others, arXiv 2004.10568; Li and others,
/// arXiv 2102.05426; docs/formulas.md 10.16).
///
/// They are taken in the order in which they run. Each reads what the quantized network gives it,
/// rounded kernels included, and learns towards what the float network gives, so that it also takes
/// back what was shifted before it.
public struct Reconstruction {
  /// How far learning goes.
  public struct Settings: Hashable, Sendable {
    /// Steps of Adam for each layer or block.
    public var iterations = 80
    /// Pictures a step.
    public var batchSize = 4
    /// Pictures to learn from, each in about ten steps; 32 at least.
    public var pictures: Int { max(32, iterations * batchSize / 10) }
    /// Adam's rate.
    public var rate = 0.02
    /// What full indecision costs, beside 1 for the error of rounding to the nearest.
    public var indecisionWeight = 0.2
    /// The share of the steps in which indecision costs nothing.
    public var freeShare = 0.2
    /// β of indecision at first; it falls evenly to ``lastSharpness``.
    public var firstSharpness = 20.0
    /// β of indecision at last.
    public var lastSharpness = 2.0

    /// The usual settings.
    public init() {}

    /// What indecision costs at a step, and its β; nil as long as it costs nothing.
    func sharpness(at iteration: Int) -> Double? {
      let passed = Double(iteration) / Double(iterations)
      guard passed >= freeShare else { return nil }
      let share = (passed - freeShare) / (1 - freeShare)
      return firstSharpness + (lastSharpness - firstSharpness) * share
    }
  }

  /// What came of one layer or block.
  public struct Step: Hashable, Sendable {
    /// The layers, by index in the cfg, as they run.
    public let layers: [Int]
    /// The squared error of what it gives, beside the square of that, with kernels rounded to the
    /// nearest.
    public let before: Double
    /// The same with the kernels that are kept.
    public let after: Double
  }

  private let float: Network
  private let state: QuantizationState
  private let spans: [[Int]]
  private let settings: Settings

  /// Prepares a reconstruction.
  ///
  /// - Parameters:
  ///   - float: what was quantized: ``PostTraining/network``.
  ///   - state: what came of it.
  public init(_ float: Network, _ state: QuantizationState, settings: Settings = Settings()) {
    (self.float, self.state, self.settings) = (float, state, settings)
    spans = float.spec.spans(for: state.options.rounding)
  }

  /// Rounds, and gives the state with its new codes.
  ///
  /// - Parameters:
  ///   - images: `[N, channels, height, width]`, values in `0...1`, on the network's device. Outputs
  ///     of all of them are held in memory for as long as later layers read them.
  ///   - step: is told of each layer or block that is done.
  public func callAsFunction(
    _ images: Tensor, step: (Step) throws -> Void = { _ in }
  ) throws -> QuantizationState {
    try withoutGrad {
      var kernels = state.kernels
      let quantized = try state.quantized(float)
      var (expected, found) = (
        try NetworkWalk(float, images), try NetworkWalk(quantized, images)
      )
      for span in spans {
        let ends = float.spec.ends(of: span)
        var targets: [Int: Tensor] = [:]
        for _ in span {
          guard let layer = expected.next else { break }
          let output = try expected.advance()
          if ends.contains(layer) { targets[layer] = output }
        }
        let learning = try SpanRounding(
          span, of: float, state, kernels: kernels, settings: settings)
        if let learning, let result = try learning(quantized, from: found, to: targets) {
          kernels.merge(result.kernels) { $1 }
          try step(result.step)
        }
        let now = try with(kernels).quantized(float)
        try quantized.replaceLayers { index, _ in span.contains(index) ? now.layers[index] : nil }
        for _ in span { try found.advance() }
      }
      return with(kernels)
    }
  }

  private func with(_ kernels: [Int: QuantizationState.Kernel]) -> QuantizationState {
    QuantizationState(
      options: state.options, plan: state.plan, kernels: kernels, grids: state.grids)
  }
}
