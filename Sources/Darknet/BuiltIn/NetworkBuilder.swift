/// Writes the cfg of a network layer by layer.
///
/// Layers are named by their index: what adds one gives its index back, and what reads others takes
/// theirs, or a negative number that counts back from the new layer.
struct NetworkBuilder {
  /// `[net]`, then the layers.
  private(set) var sections: [Configuration.Section] = []
  /// The channels that each layer makes.
  private var channels: [Int] = []
  /// What the detection heads share.
  let heads: Heads
  /// What channels are multiplied by, but for heads.
  let widthMultiple: Double
  /// The activation of convolutions that do not say.
  var activation = Activation.leaky

  init(net: [(key: String, value: String)], heads: Heads, widthMultiple: Double) {
    self.heads = heads
    self.widthMultiple = widthMultiple
    sections = [section("net", net)]
  }

  /// The index of the last layer.
  var last: Int { channels.count - 1 }

  /// `filters` channels times the multiple, in multiples of 8, never more than `filters`.
  func scaled(_ filters: Int) -> Int {
    guard widthMultiple < 1 else { return filters }
    let eighths = Int((Double(filters) * widthMultiple / 8).rounded())
    return min(filters, max(8, 8 * eighths))
  }

  // MARK: - Convolutions

  /// A convolution with batch normalization, of `filters` channels times the multiple.
  @discardableResult
  mutating func convolution(
    _ filters: Int, size: Int, stride: Int = 1, activation: Activation? = nil
  ) -> Int {
    normalized(
      "convolutional", filters: scaled(filters), size: size,
      keys: ["stride": "\(stride)", "pad": "1"], activation: activation)
  }

  /// A 1×1 convolution with batch normalization, to half of what `filters` channels become.
  @discardableResult
  mutating func halvedConvolution(_ filters: Int, activation: Activation) -> Int {
    normalized(
      "convolutional", filters: scaled(filters) / 2, size: 1, keys: ["stride": "1", "pad": "1"],
      activation: activation)
  }

  /// A convolution with batch normalization and strides of its own each way.
  ///
  /// - Parameter shared: the layer whose weights it uses in place of its own.
  @discardableResult
  mutating func convolution(
    _ filters: Int, size: Int, strideX: Int, strideY: Int, sharing shared: Int?
  ) -> Int {
    let index = normalized(
      "convolutional", filters: scaled(filters), size: size,
      keys: ["stride_x": "\(strideX)", "stride_y": "\(strideY)", "pad": "1"], activation: nil)
    if let shared { set("share_index", "\(shared)") }
    return index
  }

  /// A convolution with batch normalization and one group a channel.
  @discardableResult
  mutating func depthwise(size: Int, stride: Int = 1, activation: Activation? = nil) -> Int {
    let groups = channels[last]
    return normalized(
      "convolutional", filters: groups, size: size,
      keys: ["groups": "\(groups)", "stride": "\(stride)", "pad": "1"], activation: activation)
  }

  /// The same as an extension block of its own.
  @discardableResult
  mutating func depthwiseBlock(size: Int, stride: Int = 1) -> Int {
    normalized(
      "depthwise", filters: channels[last], size: size, keys: ["stride": "\(stride)", "pad": "1"],
      activation: nil)
  }

  private mutating func normalized(
    _ name: String, filters: Int, size: Int, keys: KeyValuePairs<String, String>,
    activation: Activation?
  ) -> Int {
    let index = add(name, ["batch_normalize": "1"], channels: filters)
    set("filters", "\(filters)")
    set("size", "\(size)")
    for (key, value) in keys { set(key, value) }
    set("activation", (activation ?? self.activation).darknetName)
    return index
  }

  // MARK: - Layers that join others

  /// The sum of the last layer and others.
  @discardableResult
  mutating func shortcut(_ layers: Int..., activation: Activation = .linear) -> Int {
    let from = layers.map { "\($0 < 0 ? $0 : $0 - channels.count)" }.joined(separator: ",")
    return add(
      "shortcut", ["from": from, "activation": activation.darknetName], channels: channels[last])
  }

  /// The layers side by side.
  @discardableResult
  mutating func route(_ layers: Int...) -> Int {
    add(
      "route", ["layers": layers.map(String.init).joined(separator: ",")],
      channels: layers.reduce(0) { $0 + channels[$1 < 0 ? $1 + channels.count : $1] })
  }

  /// The second half of the last layer's channels.
  @discardableResult
  mutating func secondHalf() -> Int {
    add("route", ["layers": "-1", "groups": "2", "group_id": "1"], channels: channels[last] / 2)
  }

  /// Spatial pyramid pooling: pools of the last layer, and the layer, side by side.
  @discardableResult
  mutating func pyramidPooling(_ a: Int, _ b: Int, _ c: Int) -> Int {
    let input = last
    let small = maxPool(size: a, stride: 1)
    route(input)
    let middle = maxPool(size: b, stride: 1)
    route(input)
    let large = maxPool(size: c, stride: 1)
    return route(large, middle, small, input)
  }

  // MARK: - Other layers

  @discardableResult
  mutating func upsample(_ stride: Int = 2) -> Int { passOn("upsample", ["stride": "\(stride)"]) }

  @discardableResult
  mutating func maxPool(size: Int, stride: Int) -> Int {
    passOn("maxpool", ["size": "\(size)", "stride": "\(stride)"])
  }

  /// The identity at inference.
  mutating func dropout(_ probability: String) { passOn("dropout", ["probability": probability]) }

  /// Squeeze and excitation by the extension block, with a quarter of the channels between.
  @discardableResult
  mutating func squeezeExcitation() -> Int { passOn("se", ["reduction": "4"]) }

  /// The same in Darknet's own blocks, with biases, swish and a logistic gate.
  @discardableResult
  mutating func channelAttention(squeeze: Int) -> Int {
    let map = last
    passOn("avgpool", [:])
    plainConvolution(scaled(squeeze), activation: .swish)
    plainConvolution(channels[map], activation: .logistic)
    return add("scale_channels", ["from": "\(map - channels.count)"], channels: channels[map])
  }

  /// Squares of `stride` × `stride` places become channels; `block` is `reorg` or `reorg3d`.
  @discardableResult
  mutating func reorganize(_ block: String, stride: Int) -> Int {
    add(block, ["stride": "\(stride)"], channels: channels[last] * stride * stride)
  }

  // MARK: - Heads

  /// The convolution to a head's channels.
  @discardableResult
  mutating func headConvolution(_ filters: Int, activation: Activation = .linear) -> Int {
    let index = add("convolutional", ["size": "1", "stride": "1", "pad": "1"], channels: filters)
    set("filters", "\(filters)")
    set("activation", activation.darknetName)
    return index
  }

  /// A detection head: the convolution to its channels, and the `[yolo]`.
  ///
  /// - Parameter index: which of the heads, fine ones first.
  mutating func head(
    _ index: Int, activation: Activation = .linear, options: KeyValuePairs<String, String>
  ) {
    headConvolution(heads.channels(of: index), activation: activation)
    detections(index, options: options)
  }

  /// The `[yolo]` of a head alone.
  mutating func detections(_ index: Int, options: KeyValuePairs<String, String>) {
    passOn(
      "yolo",
      [
        "mask": heads.masks[index].map(String.init).joined(separator: ","),
        "anchors": heads.anchorText, "classes": "\(heads.classes)",
        "num": "\(heads.anchors.count)",
      ])
    for (key, value) in options { set(key, value) }
  }

  /// The head of YOLOv2, whose anchors are grid cells of 32 pixels.
  mutating func region(options: KeyValuePairs<String, String>) {
    headConvolution(heads.anchors.count * (heads.classes + 5))
    let cells = Heads(
      anchors: heads.anchors.map { Anchor(width: $0.width / 32, height: $0.height / 32) },
      classes: heads.classes, count: 1)
    passOn(
      "region",
      [
        "anchors": cells.anchorText, "classes": "\(heads.classes)", "coords": "4",
        "num": "\(heads.anchors.count)",
      ])
    for (key, value) in options { set(key, value) }
  }

  // MARK: - Sections

  /// Sets a key of the last section.
  mutating func set(_ key: String, _ value: String) { sections[sections.count - 1][key] = value }

  /// A layer with the channels of the last one.
  @discardableResult
  private mutating func passOn(_ name: String, _ entries: KeyValuePairs<String, String>) -> Int {
    add(name, entries, channels: channels[last])
  }

  /// A 1×1 convolution with a bias.
  private mutating func plainConvolution(_ filters: Int, activation: Activation) {
    _ = add(
      "convolutional",
      [
        "filters": "\(filters)", "size": "1", "stride": "1", "activation": activation.darknetName,
      ], channels: filters)
  }

  private mutating func add(
    _ name: String, _ entries: KeyValuePairs<String, String>, channels: Int
  ) -> Int {
    sections.append(section(name, entries))
    self.channels.append(channels)
    return last
  }

  private func section(
    _ name: String, _ entries: some Sequence<(key: String, value: String)>
  ) -> Configuration.Section {
    Configuration.Section(
      name: name, entries: entries.map { Configuration.Entry(key: $0.key, value: $0.value) })
  }
}

/// What the heads of one network share.
struct Heads {
  /// All anchors, in pixels, small ones first.
  let anchors: [Anchor]
  let classes: Int
  /// The anchors of each head, fine heads first.
  let masks: [[Int]]

  /// Heads that share out the anchors evenly.
  ///
  /// - Parameter tinyMasks: with ``BuiltInNetwork/TinyMasks/official`` the fine head's anchors are
  ///   one off.
  init(
    anchors: [Anchor], classes: Int, count: Int, tinyMasks: BuiltInNetwork.TinyMasks = .legacy
  ) {
    self.anchors = anchors
    self.classes = classes
    let share = anchors.count / count
    masks = (0..<count).map { head in
      let shift = head == 0 && tinyMasks == .official ? 1 : 0
      return (0..<share).map { head * share + $0 + shift }
    }
  }

  /// Channels that a `[yolo]` reads.
  func channels(of head: Int) -> Int { masks[head].count * (classes + 5) }

  /// The value of `anchors`; whole numbers are written without a fraction.
  var anchorText: String {
    func text(_ number: Float) -> String {
      let whole = number.rounded()
      return whole == number ? "\(Int(whole))" : "\(number)"
    }
    return anchors.map { "\(text($0.width)),\(text($0.height))" }.joined(separator: ", ")
  }
}
