import Darknet
import Foundation
import Testing
import _TestSupport

/// Every reference cfg that the real inputs hold.
@Suite(.enabled(if: realData != nil, "PARE_REALDATA is not set"))
struct ReferenceConfigurationTests {
  // Layers, trainable parameters and file bytes (docs/formulas.md 3.5), as
  // Tests/ParityTests/Python/darknet.py, which reads cfgs by itself, counts them.
  static let published: [String: (Int, Int, Int)] = [
    "enet-coco.cfg": (146, 4_770_414, 19_233_100),
    "yolov2-tiny.cfg": (16, 11_232_057, 44_948_600),
    "yolov2.cfg": (32, 50_962_889, 203_934_264),
    "yolov3-spp.cfg": (114, 62_998_749, 252_209_544),
    "yolov3-tiny.cfg": (24, 8_852_366, 35_434_956),
    "yolov3-tiny_3l.cfg": (31, 9_003_087, 36_039_888),
    "yolov3.cfg": (107, 61_949_149, 248_007_048),
    "yolov3_5l.cfg": (131, 62_344_923, 249_599_104),
    "yolov4-csp-swish.cfg": (176, 52_921_437, 211_944_840),
    "yolov4-csp.cfg": (175, 52_921_437, 211_944_840),
    "yolov4-tiny-3l.cfg": (45, 6_327_453, 25_336_200),
    "yolov4-tiny.cfg": (38, 6_056_606, 24_251_276),
    "yolov4.cfg": (162, 64_363_101, 257_717_640),
    "yolov4x-mish.cfg": (203, 99_751_053, 399_388_168),
    "yolov7-tiny.cfg": (99, 6_227_101, 24_967_560),
    "yolo-fastest-1.1.cfg": (131, 332_798, 1_384_268),
    "yolov3-asff.cfg": (114, 63_004_134, 252_231_084),
    "yolov3-ghost-coco.cfg": (172, 23_867_141, 95_624_040),
    "yolov3-mobilenet-coco.cfg": (97, 24_209_877, 97_005_352),
    "yolov3-spp-matrix.cfg": (150, 69_362_391, 277_690_736),
    "yolov3-spp-pan-scale.cfg": (133, 98_214_876, 393_081_220),
    "yolov3-spp3.cfg": (126, 64_276_701, 257_321_352),
    "yolov3-tiny3.cfg": (31, 9_213_453, 36_881_352),
    "yolov3tiny-efficientnetB0.cfg": (146, 4_770_414, 19_233_100),
    "yolov3tiny-mobilenet-small-coco.cfg": (61, 3_041_430, 12_227_116),
    "yolov4-relu.cfg": (162, 64_363_101, 257_717_640),
  ]

  static func files() throws -> [String] {
    let root = try #require(realData)
    return try ["cfg/darknet", "cfg/extended", "yolo-fastest"].flatMap { folder in
      try FileManager.default.contentsOfDirectory(atPath: root + "/" + folder).sorted()
        .filter { $0.hasSuffix(".cfg") }.map { "\(root)/\(folder)/\($0)" }
    }
  }

  @Test func `each is read, with its published size`() throws {
    let files = try Self.files()
    for path in files {
      let spec = try NetworkSpec(contentsOf: path)
      #expect(!spec.heads.isEmpty, "\(path)")
      #expect(try spec.shapes(width: 416, height: 320).count == spec.layers.count, "\(path)")
      let text = spec.configuration.text
      #expect(try Configuration(parsing: text, path: path) == spec.configuration, "\(path)")
      let name = URL(filePath: path).lastPathComponent
      let (layers, parameters, bytes) = try #require(Self.published[name], "\(path)")
      #expect(spec.layers.count == layers, "\(path)")
      #expect(spec.parameterCount == parameters, "\(path)")
      #expect(spec.weightsByteCount == bytes, "\(path)")
    }
    #expect(files.count >= 27)
  }

  // The BFLOPs that Darknet prints at 416×416.
  @Test(arguments: [
    ("yolov3", 65.864), ("yolov4", 60.105), ("yolov4-tiny", 6.908), ("yolov3-tiny", 5.565),
  ])
  func `operations are those that Darknet prints`(name: String, billions: Double) throws {
    let spec = try NetworkSpec(contentsOf: "\(try #require(realData))/cfg/darknet/\(name).cfg")
    let profile = try spec.profile(width: 416, height: 416)
    #expect(abs(profile.billionOperations - billions) < 0.0005)
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
