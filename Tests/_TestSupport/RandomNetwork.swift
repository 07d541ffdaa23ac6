import Darknet

extension SeededGenerator {
  package mutating func chance(_ probability: Double) -> Bool {
    Double.random(in: 0..<1, using: &self) < probability
  }

  package mutating func pick<Element>(_ elements: [Element]) -> Element {
    elements[Int.random(in: 0..<elements.count, using: &self)]
  }
}

/// A random cfg that joins every kind of block, small enough for a slow forward pass.
package struct RandomNetwork {
  /// What a layer's output looks like.
  private struct Shape: Equatable {
    var channels: Int
    var height: Int
    var width: Int

    func hasGrid(of other: Shape) -> Bool { height == other.height && width == other.width }
  }

  package private(set) var text: String
  /// How often each kind of block was drawn.
  package private(set) var counts: [String: Int] = [:]
  private var generator: SeededGenerator
  private var shapes: [Shape?] = []
  /// Whether kernels are padded; without, constants are exact up to the border.
  private let padded: Bool
  /// Whether every activation keeps zero.
  private let zeroPreserving: Bool

  package var configuration: Configuration {
    get throws { try Configuration(parsing: text, path: "random.cfg") }
  }

  package init(seed: UInt64, padded: Bool = true, zeroPreserving: Bool = true, layers: Int = 17) {
    generator = SeededGenerator(seed: seed)
    self.padded = padded
    self.zeroPreserving = zeroPreserving
    let side = padded ? 12 : 18
    text = "[net]\nwidth=\(side)\nheight=\(side)\nchannels=3\n\n"
    let input = Shape(channels: 3, height: side, width: side)
    convolution(input, size: 3, filters: generator.pick([4, 6, 8]), batchNormalize: true)
    while shapes.count < layers { addBlock() }
    head()
  }

  private var current: Shape {
    shapes.last.flatMap { $0 } ?? Shape(channels: 0, height: 0, width: 0)
  }

  /// Layers that can be read.
  private var readable: [Int] { shapes.indices.filter { shapes[$0] != nil } }

  private mutating func addBlock() {
    let x = current
    switch Int.random(in: 0..<34, using: &generator) {
    case 0..<5:
      convolution(
        x, size: generator.pick([1, 1, 3]), filters: generator.pick([4, 6, 8, 12]),
        batchNormalize: !generator.chance(0.12))
    case 5..<8: depthwise(x)
    case 8..<10: grouped(x)
    case 10: pool(x)
    case 11: enlargeOrSqueeze(x)
    case 12..<14: concatenation(x)
    case 14..<16: groupedRoute()
    case 16..<20: shortcut(x)
    case 20:
      generator.chance(0.5)
        ? add("dropout", ["probability": ".3"], x)
        : add("batchnorm", ["activation": activation()], x)
    case 21: gate(x)
    case 22: reorganize(x)
    case 23: blurred(x)
    case 24: shared(x)
    case 25..<28: residual(x)
    case 28: enlargeOrSqueeze(x)
    case 29: reorganize(x)
    case 30: pool(x)
    case 31, 32: groupedRoute()
    default: rejoin()
    }
  }

  private mutating func add(
    _ name: String, _ entries: KeyValuePairs<String, String>, _ shape: Shape?
  ) {
    text += "[\(name)]\n" + entries.map { "\($0.key)=\($0.value)\n" }.joined() + "\n"
    shapes.append(shape)
    counts[name, default: 0] += 1
  }

  private mutating func activation() -> String {
    let keeping = ["leaky", "linear", "relu", "mish", "swish", "relu6", "h_swish"]
    return generator.pick(zeroPreserving ? keeping : keeping + ["logistic", "leaky", "mish"])
  }

  private mutating func convolution(
    _ x: Shape, size: Int, filters: Int, batchNormalize: Bool, groups: Int = 1,
    stride: Int = 1, activation name: String? = nil
  ) {
    let size = x.height >= size && x.width >= size ? size : 1
    let pad = padded ? size / 2 : 0
    let side = { (length: Int) in (length + 2 * pad - size) / stride + 1 }
    let shape = Shape(channels: filters, height: side(x.height), width: side(x.width))
    add(
      "convolutional",
      [
        "batch_normalize": batchNormalize ? "1" : "0", "filters": "\(filters)", "size": "\(size)",
        "stride": "\(stride)", "pad": padded ? "1" : "0", "groups": "\(groups)",
        "activation": name ?? activation(),
      ], shape)
  }

  /// A convolution with stride and Darknet's blur, whose padding no constant passes unharmed.
  private mutating func blurred(_ x: Shape) {
    guard padded, x.height >= 6 else { return }
    let side = { (length: Int) in (length - 1) / 2 + 1 }
    add(
      "convolutional",
      [
        "batch_normalize": "1", "filters": "8", "size": "3", "stride": "2", "pad": "1",
        "antialiasing": "1", "activation": activation(),
      ], Shape(channels: 8, height: side(x.height), width: side(x.width)))
    counts["blur", default: 0] += 1
  }

  /// Two convolutions over one set of parameters.
  private mutating func shared(_ x: Shape) {
    guard generator.chance(0.45) else { return }
    let first = shapes.count
    convolution(x, size: 1, filters: x.channels, batchNormalize: true)
    add(
      "convolutional",
      [
        "share_index": "\(first)", "batch_normalize": "1", "filters": "\(x.channels)",
        "size": "1", "stride": "1", "pad": padded ? "1" : "0", "activation": activation(),
      ], x)
    counts["share_index", default: 0] += 1
  }

  private mutating func depthwise(_ x: Shape) {
    let multiplier = x.channels <= 8 && generator.chance(0.3) ? 2 : 1
    let strided = x.height >= 6 && generator.chance(0.2)
    convolution(
      x, size: 3, filters: x.channels * multiplier, batchNormalize: !generator.chance(0.15),
      groups: x.channels, stride: strided ? 2 : 1)
    counts["depthwise", default: 0] += 1
  }

  private mutating func grouped(_ x: Shape) {
    let choices = [2, 3, 4].filter { x.channels % $0 == 0 && x.channels > $0 }
    guard !choices.isEmpty else { return }
    let groups = generator.pick(choices)
    convolution(
      x, size: generator.pick([1, 3]), filters: groups * generator.pick([2, 3]),
      batchNormalize: true, groups: groups)
    counts["grouped convolution", default: 0] += 1
  }

  private mutating func pool(_ x: Shape) {
    let (size, stride) = generator.pick([(2, 2), (2, 1), (3, 1), (5, 1)])
    guard x.height >= 4 else { return }
    let side = { (length: Int) in (length + size - 1 - size) / stride + 1 }
    add(
      generator.chance(0.6) ? "maxpool" : "local_avgpool",
      ["size": "\(size)", "stride": "\(stride)"],
      Shape(channels: x.channels, height: side(x.height), width: side(x.width)))
  }

  private mutating func enlargeOrSqueeze(_ x: Shape) {
    if x.height <= 8 {
      let scale = generator.chance(0.3) ? "0.5" : "1"
      let shape = Shape(channels: x.channels, height: x.height * 2, width: x.width * 2)
      add("upsample", ["stride": "2", "scale": scale], shape)
    } else if x.channels >= 4 {
      add("se", ["reduction": "2"], x)
    }
  }

  private mutating func concatenation(_ x: Shape) {
    let partners = readable.filter { shapes[$0]!.hasGrid(of: x) }
    let sources = (0..<Int.random(in: 1...3, using: &generator)).map { _ in
      generator.pick(partners)
    }
    let channels = sources.reduce(0) { $0 + shapes[$1]!.channels }
    guard channels <= 24 else { return }
    add(
      "route", ["layers": sources.map(String.init).joined(separator: ",")],
      Shape(channels: channels, height: x.height, width: x.width))
  }

  private mutating func groupedRoute() {
    let first = generator.pick(readable)
    let second = generator.pick(readable.filter { shapes[$0]!.hasGrid(of: shapes[first]!) })
    let sources = generator.chance(0.7) ? [first] : [first, second]
    let groups = generator.pick([2, 2, 3, 4])
    guard
      sources.allSatisfy({ shapes[$0]!.channels % groups == 0 && shapes[$0]!.channels > groups })
    else { return }
    let channels = sources.reduce(0) { $0 + shapes[$1]!.channels / groups }
    let index = Int.random(in: 0..<groups, using: &generator)
    add(
      "route",
      [
        "layers": sources.map(String.init).joined(separator: ","), "groups": "\(groups)",
        "group_id": "\(index)",
      ],
      Shape(channels: channels, height: shapes[first]!.height, width: shapes[first]!.width))
    counts["grouped route", default: 0] += 1
  }

  private mutating func shortcut(_ x: Shape) {
    let partners = readable.filter { $0 != shapes.count - 1 && shapes[$0]!.hasGrid(of: x) }
    guard !partners.isEmpty else { return }
    let sources = (0..<(generator.chance(0.2) ? 2 : 1)).map { _ in generator.pick(partners) }
    if sources.contains(where: { shapes[$0]!.channels != x.channels }) {
      counts["unequal shortcut", default: 0] += 1
    }
    let weights = generator.pick(["none", "none", "none", "per_feature", "per_channel"])
    let normalization = generator.pick(["none", "relu", "softmax"])
    let name = generator.chance(0.7) ? "linear" : activation()
    if weights != "none" { counts["weighted shortcut", default: 0] += 1 }
    if name != "linear" { counts["activated shortcut", default: 0] += 1 }
    let from = sources.map { String($0 - shapes.count) }.joined(separator: ",")
    if weights == "none" {
      add("shortcut", ["from": from, "activation": name], x)
    } else {
      add(
        "shortcut",
        [
          "from": from, "activation": name, "weights_type": weights,
          "weights_normalization": normalization,
        ], x)
    }
  }

  /// A block that can go as a whole, and sometimes has a depthwise layer or a gate inside.
  private mutating func residual(_ x: Shape) {
    let size = padded ? 3 : 1
    let start = shapes.count
    if generator.chance(0.3) {
      switch generator.pick([0, 1, 2]) {
      case 0: add("dropout", ["probability": ".2"], x)
      case 1: add("maxpool", ["size": "3", "stride": "1"], x)
      default: add("route", ["layers": "\(start - 1)"], x)
      }
      if generator.chance(0.3) { add("batchnorm", ["activation": activation()], x) }
      convolution(x, size: size, filters: x.channels, batchNormalize: true, groups: x.channels)
      counts["depthwise at the start of a branch", default: 0] += 1
    }
    convolution(x, size: 1, filters: generator.pick([4, 6]), batchNormalize: true)
    switch generator.pick([0, 1, 2]) {
    case 0:
      let own = current
      convolution(
        own, size: size, filters: own.channels, batchNormalize: true, groups: own.channels)
    case 1: add("se", ["reduction": "2"], current)
    default: break
    }
    convolution(current, size: size, filters: x.channels, batchNormalize: true)
    if generator.chance(0.3) { add("dropout", ["probability": ".2"], x) }
    add("shortcut", ["from": "\(start - 1 - shapes.count)", "activation": "linear"], x)
    counts["residual block", default: 0] += 1
  }

  /// A squeeze of the whole map to one factor a channel, or a map of factors.
  private mutating func gate(_ x: Shape) {
    let source = shapes.count - 1
    let kind = zeroPreserving ? "relu6" : "logistic"
    if generator.chance(0.5) {
      add("avgpool", [:], Shape(channels: x.channels, height: 1, width: 1))
      convolution(current, size: 1, filters: 4, batchNormalize: false)
      convolution(
        current, size: 1, filters: x.channels, batchNormalize: generator.chance(0.5),
        activation: kind)
      add("scale_channels", ["from": "\(source)", "activation": "linear"], x)
    } else {
      convolution(x, size: 1, filters: x.channels, batchNormalize: true, activation: kind)
      add("sam", ["from": "\(source)"], x)
    }
  }

  private mutating func reorganize(_ x: Shape) {
    guard x.height % 2 == 0, x.width % 2 == 0, x.channels <= 8, x.height >= 4 else { return }
    let shape = Shape(channels: x.channels * 4, height: x.height / 2, width: x.width / 2)
    if x.channels % 4 == 0 && generator.chance(0.8) {
      add("reorg", ["stride": "2"], shape)
    } else {
      add("reorg3d", ["stride": "2"], shape)
    }
  }

  /// Back to an earlier layer, sometimes after a head.
  private mutating func rejoin() {
    if shapes.count > 6 && generator.chance(0.6) { head() }
    let source = generator.pick(readable)
    add("route", ["layers": "\(source)"], shapes[source])
  }

  private mutating func head() {
    convolution(current, size: 1, filters: 6, batchNormalize: false, activation: "linear")
    add("yolo", ["mask": "0", "anchors": "4,4", "classes": "1", "num": "1"], nil)
  }
}

/// Fresh parameters with γ and β of any sign, none near zero, and statistics of a trained network.
package func randomParameters(_ spec: NetworkSpec, seed: UInt64) throws -> NetworkParameters {
  var generator = SeededGenerator(seed: seed)
  func values(_ count: Int, _ draw: (inout SeededGenerator) -> Float) -> [Float] {
    (0..<count).map { _ in draw(&generator) }
  }
  let layers = try spec.parameterLayout().map { slots in
    var arrays: [ParameterRole: ParameterArray] = [:]
    for slot in slots {
      let fanIn = Float(max(slot.shape.dropFirst().reduce(1, *), 1))
      let drawn = values(slot.count) { generator -> Float in
        switch slot.role {
        case .gamma:
          Float.random(in: 0.1...1.5, using: &generator) * (generator.chance(0.3) ? -1 : 1)
        case .variance: Float.random(in: 0.5...1.5, using: &generator)
        case .weight where slot.shape.count < 4: Float.random(in: -0.5...1.5, using: &generator)
        case .weight, .squeeze, .excite:
          Float.random(in: -1.5...1.5, using: &generator) / fanIn.squareRoot()
        default: Float.random(in: -0.8...0.8, using: &generator)
        }
      }
      arrays[slot.role] = ParameterArray(shape: slot.shape, values: drawn)
    }
    return arrays
  }
  return NetworkParameters(layers: layers)
}

/// A picture of noise at the cfg's own size.
package func randomInput(_ spec: NetworkSpec, seed: UInt64) -> FeatureMap {
  var generator = SeededGenerator(seed: seed)
  let shape = spec.inputShape
  return FeatureMap(
    shape.channels, shape.height, shape.width,
    (0..<shape.count).map { _ in Double.random(in: 0...1, using: &generator) })
}
