import Darknet
import Testing

/// Planted mistakes, one a case, each with the whole line that a user reads.
@Suite struct BadConfigurationTests {
  static let convolution = "[convolutional]\nfilters=8\nsize=3\npad=1\nactivation=leaky\n"
  static let head =
    "[convolutional]\nfilters=21\nsize=1\nactivation=linear\n"
    + "[yolo]\nmask=0,1,2\nanchors=1,1,2,2,3,3\nclasses=2\n"

  static let keys: [(String, String)] = [
    ("stride=two\n", "net.cfg:10: 'stride=two' is not a whole number"),
    ("stride=2.0\n", "net.cfg:10: 'stride=2.0' is not a whole number"),
    ("stride=0x2\n", "net.cfg:10: 'stride=0x2' is not a whole number"),
    ("stride=-\n", "net.cfg:10: 'stride=-' is not a whole number"),
    ("stride=0\n", "net.cfg:10: 'stride=0' is out of range, expected 1...64"),
    ("stride=-1\n", "net.cfg:10: 'stride=-1' is out of range, expected 1...64"),
    (
      "stride=99999999999999999999\n",
      "net.cfg:10: 'stride=99999999999999999999' is out of range, expected 1...64"
    ),
    ("stride_x=0\n", "net.cfg:10: 'stride_x=0' is out of range, expected 1...64"),
    ("dilation=-2\n", "net.cfg:10: 'dilation=-2' is out of range, expected 1...64"),
    ("padding=-1\n", "net.cfg:10: 'padding=-1' is out of range, expected 0...4096"),
    ("groups=0\n", "net.cfg:10: 'groups=0' is out of range, expected 1...65536"),
    ("groups=2\n", "net.cfg:10: 2 groups do not divide the 3 channels it reads"),
    ("groups=3\n", "net.cfg:10: 3 groups do not divide the 8 filters"),
    ("flipped=1\n", "net.cfg:10: 'flipped=1' of [convolutional] is not supported"),
    ("dontload=1\n", "net.cfg:10: 'dontload=1' of [convolutional] is not supported"),
    ("xnor=1\n", "net.cfg:10: 'xnor=1' of [convolutional] is not supported"),
    ("antialiasing=3\n", "net.cfg:10: 'antialiasing=3' is out of range, expected 0...2"),
    (
      "share_index=0\n",
      "net.cfg:10: 'share_index=0' of layer 0 refers to the layer itself"
    ),
  ]

  @Test(arguments: keys)
  func `a convolution with a wrong key`(key: String, message: String) {
    expect(Self.convolution + key, message)
  }

  static let entries: [(String, String)] = [
    ("size=3\nactivation=relu\n", "net.cfg:5: [convolutional] has no 'filters'"),
    ("filters=8\nactivation=relu\n", "net.cfg:5: [convolutional] has no 'size'"),
    ("filters=8\nsize=3\n", "net.cfg:5: [convolutional] has no 'activation'"),
    (
      "filters=0\nsize=3\nactivation=relu\n",
      "net.cfg:6: 'filters=0' is out of range, expected 1...65536"
    ),
    (
      "filters=65537\nsize=3\nactivation=relu\n",
      "net.cfg:6: 'filters=65537' is out of range, expected 1...65536"
    ),
    (
      "filters=8\nsize=65\nactivation=relu\n",
      "net.cfg:7: 'size=65' is out of range, expected 1...64"
    ),
    (
      "filters=8\nsize=3\nactivation=leeky\n",
      "net.cfg:8: 'activation=leeky' is not a known activation; did you mean 'leaky'?"
    ),
    (
      "filters=8\nsize=40\nactivation=relu\n",
      "net.cfg:5: layer 0, [convolutional], leaves nothing of its input, 3×32×32: "
        + "its window does not fit"
    ),
  ]

  @Test(arguments: entries)
  func `a convolution without what it needs`(entries: String, message: String) {
    expect("[convolutional]\n" + entries, message)
  }

  static let sections: [(String, String)] = [
    ("[route]\n", "net.cfg:10: [route] has no 'layers'"),
    ("[route]\nlayers=\n", "net.cfg:11: 'layers=' is neither a [section] nor key=value"),
    ("[route]\nlayers=x\n", "net.cfg:11: 'layers=x' is not a list of whole numbers"),
    ("[route]\nlayers=-1,\n", "net.cfg:11: 'layers=-1,' is not a list of whole numbers"),
    ("[route]\nlayers=1\n", "net.cfg:11: 'layers=1' of layer 1 refers to the layer itself"),
    (
      "[route]\nlayers=2\n\(convolution)",
      "net.cfg:11: 'layers=2' of layer 1 refers to a later layer, only layers before it can be read"
    ),
    (
      "[route]\nlayers=500\n",
      "net.cfg:11: 'layers=500' of layer 1 refers to a later layer, only layers before it can be read"
    ),
    (
      "[route]\nlayers=-2\n",
      "net.cfg:11: 'layers=-2' of layer 1 counts back to before the first layer"
    ),
    (
      "[route]\nlayers=-9223372036854775808\n",
      "net.cfg:11: 'layers=-9223372036854775808' of layer 1 counts back to before the first layer"
    ),
    (
      "[route]\nlayers=-1\ngroups=3\n",
      "net.cfg:12: layer 1, [route], cuts layer 0 (line 5, 8×32×32) into 3 groups, "
        + "which do not divide its channels"
    ),
    (
      "[route]\nlayers=-1\ngroups=2\ngroup_id=2\n",
      "net.cfg:13: 'group_id=2' is out of range, expected 0...1"
    ),
    (
      "[maxpool]\nsize=2\nstride=2\n[route]\nlayers=-1,0\n",
      "net.cfg:14: layer 2, [route], joins layer 1 (line 10, 8×16×16) and layer 0 "
        + "(line 5, 8×32×32), whose grids differ"
    ),
    (
      "[maxpool]\nsize=2\nstride=2\n[shortcut]\nfrom=-2\n",
      "net.cfg:14: layer 2, [shortcut], adds layer 0 (line 5, 8×32×32) to layer 1 "
        + "(line 10, 8×16×16), whose grids differ"
    ),
    ("[shortcut]\nactivation=linear\n", "net.cfg:10: [shortcut] has no 'from'"),
    (
      "[shortcut]\nfrom=-1\nweights_type=per_pixel\n",
      "net.cfg:12: 'weights_type=per_pixel' is not one of none, per_feature, per_channel"
    ),
    (
      "[scale_channels]\nfrom=-1\n",
      "net.cfg:11: layer 1, [scale_channels], scales layer 0 (line 5, 8×32×32) by layer 0 "
        + "(line 5, 8×32×32), expected 8×1×1"
    ),
    ("[sam]\nfrom=-1,-1\n", "net.cfg:11: 'from=-1,-1' is not one layer"),
    (
      "[maxpool]\nsize=2\nstride=2\n[sam]\nfrom=0\n",
      "net.cfg:14: layer 2, [sam], multiplies layer 1 (line 10, 8×16×16) and layer 0 "
        + "(line 5, 8×32×32)"
    ),
    (
      "[reorg]\nstride=3\n",
      "net.cfg:11: layer 1, [reorg], cuts layer 0 (line 5, 8×32×32) into squares of 3, "
        + "which do not divide its grid"
    ),
    (
      "[maxpool]\nmaxpool_depth=1\nout_channels=9\n",
      "net.cfg:12: 'out_channels=9' is out of range, expected 1...8"
    ),
    (
      "[reorg]\nstride=4\n",
      "net.cfg:11: layer 1, [reorg], reads layer 0 (line 5, 8×32×32) as maps of 16 times the area, "
        + "which do not divide its channels"
    ),
    ("[upsample]\nstride=-2\n", "net.cfg:11: 'stride=-2' is out of range, expected 1...64"),
    ("[maxpool]\nsize=0\n", "net.cfg:11: 'size=0' is out of range, expected 1...1024"),
    ("[maxpool]\nantialiasing=3\n", "net.cfg:11: 'antialiasing=3' is out of range, expected 0...2"),
    (
      "[local_avgpool]\nantialiasing=1\n",
      "net.cfg:11: 'antialiasing=1' of [local_avgpool] is not supported"
    ),
    (
      "[maxpool]\nsize=64\npadding=0\n",
      "net.cfg:10: layer 1, [maxpool], leaves nothing of its input, 8×32×32: its window does not fit"
    ),
    (
      "[dropout]\nprobability=1.5\n",
      "net.cfg:11: 'probability=1.5' is out of range, expected 0.0...1.0"
    ),
    ("[dropout]\nprobability=nan\n", "net.cfg:11: 'probability=nan' is not a number"),
    (
      "[depthwise]\nfilters=12\nsize=3\nactivation=relu\n",
      "net.cfg:11: 8 groups do not divide the 12 filters"
    ),
    ("[se]\nfilters=4\n", "net.cfg:11: 'filters=4' of an [se] is not the 8 channels it reads"),
    ("[se]\nreduction=16\n", "net.cfg:11: a reduction by 16 leaves nothing of 8 channels"),
    ("[yollo]\n", "net.cfg:10: unknown section [yollo]; did you mean [yolo]?"),
    ("[crnn]\n", "net.cfg:10: [crnn] is not supported: it is recurrent"),
    ("[lstm]\n", "net.cfg:10: [lstm] is not supported: it is recurrent"),
    ("[softmax]\n", "net.cfg:10: [softmax] is not supported: it belongs to a classifier"),
    ("[connected]\n", "net.cfg:10: [connected] is not supported: it belongs to a classifier"),
    (
      "[deconvolutional]\n",
      "net.cfg:10: [deconvolutional] is not supported: it belongs to a generative network"
    ),
    ("[detection]\n", "net.cfg:10: [detection] is not supported: it is older than [region]"),
    ("[net]\n", "net.cfg:10: [net] is not supported: it occurs in no detector"),
  ]

  // The names that Darknet's `string_to_layer_type` knows, and one of its forks.
  @Test(arguments: [
    "shortcut", "scale_channels", "sam", "crop", "cost", "detection", "region", "yolo",
    "Gaussian_yolo", "local", "conv", "convolutional", "activation", "net", "network", "crnn",
    "gru", "lstm", "conv_lstm", "rnn", "conn", "connected", "max", "maxpool", "local_avg",
    "local_avgpool", "reorg3d", "reorg", "reorg_old", "avg", "avgpool", "dropout", "lrn",
    "normalization", "batchnorm", "soft", "softmax", "contrastive", "route", "upsample", "empty",
    "silence", "implicit", "history", "deconv", "deconvolutional", "logistic", "l2norm", "iseg",
    "implicit_gan", "quantize_convolutional",
  ])
  func `every section of Darknet is read, or refused by name`(name: String) {
    do {
      _ = try spec(Self.convolution + "[\(name)]\n")
    } catch .unknownSection {
      Issue.record("[\(name)] is not known")
    } catch .unsupportedSection(let refused, let reason, _) {
      #expect(refused == name && !reason.isEmpty)
    } catch {
      // Known, and something that it needs is missing here.
      #expect("\(error)".contains("[\(name)]"), "\(error)")
    }
  }

  @Test(arguments: sections)
  func `a layer after a convolution`(section: String, message: String) {
    expect(Self.convolution + section, message)
  }

  static let heads: [(String, String, String)] = [
    (
      "filters=21", "filters=255",
      "net.cfg:9: [yolo] needs 21 channels, anchors × (5 + classes) = 3 × (5 + 2), and gets 255; "
        + "set 'filters=21' at line 5"
    ),
    (
      "mask=0,1,2", "mask=0,1,3",
      "net.cfg:10: 'mask=0,1,3' is out of range, expected 0...2, the number of anchors less one"
    ),
    (
      "mask=0,1,2", "mask=0,1,1",
      "net.cfg:10: 'mask=0,1,1' is not a list of different anchors"
    ),
    (
      "2,2,3,3", "2,2,3",
      "net.cfg:11: 'anchors' has 5 numbers, expected pairs of width and height"
    ),
    ("2,2,3,3", "2,2,3,x", "net.cfg:11: 'anchors=1,1,2,2,3,x' is not a list of numbers"),
    (
      "2,2,3,3", "2,2,3,-3",
      "net.cfg:11: 'anchors=1,1,2,2,3,-3' is out of range, expected sizes in 0...100000"
    ),
    ("2,2,3,3", "2,2,3,inf", "net.cfg:11: 'anchors=1,1,2,2,3,inf' is not a list of numbers"),
    ("anchors=", "anker=", "net.cfg:9: [yolo] has no 'anchors'"),
    ("classes=2", "classes=0", "net.cfg:12: 'classes=0' is out of range, expected 1...65536"),
    ("classes=2", "class=2", "net.cfg:9: [yolo] has no 'classes'"),
    (
      "classes=2", "classes=2\nfrom=0,9",
      "net.cfg:13: 'from=0,9' of layer 1 does not name one layer for each head"
    ),
    (
      "classes=2", "classes=2\niou_loss=eiou",
      "net.cfg:13: 'iou_loss=eiou' is not one of mse, iou, giou, diou, ciou"
    ),
    (
      "classes=2", "classes=2\n\(convolution)",
      "net.cfg:13: layer 2, [convolutional], reads layer 1, [yolo] at 9, "
        + "which is a detection head; a [route] has to lead elsewhere"
    ),
    (
      "classes=2", "classes=2\n[route]\nlayers=0,1\n",
      "net.cfg:13: layer 2, [route], reads layer 1, [yolo] at 9, "
        + "which is a detection head; a [route] has to lead elsewhere"
    ),
  ]

  @Test(arguments: heads)
  func `a head with a mistake`(right: String, wrong: String, message: String) {
    expect(Self.head.replacing(right, with: wrong), message)
  }

  static let nets: [(String, String, String)] = [
    ("width=32", "wide=32", "net.cfg:1: [net] has no 'width'"),
    ("width=32", "width=0", "net.cfg:2: 'width=0' is out of range, expected 1...16384"),
    ("width=32", "width=16385", "net.cfg:2: 'width=16385' is out of range, expected 1...16384"),
    ("height=32", "height=-32", "net.cfg:3: 'height=-32' is out of range, expected 1...16384"),
    ("channels=3", "channels=0", "net.cfg:4: 'channels=0' is out of range, expected 1...1024"),
    ("channels=3", "channels=3\nmomentum=x", "net.cfg:5: 'momentum=x' is not a number"),
    (
      "channels=3", "channels=3\ndecay=-1",
      "net.cfg:5: 'decay=-1' is out of range, expected 0.0...1000.0"
    ),
    (
      "channels=3", "channels=3\npolicy=cosine",
      "net.cfg:5: 'policy=cosine' is not one of constant, step, steps, exp, poly, sig, random, sgdr"
    ),
    (
      "channels=3", "channels=3\npolicy=steps\nsteps=1,2\nscales=.1",
      "net.cfg:6: [net] has 2 'steps' and 1 'scales', expected as many of one as of the other"
    ),
  ]

  @Test(arguments: nets)
  func `a net section with a mistake`(right: String, wrong: String, message: String) {
    let text = smallNetwork(Self.convolution).replacing(right, with: wrong)
    let error = #expect(throws: ConfigurationError.self) {
      try NetworkSpec(Configuration(parsing: text, path: "net.cfg"))
    }
    #expect(error?.description == message)
  }

  @Test func `sizes that no machine holds are refused before anything is made`() {
    let doubled = String(repeating: "[upsample]\nstride=64\n", count: 4)
    expect(
      doubled,
      "net.cfg:7: layer 1, [upsample], makes 3×131072×131072 values, "
        + "more than a machine holds")
    let wide = String(
      repeating: "[convolutional]\nfilters=65536\nsize=64\npad=1\nactivation=relu\n", count: 2)
    expect(
      wide,
      "net.cfg:10: the parameters up to layer 1, [convolutional], are more than 4294967296")
    let joined = String(repeating: "[route]\nlayers=-1,-1,-1,-1\n", count: 12)
    expect(
      Self.convolution + joined,
      "net.cfg:26: layer 9, [route], makes 2097152×32×32 values, more than a machine holds")
  }

  @Test func `shapes are refused for sizes that do not suit the network`() throws {
    let network = try spec(
      Self.convolution.replacing("pad=1", with: "pad=0\nstride=2")
        + "[upsample]\nstride=2\n[route]\nlayers=-1,1\n")
    #expect(try network.shapes(width: 3, height: 3).map(\.width) == [1, 2, 2])
    let small = #expect(throws: ConfigurationError.self) {
      try network.shapes(width: 2, height: 3)
    }
    #expect(
      small?.description
        == "net.cfg:5: layer 0, [convolutional], leaves nothing of its input, 3×3×2: "
        + "its window does not fit")
    let none = #expect(throws: ConfigurationError.self) {
      try network.shapes(width: 0, height: 3)
    }
    #expect(none?.description == "net.cfg: 'width=0' is out of range, expected 1...16384")
  }

  private func expect(_ layers: String, _ message: String) {
    let error = #expect(throws: ConfigurationError.self) { try spec(layers) }
    #expect(error?.description == message)
  }
}
