/// The size of one feature map, `[channels, height, width]`, without the batch.
public struct FeatureShape: Hashable, Sendable {
  /// Channels, at least 1.
  public var channels: Int
  /// Rows, at least 1.
  public var height: Int
  /// Columns, at least 1.
  public var width: Int

  /// A feature map of `channels` × `height` × `width`.
  public init(channels: Int, height: Int, width: Int) {
    self.channels = channels
    self.height = height
    self.width = width
  }

  /// Values in the map: `channels × height × width`.
  public var count: Int { channels * height * width }

  /// True when the two maps cover the same grid, whatever their channels.
  public func hasSameGrid(as other: FeatureShape) -> Bool {
    height == other.height && width == other.width
  }
}

extension FeatureShape: CustomStringConvertible {
  /// `channels×height×width`, as in `255×13×13`.
  public var description: String { "\(channels)×\(height)×\(width)" }
}
