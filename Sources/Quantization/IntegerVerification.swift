import Darknet
import Integers
import Loading
import Networks
import Torch

/// Compares a quantized network in libtorch with the integer engine, layer by layer.
public struct IntegerVerification {
  /// The first number that differs.
  public struct Difference: Hashable, Sendable, CustomStringConvertible {
    /// Index of the layer in the cfg.
    public var layer: Int
    /// The name of its section.
    public var section: String
    /// Where in its output.
    public var channel, row, column: Int
    /// The integer engine's code, or sum.
    public var integer: Int
    /// That of libtorch.
    public var torch: Int

    /// "layer 4 [convolutional], channel 2, row 0, column 7: 12, libtorch has 13".
    public var description: String {
      "layer \(layer) [\(section)], channel \(channel), row \(row), column \(column): "
        + "\(integer), libtorch has \(torch)"
    }
  }

  private let network: Network
  private let runner: IntegerRunner
  private let sums: ActivatedSums

  /// A comparison of a quantized network with its program.
  public init(_ network: Network, _ runner: IntegerRunner) throws {
    self.runner = runner
    sums = ActivatedSums(runner.program)
    self.network = try sums.watched(network)
  }

  /// Layers that are compared.
  public var layerCount: Int { runner.program.layers.count }

  /// Runs both on a picture of bytes `[channels, height, width]`.
  ///
  /// - Returns: the first layer, channel and place that differ; nil where all are the same.
  /// - Throws: ``QuantizationError/notCompared(layer:section:found:expected:)`` for a layer that one of
  ///   both does not have, or in another size.
  public func firstDifference(
    _ picture: [UInt8], width: Int, height: Int
  ) throws -> Difference? {
    let tap = FeatureTap(runner.program.layers.map(\.index))
    try withoutGrad {
      let bytes = try Tensor(picture, shape: [1, network.spec.net.channels, height, width])
      let images = try bytes.to(network.device).asUnitRange()
      _ = try network(images, ForwardPass(observers: [tap]))
    }
    var found: Difference?
    _ = try runner.run(picture, width: width, height: height) { layer, map in
      guard found == nil else { return }
      let values = try (sums.values[layer.index] ?? tap.features[layer.index])?.toFloats() ?? []
      found = try difference(layer, map, values)
    }
    return found
  }

  private func difference(
    _ layer: IntegerLayer, _ map: IntegerMap, _ values: [Float]
  ) throws(QuantizationError) -> Difference? {
    let own = runner.program.values(ofLayer: layer.index, map, isActivated: false)
    guard own.count == values.count else {
      throw .notCompared(
        layer: layer.index, section: layer.section, found: values.count, expected: own.count)
    }
    guard let place = own.indices.first(where: { own[$0] != values[$0] }) else { return nil }
    let (shape, zero) = (map.shape, layer.grid?.zero ?? 0)
    let channel = place / (shape.height * shape.width)
    var step = layer.grid?.step ?? 1
    if layer.grid == nil, case .convolution(let convolution) = layer.operation {
      step = convolution.steps[channel]
    }
    let torch = (Double(values[place]) / step).rounded()
    return Difference(
      layer: layer.index, section: layer.section, channel: channel,
      row: place / shape.width % shape.height, column: place % shape.width,
      integer: Int(map.values[place]) + zero,
      torch: torch.isFinite ? Int(torch.clamped) + zero : .max)
  }
}

/// The sums of layers that leave the network behind an activation of real numbers, as libtorch has
/// them: what is compared is whole.
private final class ActivatedSums {
  private let layers: Set<Int>
  /// Values of the sums of the last picture, `[1, C, H, W]`, by layer.
  private(set) var values: [Int: Tensor] = [:]

  init(_ program: IntegerProgram) {
    layers = Set(program.heads.filter { program.activation(before: $0) != .linear }.map(\.source))
  }

  /// The network, or a copy whose sums are taken down where some are activated.
  func watched(_ network: Network) throws -> Network {
    guard !layers.isEmpty else { return network }
    let copy = try network.copy()
    try copy.replaceLayers { index, layer in
      guard layers.contains(index), let quantized = layer as? QuantizedLayer else { return nil }
      return SumsLayer(layer) { [unowned self] x, context in
        try quantized.output(for: x, context) { [unowned self] sums in
          self.values[index] = sums
          return sums
        }
      }
    }
    return copy
  }
}

extension Double {
  /// Within what a whole number of 64 bits surely holds.
  fileprivate var clamped: Double { min(max(self, -0x1p62), 0x1p62) }
}
