/// Writes the cfg of a network layer by layer.
struct NetworkBuilder {
  var sections: [Configuration.Section] = []
  /// What channels are multiplied by, but for heads.
  let widthMultiple: Double
  /// The activation of convolutions that do not say.
  var activation = Activation.leaky

  init(widthMultiple: Double) { self.widthMultiple = widthMultiple }

  /// The index of the last layer.
  var last: Int { sections.count - 2 }

  mutating func add(_ name: String, _ entries: KeyValuePairs<String, String>) {
    sections.append(
      Configuration.Section(
        name: name, entries: entries.map { Configuration.Entry(key: $0.key, value: $0.value) }))
  }

  /// `filters` channels times the multiple, in multiples of 8, never more than `filters`.
  func scaled(_ filters: Int) -> Int {
    guard widthMultiple < 1 else { return filters }
    let eighths = Int((Double(filters) * widthMultiple / 8).rounded())
    return min(filters, max(8, 8 * eighths))
  }

  /// A convolution with batch normalization.
  mutating func convolution(
    _ filters: Int, size: Int, stride: Int = 1, pads: Bool = true,
    activation: Activation? = nil
  ) {
    add(
      "convolutional",
      [
        "batch_normalize": "1", "filters": "\(scaled(filters))", "size": "\(size)",
        "stride": "\(stride)", "pad": pads ? "1" : "0",
        "activation": (activation ?? self.activation).darknetName,
      ])
  }

  /// A convolution with batch normalization and one group a channel.
  mutating func depthwise(_ channels: Int, size: Int, stride: Int = 1) {
    convolution(channels, size: size, stride: stride)
    let groups = Configuration.Entry(key: "groups", value: "\(scaled(channels))")
    sections[sections.count - 1].entries.insert(groups, at: 0)
  }

  mutating func shortcut(_ from: Int) {
    add("shortcut", ["from": "\(from)", "activation": "linear"])
  }

  mutating func route(_ layers: Int...) {
    add("route", ["layers": layers.map(String.init).joined(separator: ",")])
  }

  mutating func upsample() { add("upsample", ["stride": "2"]) }

  mutating func maxPool(size: Int, stride: Int) {
    add("maxpool", ["size": "\(size)", "stride": "\(stride)"])
  }

  /// Spatial pyramid pooling: three pools of the last layer, and the layer, side by side.
  mutating func pyramidPooling(_ a: Int, _ b: Int, _ c: Int) {
    maxPool(size: a, stride: 1)
    route(-2)
    maxPool(size: b, stride: 1)
    route(-4)
    maxPool(size: c, stride: 1)
    route(-1, -3, -5, -6)
  }

  /// A detection head: the convolution to its channels, and the `[yolo]`.
  mutating func head(
    _ mask: [Int], anchors: [Anchor], classes: Int, options: KeyValuePairs<String, String>
  ) {
    add(
      "convolutional",
      [
        "size": "1", "stride": "1", "pad": "1", "filters": "\(mask.count * (classes + 5))",
        "activation": "linear",
      ])
    add(
      "yolo",
      [
        "mask": mask.map(String.init).joined(separator: ","),
        "anchors": anchors.map { "\(plain($0.width)),\(plain($0.height))" }
          .joined(separator: ", "),
        "classes": "\(classes)", "num": "\(anchors.count)",
      ])
    for (key, value) in options { sections[sections.count - 1][key] = value }
  }

  /// The number without a fraction where it has none.
  private func plain(_ number: Float) -> String {
    let whole = number.rounded()
    return whole == number ? "\(Int(whole))" : "\(number)"
  }
}
