import Darknet
import Testing
import _TestSupport

/// Weights that are recognized by their size.
extension WeightsFileTests {
  @Test func `another number of classes is found by the size, and only heads are skipped`() throws {
    try folder.write(Self.bytes(8 + 255), to: "coco.weights")
    let contents = try WeightsFile.readByShape(folder.file("coco.weights"), for: spec)
    #expect(contents.sourceClasses == 80)
    #expect(contents.loaded == [0])
    #expect(contents.parameters.layers[0][.weight]?.values == [3, 4, 5, 6, 7, 8])
    #expect(contents.parameters.layers[2].isEmpty)
    #expect(
      contents.skipped.map(\.description) == [
        "layer 2, [convolutional]: 85×2×1×1 in the file, 7×2×1×1 in the network"
      ])
  }

  @Test func `the same number of classes loads heads too`() throws {
    try folder.write(Self.bytes(29), to: "same.weights")
    let contents = try WeightsFile.readByShape(folder.file("same.weights"), for: spec)
    #expect(contents.sourceClasses == 2)
    #expect(contents.loaded == [0, 2])
    #expect(contents.skipped == [])
    let stated = #expect(throws: WeightsError.self) {
      try WeightsFile.readByShape(folder.file("same.weights"), for: spec, sourceClasses: 80)
    }
    #expect(
      stated?.description == folder.file("same.weights")
        + ": has 136 bytes, net.cfg needs 1072: it ends in layer 2, [convolutional] "
        + "at net.cfg:10, which needs 255 floats and finds 21; it fits 2 classes")
  }

  @Test func `a file that fits no number of classes is refused`() throws {
    try folder.write(Self.bytes(30), to: "odd.weights")
    let error = #expect(throws: WeightsError.self) {
      try WeightsFile.readByShape(folder.file("odd.weights"), for: spec)
    }
    #expect(
      error?.description == folder.file("odd.weights")
        + ": these weights do not belong to this cfg: has 140 bytes, net.cfg needs 136: 4 bytes are "
        + "left after layer 2, [convolutional] at net.cfg:10")
  }

  @Test func `another network's file is matched layer by layer`() throws {
    let other = try NetworkSpec(
      Configuration(
        parsing: smallNetwork(
          """
          [convolutional]
          filters=2
          size=1
          activation=mish
          [convolutional]
          filters=2
          size=1
          activation=mish
          [convolutional]
          filters=7
          size=1
          activation=linear
          [yolo]
          anchors=4,4
          classes=2
          [route]
          layers=0
          [convolutional]
          filters=1
          size=1
          activation=linear
          """), path: "other.cfg"))
    try folder.write(Self.bytes(8 + 6 + 21 + 3), to: "other.weights")
    let contents = try WeightsFile.readByShape(
      folder.file("other.weights"), of: other, for: spec)
    #expect(contents.loaded == [0, 2])
    #expect(contents.parameters.layers[2][.bias]?.values.first == 15)
    #expect(
      contents.skipped.map(\.description) == [
        "layer 1, [convolutional]: 2×2×1×1 in the file, not in the network",
        "layer 5, [convolutional]: 1×2×1×1 in the file, not in the network",
      ])
  }
}
