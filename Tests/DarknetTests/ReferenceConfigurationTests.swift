import Darknet
import Foundation
import Testing
import _TestSupport

/// Every reference cfg that the real inputs hold.
@Suite(.enabled(if: realData != nil, "PARE_REALDATA is not set"))
struct ReferenceConfigurationTests {
  // Layers, trainable parameters and file bytes of SPEC 2.8 where it has the file, else as they
  // were when first read.
  static let published: [String: (Int, Int, Int)] = [
    "yolov3.cfg": (107, 61_949_149, 248_007_048),
    "yolov3-spp.cfg": (114, 62_998_749, 252_209_544),
    "yolov3-spp3.cfg": (126, 64_276_701, 257_321_352),
    "yolov3-tiny.cfg": (24, 8_852_366, 35_434_956),
    "yolov3-tiny3.cfg": (31, 9_213_453, 36_881_352),
    "yolov4.cfg": (162, 64_363_101, 257_717_640),
    "yolov4-relu.cfg": (162, 64_363_101, 257_717_640),
    "yolov4-tiny.cfg": (38, 6_056_606, 24_251_276),
    "yolov3-mobilenet-coco.cfg": (97, 24_209_877, 97_005_352),
    "yolov3tiny-mobilenet-small-coco.cfg": (61, 3_041_430, 12_227_116),
    "yolov3-ghost-coco.cfg": (172, 23_867_141, 95_624_040),
    "yolo-fastest-1.1.cfg": (131, 332_798, 1_384_268),
    // yolov2.weights, as published.
    "yolov2.cfg": (32, 50_962_889, 203_934_264),
  ]

  static func files() throws -> [String] {
    let root = try #require(realData)
    return try ["cfg/darknet", "cfg/extended", "yolo-fastest"].flatMap { folder in
      try FileManager.default.contentsOfDirectory(atPath: root + "/" + folder).sorted()
        .filter { $0.hasSuffix(".cfg") }.map { "\(root)/\(folder)/\($0)" }
    }
  }

  @Test func `each is read, with its published size`() throws {
    var checked = 0
    let files = try Self.files()
    for path in files {
      let spec = try NetworkSpec(contentsOf: path)
      #expect(!spec.heads.isEmpty, "\(path)")
      #expect(try spec.shapes(width: 416, height: 320).count == spec.layers.count, "\(path)")
      let text = spec.configuration.text
      #expect(try Configuration(parsing: text, path: path) == spec.configuration, "\(path)")
      guard let name = path.split(separator: "/").last,
        let (layers, parameters, bytes) = Self.published[String(name)]
      else { continue }
      checked += 1
      #expect(spec.layers.count == layers, "\(path)")
      #expect(spec.parameterCount == parameters, "\(path)")
      #expect(spec.weightsByteCount == bytes, "\(path)")
    }
    #expect(files.count >= 27)
    #expect(checked >= Self.published.count)
  }

  @Test func `weights of each go through byte for byte`() throws {
    let folder = try TemporaryFolder()
    var generator = SeededGenerator(seed: 9)
    let block = (0..<16_384).map { _ in generator.next() }
      .withUnsafeBytes { [UInt8](UnsafeRawBufferPointer($0)) }
    for path in try Self.files() {
      let spec = try NetworkSpec(contentsOf: path)
      var bytes: [UInt8] = [0, 0, 0, 0, 2, 0, 0, 0, 5, 0, 0, 0, 7, 0, 0, 0, 0, 0, 0, 0]
      bytes.reserveCapacity(spec.weightsByteCount + block.count)
      // Any bits will do: numbers are not looked at on their way.
      while bytes.count < spec.weightsByteCount { bytes += block }
      bytes.removeLast(bytes.count - spec.weightsByteCount)
      let parameters = try WeightsFile.read(bytes: bytes, path: path, for: spec)
      try WeightsFile.write(parameters, for: spec, to: folder.file("a"))
      let written = try Data(
        contentsOf: URL(fileURLWithPath: folder.file("a")), options: .alwaysMapped)
      // Comparing as arrays would copy hundreds of megabytes once more.
      let isSame = bytes.withUnsafeBytes { written.elementsEqual(in: $0) }
      #expect(isSame, "\(path)")
    }
  }

  @Test func `only what is known to be odd is warned about`() throws {
    var warnings: [String: Int] = [:]
    for path in try Self.files() {
      let count = try NetworkSpec(contentsOf: path).warnings.count
      if count > 0, let name = path.split(separator: "/").last { warnings[String(name)] = count }
    }
    // Four convolutions that cannot share weights, see NetworkSpecTests.
    #expect(warnings == ["yolov3-spp-matrix.cfg": 4])
  }
}

extension Data {
  /// Whether the memory holds the same bytes.
  fileprivate func elementsEqual(in memory: UnsafeRawBufferPointer) -> Bool {
    withUnsafeBytes { own in
      guard own.count == memory.count, let a = own.baseAddress, let b = memory.baseAddress
      else { return own.count == memory.count }
      return memcmp(a, b, own.count) == 0
    }
  }
}
