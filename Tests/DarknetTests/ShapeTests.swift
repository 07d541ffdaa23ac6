import Darknet
import Testing

@Suite struct ShapeTests {
  // (in + 2·padding − (dilation·(size − 1) + 1)) / stride + 1, worked by hand.
  @Test(arguments: [
    ("size=3\npad=1", 13, 13),
    ("size=3\npad=1\nstride=2", 13, 7),  // (13 + 2 − 3) / 2 + 1
    ("size=3\npad=1\nstride=2", 12, 6),  // (12 + 2 − 3) / 2 + 1 = 5 + 1
    ("size=3", 13, 11),
    ("size=2\npad=1", 13, 14),  // an even kernel pads by one on both sides
    ("size=1\npad=1", 13, 13),
    ("size=5\npad=0\npadding=1", 13, 11),  // 13 + 2 − 5 + 1
    ("size=5\npad=1\npadding=9", 13, 13),  // `pad` wins over `padding`
    ("size=3\npad=1\ndilation=3", 13, 13),  // 13 + 6 − 7 + 1
    ("size=3\ndilation=3", 13, 7),  // 13 − 7 + 1
    ("size=1\ndilation=3", 13, 13),
    ("size=3\npad=1\nstride=2\nantialiasing=1", 13, 7),  // blur of 3: (13 + 2 − 3) / 2 + 1
    ("size=3\npad=1\nstride=2\nantialiasing=2", 13, 6),  // blur of 2: (13 − 2) / 2 + 1
  ])
  func `convolutions`(keys: String, input: Int, expected: Int) throws {
    let network = try spec(
      "[convolutional]\nfilters=8\nactivation=relu\n" + keys, width: input, height: 64)
    #expect(network.shapes[0].channels == 8)
    #expect(network.shapes[0].width == expected)
  }

  // Three convolutions of stride 2: a cell of the head is 8 pixels.
  @Test func `a size that is asked for is a multiple of the network's own stride`() throws {
    let down = "[convolutional]\nfilters=18\nsize=3\nstride=2\npad=1\nactivation=linear\n"
    let head = "[yolo]\nmask=0,1,2\nanchors=1,1,2,2,3,3\nclasses=1\nnum=3"
    let network = try spec(down + down + down + head, width: 64, height: 64)
    #expect(network.greatestStride == 8)
    try network.checkInput(width: 104, height: 64)
    let place = SourcePlace(path: "net.cfg", line: 1)
    #expect(throws: ConfigurationError.unfitInput(225, multiple: 8, at: place)) {
      try network.checkInput(width: 224, height: 225)
    }
    // The cfg's own is taken as Darknet takes it: 60 → 30 → 15 → 8.
    let odd = try spec(down + down + down + head, width: 60, height: 60)
    #expect(odd.shapes[2].width == 8 && odd.greatestStride == 8)
    try odd.checkInput(width: 60, height: 60)
    #expect(throws: ConfigurationError.unfitInput(60, multiple: 8, at: place)) {
      try odd.checkInput(width: 64, height: 60)
    }
  }

  @Test func `strides of their own for rows and columns`() throws {
    let network = try spec(
      "[convolutional]\nfilters=8\nsize=3\npad=1\nactivation=relu\nstride_x=2\nstride_y=1",
      width: 32, height: 16)
    #expect(network.shapes[0] == FeatureShape(channels: 8, height: 16, width: 16))
  }

  // (in + padding − size) / stride + 1, padding size − 1 in total unless given.
  @Test(arguments: [
    ("size=2\nstride=2", 12, 6),
    ("size=2\nstride=2", 13, 7),  // (13 + 1 − 2) / 2 + 1
    ("size=2\nstride=1", 13, 13),  // 13 + 1 − 2 + 1
    ("size=3\nstride=2", 13, 7),  // (13 + 2 − 3) / 2 + 1
    ("size=13\nstride=1", 13, 13),
    ("size=3\nstride=2\npadding=0", 13, 6),
    ("stride=2", 12, 6),  // the size is the stride
    ("size=2\nstride_x=2", 12, 6),
  ])
  func `pools`(keys: String, input: Int, expected: Int) throws {
    for name in ["maxpool", "local_avgpool"] {
      let network = try spec("[\(name)]\n" + keys, width: input, height: 64)
      #expect(network.shapes[0].channels == 3)
      #expect(network.shapes[0].width == expected)
    }
  }

  // The pool with stride 1 gives 13 + padding − size + 1 = 13, then a blur of 3 taps with one zero
  // on each side (13 + 2 − 3) / 2 + 1 = 7, or of 2 taps (13 − 2) / 2 + 1 = 6.
  @Test(arguments: [
    ("size=2\nstride=2\nantialiasing=1", 7), ("size=3\nstride=2\nantialiasing=2", 6),
    ("size=3\nstride=2\npadding=0\nantialiasing=1", 6),  // 13 − 3 + 1 = 11, (11 − 1) / 2 + 1
  ])
  func `maxima with a blur`(keys: String, expected: Int) throws {
    let network = try spec("[maxpool]\n" + keys, width: 13, height: 64)
    #expect(network.shapes[0].width == expected)
  }

  @Test func `a pool of two starts at its first column, one of three a column before`() throws {
    let network = try spec("[maxpool]\nsize=2\nstride=1\n[maxpool]\nsize=3\nstride=1\n")
    let pools = network.layers.compactMap { layer -> PoolSpec? in
      if case .maxPool(let pool) = layer { pool } else { nil }
    }
    #expect(pools.map(\.padding) == [1, 2])
    #expect(pools.map(\.leadingPadding) == [0, 1])
  }

  @Test func `layers that join, split and rearrange`() throws {
    let network = try spec(
      """
      [convolutional]
      filters=8
      size=1
      activation=relu
      [reorg]
      stride=2
      [reorg3d]
      stride=4
      [upsample]
      stride=8
      [route]
      layers=-1,0
      groups=4
      group_id=3
      [convolutional]
      filters=6
      size=1
      activation=relu
      [shortcut]
      from=0
      [avgpool]
      [scale_channels]
      from=5
      [se]
      reduction=3
      [batchnorm]
      [BatchNorm2d]
      [sam]
      from=-2
      [depthwise]
      filters=12
      size=3
      stride=2
      pad=1
      activation=relu6
      """, width: 32, height: 16)
    #expect(
      network.shapes.map(\.description) == [
        "8×16×32", "32×8×16", "512×2×4", "512×16×32", "130×16×32", "6×16×32", "6×16×32",
        "6×1×1", "6×16×32", "6×16×32", "6×16×32", "6×16×32", "6×16×32", "12×8×16",
      ])
    #expect(try network.shapes(width: 64, height: 64)[13].description == "12×32×32")
  }

  @Test func `strides come from grids, in any order of heads`() throws {
    // Heads at stride 2, then 4, then 1: no order that a table of names would have.
    let head = "[yolo]\nmask=0\nanchors=4,4\nclasses=1\n"
    let convolution = "[convolutional]\nfilters=6\nsize=1\nactivation=linear\n"
    let network = try spec(
      """
      [maxpool]
      size=2
      stride=2
      \(convolution)\(head)[route]
      layers=0
      [maxpool]
      size=2
      stride=2
      \(convolution)\(head)[route]
      layers=0
      [upsample]
      stride=2
      \(convolution)\(head)
      """)
    #expect(network.heads == [2, 6, 10])
    let strides = try network.headStrides(width: 64, height: 32)
    #expect(strides.map(\.layer) == [2, 6, 10])
    #expect(strides.map(\.x) == [2, 4, 1])
    #expect(strides.map(\.y) == [2, 4, 1])
    #expect(strides[1].shape == FeatureShape(channels: 6, height: 8, width: 16))
    // 30 columns become 15, then 8: a cell is 3.75 pixels wide.
    let uneven = try network.headStrides(width: 30, height: 32)
    #expect(uneven.map(\.x) == [2, 3.75, 1])
  }

  @Test func `the other heads`() throws {
    let gaussian = try spec(
      """
      [convolutional]
      filters=22
      size=1
      activation=linear
      [Gaussian_yolo]
      mask=1,0
      anchors=1,2,3,4
      classes=2
      uc_normalizer=0.5
      yolo_point=left_top
      """)
    guard case .gaussianYolo(let head) = gaussian.layers[1] else {
      return #expect(Bool(false), "no head")
    }
    #expect(head.inChannels == 22)
    #expect(head.uncertaintyNormalizer == 0.5)
    #expect(head.point == .leftTop)
    #expect(head.yolo.maskedAnchors.first == Anchor(width: 3, height: 4))

    let region = try spec(
      """
      [convolutional]
      filters=14
      size=1
      activation=linear
      [region]
      anchors=.5, 1.5, 2,3
      classes=2
      coords=4
      num=2
      softmax=1
      rescore=1
      bias_match=1
      thresh=.6
      object_scale=5
      """)
    guard case .region(let old) = region.layers[1] else {
      return #expect(Bool(false), "no head")
    }
    #expect(old.anchors == [Anchor(width: 0.5, height: 1.5), Anchor(width: 2, height: 3)])
    #expect(old.softmax && old.rescore && old.biasMatch)
    #expect(old.threshold == 0.6)
    #expect(old.objectScale == 5)
    #expect(region.warnings.isEmpty)
    #expect(region.classes == 2)
  }
}
