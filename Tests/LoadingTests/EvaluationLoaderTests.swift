import Datasets
import Testing
import Torch
import Vision
import _TestSupport

@testable import Loading

@Suite struct EvaluationLoaderTests {
  @Test func `pictures come in order with the way back`() throws {
    let folder = try TemporaryFolder()
    let label = Label(classIndex: 0, centerX: 0.5, centerY: 0.5, width: 0.5, height: 0.5)
    var pictures: [DetectionDataset.Picture] = []
    for index in 0..<5 {
      let path = try folder.writePicture(
        "\(index).png", width: 40, height: 20,
        color: Color(red: UInt8(50 * index), green: 0, blue: 255))
      pictures.append(.init(path: path, labels: [label]))
    }
    try folder.write("broken", to: "2.png")
    try folder.write("broken", to: "3.png")
    var settings = EvaluationLoader.Settings()
    (settings.width, settings.height, settings.batchSize) = (80, 80, 2)
    let loader = try EvaluationLoader(pictures, settings: settings, device: .cpu)
    #expect(loader.batchCount == 3)
    var indices: [[Int]] = []
    while let batch = try loader.next() {
      indices.append(batch.items.map(\.index))
      #expect(batch.pictures.shape == [batch.items.count, 3, 80, 80])
      let values = try batch.pictures.contiguous().toUInt8s()
      for (place, item) in batch.items.enumerated() {
        let start = place * 3 * 80 * 80
        // Rows 0…19 are padding, 20…59 the picture.
        #expect(values[start] == 114)
        #expect(values[start + 40 * 80 + 40] == UInt8(50 * item.index))
        #expect(item.groundTruths.map(\.box) == [label.box(pictureWidth: 40, pictureHeight: 20)])
        #expect(item.geometry.top == 20)
      }
    }
    #expect(indices == [[0, 1], [4]])
    #expect(loader.problems.map(\.path) == ["/2.png", "/3.png"].map { folder.path + $0 })
  }

  // At 64 and stride 16: 60×20 and 60×30 come first, in 64×32; 40×40 and the broken one in 64×64.
  @Test func `rectangular batches pad to the stride`() throws {
    let folder = try TemporaryFolder()
    var pictures: [DetectionDataset.Picture] = []
    for (index, size) in [(40, 40), (60, 30), (8, 8), (60, 20)].enumerated() {
      let path = try folder.writePicture(
        "\(index).png", width: size.0, height: size.1, color: Color(gray: UInt8(10 * index)))
      pictures.append(.init(path: path, labels: []))
    }
    try folder.write("broken", to: "2.png")
    var settings = EvaluationLoader.Settings()
    (settings.width, settings.height, settings.batchSize) = (64, 64, 2)
    settings.rectangularStride = 16
    let loader = try EvaluationLoader(pictures, settings: settings, device: .cpu)
    let first = try #require(try loader.next())
    #expect(first.items.map(\.index) == [3, 1])
    #expect(first.pictures.shape == [2, 3, 32, 64])
    #expect(first.items.map(\.geometry.top) == [5, 0])
    let values = try first.pictures.contiguous().toUInt8s()
    // 60×20 becomes 64×21: row 4 is padding, row 5 the picture.
    #expect(values[4 * 64] == 114 && values[5 * 64] == 30)
    let second = try #require(try loader.next())
    #expect(second.items.map(\.index) == [0])
    #expect(second.pictures.shape == [1, 3, 64, 64])
    #expect(try loader.next() == nil)
    #expect(loader.batchCount == 2 && loader.problems.count == 1)
    settings.rectangularStride = 48
    #expect(throws: DatasetError.self) {
      try EvaluationLoader(pictures, settings: settings, device: .cpu)
    }
  }
}
