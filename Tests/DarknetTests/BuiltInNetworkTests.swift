import Darknet
import Testing

@Suite struct BuiltInNetworkTests {
  // Layers, trainable parameters and bytes of the weights file (docs/formulas.md 3.5), counted from
  // the published cfgs by a program of its own, and equal to the sizes of published weights.
  static let sizes: [(BuiltInNetwork, Int, Int, Int, Int)] = [
    (.yolov3, 80, 107, 61_949_149, 248_007_048),
    (.yolov3, 1, 107, 61_523_734, 246_305_388),
    (.yolov3, 20, 107, 61_626_049, 246_714_648),
    (.yolov3, 10, 107, 61_572_199, 246_499_248),
    (.yolov3SPP, 80, 114, 62_998_749, 252_209_544),
    (.yolov3Tiny, 80, 24, 8_852_366, 35_434_956),
    (.yolov3Tiny, 1, 24, 8_669_876, 34_704_996),
    (.yolov4, 80, 162, 64_363_101, 257_717_640),
    (.yolov4, 20, 162, 64_040_001, 256_425_240),
    (.yolov4, 1, 162, 63_937_686, 256_015_980),
    (.yolov4Tiny, 80, 38, 6_056_606, 24_251_276),
    (.yolov3SPP3, 80, 126, 64_276_701, 257_321_352),
    (.yolov3TinyThreeLevels, 80, 31, 9_213_453, 36_881_352),
    (.yolov3MobileNet, 80, 97, 24_209_877, 97_005_352),
    (.yolov3TinyMobileNetSmall, 80, 61, 3_041_430, 12_227_116),
    (.yolov3Ghost, 80, 172, 23_867_141, 95_624_040),
    (.yolov4Leaky, 80, 162, 64_363_101, 257_717_640),
    (.yolov4ReLU, 20, 162, 64_040_001, 256_425_240),
    (.yolov4LeakyDPU, 20, 162, 64_040_001, 256_425_240),
    // The published files: yolov2.weights, yolo-fastest-1.1.weights.
    (.yolov2, 80, 32, 50_962_889, 203_934_264),
    (.yoloFastest, 80, 131, 332_798, 1_384_268),
  ]

  @Test(arguments: BuiltInNetwork.allCases)
  func `the millions of parameters that are listed are counted`(network: BuiltInNetwork) throws {
    let count = try NetworkSpec(network.configuration()).parameterCount
    #expect(network.millionsOfParameters == (Double(count) / 1e5).rounded() / 10)
    #expect(!network.summary.isEmpty && !network.summary.hasSuffix("."))
  }

  @Test(arguments: sizes)
  func `parameters and file sizes are the published ones`(
    network: BuiltInNetwork, classes: Int, layers: Int, parameters: Int, bytes: Int
  ) throws {
    let spec = try NetworkSpec(network.configuration(classes: classes))
    #expect(spec.layers.count == layers)
    #expect(spec.parameterCount == parameters)
    #expect(spec.weightsByteCount == bytes)
    #expect(spec.classes == classes)
    #expect(spec.warnings.isEmpty)
  }

  // The BFLOPs that Darknet prints at 416×416.
  @Test(
    arguments: [
      (.yolov3, 65.864), (.yolov4, 60.105), (.yolov4Tiny, 6.908), (.yolov3Tiny, 5.565),
    ] as [(BuiltInNetwork, Double)])
  func `operations are those that Darknet prints`(
    network: BuiltInNetwork, billions: Double
  ) throws {
    let profile = try NetworkSpec(network.configuration()).profile(width: 416, height: 416)
    #expect(abs(profile.billionOperations - billions) < 0.0005)
  }

  @Test(
    arguments: [
      (.yolov3, [32, 16, 8]), (.yolov3SPP, [32, 16, 8]), (.yolov3Tiny, [32, 16]),
      (.yolov4, [8, 16, 32]), (.yolov4Tiny, [32, 16]), (.yoloFastest, [32, 16]),
      (.yolov2, [32]), (.yolov3FiveLevels, [32, 16, 8, 4, 2]), (.yolov3ASFF, [32, 16, 8]),
      (.yolov3PanScale, [8, 16, 32]), (.yolov3TinyThreeLevels, [32, 16, 8]),
      (.yolov4TinyThreeLevels, [32, 16, 8]), (.yolov4CSP, [8, 16, 32]),
      (.yolov4CSPSwish, [8, 16, 32]), (.yolov7Tiny, [8, 16, 32]),
    ] as [(BuiltInNetwork, [Float])])
  func `strides follow from the grids`(network: BuiltInNetwork, strides: [Float]) throws {
    let spec = try NetworkSpec(network.configuration())
    #expect(try spec.headStrides(width: 640, height: 352).map(\.x) == strides)
    #expect(try spec.headStrides(width: 640, height: 352).map(\.y) == strides)
  }

  // What the published files of these names say, and what they should.
  @Test(
    arguments: [
      (.yolov4, .mish, [5, 9, 13]), (.yolov4Leaky, .leaky, [5, 9, 13]),
      (.yolov4ReLU, .relu, [5, 9, 13]), (.yolov4LeakyDPU, .leaky, [5, 5, 7]),
    ] as [(BuiltInNetwork, Activation, [Int])])
  func `yolov4 comes with other activations and pools`(
    network: BuiltInNetwork, trunk: Activation, pools: [Int]
  ) throws {
    let spec = try NetworkSpec(network.configuration())
    var activations: [Activation] = []
    var sizes: [Int] = []
    for layer in spec.layers {
      switch layer {
      case .convolutional(let convolution): activations.append(convolution.activation)
      case .maxPool(let pool): sizes.append(pool.size)
      default: break
      }
    }
    #expect(sizes == pools)
    // 72 convolutions of the backbone, 35 after it, 3 heads.
    #expect(activations.prefix(72).allSatisfy { $0 == trunk })
    let neck: Activation = trunk == .mish ? .leaky : trunk
    #expect(activations.dropFirst(72).filter { $0 == neck }.count == 35)
    #expect(activations.filter { $0 == .linear }.count == 3)
    #expect(network.defaultSize == (network == .yolov4LeakyDPU ? 512 : 608))
  }

  @Test(arguments: BuiltInNetwork.allCases)
  func `the text parses to the same configuration, lines included`(
    network: BuiltInNetwork
  ) throws {
    let configuration = try network.configuration(classes: 7)
    let parsed = try Configuration(parsing: configuration.text, path: "x.cfg")
    #expect(parsed == configuration)
    #expect(parsed.sections.map(\.line) == configuration.sections.map(\.line))
    #expect(configuration.path == network.rawValue + ".cfg")
  }

  @Test func `masks of the tiny networks`() throws {
    func fineMask(
      _ network: BuiltInNetwork, _ masks: BuiltInNetwork.TinyMasks?, anchors: [Anchor]? = nil
    ) throws -> [Int] {
      let spec = try NetworkSpec(network.configuration(anchors: anchors, masks: masks))
      guard case .yolo(let head)? = spec.layers.last else { return [] }
      return head.mask
    }
    for network in [BuiltInNetwork.yolov3Tiny, .yolov4Tiny] {
      #expect(try fineMask(network, nil) == [1, 2, 3])
      #expect(try fineMask(network, .official) == [1, 2, 3])
      #expect(try fineMask(network, .legacy) == [0, 1, 2])
      // Other anchors have no official masks: each is used once, unless asked for.
      let own = (1...6).map { Anchor(width: Float($0), height: Float(2 * $0)) }
      #expect(try fineMask(network, nil, anchors: own) == [0, 1, 2])
      #expect(try fineMask(network, .official, anchors: own) == [1, 2, 3])
    }
    // One network, published with either.
    #expect(try fineMask(.enetCOCO, nil) == [1, 2, 3])
    #expect(try fineMask(.yolov3TinyEfficientNetB0, nil) == [0, 1, 2])
    #expect(try fineMask(.yolov3TinyEfficientNetB0, .official) == [1, 2, 3])
    #expect(try fineMask(.yolov3TinyMobileNetSmall, nil) == [0, 1, 2])
    #expect(try fineMask(.yoloFastest, nil) == [0, 1, 2])
  }

  @Test func `published weights with the wrong masks are warned about`() throws {
    func warning(
      _ network: BuiltInNetwork, classes: Int = 80, masks: BuiltInNetwork.TinyMasks?
    ) throws -> String? {
      let spec = try NetworkSpec(network.configuration(classes: classes, masks: masks))
      return BuiltInNetwork.maskWarning(for: spec)?.description
    }
    #expect(
      try warning(.yolov4Tiny, masks: .legacy)
        == "yolov4-tiny.cfg:258: the published weights of yolov4-tiny were trained with "
        + "'mask=1,2,3' here, with 'mask=0,1,2' their boxes have wrong sizes")
    #expect(
      try warning(.yolov3Tiny, masks: .legacy)?.contains("of yolov3-tiny were trained") == true)
    #expect(try warning(.yolov4Tiny, masks: .official) == nil)
    #expect(try warning(.yolov4Tiny, classes: 3, masks: .legacy) == nil)
    #expect(
      try warning(.yolov3TinyEfficientNetB0, masks: nil)?.contains("of enet-coco were") == true)
    for network in [BuiltInNetwork.enetCOCO, .yolov3TinyMobileNetSmall, .yolov3, .yoloFastest] {
      #expect(try warning(network, masks: nil) == nil)
    }
  }

  @Test func `classes, anchors, size and channels are parameters`() throws {
    let anchors = [Anchor(width: 4, height: 5.5), Anchor(width: 9, height: 10)]
    let spec = try NetworkSpec(
      BuiltInNetwork.yolov4Tiny.configuration(
        classes: 3, anchors: anchors, width: 320, height: 192, channels: 1))
    #expect(spec.inputShape == FeatureShape(channels: 1, height: 192, width: 320))
    let heads = spec.layers.compactMap { layer -> YoloSpec? in
      if case .yolo(let head) = layer { head } else { nil }
    }
    #expect(heads.map(\.mask) == [[1], [0]])
    #expect(heads.allSatisfy { $0.anchors == anchors && $0.classes == 3 })
    #expect(heads.map(\.inChannels) == [8, 8])
    let square = try NetworkSpec(BuiltInNetwork.yolov4.configuration(width: 320))
    #expect(square.net.height == 320)
  }

  @Test(arguments: BuiltInNetwork.allCases, [0.5, 0.25, 0.01])
  func `a narrower network has every channel in eighths but its heads`(
    network: BuiltInNetwork, width: Double
  ) throws {
    let full = try NetworkSpec(network.configuration(classes: 2, width: 320))
    let narrow = try NetworkSpec(
      network.configuration(classes: 2, width: 320, widthMultiple: width))
    #expect(narrow.parameterCount < full.parameterCount)
    #expect(narrow.layers.count == full.layers.count)
    // What heads read: the layer before them, or the sources that they mix.
    let heads = Set(
      full.heads.flatMap { full.layers[$0].sources.isEmpty ? [$0 - 1] : full.layers[$0].sources })
    for (index, pair) in zip(narrow.layers, full.layers).enumerated() {
      guard case .convolutional(let ours) = pair.0, case .convolutional(let theirs) = pair.1
      else { continue }
      if !heads.contains(index) {
        #expect(ours.outChannels <= theirs.outChannels, "layer \(index)")
        // Ghost modules halve them.
        let unit = network == .yolov3Ghost ? 4 : 8
        #expect(ours.outChannels % unit == 0 || ours.outChannels == theirs.outChannels)
      } else {
        #expect(ours.outChannels == theirs.outChannels)
      }
    }
  }

  // 0.5 · 24 = 12 rounds half away from zero to 16; 0.3 · 64 = 19.2 to 16; 0.01 · 64 to the least.
  @Test(arguments: [(1, 64, 64), (0.5, 64, 32), (0.3, 64, 16), (0.01, 64, 8)])
  func `channels are rounded to eighths`(width: Double, filters: Int, expected: Int) throws {
    let spec = try NetworkSpec(
      BuiltInNetwork.yolov4Tiny.configuration(widthMultiple: width))
    // Layer 1 has 64 filters.
    #expect(spec.outChannels(ofLayer: 1) == expected)
  }

  static let mistakes: [(@Sendable () throws -> Configuration, String)] = [
    (
      { try BuiltInNetwork.yolov3.configuration(classes: 0) },
      "yolov3.cfg: 'classes=0' is out of range, expected 1...65536"
    ),
    (
      { try BuiltInNetwork.yolov3.configuration(anchors: [Anchor(width: 1, height: 1)]) },
      "yolov3.cfg: 1 anchor cannot be shared out evenly to 3 heads; yolov3 takes 9, or another multiple "
        + "of 3: 'pare anchors --data DATA.data --clusters 9' finds them"
    ),
    (
      { try BuiltInNetwork.yolov3.configuration(anchors: []) },
      "yolov3.cfg: 0 anchors cannot be shared out evenly to 3 heads; yolov3 takes 9, or another multiple "
        + "of 3: 'pare anchors --data DATA.data --clusters 9' finds them"
    ),
    (
      {
        try BuiltInNetwork.yolov4Tiny.configuration(
          anchors: Array(repeating: Anchor(width: 1, height: 1), count: 4), masks: .official)
      }, "yolov4-tiny.cfg: the official masks are for 6 anchors, not 4"
    ),
    (
      { try BuiltInNetwork.yolov3.configuration(masks: .legacy) },
      "yolov3.cfg: has no choice of masks, each anchor is in one head"
    ),
    (
      { try BuiltInNetwork.yolov3.configuration(width: 0) },
      "yolov3.cfg:4: 'width=0' is out of range, expected 1...16384"
    ),
    (
      { try BuiltInNetwork.yolov4.configuration(widthMultiple: 0) },
      "yolov4.cfg: 'width multiple=0.0' is out of range, expected above 0 and at most 1"
    ),
    (
      { try BuiltInNetwork.yolov4.configuration(widthMultiple: 1.5) },
      "yolov4.cfg: 'width multiple=1.5' is out of range, expected above 0 and at most 1"
    ),
    (
      { try BuiltInNetwork.yolov3Tiny.configuration(width: 400) },
      "yolov3-tiny.cfg:148: layer 20, [route], joins layer 19 (line 144, 128×26×26) and layer 8 "
        + "(line 68, 256×25×25), whose grids differ"
    ),
  ]

  @Test(arguments: mistakes.indices)
  func `what cannot be is refused`(index: Int) {
    let error = #expect(throws: ConfigurationError.self) { try Self.mistakes[index].0() }
    #expect(error?.description == Self.mistakes[index].1)
  }
}
