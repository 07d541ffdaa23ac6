import Darknet
import Storage
import Testing
import Vision
import _TestSupport

@testable import Datasets

@Suite struct SyntheticDatasetTests {
  @Test func `a set is written whole and read back`() throws {
    let folder = try TemporaryFolder()
    var synthetic = SyntheticDataset(output: folder.path + "/shapes")
    (synthetic.train, synthetic.valid, synthetic.test) = (12, 3, 5)
    (synthetic.side, synthetic.classCount) = (64, 6)
    var told: [Int] = []
    let report = try synthetic.draw { done, total in told.append(done * 100 + total) }
    #expect(told == (1...20).map { $0 * 100 + 20 })
    #expect(report.images == 20)
    #expect(report.boxes >= 20)
    let data = try DataFile(contentsOf: report.data)
    let names = ["circle", "square", "triangle", "star", "ring", "plus"]
    var boxes = 0
    for (split, count) in [(DatasetSplit.train, 12), (.valid, 3), (.test, 5)] {
      let set = try DetectionDataset(data, split: split)
      #expect(set.names == names)
      #expect(set.pictures.count == count)
      #expect(set.problems.isEmpty && set.backgroundCount == 0)
      boxes += set.labelCount
      let image = try Image(contentsOf: set.pictures[0].path)
      #expect((image.width, image.height) == (64, 64))
    }
    #expect(boxes == report.boxes)
    #expect(throws: StorageError.notEmpty(path: folder.path + "/shapes")) { try synthetic.draw() }
  }

  @Test func `the same seed draws the same files on any number of threads`() throws {
    let folder = try TemporaryFolder()
    func fingerprint(_ name: String, workers: Int, seed: UInt64) throws -> [String] {
      var synthetic = SyntheticDataset(output: folder.path + "/" + name)
      (synthetic.train, synthetic.valid, synthetic.test) = (6, 0, 0)
      (synthetic.side, synthetic.workers, synthetic.seed) = (48, workers, seed)
      let data = try DataFile(contentsOf: synthetic.draw().data)
      let set = try DetectionDataset(data, split: .train)
      return try [set.fingerprint]
        + set.pictures.map { SHA256.hexadecimal(of: try readFile($0.path)) }
    }
    let first = try fingerprint("a", workers: 0, seed: 1)
    #expect(try fingerprint("b", workers: 4, seed: 1) == first)
    #expect(try fingerprint("c", workers: 4, seed: 2) != first)
  }

  @Test func `boxes are tight around what can be seen`() {
    // A single shape on its background: pixels that differ from a picture without it are inside of
    // the box, and touch all its sides up to the half-covered edge.
    for index in 0..<20 {
      let picture = SyntheticPicture(
        seed: 3, index: index, shapes: [.circle], side: 96, maximumObjects: 1)
      #expect(picture.labels.count == 1)
      let label = picture.labels[0]
      // A circle is about as wide as high, unless it is cut by the picture's edge.
      let box = label.box(pictureWidth: 96, pictureHeight: 96)
      #expect(box.x1 >= 0 && box.y1 >= 0 && box.x2 <= 96 && box.y2 <= 96)
      if box.x1 > 0, box.y1 > 0, box.x2 < 96, box.y2 < 96 {
        #expect((0.8...1.25).contains(box.width / box.height))
      }
    }
  }

  @Test func `every class is drawn and most objects are seen whole`() {
    var seen = [Int](repeating: 0, count: 20)
    for index in 0..<150 {
      let picture = SyntheticPicture(
        seed: 4, index: index, shapes: SyntheticShape.allCases, side: 96, maximumObjects: 6)
      #expect((1...6).contains(picture.labels.count))
      for label in picture.labels {
        seen[label.classIndex] += 1
        #expect(label.width > 0.02 && label.height > 0.02)
      }
    }
    #expect(seen.allSatisfy { $0 > 3 })
  }

  @Test func `no shape disappears below others`() {
    var covered = 0
    for index in 0..<20 {
      let picture = SyntheticPicture(
        seed: 6, index: index, shapes: SyntheticShape.allCases, side: 64, maximumObjects: 60)
      let shares = picture.visibleShares
      #expect(shares.allSatisfy { $0 >= SyntheticPicture.leastVisible })
      covered += shares.count { $0 < 1 }
    }
    #expect(covered > 20)
  }

  @Test(arguments: SyntheticShape.allCases)
  func `a shape stays in its circle and fills part of it`(shape: SyntheticShape) {
    var inside = 0
    for row in -60...60 {
      for column in -60...60 {
        let (x, y) = (Double(column) / 50, Double(row) / 50)
        guard shape.contains(x, y) else { continue }
        inside += 1
        #expect(x * x + y * y <= 1.1)
      }
    }
    // The circle itself has 7,854 of these points.
    #expect((1_200...7_900).contains(inside))
  }

  @Test func `wrong settings are refused`() throws {
    let folder = try TemporaryFolder()
    var synthetic = SyntheticDataset(output: folder.path + "/x")
    synthetic.classCount = 21
    #expect(
      throws: DatasetError.invalidSetting("classes", value: "21", expected: "2 to 20")
    ) { try synthetic.draw() }
    #expect(!folder.exists("x"))
  }
}
