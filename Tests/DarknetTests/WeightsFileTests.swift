import Darknet
import Testing
import _TestSupport

@Suite struct WeightsFileTests {
  /// 2·3·1·1 + 2 floats, then 7·2 + 7 = 21, for one class.
  static func layers(classes: Int) -> String {
    """
    [convolutional]
    filters=2
    size=1
    activation=relu
    [dropout]
    [convolutional]
    filters=\(5 + classes)
    size=1
    activation=linear
    [yolo]
    anchors=4,4
    classes=\(classes)
    """
  }
  let spec: NetworkSpec
  let folder: TemporaryFolder

  init() throws {
    spec = try Self.network(classes: 2)
    folder = try TemporaryFolder()
  }

  static func network(classes: Int) throws -> NetworkSpec {
    try NetworkSpec(
      Configuration(parsing: smallNetwork(layers(classes: classes)), path: "net.cfg"))
  }

  /// A header of version 0.2.5 and 7 pictures, then `count` floats 1, 2, 3 …
  static func bytes(_ count: Int) -> [UInt8] {
    var bytes: [UInt8] = [0, 0, 0, 0, 2, 0, 0, 0, 5, 0, 0, 0, 7, 0, 0, 0, 0, 0, 0, 0]
    for value in 0..<count {
      withUnsafeBytes(of: Float(value + 1).bitPattern.littleEndian) { bytes += $0 }
    }
    return bytes
  }

  @Test func `numbers land where the file has them, and go back byte for byte`() throws {
    let bytes = Self.bytes(8 + 21)
    let parameters = try WeightsFile.read(bytes: bytes, path: "a.weights", for: spec)
    #expect(
      parameters.header == WeightsHeader(major: 0, minor: 2, revision: 5, imagesSeen: 7))
    #expect(parameters.imagesSeen == 7)
    #expect(
      parameters.layers[0] == [
        .bias: ParameterArray(shape: [2], values: [1, 2]),
        .weight: ParameterArray(shape: [2, 3, 1, 1], values: [3, 4, 5, 6, 7, 8]),
      ])
    #expect(parameters.layers[1].isEmpty)
    #expect(parameters.layers[2][.bias]?.values == [9, 10, 11, 12, 13, 14, 15])
    #expect(parameters.layers[2][.weight]?.values.last == 29)

    try WeightsFile.write(parameters, for: spec, to: folder.file("b.weights"))
    #expect(try folder.bytes(of: "b.weights") == bytes)
    #expect(try WeightsFile.read(folder.file("b.weights"), for: spec) == parameters)
  }

  // Worked out from the shapes in NetworkParametersTests: the file holds 1, 2, 3 …
  @Test func `every block with parameters has its place in the file`() throws {
    let spec = try NetworkSpec(
      Configuration(
        parsing: smallNetwork(
          NetworkParametersTests.network
            + "\n[depthwise]\nbatch_normalize=1\nfilters=4\nsize=1\nactivation=relu\n"),
        path: "net.cfg"))
    let bytes = Self.bytes(267 + 20)
    let parameters = try WeightsFile.read(bytes: bytes, path: "a.weights", for: spec)
    func first(_ layer: Int, _ role: ParameterRole) -> Float? {
      parameters.layers[layer][role]?.values.first
    }
    // A convolution with batch normalization: 4 each, then 4·3·3·3 weights.
    #expect(first(0, .beta) == 1 && first(0, .gamma) == 5)
    #expect(first(0, .mean) == 9 && first(0, .variance) == 13 && first(0, .weight) == 17)
    // Depthwise without: 8 biases and 8·9 weights, the grouped one 4 and 4·4.
    #expect(first(1, .bias) == 125 && first(1, .weight) == 133)
    #expect(first(2, .bias) == 205 && first(2, .weight) == 209)
    // Shortcuts: a factor a summand, 3, then one a summand and channel, 2·4.
    #expect(first(3, .weight) == 225 && first(4, .weight) == 228)
    // Squeeze 2·4, excite 4·2; batch normalization on its own, 4 each.
    #expect(first(5, .squeeze) == 236 && first(5, .excite) == 244)
    #expect(first(6, .beta) == 252 && first(6, .gamma) == 256)
    #expect(first(6, .mean) == 260 && first(6, .variance) == 264)
    // Depthwise with batch normalization, after the dropout.
    #expect(first(8, .beta) == 268 && first(8, .variance) == 280 && first(8, .weight) == 284)
    try WeightsFile.write(parameters, for: spec, to: folder.file("b.weights"))
    #expect(try folder.bytes(of: "b.weights") == bytes)
  }

  @Test func `values keep their bits, NaN and minus zero too`() throws {
    var bytes = Self.bytes(29)
    bytes.replaceSubrange(20..<28, with: [0x01, 0x00, 0xC0, 0x7F, 0x00, 0x00, 0x00, 0x80])
    let parameters = try WeightsFile.read(bytes: bytes, path: "a.weights", for: spec)
    try WeightsFile.write(parameters, for: spec, to: folder.file("b.weights"))
    #expect(try folder.bytes(of: "b.weights") == bytes)
  }

  @Test(
    arguments: [
      ([0, 1, 0], 16), ([0, 2, 0], 20), ([0, 2, 5], 20), ([1, 0, 0], 20), ([0, 0, 9], 16),
      ([1000, 0, 0], 16), ([0, 1000, 0], 16), ([999, 0, 0], 20),
    ] as [([Int32], Int)])
  func `both forms of the header`(version: [Int32], length: Int) throws {
    var bytes = Self.bytes(29)
    for (index, number) in version.enumerated() {
      withUnsafeBytes(of: number.littleEndian) {
        bytes.replaceSubrange(4 * index..<4 * index + 4, with: $0)
      }
    }
    // 0xFFFFFFFF pictures are 2³² − 1 in 32 bits, and the lower half in 64.
    bytes.replaceSubrange(12..<16, with: [0xFF, 0xFF, 0xFF, 0xFF])
    if length == 16 { bytes.removeSubrange(16..<20) }
    let parameters = try WeightsFile.read(bytes: bytes, path: "a.weights", for: spec)
    #expect(parameters.header.byteCount == length)
    #expect(parameters.imagesSeen == 4_294_967_295)
    #expect(parameters.layers[0][.bias]?.values == [1, 2])
    try WeightsFile.write(parameters, for: spec, to: folder.file("b.weights"))
    #expect(try folder.bytes(of: "b.weights") == bytes)
  }

  @Test func `the old header refuses what it cannot count`() throws {
    var parameters = try countingParameters(spec)
    parameters.header = WeightsHeader(major: 0, minor: 1, revision: 0, imagesSeen: 1 << 32)
    let error = #expect(throws: WeightsError.self) {
      try WeightsFile.write(parameters, for: spec, to: folder.file("b.weights"))
    }
    #expect(
      error?.description
        == "4294967296 pictures seen are more than a header older than version 0.2 can hold")
    #expect(folder.files == [])
  }

  @Test func `a file that does not fit says where, and what it might be`() throws {
    let cases: [([UInt8], String)] = [
      (
        [],
        "a.weights: is not a Darknet weights file: "
          + "0 bytes are too few for a header of 16 or 20"
      ),
      (
        Array(Self.bytes(0).prefix(18)),
        "a.weights: is not a Darknet weights file: 18 bytes are too few for a header of 20"
      ),
      (
        Array("<!DOCTYPE html><html>".utf8),
        "a.weights: is not a Darknet weights file: it is text"
      ),
      (
        [UInt8](repeating: 0xFF, count: 24),
        "a.weights: is not a Darknet weights file: it starts with version -1.-1"
      ),
      (
        Self.bytes(5),
        "a.weights: these weights are cut short, or do not belong to this cfg: has 40 bytes, "
          + "net.cfg needs 136: it ends in layer 0, [convolutional] at net.cfg:5, which needs 8 floats and finds 5"
      ),
      (
        Array(Self.bytes(29).dropLast(2)),
        "a.weights: has 134 bytes, net.cfg needs 136: it ends in layer 2, [convolutional] "
          + "at net.cfg:10, which needs 21 floats and finds 20"
      ),
      (
        Self.bytes(29) + [1, 2],
        "a.weights: has 138 bytes, net.cfg needs 136: 2 bytes are left after layer 2, "
          + "[convolutional] at net.cfg:10"
      ),
      (
        Self.bytes(30),
        "a.weights: these weights do not belong to this cfg: has 140 bytes, net.cfg needs 136: "
          + "4 bytes are left after layer 2, [convolutional] at net.cfg:10"
      ),
      // 80 classes: 85·2 + 85 floats in the head.
      (
        Self.bytes(8 + 255),
        "a.weights: has 1072 bytes, net.cfg needs 136: 936 bytes are left after layer 2, "
          + "[convolutional] at net.cfg:10; it fits 80 classes"
      ),
      // 948 classes would fit as well: 953·2 + 953 floats. Another network is likelier.
      (
        Self.bytes(8 + 2859),
        "a.weights: these weights do not belong to this cfg: has 11488 bytes, net.cfg needs 136: "
          + "11352 bytes are left after layer 2, [convolutional] at net.cfg:10"
      ),
      (
        Self.bytes(8),
        "a.weights: has 52 bytes, net.cfg needs 136: it ends in layer 2, [convolutional] "
          + "at net.cfg:10, which needs 21 floats and finds 0; its size is that of the first layer alone"
      ),
    ]
    for (bytes, message) in cases {
      let error = #expect(throws: WeightsError.self) {
        try WeightsFile.read(bytes: bytes, path: "a.weights", for: spec)
      }
      #expect(error?.description == message)
    }
  }

  @Test func `a file that cannot be opened says why`() throws {
    let missing = #expect(throws: WeightsError.self) {
      try WeightsFile.read("/nowhere/a.weights", for: spec)
    }
    #expect(
      missing?.description == "/nowhere/a.weights: cannot be read: No such file or directory")
    let isFolder = #expect(throws: WeightsError.self) {
      try WeightsFile.read(folder.path, for: spec)
    }
    #expect(isFolder?.description == "\(folder.path): cannot be read: it is a folder")
  }

  @Test func `a network without parameters takes a header alone`() throws {
    let empty = try NetworkSpec(
      Configuration(parsing: smallNetwork("[dropout]\n"), path: "net.cfg"))
    #expect(
      try WeightsFile.read(bytes: Self.bytes(0), path: "a.weights", for: empty).layers == [[:]])
    let error = #expect(throws: WeightsError.self) {
      try WeightsFile.read(bytes: Self.bytes(1), path: "a.weights", for: empty)
    }
    #expect(
      error?.description
        == "a.weights: has 24 bytes, net.cfg needs 20: the network has no parameters")
  }

  // MARK: - Backbones

  @Test(arguments: [("net.conv.1", 1), ("net.conv.2", 2), ("backbone", 2)])
  func `a backbone fills the first layers only`(name: String, layers: Int) throws {
    try folder.write(Self.bytes(8), to: name)
    let contents = try WeightsFile.readBackbone(folder.file(name), for: spec)
    #expect(contents.loaded == [0])
    #expect(contents.skipped == [])
    #expect(contents.parameters.layers.map(\.count) == [2, 0, 0, 0])
    #expect(contents.parameters.layers[0][.weight]?.values == [3, 4, 5, 6, 7, 8])
  }

  @Test func `a backbone of stated length is exact`() throws {
    try folder.write(Self.bytes(8), to: "net.conv.3")
    let error = #expect(throws: WeightsError.self) {
      try WeightsFile.readBackbone(folder.file("net.conv.3"), for: spec)
    }
    #expect(
      error?.description == folder.file("net.conv.3")
        + ": has 52 bytes, net.cfg needs 136: it ends in layer 2, [convolutional] at net.cfg:10, "
        + "which needs 21 floats and finds 0; its size is that of the first layer alone")
    // What the caller says counts more than the name.
    #expect(
      try WeightsFile.readBackbone(folder.file("net.conv.3"), for: spec, layers: 1).loaded == [0])
    let tooMany = #expect(throws: WeightsError.self) {
      try WeightsFile.readBackbone(folder.file("net.conv.3"), for: spec, layers: 137)
    }
    #expect(
      tooMany?.description == folder.file("net.conv.3")
        + ": cannot hold the first 137 layers of net.cfg, which has 4")
  }

  @Test func `a backbone is written and read back`() throws {
    let parameters = try countingParameters(spec)
    try WeightsFile.write(parameters, for: spec, to: folder.file("a.conv.2"), layers: 2)
    #expect(try folder.bytes(of: "a.conv.2").count == 20 + 4 * 8)
    let contents = try WeightsFile.readBackbone(folder.file("a.conv.2"), for: spec)
    #expect(contents.parameters.layers[0] == parameters.layers[0])
  }

  @Test(
    arguments: [
      ("darknet53.conv.74", 74), ("dir.conv.9/yolov4.conv.137", 137), ("yolov4.weights", nil),
      ("conv.74", nil), ("a.conv.x", nil), ("a.conv.74.weights", nil),
    ] as [(String, Int?)])
  func `the number of layers in a file name`(name: String, layers: Int?) {
    #expect(WeightsFile.backboneLayers(ofFileName: name) == layers)
  }

  // MARK: - Writing

  @Test func `parameters that are not the network's are not written`() throws {
    let parameters = try countingParameters(spec)
    var missing = parameters
    missing.layers[2][.bias] = nil
    let first = #expect(throws: WeightsError.self) {
      try WeightsFile.write(missing, for: spec, to: folder.file("a.weights"))
    }
    #expect(first?.description == "layer 2 has no 'bias', expected one of 7")
    var other = parameters
    other.layers[0][.weight] = ParameterArray(shape: [3, 2, 1, 1], values: [1, 2, 3, 4, 5, 6])
    let second = #expect(throws: WeightsError.self) {
      try WeightsFile.write(other, for: spec, to: folder.file("a.weights"))
    }
    #expect(second?.description == "'weight' of layer 0 is 3×2×1×1, expected 2×3×1×1")
    let third = #expect(throws: WeightsError.self) {
      try WeightsFile.write(NetworkParameters(layers: []), for: spec, to: "a.weights")
    }
    #expect(third?.description == "layer 0 has no 'bias', expected one of 2")
    #expect(folder.files == [])
  }

  @Test func `an unwritable place is named`() throws {
    let parameters = try countingParameters(spec)
    let error = #expect(throws: WeightsError.self) {
      try WeightsFile.write(parameters, for: spec, to: folder.file("no/a.weights"))
    }
    #expect(
      error?.description == folder.file("no/a.weights")
        + ": cannot be written: No such file or directory")
  }

  @Test(.enabled(if: realData != nil, "PARE_REALDATA is not set"))
  func `a published file goes through unchanged`() throws {
    let path = try #require(realData) + "/yolo-fastest/yolo-fastest-1.1"
    let spec = try NetworkSpec(contentsOf: path + ".cfg")
    let parameters = try WeightsFile.read(path + ".weights", for: spec)
    #expect(parameters.imagesSeen == 14_231_680)
    #expect(parameters.firstImplausibleArray() == nil)
    try WeightsFile.write(parameters, for: spec, to: folder.file("copy.weights"))
    #expect(try folder.bytes(of: "copy.weights") == [UInt8](readBytes(path + ".weights")))

    let twenty = try NetworkSpec(BuiltInNetwork.yoloFastest.configuration(classes: 20))
    let contents = try WeightsFile.readByShape(path + ".weights", for: twenty)
    #expect(contents.sourceClasses == 80)
    #expect(contents.skipped.map(\.layer) == [120, 129])
  }
}
