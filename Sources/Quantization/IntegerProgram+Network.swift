import Darknet
import Integers
import Networks
import Torch

extension IntegerProgram {
  /// What a quantized network does with whole numbers.
  ///
  /// - Throws: ``QuantizationError/notQuantized(path:)``, ``QuantizationError/notWhole(layer:section:reason:)``
  ///   for the first layer that a head needs and that cannot be computed so; ``IntegerError``.
  public init(_ network: Network) throws {
    let spec = network.spec
    guard network.layers.contains(where: { $0 is QuantizedLayer }) else {
      throw QuantizationError.notQuantized(path: spec.configuration.path)
    }
    var assembly = ProgramAssembly(network)
    let needed = spec.neededLayers
    for index in spec.evaluationOrder where needed.contains(index) && !spec.layers[index].isHead {
      try assembly.append(index)
    }
    let heads = network.heads.map { Head(layer: $0.layerIndex, source: $0.sourceIndex) }
    if let found = spec.layers.firstIndex(where: { $0.mixesOthers(than: heads.map(\.source)) }) {
      throw assembly.error(found, LayerSpec.reasonOfOthers)
    }
    guard let inputGrid = assembly.grids[-1] else {
      throw assembly.error(0, "the network's input stays float")
    }
    try self.init(
      spec: spec, inputGrid: inputGrid, scale: network.inputScale, layers: assembly.layers,
      heads: heads)
  }
}

/// Layers one by one, with the grids of what they give.
private struct ProgramAssembly {
  private let network: Network
  private(set) var layers: [IntegerLayer] = []
  private(set) var grids: [Int: CodeGrid]

  init(_ network: Network) {
    self.network = network
    grids = [:]
    grids[-1] = (network.layers[0] as? QuantizedLayer)?.inputGrid
  }

  func error(_ index: Int, _ reason: String) -> QuantizationError {
    .notWhole(layer: index, section: network.spec.section(ofLayer: index).name, reason: reason)
  }

  mutating func append(_ index: Int) throws {
    let (spec, layer) = (network.spec.layers[index], network.layers[index])
    let inputs = network.spec.tensorInputs(ofLayer: index)
    let inputGrids = inputs.compactMap { grids[$0] }
    guard inputGrids.count == inputs.count else {
      throw error(index, "it reads what is float")
    }
    let quantized = layer as? QuantizedLayer
    let operation: IntegerOperation
    if let own = quantized?.operation {
      operation = own
    } else if spec.passesOn {
      operation = .passing(spec)
    } else {
      throw error(index, reason(spec, quantized))
    }
    let grid =
      switch operation {
      case .passing: inputGrids[0]
      default: operation.requantization?.grid
      }
    grids[index] = grid
    let codes = try quantized?.codes.map { try $0.to(.int32).toArray(of: Int32.self) } ?? []
    layers.append(
      IntegerLayer(
        index: index, section: network.spec.section(ofLayer: index).name, inputs: inputs,
        inputGrids: inputGrids, operation: operation, grid: grid, weights: codes))
  }

  private func reason(_ spec: LayerSpec, _ quantized: QuantizedLayer?) -> String {
    if let reason = spec.noWholeNumbers { return reason }
    if quantized?.hasTooLargeBias == true {
      return "32 bits do not hold its bias in steps of its sums; fewer bits of weights or of what "
        + "it reads make these larger"
    }
    return spec.convolution != nil && quantized?.hasCodes != true
      ? "its weights are float" : "what it gives is float"
  }
}

extension LayerSpec {
  /// Why the layer cannot be computed with whole numbers, whatever its bits; nil where it can.
  fileprivate var noWholeNumbers: String? {
    guard case .localAveragePool(let pool) = self, pool.size > LayerSpec.mostAveraged else {
      return nil
    }
    return "its windows have more than \(LayerSpec.mostAveraged) rows"
  }

  /// The most rows of a window whose mean is computed: each number of values has a multiplier.
  static let mostAveraged = 64

  /// Whether it is a head that mixes what no head reads.
  fileprivate func mixesOthers(than sources: [Int]) -> Bool {
    guard case .yolo(let yolo) = self else { return false }
    return !Set(yolo.fusionSources).isSubset(of: sources)
  }

  fileprivate static let reasonOfOthers = "it mixes layers that no head reads"
}

extension QuantizationPlan {
  /// What of a network cannot be computed with whole numbers alone, as the integer engine and C need,
  /// as far as the cfg and the options say it; nil where all can. A bias that 32 bits do not hold shows
  /// only in ``IntegerProgram/init(_:)``.
  public func obstacle(in spec: NetworkSpec) -> QuantizationError? {
    func error(_ index: Int, _ reason: String) -> QuantizationError {
      .notWhole(layer: index, section: spec.section(ofLayer: index).name, reason: reason)
    }
    guard group(of: -1) != nil else { return error(0, "the network's input stays float") }
    let needed = spec.neededLayers
    let sources = Set(spec.heads.flatMap { spec.tensorInputs(ofLayer: $0) })
    for index in spec.evaluationOrder where needed.contains(index) {
      let layer = spec.layers[index]
      guard !layer.isHead else { continue }
      guard spec.tensorInputs(ofLayer: index).allSatisfy({ group(of: $0) != nil }) else {
        return error(index, "it reads what is float")
      }
      if let reason = layer.noWholeNumbers { return error(index, reason) }
      let isOutput = sources.contains(index) && layer.convolution.map { $0.blur == nil } == true
      if layer.convolution != nil, weightBits[index] == nil {
        return error(index, "its weights are float")
      }
      guard layer.passesOn || group(of: index) != nil || isOutput else {
        return error(index, "what it gives is float")
      }
    }
    let heads = spec.heads.map { head in
      if case .yolo(let yolo) = spec.layers[head] { yolo.ownSource ?? head - 1 } else { head - 1 }
    }
    return spec.layers.firstIndex { $0.mixesOthers(than: heads) }
      .map { error($0, LayerSpec.reasonOfOthers) }
  }
}

extension NetworkSpec {
  /// The layers that some head reads, by any way, and the heads.
  var neededLayers: Set<Int> {
    var needed = Set<Int>()
    var open = heads
    while let index = open.popLast() {
      guard index >= 0, needed.insert(index).inserted else { continue }
      open += tensorInputs(ofLayer: index)
    }
    return needed
  }
}
