/// How long a convolution takes at several widths, and the widths that are worth having.
///
/// Machines compute channels in blocks, so latency rises in steps: within one, channels that go
/// save nothing. The largest width of a step is its edge.
public struct WidthStaircase: Hashable, Codable, Sendable {
  /// The latency of one width.
  public struct Point: Hashable, Codable, Sendable {
    /// Channels.
    public var width: Int
    /// Milliseconds of one picture.
    public var milliseconds: Double

    /// A width and its latency.
    public init(width: Int, milliseconds: Double) {
      (self.width, self.milliseconds) = (width, milliseconds)
    }
  }

  /// The measured widths, ascending; the last is the layer's own.
  public let points: [Point]
  /// The upper edges of the steps, ascending; the last is the layer's own width.
  public let edges: [Int]

  /// Finds the steps.
  ///
  /// - Parameters:
  ///   - points: ascending by width.
  ///   - tolerance: by what share a latency may be longer and still count as the same.
  public init(_ points: [Point], tolerance: Double = 0.03) {
    self.points = points
    // From the widest down: a width is an edge when every wider one takes longer.
    var shortest = Double.infinity
    var edges: [Int] = []
    for point in points.reversed() where point.milliseconds * (1 + tolerance) < shortest {
      edges.append(point.width)
      shortest = point.milliseconds
    }
    self.edges = edges.reversed()
  }

  /// The edge of the step that a width is on; the width itself beyond the last.
  public func edge(of width: Int) -> Int { edges.first { $0 >= width } ?? width }

  /// The widths to measure for a layer: multiples, 16 at most, and its own.
  static func widths(upTo width: Int, multiple: Int) -> [Int] {
    let step = max((width + 16 * multiple - 1) / (16 * multiple), 1) * multiple
    return Array(stride(from: step, to: width, by: step)) + [width]
  }
}
