/// A convolution with its batch normalization and activation.
///
/// Output size: `(in + 2·padding − (dilation·(kernelSize − 1) + 1)) / stride + 1`, rounded down.
public struct ConvolutionSpec: Hashable, Sendable {
  /// Output channels (`filters`), 1...65536.
  public var outChannels: Int
  /// Rows and columns of the kernel (`size`), 1...64.
  public var kernelSize: Int
  /// Horizontal stride (`stride_x`, or `stride`).
  public var strideX: Int
  /// Vertical stride (`stride_y`, or `stride`).
  public var strideY: Int
  /// Zeros on each side. `pad=1` makes it `size / 2` (times ``dilation``), whatever the number;
  /// `padding` counts only without `pad`, as in Darknet.
  public var padding: Int
  /// Groups; they divide input and output channels.
  public var groups: Int
  /// Spacing of the kernel's taps, 1 for none.
  public var dilation: Int
  /// Whether batch normalization replaces the bias (`batch_normalize`).
  public var batchNormalize: Bool
  /// The activation, after normalization.
  public var activation: Activation
  /// Darknet's blur after a convolution with stride: 0 none, 1 a 3×3 kernel, 2 a 2×2 kernel. The
  /// convolution then has stride 1 and the blur has its stride.
  public var antialiasing: Int
  /// The layer whose parameters this one uses (`share_index`); it then has none in `.weights`.
  public var shareIndex: Int?

  /// Rows of the kernel.
  public var kernelHeight: Int { kernelSize }
  /// Columns of the kernel.
  public var kernelWidth: Int { kernelSize }
}

extension ConvolutionSpec {
  /// ε inside the root of batch normalization. Darknet's own code has both 1e-5 inside and 1e-6
  /// outside the root (docs/formulas.md 1.2).
  public static let epsilon = 1e-5
  /// The largest kernel that is accepted.
  public static let maximumKernelSize = 64

  init(
    _ reader: inout SectionReader, index: Int, inChannels: Int
  ) throws(ConfigurationError) {
    outChannels = try reader.requiredInteger("filters", in: 1...65536)
    kernelSize = try reader.requiredInteger("size", in: 1...Self.maximumKernelSize)
    let stride = try reader.integer("stride", in: 1...64, default: 1)
    strideX = try reader.integer("stride_x", in: 1...64, default: stride)
    strideY = try reader.integer("stride_y", in: 1...64, default: stride)
    let dilationKey = try reader.integer("dilation", in: 1...64, default: 1)
    dilation = kernelSize == 1 ? 1 : dilationKey
    let explicitPadding = try reader.integer("padding", in: 0...4096, default: 0)
    let pads = try reader.flag("pad")
    padding = (pads ? kernelSize / 2 : explicitPadding) * dilation
    batchNormalize = try reader.flag("batch_normalize")
    activation = try reader.activation(default: nil)
    if reader.section.name == "depthwise" {
      groups = try reader.integer("groups", in: 1...65536, default: inChannels)
      guard groups == inChannels else {
        throw .mismatch(
          "'groups=\(groups)' of a [depthwise] is not the \(inChannels) channels it reads",
          at: reader.place(of: "groups"))
      }
      antialiasing = 0
      shareIndex = nil
    } else {
      groups = try reader.integer("groups", in: 1...65536, default: 1)
      antialiasing = try reader.integer("antialiasing", in: 0...2, default: 0)
      shareIndex = try reader.references("share_index", of: index)?.first
    }
    for (what, channels) in [("channels it reads", inChannels), ("filters", outChannels)]
    where channels % groups != 0 {
      throw .mismatch(
        "\(groups) groups do not divide the \(channels) \(what)",
        at: reader.place(of: reader.section["groups"] == nil ? "filters" : "groups"))
    }
    // `flipped` says that the file has the kernels transposed.
    try reader.refuse([
      "assisted_excitation", "bin_output", "binary", "coordconv", "deform", "flipped", "reverse",
      "rotate", "stretch", "stretch_sway", "sway", "xnor",
    ])
    reader.know(SectionReader.trainingKeys)
    reader.know(["angle", "dot", "grad_centr", "use_bin_output"])
  }

  /// The output for an `input` that holds at least one window, blur included.
  ///
  /// A height or width below 1 means that the kernel does not fit.
  public func outputShape(of input: FeatureShape) -> FeatureShape {
    let shape = convolvedShape(of: input)
    return blur?.outputShape(of: shape) ?? shape
  }

  /// What follows the convolution where the cfg asks for antialiasing: then that has stride 1.
  public var blur: BlurSpec? {
    BlurSpec(antialiasing: antialiasing, strideX: strideX, strideY: strideY)
  }

  /// The output of the convolution itself, before a blur.
  func convolvedShape(of input: FeatureShape) -> FeatureShape {
    let span = dilation * (kernelSize - 1) + 1
    func length(_ length: Int, _ stride: Int) -> Int {
      let room = length + 2 * padding - span
      return room >= 0 ? room / (antialiasing > 0 ? 1 : stride) + 1 : 0
    }
    return FeatureShape(
      channels: outChannels, height: length(input.height, strideY),
      width: length(input.width, strideX))
  }

  /// The kernel's shape, `[outChannels, inChannels / groups, kernelSize, kernelSize]`.
  public func weightShape(inChannels: Int) -> [Int] {
    [outChannels, inChannels / groups, kernelSize, kernelSize]
  }

  /// Whether every output channel is computed from one input channel alone.
  ///
  /// A convolution over one channel counts as an ordinary one: it may make that channel's
  /// successors independent of each other.
  package func isDepthwise(inputChannels: Int) -> Bool { groups > 1 && groups == inputChannels }
}

extension SectionReader {
  /// Keys that any layer may have and that concern Darknet's training only.
  static let trainingKeys = [
    "burnin_update", "clip", "dont_update", "learning_rate", "onlyforward", "stopbackward",
    "stream", "train_only_bn", "wait_stream_id",
  ]
}
