import Darknet
import Testing

@Suite struct BuiltInNetworkTests {
  // SPEC 2.8: layers, trainable parameters, bytes of the weights file.
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
    // The published file.
    (.yoloFastest, 80, 131, 332_798, 1_384_268),
  ]

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
    ] as [(BuiltInNetwork, [Float])])
  func `strides follow from the grids`(network: BuiltInNetwork, strides: [Float]) throws {
    let spec = try NetworkSpec(network.configuration())
    #expect(try spec.headStrides(width: 640, height: 352).map(\.x) == strides)
    #expect(try spec.headStrides(width: 640, height: 352).map(\.y) == strides)
  }

  static let references: [(BuiltInNetwork, BuiltInNetwork.TinyMasks?, String)] = [
    (.yolov3, nil, "cfg/darknet/yolov3.cfg"),
    (.yolov3SPP, nil, "cfg/darknet/yolov3-spp.cfg"),
    // The reference file has the masks that its weights were not trained with (SPEC M15).
    (.yolov3Tiny, .legacy, "cfg/darknet/yolov3-tiny.cfg"),
    (.yolov4, nil, "cfg/darknet/yolov4.cfg"),
    (.yolov4Tiny, nil, "cfg/darknet/yolov4-tiny.cfg"),
    (.yoloFastest, nil, "yolo-fastest/yolo-fastest-1.1.cfg"),
  ]

  @Test(.enabled(if: realData != nil, "PARE_REALDATA is not set"), arguments: references)
  func `each layer says what the reference file says`(
    network: BuiltInNetwork, masks: BuiltInNetwork.TinyMasks?, file: String
  ) throws {
    let reference = try NetworkSpec(contentsOf: #require(realData) + "/" + file)
    let spec = try NetworkSpec(network.configuration(masks: masks))
    #expect(spec.layers.count == reference.layers.count)
    func facts(_ section: Configuration.Section) -> [String: String] {
      var facts = ["": section.name]
      for entry in section.entries { facts[entry.key] = entry.value.replacing(" ", with: "") }
      return facts
    }
    for (index, (ours, theirs)) in zip(spec.layers, reference.layers).enumerated() {
      #expect(ours == theirs, "layer \(index)")
      #expect(
        facts(spec.section(ofLayer: index)) == facts(reference.section(ofLayer: index)),
        "layer \(index)")
    }
    #expect(spec.shapes == reference.shapes)
    #expect(try spec.parameterLayout() == reference.parameterLayout())
    #expect(spec.net.learningRate == reference.net.learningRate)
    #expect(spec.net.momentum == reference.net.momentum)
    #expect(spec.net.weightDecay == reference.net.weightDecay)
    #expect(spec.net.warmupSteps == reference.net.warmupSteps)
    #expect(spec.net.totalSteps == reference.net.totalSteps)
    #expect(spec.net.steps == reference.net.steps)
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
    #expect(try fineMask(.yoloFastest, .official) == [0, 1, 2])
  }

  @Test func `published weights with the wrong masks are warned about`() throws {
    func warning(
      _ network: BuiltInNetwork, classes: Int = 80, masks: BuiltInNetwork.TinyMasks
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
    #expect(try warning(.yolov3, masks: .legacy) == nil)
    #expect(try warning(.yoloFastest, masks: .legacy) == nil)
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
    for (index, pair) in zip(narrow.layers, full.layers).enumerated() {
      guard case .convolutional(let ours) = pair.0, case .convolutional(let theirs) = pair.1
      else { continue }
      if theirs.batchNormalize {
        #expect(ours.outChannels <= theirs.outChannels, "layer \(index)")
        #expect(ours.outChannels % 8 == 0 || ours.outChannels == theirs.outChannels)
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
      "yolov3.cfg: 1 anchors cannot be shared out evenly to 3 heads"
    ),
    (
      { try BuiltInNetwork.yolov3.configuration(anchors: []) },
      "yolov3.cfg: 0 anchors cannot be shared out evenly to 3 heads"
    ),
    (
      {
        try BuiltInNetwork.yolov4Tiny.configuration(
          anchors: Array(repeating: Anchor(width: 1, height: 1), count: 4), masks: .official)
      }, "yolov4-tiny.cfg: the official masks are for 6 anchors, not 4"
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

@Suite struct NetworkProfileTests {
  @Test func `the table says what each layer costs`() throws {
    let spec = try spec(
      """
      [convolutional]
      batch_normalize=1
      filters=8
      size=3
      stride=2
      pad=1
      activation=leaky
      [convolutional]
      filters=8
      groups=8
      size=5
      pad=1
      activation=leaky
      [route]
      layers=-1,0
      [se]
      """, width: 16, height: 8)
    let profile = try spec.profile(width: 16, height: 8)
    #expect(profile.layers.map(\.index) == [0, 1, 2, 3])
    #expect(profile.layers.map(\.type) == ["convolutional", "convolutional", "route", "se"])
    #expect(profile.layers.map(\.inChannels) == [3, 8, 16, 16])
    #expect(profile.layers.map(\.shape.description) == ["8×4×8", "8×4×8", "16×4×8", "16×4×8"])
    // 8·3·9 + 16; 8·25 + 8; none; 16·4 twice.
    #expect(profile.layers.map(\.parameters) == [232, 208, 0, 128])
    // 8·4·8·27; 8·4·8·25; none; 128.
    #expect(profile.layers.map(\.macs) == [6912, 6400, 0, 128])
    #expect(profile.parameters == 568)
    #expect(profile.macs == 13440)
    #expect(try spec.macs(width: 32, height: 16) == 4 * 13312 + 128)
    #expect(profile.weightsByteCount == 20 + 4 * (568 + 16))
    // In floats: input 384 + 256, 256 + 256, 256 + 256 + 512, 512 + 512.
    #expect(profile.activationBytes == 4 * 1024)
    #expect(profile.activationSumBytes == 4 * (384 + 256 + 256 + 512 + 512))
  }

  // 4×4 pictures of 3 channels: 48 floats, and maps of 16 floats a channel.
  @Test func `maps that are handed on take no memory and heads' maps are kept`() throws {
    let convolution = "[convolutional]\nsize=1\nactivation=linear\nfilters="
    let spec = try spec(
      """
      \(convolution)10
      [dropout]
      \(convolution)8
      [yolo]
      classes=3
      anchors=1,1
      [route]
      layers=1
      \(convolution)1
      \(convolution)2
      """, width: 4, height: 4)
    let profile = try spec.profile(width: 4, height: 4)
    // Input 48 + 160; 160 + 128; the head's 128 stays: 160 + 128 + 16; 128 + 16 + 32.
    #expect(profile.activationBytes == 4 * 304)
    #expect(profile.activationSumBytes == 4 * (48 + 160 + 128 + 16 + 32))
  }

  // The first head mixes both convolutions, so it is the last layer to run.
  @Test func `a head that mixes later layers runs after them`() throws {
    let convolution = "[convolutional]\nsize=1\nactivation=linear\nfilters=10"
    let head = "[yolo]\nclasses=3\nanchors=1,1\nfrom=0,3"
    let spec = try spec(
      [convolution, head, "[route]\nlayers=0", convolution, head].joined(separator: "\n"),
      width: 4, height: 4)
    #expect(spec.evaluationOrder == [0, 2, 3, 1, 4])
    // 160 floats a map: both convolutions' and both results.
    #expect(try spec.profile(width: 4, height: 4).activationBytes == 4 * 4 * 160)
  }
}
