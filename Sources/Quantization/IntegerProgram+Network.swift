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
    let heads = try network.heads.map { head in
      if case .yolo(let yolo) = spec.layers[head.layerIndex], !yolo.fusionSources.isEmpty {
        throw assembly.error(head.layerIndex, "it mixes heads with real numbers")
      }
      return Head(layer: head.layerIndex, source: head.sourceIndex)
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
      throw error(index, reason(spec))
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

  private func reason(_ spec: LayerSpec) -> String {
    switch spec {
    case .squeezeExcitation: "its factors are computed with real numbers"
    case .convolutional, .depthwise:
      spec.convolution?.blur != nil
        ? "it has a blur, which is computed with real numbers"
        : "its weights, its bias or what it gives is float"
    case .maxPool: "it has a blur, which is computed with real numbers"
    default: "what it gives is float"
    }
  }
}

extension NetworkSpec {
  /// The layers that some head reads, by any way, and the heads.
  fileprivate var neededLayers: Set<Int> {
    var needed = Set<Int>()
    var open = heads
    while let index = open.popLast() {
      guard index >= 0, needed.insert(index).inserted else { continue }
      open += tensorInputs(ofLayer: index)
    }
    return needed
  }
}
