import Darknet

extension NetworkSpec {
  /// Runs of layers of one grid, in the order of the cfg: where group pruning has shares of its
  /// own.
  ///
  /// Grids finer than stride 8 count as one with it, since a backbone's first layers are few; what
  /// is pooled to a single cell belongs to the layers around it.
  public var stages: [Range<Int>] {
    var starts = [0]
    var current = 8
    for (index, shape) in shapes.enumerated() where shape.width > 1 {
      let stride = max(net.width / shape.width, 8)
      if stride != current, index > 0 { starts.append(index) }
      current = stride
    }
    return zip(starts, starts.dropFirst() + [layers.count]).map { $0..<$1 }
  }
}
