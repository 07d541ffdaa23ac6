import Datasets
import Vision

/// Batches of pictures of like proportions, each in the smallest input that takes them all
/// (docs/formulas.md 4.6).
struct RectangularBatches: Hashable, Sendable {
  /// One batch.
  struct Batch: Hashable, Sendable {
    /// Numbers of its pictures.
    var pictures: [Int]
    /// The input, in pixels.
    var width, height: Int
  }

  /// From the widest pictures to the highest; the last one may be smaller than the others.
  let batches: [Batch]

  /// Sorts pictures by height / width and divides them.
  ///
  /// - Parameters:
  ///   - sizes: nil for unreadable pictures, which come last and do not count for the input.
  ///   - longSide: the longer side of each picture in the input, in pixels.
  ///   - multiple: of the input's sides: the network's greatest stride.
  init(_ sizes: [PictureSize?], batchSize: Int, longSide: Int, multiple: Int) {
    let order = sizes.indices.sorted {
      (sizes[$0]?.aspect ?? .infinity, $0) < (sizes[$1]?.aspect ?? .infinity, $1)
    }
    batches = stride(from: 0, to: order.count, by: batchSize).map { start in
      let pictures = Array(order[start..<min(start + batchSize, order.count)])
      let aspects = pictures.compactMap { sizes[$0]?.aspect }
      let input = InputGeometry.smallestInput(
        aspects: (aspects.first ?? 1)...(aspects.last ?? 1), longSide: longSide, multiple: multiple)
      return Batch(pictures: pictures, width: input.width, height: input.height)
    }
  }
}
