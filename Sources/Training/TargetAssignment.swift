import Loading

/// Where a head predicts: its grid, and its anchors measured in cells.
public struct HeadGrid: Sendable, Hashable {
  /// Cells across.
  public var width: Int
  /// Cells down.
  public var height: Int
  /// Anchor sizes in cells.
  public var anchors: [AnchorInCells]

  /// One anchor, in cells of its head.
  public struct AnchorInCells: Sendable, Hashable {
    /// Width in cells.
    public var width: Float
    /// Height in cells.
    public var height: Float

    /// An anchor of a size in cells.
    public init(width: Float, height: Float) {
      self.width = width
      self.height = height
    }

    /// Overlap of two boxes with a common centre (docs/formulas.md 5.1).
    func iou(width otherWidth: Float, height otherHeight: Float) -> Float {
      let intersection = min(width, otherWidth) * min(height, otherHeight)
      let union = width * height + otherWidth * otherHeight - intersection
      return union > 0 ? intersection / union : 0
    }
  }

  /// A grid with its anchors.
  public init(width: Int, height: Int, anchors: [AnchorInCells]) {
    self.width = width
    self.height = height
    self.anchors = anchors
  }
}

/// The cells of one head that have to find something, and what they have to find.
///
/// Everything is worked out on the host, from the labels alone, so that a training step never waits
/// for the device. `P` is the number of matched (target, anchor) pairs.
public struct HeadTargets: Sendable, Hashable {
  /// Index into the cells `[N, anchors, height, width]`, flattened; `P` values.
  public var cells: [Int64] = []
  /// Centre within the cell (`0..<1`) and size in cells: x, y, width, height; `4P` values.
  public var boxes: [Float] = []
  /// Anchor width and height in cells; `2P` values.
  public var anchors: [Float] = []
  /// Class index; `P` values.
  public var classes: [Int64] = []

  /// Matched pairs.
  public var count: Int { cells.count }
}

extension HeadGrid {
  /// Matches targets with anchors: **every** anchor whose overlap with the target, both centred at
  /// the same point, exceeds `threshold` is positive, in the one cell that holds the target's
  /// centre (docs/formulas.md 5.1).
  public func assign(_ targets: [BatchTarget], threshold: Float) -> HeadTargets {
    assign(targets) { overlaps in overlaps.indices.filter { overlaps[$0] > threshold } }
  }

  /// Matches each target with the one anchor that overlaps it most, both centred at the same point;
  /// of equal ones with the first.
  public func assignNearest(_ targets: [BatchTarget]) -> HeadTargets {
    assign(targets) { overlaps in
      guard let best = overlaps.max(), let index = overlaps.firstIndex(of: best) else { return [] }
      return [index]
    }
  }

  /// Matches each target with the anchors that `choose` picks by their overlaps with it.
  private func assign(
    _ targets: [BatchTarget], choose: ([Float]) -> [Int]
  ) -> HeadTargets {
    var result = HeadTargets()
    for target in targets {
      let x = target.centerX * Float(width)
      let y = target.centerY * Float(height)
      let w = target.width * Float(width)
      let h = target.height * Float(height)
      // A centre on the right or lower border belongs to the last cell.
      let column = min(Int(x), width - 1)
      let row = min(Int(y), height - 1)
      for index in choose(anchors.map { $0.iou(width: w, height: h) }) {
        let cell = ((target.imageIndex * anchors.count + index) * height + row) * width + column
        result.cells.append(Int64(cell))
        result.boxes += [x - Float(column), y - Float(row), w, h]
        result.anchors += [anchors[index].width, anchors[index].height]
        result.classes.append(Int64(target.classIndex))
      }
    }
    return result
  }
}
