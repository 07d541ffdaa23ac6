import Darknet
import Testing
import _TestSupport

@Suite struct OfficialWeightsTests {
  /// The built-in networks that have Darknet's own structure.
  private func network(_ network: BuiltInNetwork, classes: Int = 80) throws -> NetworkSpec {
    try NetworkSpec(network.configuration(classes: classes))
  }

  // Counting parameters by docs/formulas.md 3.1 gives the same sizes.
  @Test func `published files fit the networks that they belong to`() throws {
    let cases: [(String, BuiltInNetwork, OfficialWeights.Fit)] = [
      ("yolov3.weights", .yolov3, .whole), ("yolov3-spp.weights", .yolov3SPP, .whole),
      ("yolov3-tiny.weights", .yolov3Tiny, .whole), ("yolov4.weights", .yolov4, .whole),
      ("yolov4-tiny.weights", .yolov4Tiny, .whole),
      ("yolo-fastest-1.1.weights", .yoloFastest, .whole),
      ("darknet53.conv.74", .yolov3, .firstLayers(74)),
      ("yolov3-tiny.conv.15", .yolov3Tiny, .firstLayers(15)),
      ("yolov4.conv.137", .yolov4, .firstLayers(137)),
      ("yolov4-tiny.conv.29", .yolov4Tiny, .firstLayers(29)),
      ("yolov3.weights", .yolov4, .none), ("yolov4.conv.137", .yolov4Tiny, .none),
    ]
    for (name, network, fit) in cases {
      let official = try #require(OfficialWeights(named: "weights/" + name))
      #expect(try official.fit(self.network(network)) == fit, "\(name)")
    }
    let official = try #require(OfficialWeights(named: "yolov3.weights"))
    #expect(try official.fit(network(.yolov3, classes: 2)) == .classes(80))
  }

  @Test func `the table is consistent`() {
    #expect(Set(OfficialWeights.all.map(\.name)).count == OfficialWeights.all.count)
    for official in OfficialWeights.all {
      #expect(official.byteCount > 20 && official.byteCount % 4 == 0)
      #expect(
        official.sha256.map { $0.utf8.count == 64 && $0.allSatisfy(\.isHexDigit) } ?? true)
    }
    #expect(OfficialWeights(named: "mine.weights") == nil)
  }

  @Test func `a missing file says what it is and whether it fits`() throws {
    func message(_ path: String, _ spec: NetworkSpec) -> String {
      let error = #expect(throws: WeightsError.self) { try WeightsFile.read(path, for: spec) }
      return error.map { "\($0)" } ?? ""
    }
    let tiny = try network(.yolov4Tiny)
    #expect(
      message("/nowhere/yolov4-tiny.weights", tiny)
        == "/nowhere/yolov4-tiny.weights: is not there; download it from "
        + "https://github.com/AlexeyAB/darknet#pre-trained-models; the published "
        + "yolov4-tiny.weights has 24251276 bytes, YOLOv4-tiny trained on COCO, fits \(tiny.configuration.path)"
    )
    #expect(
      message("/nowhere/yolov3.weights", tiny)
        == "/nowhere/yolov3.weights: is not there, and what is published as yolov3.weights belongs to "
        + "another network than \(tiny.configuration.path): start without weights, or take the cfg "
        + "that belongs to it")
    #expect(
      message("/nowhere/yolov4-tiny.conv.29", tiny).hasSuffix(
        "holds the first 29 layers of \(tiny.configuration.path)"))
    #expect(
      message("/nowhere/yolov4-tiny.conv.29", tiny).hasPrefix(
        "/nowhere/yolov4-tiny.conv.29: is not there; download it from https://github.com/"))
    #expect(
      try message("/nowhere/yolov4-tiny.weights", network(.yolov4Tiny, classes: 3)).contains(
        "but for its 80 classes (train --pretrain takes what fits)"))
    #expect(
      message("/nowhere/mine.weights", tiny)
        == "/nowhere/mine.weights: cannot be read: No such file or directory")
  }

  // yolov3-tiny for 80 classes is its published file. With 3 classes its heads, over 512 and 256
  // channels and with a bias, have 24 channels and not 255: 231 · (513 + 257) numbers less.
  @Test func `weights of a known size are named by it`() throws {
    let folder = try TemporaryFolder()
    func message(_ bytes: Int, _ spec: NetworkSpec) throws -> String {
      try folder.write(
        Array(WeightsFileTests.bytes(0).prefix(20)) + [UInt8](repeating: 0, count: bytes - 20),
        to: "mine.weights")
      let error = #expect(throws: WeightsError.self) {
        try WeightsFile.read(folder.file("mine.weights"), for: spec)
      }
      return error.map { "\($0)" } ?? ""
    }
    let start =
      "\(folder.file("mine.weights")): these weights do not belong to this cfg, they have the size "
      + "of "
    let tiny = try network(.yolov4Tiny, classes: 3)
    #expect(
      try message(1_384_268, tiny).hasPrefix(
        start + "the published yolo-fastest-1.1.weights: has 1384268 bytes, "))
    #expect(
      try message(35_434_956 - 231 * 770 * 4, tiny).hasPrefix(
        start + "yolov3-tiny with 3 classes: "))
  }

  @Test func `a file of a published name and another size is not that file`() throws {
    let folder = try TemporaryFolder()
    let spec = try spec("[convolutional]\nfilters=1\nsize=1\nactivation=linear")
    func message(_ bytes: [UInt8]) throws -> String {
      try folder.write(bytes, to: "yolov4-tiny.weights")
      let error = #expect(throws: WeightsError.self) {
        try WeightsFile.read(folder.file("yolov4-tiny.weights"), for: spec)
      }
      return error.map { "\($0)" } ?? ""
    }
    #expect(
      try message(WeightsFileTests.bytes(9)).hasSuffix(
        "; the published yolov4-tiny.weights has 24251276 bytes, so this one is cut short or "
          + "another"))
    #expect(
      try message(Array("404: there is no such file".utf8)).hasSuffix(
        "; the published yolov4-tiny.weights has 24251276 bytes"))
  }
}
