import Darknet
import Foundation
import Testing
import _TestSupport

@testable import Datasets

/// Annotation files of every form with some bytes changed.
@Suite struct BrokenAnnotationsTests {
  /// Changes some bytes of a file, the same ones every time.
  private func mutated(_ bytes: [UInt8], _ random: inout SampleRandom) -> [UInt8] {
    let words = [
      "[", "]", "{", "}", "\"", "\\ud800", "1e999", "-99999999999999999999", "null", ",", ":",
      "<a>",
      "</object>", "&x;", "\n  ", "\n- ", "\u{FEFF}", "nan", "'",
    ].map { Array($0.utf8) }
    var bytes = bytes
    for _ in 0...random.integer(below: 6) {
      guard !bytes.isEmpty else { return bytes }
      let place = random.integer(below: bytes.count)
      let end = min(bytes.count, place + 1 + random.integer(below: 40))
      switch random.integer(below: 6) {
      case 0: bytes[place] = UInt8(truncatingIfNeeded: random.next())
      case 1: bytes.removeSubrange(place..<end)
      case 2: bytes.removeSubrange(place...)
      case 3: bytes.insert(contentsOf: words[random.integer(below: words.count)], at: place)
      case 4: bytes.insert(contentsOf: bytes[place..<end], at: random.integer(below: bytes.count))
      default:
        let word = words[random.integer(below: 2)]
        bytes.insert(contentsOf: repeatElement(word, count: 2000).joined(), at: place)
      }
    }
    return bytes
  }

  @Test(arguments: DatasetFormat.allCases)
  func `a broken file is skipped or said in one line`(format: DatasetFormat) throws {
    let folder = try TemporaryFolder()
    let annotation = try SampleSets.write(format, to: folder)
    let original = SampleSets.content(format).2
    var random = SampleRandom(seed: 3)
    var importer = DatasetImporter(
      format, source: folder.path + "/set", output: folder.path + "/out")
    importer.overwrites = true
    var faults = 0
    for round in 0..<110 {
      try folder.write(mutated(original, &random), to: annotation)
      let start = ContinuousClock.now
      do {
        let report = try importer.run()
        if report.skippedCount > 0 { faults += 1 }
        for problem in report.skipped { #expect(isOneLine(problem)) }
        #expect(report.images == 1 && report.boxes >= 1)
      } catch {
        faults += 1
        #expect(isOneLine(error))
        #expect(error is DatasetError || error is DataError || error is FileError, "\(error)")
      }
      // It takes milliseconds; a busy disk may keep a thread waiting for seconds.
      #expect(ContinuousClock.now - start < .seconds(15), "round \(round)")
    }
    #expect(faults > 40)
  }

  /// A set's only picture, with a box that lies beside it and with one that is no box.
  private func spoilt(_ format: DatasetFormat) -> [(name: String?, bytes: [UInt8])] {
    let text = String(decoding: SampleSets.content(format).2, as: UTF8.self)
    func replacing(_ old: String, _ new: [String], in text: String) -> [(String?, [UInt8])] {
      new.map { (nil, Array(text.replacing(old, with: $0).utf8)) }
    }
    switch format {
    case .voc, .dior:
      let left = text.replacing("<xmax>20", with: "<xmax>-10")
      return replacing("<xmin>11", ["<xmin>-50", "<xmin>x"], in: left)
    case .coco:
      return replacing("\"bbox\": [10.0", ["\"bbox\": [100.0", "\"bbox\": [null"], in: text)
    case .bdd100k: return replacing("\"x1\": 10.0", ["\"x1\": 90.0", "\"x1\": null"], in: text)
    case .visdrone: return replacing("10,0,10,20", ["100,0,10,20", "x,0,10,20"], in: text)
    case .oxfordhand:
      let writer = MATBytes()
      let points = [[0.0, 112], [3, 120], [25, 118], [-4, 110]].map { writer.doubles($0) }
      let hand = writer.structures(["a", "b", "c", "d"], [points])
      return [(nil, writer.file(writer.cells([hand], name: "boxes"), packed: false))]
    case .yolo, .darknet:
      let name = format == .yolo ? "set/labels/train/a.txt" : "set/labels/a.txt"
      return ["0 5.5 0.5 0.1 0.1\n", "7 0.5 0.5 0.1 0.1\n", "x\n"].map {
        (name, Array($0.utf8))
      }
    }
  }

  // Without its box it would teach that there is nothing.
  @Test(arguments: DatasetFormat.allCases)
  func `a picture that loses its only label is left out`(format: DatasetFormat) throws {
    for (name, bytes) in spoilt(format) {
      let folder = try TemporaryFolder()
      let annotation = try SampleSets.write(format, to: folder)
      let importer = DatasetImporter(
        format, source: folder.path + "/set", output: folder.path + "/out")
      #expect(try importer.run().images == 1)
      try FileManager.default.removeItem(atPath: folder.file("out"))
      try folder.write(bytes, to: name ?? annotation)
      let error = #expect(throws: DatasetError.self) { try importer.run() }
      #expect(error?.description.contains("not one usable picture; the first: ") == true)
    }
  }

  @Test func `a picture that is left out is in no list, and background stays`() throws {
    let folder = try TemporaryFolder()
    for (name, label) in [("a", "0 0.5 0.5 1 1\n"), ("b", "0 5 5 1 1\n"), ("c", "")] {
      try folder.writePicture("set/images/\(name).png", width: 40, height: 20)
      try folder.write(label, to: "set/labels/\(name).txt")
    }
    try folder.writePicture("set/images/d.png", width: 40, height: 20)
    let list = ["a", "b", "c", "d"].map { "images/\($0).png\n" }.joined()
    for split in ["train", "val"] { try folder.write(list, to: "set/\(split).txt") }
    try folder.write("dog\ncat\n", to: "set/set.names")
    try folder.write(
      "classes=2\ntrain=train.txt\nvalid=val.txt\nnames=set.names\n", to: "set/set.data")
    let report = try DatasetImporter(
      .darknet, source: folder.path + "/set", output: folder.path + "/out"
    ).run()
    #expect(report.unusablePictures.map { ($0 as NSString).lastPathComponent } == ["b.png"])
    #expect(report.picturesWithoutUsableLabels == 1 && report.images == 3)
    #expect(report.takesUnlabelled && report.picturesWithoutLabels == 1)
    for split in ["train", "val"] {
      let names = "images/a.png\nimages/c.png\nimages/d.png\n"
      #expect(try folder.text("out/\(split).txt") == names)
    }
    // Of the given classes none is in it: it is background.
    try folder.write("1 0.5 0.5 1 1\n", to: "set/labels/b.txt")
    var dogs = DatasetImporter(
      .darknet, source: folder.path + "/set", output: folder.path + "/dogs")
    dogs.names = ["dog"]
    #expect(try dogs.run().images == 4)
  }

  private func isOneLine(_ error: Any) -> Bool {
    let text = "\(error)"
    return !text.isEmpty && text.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F }
  }
}
