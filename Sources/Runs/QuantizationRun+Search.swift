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

  /// Bits of weights, layer by layer, with which all that the network stores takes no more than a
  /// budget.
  ///
  /// - Throws: ``RunError`` where 2 bits for every weight take more; it says how much that is.
  func layerBits(
    within budget: QuantizationRecipe.Budget, _ calibrating: PostTraining
  ) throws -> [Int: QuantizationOptions.LayerBits] {
    let state = try calibrating.finished()
    let bytes = budget.bytes(of: model.spec.weightsByteCount)
    var layers = layers(toAllocate: state)
    // Biases of sums, and what stays float.
    let rest = state.byteCount(model.spec) - bytesOfAllocated(layers, state)
    let options = state.options
    func allocation() throws -> BitAllocation {
      if let allocation = BitAllocation(layers, budget: bytes - rest) { return allocation }
      let least = rest + BitAllocation.leastBytes(layers)
      let whole = model.spec.weightsByteCount
      throw RunError.unusable(
        "--budget \(budget.typed(of: whole))",
        reason: "too little: 2 bits for every weight"
          + (options.ends == .eightBits ? ", 8 in first and last layers" : "")
          + ", and the biases, take "
          + "\(Figures.bytes(least)); '--budget \(least)B' is the least"
          + (budget.leastShare(holding: least, of: whole).map { ", as a share '--budget \($0)'" }
            ?? ""))
    }
    // What is too little is too little whatever layers cost, which takes long to measure.
    _ = try allocation()
    try weigh(&layers, calibrating.network, state)
    return try allocation().bits.reduce(into: [:]) { layers, entry in
      let own = options.bits(isEnd: state.plan.ends.contains(entry.key))
      layers[entry.key] = .init(weights: entry.value, activations: own.activations)
    }
  }

  /// The layers whose bits a budget chooses, with the bits that they may have; errors are still 0.
  private func layers(toAllocate state: QuantizationState) -> [BitAllocation.Layer] {
    // Who uses the kernel of another has no bits of its own.
    state.kernels.sorted { $0.key < $1.key }
      .filter { model.spec.layers[$0.key].convolution?.shareIndex == nil }
      .map { index, kernel in
        let own = kernel.weights.grid.range.bits
        // First and last layers that have 8 bits keep them.
        let isFixed = state.options.ends == .eightBits && state.plan.ends.contains(index)
        return .init(
          index: index, weights: kernel.weights.codes.count,
          biases: kernel.biasOfSameBits?.codes.count ?? 0,
          errors: (isFixed ? own...own : BitAllocation.bits).reduce(into: [:]) { $0[$1] = 0 })
      }
  }

  /// What these layers' weights take now, with biases that have as many bits.
  private func bytesOfAllocated(
    _ layers: [BitAllocation.Layer], _ state: QuantizationState
  ) -> Int {
    layers.compactMap { state.kernels[$0.index] }
      .reduce(0) { $0 + $1.weights.byteCount + ($1.biasOfSameBits?.byteCount ?? 0) }
  }

  /// Measures what each layer's weights do to the heads, by their bits.
  private func weigh(
    _ layers: inout [BitAllocation.Layer], _ float: Network, _ state: QuantizationState
  ) throws {
    guard let images = try pictures(Self.comparedPictures) else {
      throw QuantizationError.noPictures
    }
    let sensitivity = try LayerSensitivity(float, state)
    let expected = try sensitivity.heads(images)
    observer.begin("weigh layers", layers: layers.count)
    defer { observer.end() }
    for place in layers.indices {
      let layer = layers[place]
      for bits in layer.errors.keys {
        layers[place].errors[bits] = try sensitivity.error(
          ofWeights: layer.index, bits: bits, images, expected)
      }
      observer.advance(to: place + 1)
    }
  }

  /// Layers by what they do to the heads when they alone are on codes, the worst first.
  func ranked(_ float: Network, _ state: QuantizationState) throws -> [Int] {
    guard let images = try pictures(Self.comparedPictures) else { return [] }
    let sensitivity = try LayerSensitivity(float, state)
    let expected = try sensitivity.heads(images)
    var errors: [(layer: Int, error: Double)] = []
    observer.begin("rank layers", layers: sensitivity.layers.count)
    defer { observer.end() }
    for layer in sensitivity.layers {
      errors.append((layer, try sensitivity.error(quantizing: layer, images, expected)))
      observer.advance(to: errors.count)
    }
    return errors.sorted { ($0.error, $1.layer) > ($1.error, $0.layer) }.map(\.layer)
  }

  /// What a choice of layers came to.
  struct Attempt {
    var calibrating: PostTraining
    var state: QuantizationState
    var found: Evaluation.Outcome
  }

  /// Raises and frees layers until no more than so many points are lost, of mAP@0.5 and of
  /// mAP@0.5:0.95.
  ///
  /// - Throws: ``RunError`` where nothing helps.
  func held(
    to most: Double, _ float: Network, _ first: Attempt, _ expected: Evaluation.Outcome
  ) throws -> (attempt: Attempt, choice: DropSearch.Choice) {
    func drop(_ attempt: Attempt) -> Double {
      expected.result.points(lostBy: attempt.found.result)
    }
    if drop(first) <= most { return (first, .init()) }
    let ranked = try ranked(first.calibrating.network, first.state)
    let raisedWeightBits = DropSearch.raisedWeightBits(recipe.options)
    let search = DropSearch(ranked: ranked, most: most, raisedWeightBits: raisedWeightBits)
    let (choice, attempt) = try search { choice in
      var bits = first.state.options.layerBits
      for layer in choice.raised {
        bits[layer] = .init(
          weights: first.state.plan.weightBits[layer].map { _ in raisedWeightBits },
          activations: DropSearch.raisedActivationBits)
      }
      for layer in choice.freed { bits[layer] = .init(weights: nil, activations: nil) }
      var attempt = first
      if choice.freed.isEmpty {
        attempt.state = try corrected(
          first.calibrating.finished(bits).keepingRounding(of: first.state),
          first.calibrating.network)
      } else {
        // Channels beside a float layer are not evened out, so ranges are seen anew.
        var options = recipe.options
        options.layerBits = bits
        attempt.calibrating = try calibrated(float, options).network
        attempt.state = try quantized(attempt.calibrating)
      }
      attempt.found = try evaluate(attempt.state.quantized(float), choice.label)
      return (drop(attempt), attempt)
    }
    return (attempt, choice)
  }
}

/// Gives activations of as few layers as will do 16 bits, and their weights 12, the worst first, until mAP
/// is held; where all at these bits will not do, as few as will are float.
public struct DropSearch {
  /// Layers, the worst first.
  let ranked: [Int]
  /// Points of mAP@0.5 and of mAP@0.5:0.95 that may be lost.
  let most: Double
  /// Bits of weights that are raised.
  var raisedWeightBits = DropSearch.raisedWeightBits(QuantizationOptions())

  /// Layers that differ from the others.
  public struct Choice: Hashable, Sendable {
    /// Layers with more bits, ascending.
    public var raised: [Int] = []
    /// Layers that are float, ascending.
    public var freed: [Int] = []

    /// A choice; of no layer unless given.
    public init(raised: [Int] = [], freed: [Int] = []) {
      (self.raised, self.freed) = (raised, freed)
    }

    /// "3 layers raised", "2 layers float".
    var label: String {
      freed.isEmpty
        ? "\(counted(raised.count, "layer")) raised" : "\(counted(freed.count, "layer")) float"
    }
  }

  /// Bits of what a layer reads that is raised.
  package static let raisedActivationBits = 16
  /// Bits of its weights: fine enough beside what the layer reads, and with 16 far more sums would
  /// not fit into 32 bits. Those that may not are told.
  package static func raisedWeightBits(_ options: QuantizationOptions) -> Int {
    options.limited(12)
  }

  /// - Parameter attempt: the points that are lost by a choice, and what came of it.
  /// - Returns: the first choice found that holds, and what came of it.
  /// - Throws: ``RunError`` where with all layers but one float more is lost.
  func callAsFunction<Made>(
    _ attempt: (Choice) throws -> (lost: Double, made: Made)
  ) throws -> (Choice, Made) {
    var best: (choice: Choice, made: Made)?
    var lost = Double.infinity
    func fewest(of count: Int, _ choice: (Int) -> Choice) throws -> (Choice, Made)? {
      let found = try Runs.fewest(of: count) { count in
        let choice = choice(count)
        let tried = try attempt(choice)
        lost = tried.lost
        if lost <= most { best = (choice, tried.made) }
        return lost <= most
      }
      return found == nil ? nil : best
    }
    let raised = try fewest(of: ranked.count) { .init(raised: ranked.prefix($0).sorted()) }
    if let raised { return raised }
    let (allRaised, count) = (lost, max(ranked.count - 1, 0))
    // Of which one stays on codes: with none it would be the float network.
    let freed = try fewest(of: count) {
      .init(raised: ranked.dropFirst($0).sorted(), freed: ranked.prefix($0).sorted())
    }
    if let freed { return freed }
    throw RunError.unusable(
      "--max-drop \(Figures.significant(most))",
      reason:
        "\(Figures.fixed(allRaised, 2)) points of mAP@0.5 or mAP@0.5:0.95 are lost with all "
        + "layers raised to \(Self.raisedActivationBits) bits, weights to \(raisedWeightBits)"
        + (count > 0 ? ", \(Figures.fixed(lost, 2)) with all but one float" : "")
        + "; allow more, or try another '--calibration' or '--scheme'")
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
