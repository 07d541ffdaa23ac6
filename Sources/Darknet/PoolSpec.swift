/// A maximum or average over windows, with Darknet's padding.
///
/// Output size: `(in + padding − size) / stride + 1`, rounded down, before a blur. The first window
/// starts at `−(padding / 2)`; what lies outside the map counts as −∞ for a maximum, and not at all
/// for an average. So a 2/1 pool keeps its size and reads one column to the right and one row
/// below.
public struct PoolSpec: Hashable, Sendable {
  /// Rows and columns of the window, 1...1024.
  public var size: Int
  /// Horizontal stride (`stride_x`, or `stride`).
  public var strideX: Int
  /// Vertical stride (`stride_y`, or `stride`).
  public var strideY: Int
  /// Rows and columns added in total, both sides together; `size − 1` unless the cfg says.
  public var padding: Int
  /// Darknet's `antialiasing` of a maximum, 0...2: the pool itself then has stride 1, and
  /// ``BlurSpec`` the strides.
  public var antialiasing: Int
}

extension PoolSpec {
  init(_ reader: inout SectionReader) throws(ConfigurationError) {
    let stride = try reader.integer("stride", in: 1...1024, default: 1)
    strideX = try reader.integer("stride_x", in: 1...1024, default: stride)
    strideY = try reader.integer("stride_y", in: 1...1024, default: stride)
    size = try reader.integer("size", in: 1...1024, default: stride)
    padding = try reader.integer("padding", in: 0...4096, default: size - 1)
    if reader.section.name == "maxpool" {
      antialiasing = try reader.integer("antialiasing", in: 0...2, default: 0)
    } else {
      try reader.refuse(["antialiasing"])
      antialiasing = 0
    }
    try reader.refuse(["maxpool_depth", "maxpool_zero_nonmax"])
    reader.know(SectionReader.trainingKeys)
    reader.know(["out_channels"])
  }

  /// What follows the pool where the cfg asks for antialiasing.
  public var blur: BlurSpec? {
    BlurSpec(antialiasing: antialiasing, strideX: strideX, strideY: strideY)
  }

  /// The vertical and horizontal stride of the pool itself.
  public var poolStride: (y: Int, x: Int) { antialiasing > 0 ? (1, 1) : (strideY, strideX) }

  /// Rows or columns left of (above) the map that the first window covers.
  public var leadingPadding: Int { padding / 2 }
  /// Rows or columns right of (below) the map that the last window may cover.
  public var trailingPadding: Int { padding - leadingPadding }

  /// The grid that the pool makes of `input`; a height or width below 1 means that it does not fit.
  public func outputShape(of input: FeatureShape) -> FeatureShape {
    func length(_ length: Int, _ stride: Int) -> Int {
      let room = length + padding - size
      return room >= 0 ? room / stride + 1 : 0
    }
    let pooled = FeatureShape(
      channels: input.channels, height: length(input.height, poolStride.y),
      width: length(input.width, poolStride.x))
    return blur?.outputShape(of: pooled) ?? pooled
  }
}

/// A maximum over channels (`[maxpool]` with `maxpool_depth=1`): output channel k is the largest of
/// the input channels k, k + n, k + 2n and so on at the same place, where n is ``outChannels``.
public struct ChannelPoolSpec: Hashable, Sendable {
  /// Channels of the output (`out_channels`), at most those of the input.
  public var outChannels: Int
}

extension ChannelPoolSpec {
  /// The section's pool over channels; nil where it is one over places.
  init?(_ reader: inout SectionReader, inChannels: Int) throws(ConfigurationError) {
    guard try reader.flag("maxpool_depth") else { return nil }
    outChannels = try reader.integer("out_channels", in: 1...inChannels, default: 1)
    try reader.refuse(["antialiasing", "maxpool_zero_nonmax"])
    reader.know(SectionReader.trainingKeys)
    // A pool over channels has no window.
    reader.know(["padding", "size", "stride", "stride_x", "stride_y"])
  }
}
