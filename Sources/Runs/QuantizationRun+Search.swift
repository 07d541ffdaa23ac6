import Inference
import Networks
import Quantization
import Reports
import Terminal
import Torch
import Training

extension QuantizationRun {
  /// Calibration pictures that layers are compared on.
  private static let comparedPictures = 8

  /// Bits of weights, layer by layer, with which all weights and biases take no more than a budget.
  ///
  /// - Throws: ``RunError`` where 2 bits for every weight take more.
  func layerBits(
    within budget: QuantizationRecipe.Budget, _ calibrating: PostTraining
  ) throws -> [Int: QuantizationOptions.LayerBits] {
    guard let images = try pictures(Self.comparedPictures) else {
      throw QuantizationError.noPictures
    }
    let state = try calibrating.finished()
    let sensitivity = try LayerSensitivity(calibrating.network, state)
    let expected = try sensitivity.heads(images)
    let bytes =
      switch budget {
      case .bytes(let bytes): bytes
      case .share(let share): Int(share * Double(state.floatBytes))
      }
    let biases = state.kernels.values.reduce(0) { $0 + 4 * ($1.bias?.codes.count ?? 0) }
    var layers: [BitAllocation.Layer] = []
    observer.begin("weigh layers", pictures: state.kernels.count)
    defer { observer.end() }
    for (index, kernel) in state.kernels.sorted(by: { $0.key < $1.key }) {
      var errors: [Int: Double] = [:]
      for bits in BitAllocation.bits {
        errors[bits] = try sensitivity.error(ofWeights: index, bits: bits, images, expected)
      }
      layers.append(.init(index: index, weights: kernel.weights.codes.count, errors: errors))
      observer.advance(to: layers.count)
    }
    guard let allocation = BitAllocation(layers, budget: bytes - biases) else {
      let least = layers.reduce(biases) {
        $0 + ($1.weights * BitAllocation.bits.lowerBound + 7) / 8
      }
      throw RunError.unusable(
        "--budget",
        reason: "\(Figures.bytes(bytes)) are too few: 2 bits for every weight, and the biases, "
          + "take " + Figures.bytes(least))
    }
    return allocation.bits.mapValues {
      .init(weights: $0, activations: recipe.options.activationBits)
    }
  }

  /// Layers by what they do to the heads when they alone are on codes, the worst first.
  func ranked(_ float: Network, _ state: QuantizationState) throws -> [Int] {
    guard let images = try pictures(Self.comparedPictures) else { return [] }
    let sensitivity = try LayerSensitivity(float, state)
    let expected = try sensitivity.heads(images)
    var errors: [(layer: Int, error: Double)] = []
    observer.begin("rank layers", pictures: sensitivity.layers.count)
    defer { observer.end() }
    for layer in sensitivity.layers {
      errors.append((layer, try sensitivity.error(quantizing: layer, images, expected)))
      observer.advance(to: errors.count)
    }
    return errors.sorted { ($0.error, $1.layer) > ($1.error, $0.layer) }.map(\.layer)
  }
}

/// Gives 16 bits to as few layers as will do, the worst first, until mAP is held.
struct DropSearch {
  let run: QuantizationRun
  let float: Network
  let calibrating: PostTraining
  /// Points of mAP@0.5:0.95 that may be lost.
  let most: Double

  /// Bits of a layer that is raised: 32 bits can sum the products of what it reads and its weights.
  private static let raised = QuantizationOptions.LayerBits(weights: 12, activations: 16)

  /// - Throws: ``RunError`` where all layers at 16 bits lose more.
  func callAsFunction(
    _ state: QuantizationState, _ expected: Evaluation.Outcome, _ found: Evaluation.Outcome
  ) throws -> (QuantizationState, Evaluation.Outcome, raised: [Int]) {
    func drop(_ found: Evaluation.Outcome) -> Double {
      100 * (expected.result.map - found.result.map)
    }
    guard drop(found) > most else { return (state, found, []) }
    let ranked = try run.ranked(calibrating.network, state)
    func attempt(_ count: Int) throws -> (QuantizationState, Evaluation.Outcome) {
      var bits = state.options.layerBits
      for layer in ranked.prefix(count) {
        bits[layer] = Self.raised
      }
      let raised = try calibrating.finished(bits).keepingRounding(of: state)
      let corrected = try run.corrected(raised, calibrating.network)
      return (
        corrected,
        try run.evaluate(corrected.quantized(float), "\(counted(count, "layer")) at 16 bits")
      )
    }
    var best: (state: QuantizationState, outcome: Evaluation.Outcome)?
    var lost = drop(found)
    let count = try fewest(of: ranked.count) { count in
      let tried = try attempt(count)
      lost = drop(tried.1)
      if lost <= most { best = tried }
      return lost <= most
    }
    guard let count, let best else {
      throw RunError.unusable(
        "--max-drop \(Figures.significant(most))",
        reason: "with all layers at 16 bits \(Figures.fixed(lost, 2)) points of mAP@0.5:0.95 are "
          + "lost; another '--calibration' or scheme may lose less")
    }
    return (best.state, best.outcome, ranked.prefix(count).sorted())
  }
}

/// The least number from 1 to `most` that will do, if with one all greater ones do: twice as many
/// are tried each time, then the middle. The last one that did is the one that is given back.
///
/// - Returns: nil where even `most` will not do.
func fewest(of most: Int, holds: (Int) throws -> Bool) rethrows -> Int? {
  guard most > 0 else { return nil }
  var (tooFew, count) = (0, 1)
  while try !holds(count) {
    guard count < most else { return nil }
    (tooFew, count) = (count, min(2 * count, most))
  }
  while count - tooFew > 1 {
    let middle = (tooFew + count) / 2
    if try holds(middle) { count = middle } else { tooFew = middle }
  }
  return count
}
