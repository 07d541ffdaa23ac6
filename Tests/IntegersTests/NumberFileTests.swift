import Testing
import _TestSupport

@testable import Integers

@Suite struct NumberFileTests {
  @Test func `what is written is NumPy's form, and comes back`() throws {
    let folder = try TemporaryFolder()
    for (numbers, element) in [
      ([0, 255, 3, 4, 5, 6], NumberFile.Element.uint8), ([-128, 127, 0, 1, 2, 3], .int8),
      ([0, 65535, 1, 2, 3, 4], .uint16), ([-1, 255, 0, 0, 0, 0], .int16),
      ([-1, 1 << 30, 0, 0, 0, -(1 << 31)], .int32),
    ] {
      let file = NumberFile(numbers, shape: [1, 2, 3])
      #expect(file.element == element)
      try file.write(to: folder.file("a.npy"))
      #expect(try NumberFile(contentsOf: folder.file("a.npy")) == file)
      let bytes = try folder.bytes(of: "a.npy")
      #expect(Array(bytes[0..<8]) == [0x93, 0x4E, 0x55, 0x4D, 0x50, 0x59, 1, 0])
      #expect(bytes.count % 64 == 6 * element.byteCount % 64)
      let header = "{'descr': '\(element.rawValue)', 'fortran_order': False, 'shape': (1, 2, 3,), }"
      #expect(String(decoding: bytes[10..<10 + header.utf8.count], as: UTF8.self) == header)
    }
  }

  @Test func `other bytes are refused`() throws {
    let good = NumberFile([1, 2, 3], shape: [3]).bytes
    func error(_ bytes: [UInt8]) -> NumberFileError? {
      do throws(NumberFileError) {
        _ = try NumberFile(parsing: bytes, path: "a")
        return nil
      } catch { return error }
    }
    #expect(error(good) == nil)
    for count in 0..<10 { #expect(error(Array(good[..<count])) == .noNumbers(path: "a")) }
    #expect(error(Array(good.dropLast())) == .otherNumbers(path: "a"))
    #expect(error(good + [1]) == .otherNumbers(path: "a"))
    let text = String(decoding: good[10...], as: UTF8.self)
    for (old, new) in [("|u1", "<f4"), ("(3,)", "(x,)"), ("(3,)", "(-3)"), ("False", "True ")] {
      let changed = Array(good[..<10]) + Array(text.replacing(old, with: new).utf8)
      #expect(error(changed) == .otherNumbers(path: "a"), "\(new)")
    }
  }
}

@Suite struct TileOrderTests {
  // Three outputs and two inputs of one tap; tiles of 2 × 2: outputs 0 and 1, then 2.
  @Test func `tiles by hand`() {
    let order = TileOrder(inputs: 1, outputs: 2)
    // Places of (output, input): (0,0) (1,0), then (0,1) (1,1), then (2,0), (2,1).
    #expect(order.kernel(outputs: 3, inputs: 2, taps: 1) == [0, 2, 1, 3, 4, 5])
    // Two taps: tap 0 of both outputs, then tap 1.
    #expect(order.kernel(outputs: 2, inputs: 1, taps: 2) == [0, 2, 1, 3])
    // Three channels of two places, two at a time.
    #expect(TileOrder(inputs: 2, outputs: 1).map(channels: 3, places: 2) == [0, 2, 1, 3, 4, 5])
  }

  @Test func `what is ordered comes back`() {
    for (inputs, outputs) in [(1, 1), (2, 3), (8, 64), (5, 7)] {
      let places = TileOrder(inputs: inputs, outputs: outputs).kernel(
        outputs: 10, inputs: 9, taps: 4)
      #expect(places.sorted() == Array(0..<360))
      let numbers = (0..<360).map { $0 * 7 - 1000 }
      #expect(numbers.ordered(by: places).restored(from: places) == numbers)
    }
    #expect(
      [Int](littleEndian: [-1, 300, -300].littleEndian(byteCount: 2), byteCount: 2) == [
        -1, 300, -300,
      ])
  }
}
