/// The order in which hardware reads a kernel or a map: tiles of `inputs` × `outputs` channels
/// (docs/formats.md).
public struct TileOrder: Hashable, Sendable {
  /// Channels that are read at once, `TN` of the earlier programs.
  public var inputs: Int
  /// Channels that are made at once, `TM`.
  public var outputs: Int

  /// An order by tiles of at least one channel.
  public init(inputs: Int, outputs: Int) { (self.inputs, self.outputs) = (inputs, outputs) }

  /// Where each number of a kernel `[out, in, taps]` is from, tile by tile: for each tile of outputs,
  /// for each tile of inputs, tap, output, input. What is left at the ends makes narrower tiles.
  public func kernel(outputs: Int, inputs: Int, taps: Int) -> [Int] {
    var places: [Int] = []
    places.reserveCapacity(outputs * inputs * taps)
    for firstOutput in stride(from: 0, to: outputs, by: self.outputs) {
      for firstInput in stride(from: 0, to: inputs, by: self.inputs) {
        for tap in 0..<taps {
          for output in firstOutput..<min(firstOutput + self.outputs, outputs) {
            for input in firstInput..<min(firstInput + self.inputs, inputs) {
              places.append((output * inputs + input) * taps + tap)
            }
          }
        }
      }
    }
    return places
  }

  /// Where each number of a map `[channels, places]` is from: for each tile of channels, place,
  /// channel.
  public func map(channels: Int, places: Int) -> [Int] {
    stride(from: 0, to: channels, by: inputs).flatMap { first in
      (0..<places).flatMap { place in
        (first..<min(first + inputs, channels)).map { $0 * places + place }
      }
    }
  }
}

extension [Int] {
  /// The numbers at some places, in their order.
  public func ordered(by places: [Int]) -> [Int] { places.map { self[$0] } }

  /// The low bytes of each number, little-endian.
  public func littleEndian(byteCount: Int) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(count * byteCount)
    for number in self { bytes.appendLittleEndian(number, count: byteCount) }
    return bytes
  }
}
