import Darknet
import Testing
import _TestSupport

@testable import Pruning

/// What the checks need of a pruning; the tests also build it with one part wrong.
struct PrunedNetwork {
  var original: Configuration
  var originalParameters: NetworkParameters
  var masked: MaskedNetwork
  var configuration: Configuration
  var parameters: NetworkParameters
  var keptChannels: [[Int]]
  var newIndices: [Int?]
  var mask: KeepMask

  init(_ pruner: Pruner, _ result: PruningResult) {
    original = pruner.configuration
    originalParameters = pruner.parameters
    masked = result.masked
    configuration = result.configuration
    parameters = result.parameters
    keptChannels = result.keptChannels
    newIndices = result.newIndices
    mask = result.mask
  }

  /// Builds a pruning step by step, so that a test can spoil any one of them.
  init(
    _ pruner: Pruner, mask: KeepMask, surgerySlots: ChannelSlots? = nil,
    compensationSpec: NetworkSpec? = nil,
    spoilCompensated: (inout NetworkParameters) -> Void = { _ in },
    spoilCompact: (inout NetworkParameters) -> Void = { _ in }
  ) throws {
    original = pruner.configuration
    originalParameters = pruner.parameters
    var compensated = Compensation(
      spec: compensationSpec ?? pruner.spec, slots: pruner.slots, mask: mask)(pruner.parameters)
      .parameters
    spoilCompensated(&compensated)
    let surgery = Surgery(spec: pruner.spec, slots: surgerySlots ?? pruner.slots, mask: mask)
    // Faults may leave arrays that do not fit the cfg; the checks are to see that.
    (configuration, parameters, newIndices) =
      (try? surgery(pruner.configuration, compensated))
      ?? (
        surgery.pruned(pruner.configuration), surgery.pruned(compensated),
        Array(pruner.spec.layers.indices)
      )
    spoilCompact(&parameters)
    masked = MaskedNetwork(
      configuration: pruner.configuration, parameters: compensated,
      masks: pruner.slots.outputs.enumerated().map { mask.factors($1, layer: $0) })
    keptChannels = pruner.slots.outputs.enumerated().map { mask.kept($1, layer: $0) }
    self.mask = mask
  }
}

/// The three checks that a pruning has to pass. Each gives the largest difference at any layer, as
/// a share of the layer's largest output; infinite when the smaller network does not even run.
extension PrunedNetwork {
  /// The proof: masked and compact, everywhere.
  func maskedDifference() throws -> Double {
    let full = try ReferenceNetwork(masked.configuration, masked.parameters)
    let input = randomInput(full.spec, seed: 1)
    return compactDifference(full.outputs(input, masks: masked.masks), input, parameters)
  }

  /// The check that knows no labels: where dropped channels are silent, compact is the original,
  /// borders included.
  func silentDifference() throws -> Double {
    let spec = try NetworkSpec(original)
    var silent = originalParameters
    for (index, layer) in spec.layers.enumerated() {
      if case .batchNorm = layer { silent.layers[index].zero([.beta, .mean]) }
      let made = layer.convolution.map { $0.outChannels } ?? 0
      let dropped = Set(0..<made).subtracting(keptChannels[index])
      silent.layers[index].zero([.gamma, .beta, .bias], at: dropped)
      if layer.convolution?.batchNormalize == false {
        silent.layers[index].zero([.weight], at: dropped)
      }
    }
    // A score that silence does not touch.
    var method = PruningMethod.normal
    method.score = .random
    let pruner = try Pruner(original, silent, method: method)
    let result = try pruner.result(mask: mask, threshold: 0, percent: 0)
    let input = randomInput(spec, seed: 2)
    let full = try ReferenceNetwork(original, silent).outputs(input)
    return compactDifference(full, input, result.parameters)
  }

  /// The check of the constants, for networks without padding: with γ = 0 on the dropped channels
  /// of the original, and nothing else changed, compact is the original.
  func constantDifference() throws -> Double {
    let spec = try NetworkSpec(original)
    var quiet = originalParameters
    for (index, layer) in spec.layers.enumerated() {
      let width = spec.inChannels(ofLayer: index)
      if case .batchNorm = layer, mask.isSilent(index) {
        quiet.layers[index].zero([.gamma], at: try varying(quiet, into: index))
      }
      guard let convolution = layer.convolution else { continue }
      var dropped = Set(0..<convolution.outChannels).subtracting(keptChannels[index])
      // What reads a constant computes with it; in a removed branch it may read what is none.
      if convolution.isDepthwise(inputChannels: width) {
        let varying = mask.isSilent(index) ? try varying(quiet, into: index) : []
        dropped = dropped.filter { varying.contains($0 / (convolution.outChannels / width)) }
      }
      quiet.layers[index].zero(convolution.batchNormalize ? [.gamma] : [.weight], at: dropped)
    }
    let input = randomInput(spec, seed: 3)
    // Behind a removed block what only passes on lacks the constants; convolutions have them.
    let absorbing = spec.layers.indices.filter { spec.layers[$0].convolution != nil }
    return compactDifference(
      try ReferenceNetwork(original, quiet).outputs(input), input, parameters,
      at: mask.removedBlocks.isEmpty ? nil : Set(absorbing))
  }

  /// The channels that are no constant where a layer reads them, found by running the network.
  private func varying(_ parameters: NetworkParameters, into layer: Int) throws -> Set<Int> {
    let network = try ReferenceNetwork(original, parameters)
    return Set(
      (4..<7 as Range<UInt64>).flatMap { seed in
        let input = randomInput(network.spec, seed: seed)
        let map = layer > 0 ? network.outputs(input)[layer - 1] : input
        let size = map.values.count / network.spec.inChannels(ofLayer: layer)
        return (0..<network.spec.inChannels(ofLayer: layer)).filter { channel in
          let values = map.values[channel * size..<(channel + 1) * size]
          return values.contains { abs($0 - values[channel * size]) > 1e-9 }
        }
      })
  }

  private func compactDifference(
    _ full: [FeatureMap], _ input: FeatureMap, _ parameters: NetworkParameters,
    at layers: Set<Int>? = nil
  ) -> Double {
    guard let compact = try? ReferenceNetwork(configuration, parameters),
      parameters.misfit(with: compact.spec) == nil
    else { return .infinity }
    var largest = 0.0
    let outputs = compact.outputs(input)
    for (index, newIndex) in newIndices.enumerated() {
      guard let newIndex, layers?.contains(index) ?? true else { continue }
      guard outputs.indices.contains(newIndex) else { return .infinity }
      let output = outputs[newIndex]
      let expected = full[index].selecting(keptChannels[index])
      guard output.values.count == expected.values.count else { return .infinity }
      let scale = max(full[index].values.reduce(0) { max($0, abs($1)) }, 1e-3)
      for (a, b) in zip(output.values, expected.values) {
        let difference = abs(a - b) / scale
        largest = difference.isNaN ? .infinity : max(largest, difference)
      }
    }
    return largest
  }
}

extension [ParameterRole: ParameterArray] {
  /// Sets rows to zero: those in `places`, or all.
  mutating func zero(_ roles: [ParameterRole], at places: Set<Int>? = nil) {
    for role in roles {
      guard var array = self[role], let rows = array.shape.first, rows > 0 else { continue }
      let width = array.values.count / rows
      for row in places ?? Set(0..<rows) {
        for place in row * width..<(row + 1) * width { array.values[place] = 0 }
      }
      self[role] = array
    }
  }
}
