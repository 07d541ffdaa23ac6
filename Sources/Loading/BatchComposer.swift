import Torch

/// Puts the pictures of planned batches together, by tensor operations on the training device.
///
/// Every output pixel is looked up once: its place on the canvas through the inverse map, the tile
/// by quadrant, the pixel in one long row of pixels. Where pixels fall on pixels and the device is
/// a CPU, the same is done by copying rectangles. Colours, scaling to `0...1` and the order of
/// dimensions follow on the result.
final class BatchComposer {
  private let device: Device
  private let channels: Int
  private let fill: UInt8
  private let changesColors: Bool
  /// Pixel centres `[size]` by size, of the sizes met so far.
  private var centers: [Int: Tensor] = [:]

  init(device: Device, channels: Int, settings: AugmentationSettings) {
    (self.device, self.channels) = (device, channels)
    fill = settings.fill
    changesColors =
      channels == 3 && (settings.hue != 0 || settings.saturation != 0 || settings.value != 0)
  }

  /// The middles of `size` pixels in a row.
  private func centers(_ size: Int) throws -> Tensor {
    if let known = centers[size] { return known }
    let made = try Tensor.arange(size, dtype: .float32, device: device) + 0.5
    centers[size] = made
    return made
  }

  /// The pictures of a batch.
  ///
  /// - Parameters:
  ///   - cache: the pixels of all pictures `[P, C]` when the plan's do not come with it.
  ///   - copiesRectangles: takes the copying way where it is possible; nil: on a CPU.
  /// - Returns: `[N, C, H, W]`, `float32` in `0...1`.
  func images(
    _ plan: BatchPlan, cache: Tensor? = nil, copiesRectangles: Bool? = nil
  ) throws -> Tensor {
    try withoutGrad {
      // A batch may show no pixel at all; the look-up then still needs one to look at.
      let pixels =
        try cache
        ?? Tensor(
          plan.pixels.isEmpty ? [UInt8](repeating: fill, count: channels) : plan.pixels,
          shape: [-1, channels].filled(plan.pixels.count, channels), device: device,
          pinned: device.isCUDA)
      let copies = cache == nil && plan.isWhole && (copiesRectangles ?? !device.isCUDA)
      if device.isCUDA {
        return try finished(looked(plan, plan.samples.indices, pixels), plan.samples)
      }
      // On a CPU one picture at a time stays in the processor's cache.
      return try Tensor.concatenated(
        plan.samples.indices.map { index in
          try finished(
            copies ? copied(plan, index, pixels) : looked(plan, index..<(index + 1), pixels),
            [plan.samples[index]])
        }, dim: 0)
    }
  }

  // MARK: Copying rectangles

  /// One sample `[1, C, H, W]` of bytes.
  private func copied(_ plan: BatchPlan, _ index: Int, _ pixels: Tensor) throws -> Tensor {
    let forward = plan.samples[index].forward
    let canvas = try Tensor.full([plan.height, plan.width, channels], Int(fill), dtype: .uint8)
    let mirrored = (forward.e < 0 ? [0] : []) + (forward.a < 0 ? [1] : [])
    for patch in plan.patches[index] {
      let first = forward(x: Double(patch.x), y: Double(patch.y))
      let last = forward(x: Double(patch.x + patch.width), y: Double(patch.y + patch.height))
      let source = try pixels.narrow(
        dim: 0, start: patch.offset, count: patch.width * patch.height
      ).reshaped([patch.height, patch.width, channels])
      try canvas
        .narrow(dim: 0, start: Int(min(first.y, last.y)), count: patch.height)
        .narrow(dim: 1, start: Int(min(first.x, last.x)), count: patch.width)
        .copyInPlace(mirrored.isEmpty ? source : source.flipped(dims: mirrored))
    }
    return try canvas.permuted([2, 0, 1]).contiguous().unsqueezed(0)
  }

  // MARK: Looking up

  /// Some samples `[n, C, H, W]`: bytes where pixels fall on pixels, else numbers in `0...255`.
  private func looked(
    _ plan: BatchPlan, _ range: Range<Int>, _ pixels: Tensor
  ) throws -> Tensor {
    let n = range.count
    let table = try LookupTable(plan, range, device: device)
    let columns = try centers(plan.width).reshaped([1, 1, plan.width])
    let rows = try centers(plan.height).reshaped([1, plan.height, 1])
    let u = try table.map(0) * columns + (table.map(1) * rows + table.map(2))
    let v = try table.map(3) * columns + (table.map(4) * rows + table.map(5))
    let isRight = try (u .>= table.map(6)).to(.int64)
    let isBelow = try (v .>= table.map(7)).to(.int64)
    let place = try (isRight + isBelow * 2 + table.firstPlace).flattened()
    let x = try u.flattened() - table.x.indexSelect(dim: 0, place)
    let y = try v.flattened() - table.y.indexSelect(dim: 0, place)
    let lastX = try table.lastX.indexSelect(dim: 0, place)
    let lastY = try table.lastY.indexSelect(dim: 0, place)
    let offset = try table.offset.indexSelect(dim: 0, place)
    let stride = try table.stride.indexSelect(dim: 0, place)
    let isInside = try (x .>= 0) .& (y .>= 0) .& (x .< lastX + 1) .& (y .< lastY + 1)

    func column(_ x: Tensor) throws -> Tensor {
      try x.minimum(lastX).clamped(min: 0).to(.int64)
    }
    func row(_ y: Tensor) throws -> Tensor {
      try y.minimum(lastY).clamped(min: 0).to(.int64) * stride + offset
    }
    let looked: Tensor
    if plan.samples[range].allSatisfy(\.forward.isWhole) {
      looked = try pixels.indexSelect(dim: 0, row(y.floor()) + column(x.floor()))
    } else {
      let (left, upper) = (try (x - 0.5).floor(), try (y - 0.5).floor())
      let (toRight, toLower) = (
        try (x - 0.5 - left).unsqueezed(1), try (y - 0.5 - upper).unsqueezed(1)
      )
      let (leftColumn, rightColumn) = (try column(left), try column(left + 1))
      func blended(_ row: Tensor) throws -> Tensor {
        let a = try pixels.indexSelect(dim: 0, row + leftColumn).to(.float32)
        let b = try pixels.indexSelect(dim: 0, row + rightColumn).to(.float32)
        return try a + (b - a) * toRight
      }
      let (a, b) = (try blended(row(upper)), try blended(row(upper + 1)))
      looked = try a + (b - a) * toLower
    }
    let filled = try looked.maskedFill((.!isInside).unsqueezed(1), Int(fill))
    return try filled.reshaped([n, plan.height, plan.width, channels]).permuted([0, 3, 1, 2])
      .contiguous()
  }

  // MARK: Colours

  /// `0...255` to `0...1`, with the samples' colour gains.
  private func finished(_ images: Tensor, _ samples: [SamplePlan]) throws -> Tensor {
    let scaled = try images.asUnitRange()
    return changesColors ? try ColorJitter.apply(scaled, gains: samples.map(\.gains)) : scaled
  }
}

extension [Int] {
  /// The shape with its first size taken from a count of elements, one row at least.
  fileprivate func filled(_ count: Int, _ channels: Int) -> [Int] {
    [Swift.max(count / channels, 1)] + dropFirst()
  }
}

/// The numbers that the look-up of some samples needs, uploaded as one small tensor.
private struct LookupTable {
  /// `[n × 4]`, one entry a tile: where it lies on the canvas and in the row of pixels.
  let x, y, lastX, lastY, offset, stride: Tensor
  /// `[n, 1, 1]`: the number of each sample's first tile.
  let firstPlace: Tensor
  private let maps: Tensor

  private static let mapColumns = 8
  private static let tileColumns = 6

  init(_ plan: BatchPlan, _ range: Range<Int>, device: Device) throws {
    let places = SamplePlan.mosaicTiles
    let width = Self.mapColumns + places * Self.tileColumns
    var values: [Double] = []
    for index in range {
      let sample = plan.samples[index]
      let map = sample.inverse
      values += [map.a, map.b, map.c, map.d, map.e, map.f]
      values += [Double(sample.centerX), Double(sample.centerY)]
      for place in 0..<places {
        guard let patch = plan.patches[index].first(where: { $0.place == place }) else {
          // No pixel is inside of this one.
          values += [0, 0, -1, -1, 0, 0]
          continue
        }
        values += [patch.x, patch.y, patch.width - 1, patch.height - 1, patch.offset, patch.stride]
          .map(Double.init)
      }
    }
    let n = range.count
    // Doubles hold every offset exactly; one upload for all.
    let table = try Tensor(values, shape: [n, width], device: device, pinned: device.isCUDA)
    maps = try table.narrow(dim: 1, start: 0, count: Self.mapColumns).to(.float32)
    let tiles = try table.narrow(dim: 1, start: Self.mapColumns, count: width - Self.mapColumns)
      .reshaped([n * places, Self.tileColumns]).transposed().contiguous()
    func column(_ index: Int, _ dtype: DType) throws -> Tensor {
      try tiles.select(dim: 0, index: index).to(dtype)
    }
    (x, y) = (try column(0, .float32), try column(1, .float32))
    (lastX, lastY) = (try column(2, .float32), try column(3, .float32))
    (offset, stride) = (try column(4, .int64), try column(5, .int64))
    firstPlace = try (Tensor.arange(n, device: device) * places).reshaped([n, 1, 1])
  }

  /// A coefficient of the samples' inverse maps, or their canvas's centre: `[n, 1, 1]`.
  func map(_ column: Int) throws -> Tensor {
    try maps.narrow(dim: 1, start: column, count: 1).unsqueezed(2)
  }
}
