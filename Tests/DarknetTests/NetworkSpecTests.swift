import Testing

@testable import Darknet

@Suite struct NetworkSpecTests {
  @Test func `net options have the field's names`() throws {
    let spec = try NetworkSpec(
      Configuration(
        parsing: """
          [network]
          batch=64
          subdivisions=8
          width=416
          height=320
          channels=1
          momentum=0.949
          decay=.0005
          angle=7
          saturation = 1.5
          exposure = 1.25
          hue=.1
          learning_rate=0.0013
          burn_in=1000
          max_batches = 500500
          policy=steps
          steps=400000, 450000
          scales=.1,.5
          mosaic=1
          flip=0
          letter_box=1
          ema_alpha=0.9998
          [dropout]
          probability=.15
          """, path: "a.cfg"))
    #expect(spec.net.batchSize == 64)
    #expect(spec.net.accumulationSteps == 8)
    #expect(spec.inputShape == FeatureShape(channels: 1, height: 320, width: 416))
    #expect(spec.net.momentum == 0.949)
    #expect(spec.net.weightDecay == 0.0005)
    #expect(spec.net.rotationDegrees == 7)
    #expect(spec.net.saturation == 1.5)
    #expect(spec.net.exposure == 1.25)
    #expect(spec.net.hue == 0.1)
    #expect(spec.net.learningRate == 0.0013)
    #expect(spec.net.warmupSteps == 1000)
    #expect(spec.net.totalSteps == 500_500)
    #expect(spec.net.policy == .steps)
    #expect(spec.net.steps == [400_000, 450_000])
    #expect(spec.net.scales == [0.1, 0.5])
    #expect(spec.net.mosaic)
    #expect(!spec.net.flip)
    #expect(spec.net.letterBox)
    #expect(spec.net.emaDecay == 0.9998)
    #expect(spec.layers == [.dropout(DropoutSpec(probability: 0.15))])
    #expect(spec.warnings.isEmpty)
  }

  @Test func `a convolution says everything about itself`() throws {
    let layers = try spec(
      """
      [convolutional]
      batch_normalize=1
      filters=12
      size=5
      stride=2
      pad=2
      groups=3
      dilation=2
      activation=mish
      [convolutional]
      filters=4
      size=3
      stride_x=2
      stride_y=1
      padding=4
      activation=none
      """
    ).layers
    #expect(
      layers[0]
        == .convolutional(
          ConvolutionSpec(
            outChannels: 12, kernelSize: 5, strideX: 2, strideY: 2, padding: 4, groups: 3,
            dilation: 2, batchNormalize: true, activation: .mish, antialiasing: 0,
            shareIndex: nil)))
    #expect(
      layers[1]
        == .convolutional(
          ConvolutionSpec(
            outChannels: 4, kernelSize: 3, strideX: 2, strideY: 1, padding: 4, groups: 1,
            dilation: 1, batchNormalize: false, activation: .linear, antialiasing: 0,
            shareIndex: nil)))
  }

  @Test func `negative references count from the layer, others from the first`() throws {
    let spec = try spec(
      """
      [convolutional]
      filters=8
      size=1
      activation=relu
      [convolutional]
      filters=8
      size=1
      activation=relu
      [route]
      layers = -1, 0
      groups=2
      group_id=1
      [shortcut]
      from=-2,0
      activation=leaky
      weights_type=per_channel
      weights_normalizion=softmax
      """)
    #expect(spec.layers[2] == .route(RouteSpec(sources: [1, 0], groups: 2, groupID: 1)))
    #expect(
      spec.layers[3]
        == .shortcut(
          ShortcutSpec(
            sources: [1, 0], activation: .leaky, weights: .perChannel, normalization: .softmax)))
    #expect(spec.layers[3].sources == [1, 0])
    #expect(spec.layers.map(\.readsPreviousLayer) == [true, true, false, true])
    #expect(spec.inChannels(ofLayer: 0) == 3)
    #expect(spec.inChannels(ofLayer: 3) == 8)
    #expect(spec.outChannels(ofLayer: 3) == 8)
    #expect(spec.place(ofLayer: 3).description == "net.cfg:17")
  }

  @Test func `a yolo head keeps all anchors and knows its own`() throws {
    let spec = try spec(
      """
      [convolutional]
      filters=16
      size=1
      activation=linear
      [yolo]
      mask = 2, 0
      anchors = 1,2, 3.5,4,  5,6
      classes=3
      num=3
      scale_x_y=1.05
      new_coords=1
      iou_loss=ciou
      iou_normalizer=0.07
      obj_normalizer=2
      cls_normalizer=0.5
      ignore_thresh=.7
      truth_thresh=1
      iou_thresh=0.213
      nms_kind=diounms
      beta_nms=0.5
      max_delta=5
      label_smooth_eps=0.1
      jitter=.3
      resize=1.5
      random=1
      objectness_smooth=1
      """)
    guard case .yolo(let head) = spec.layers[1] else { return #expect(Bool(false), "no head") }
    #expect(head.anchors.count == 3)
    #expect(head.maskedAnchors == [Anchor(width: 5, height: 6), Anchor(width: 1, height: 2)])
    #expect(head.classes == 3)
    #expect(head.inChannels == 16)
    #expect(head.scaleXY == 1.05)
    #expect(head.newCoords)
    #expect(head.iouLoss == .ciou)
    #expect(head.iouNormalizer == 0.07)
    #expect(head.objectnessNormalizer == 2)
    #expect(head.classNormalizer == 0.5)
    #expect(head.ignoreThreshold == 0.7)
    #expect(head.truthThreshold == 1)
    #expect(head.iouThreshold == 0.213)
    #expect(head.nmsKind == .diou)
    #expect(head.betaNMS == 0.5)
    #expect(head.maxDelta == 5)
    #expect(head.labelSmoothing == 0.1)
    #expect(head.jitter == 0.3)
    #expect(head.resize == 1.5)
    #expect(head.multiScale)
    #expect(head.objectnessSmooth)
    #expect(spec.heads == [1])
    #expect(spec.classes == 3)
    #expect(spec.warnings.isEmpty)
  }

  @Test(
    arguments: [
      ("linear", .linear), ("none", .linear), ("leaky", .leaky), ("relu", .relu),
      ("relu6", .relu6), ("mish", .mish), ("swish", .swish), ("logistic", .logistic),
      ("h_swish", .hardSwish), ("hard_swish", .hardSwish), ("hardswish", .hardSwish),
      ("hard_mish", .hardMish), ("elu", .elu), ("selu", .selu), ("gelu", .gelu), ("tanh", .tanh),
      ("Leaky", nil), ("", nil), ("softmax", nil),
    ] as [(String, Activation?)])
  func `activations have Darknet's names`(name: String, expected: Activation?) {
    #expect(Activation(darknetName: name) == expected)
    if let expected {
      #expect(Activation(darknetName: expected.darknetName) == expected)
    }
  }

  @Test func `what has no effect is reported with its line`() throws {
    let spec = try spec(
      """
      colour=3
      [convolutional]
      filters=21
      filters=9
      size=1
      activation=linear
      bias_match=1
      [yolo]
      anchors=10,0, 5,5, 6,6
      num=9
      classes=2
      nms_kind=grpeedynms
      """)
    #expect(
      spec.warnings.map(\.description) == [
        "net.cfg:5: unknown key 'colour' in [net]",
        "net.cfg:8: 'filters' was given before in this [convolutional], the first one counts",
        "net.cfg:11: unknown key 'bias_match' in [convolutional]",
        "net.cfg:14: 'num=9' does not match the 3 anchors, which count",
        "net.cfg:13: the anchor 10.0,0.0 has no area",
        "net.cfg:16: unknown value in 'nms_kind=grpeedynms', 'greedynms' is used",
      ])
    #expect(spec.layers[0].isHead == false)
    #expect(spec.outChannels(ofLayer: 0) == 21)
  }

  @Test func `a key that is nearly a known one names that, and is told once`() throws {
    let layer = "[convolutional]\nbatch_normalise=1\nfilters=4\nsize=1\nactivation=linear\n"
    let spec = try spec(layer + layer + layer)
    let text = "unknown key 'batch_normalise' in [convolutional]"
    let hint = "; did you mean 'batch_normalize'?"
    #expect(
      spec.warnings.map(\.description)
        == [6, 11, 16].map { "net.cfg:\($0): \(text)\(hint)" })
    #expect(
      spec.warnings.merged.map(\.description)
        == ["net.cfg:6: \(text) and 2 more such sections\(hint)"])
  }

  @Test func `a shared convolution has the parameters of the first one`() throws {
    let convolution = "[convolutional]\nfilters=3\nsize=1\nactivation=relu\n"
    let shared = try spec(
      convolution + convolution + "share_index=0\n" + convolution + "share_index=-1\n")
    #expect(try shared.parameterLayout().map(\.count) == [2, 0, 0])
    guard case .convolutional(let last) = shared.layers[2] else {
      return #expect(Bool(false), "no convolution")
    }
    // Layer 2 shares with 1, which shares with 0.
    #expect(last.shareIndex == 0)

    // yolov3-spp-matrix.cfg shares between layers of different width: each then has its own.
    let wide = try spec(
      convolution + "[convolutional]\nfilters=4\nsize=1\nactivation=relu\nshare_index=0\n")
    #expect(try wide.parameterLayout().map(\.count) == [2, 2])
    #expect(
      wide.warnings.map(\.description) == [
        "net.cfg:13: layer 1 cannot share the weights of layer 0, whose shape differs; "
          + "it has its own"
      ])
  }

  @Test func `heads that are mixed read their own convolution`() throws {
    // Two heads of (1 anchor × 6 channels + 2) = 8, after both convolutions.
    let convolution = "[convolutional]\nfilters=8\nsize=1\nactivation=linear\n"
    let strided = "[convolutional]\nfilters=8\nsize=1\nstride=2\nactivation=linear\n"
    let head = "[yolo]\nfrom=0,1\nmask=0\nanchors=4,4\nclasses=1\n"
    let mixed = try spec(convolution + strided + head + head)
    #expect(mixed.shapes.map(\.width) == [32, 16, 32, 16])
    #expect(try mixed.headStrides(width: 64, height: 32).map(\.x) == [1, 2])
    let error = #expect(throws: ConfigurationError.self) {
      try spec(convolution + strided.replacing("8", with: "9") + head)
    }
    #expect(
      error?.description
        == "net.cfg:14: layer 2, [yolo], mixes layer 1 of 9 channels, expected 8")
  }
}
