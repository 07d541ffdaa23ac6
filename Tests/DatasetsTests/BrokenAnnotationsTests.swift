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
      #expect(ContinuousClock.now - start < .seconds(2), "round \(round)")
    }
    #expect(faults > 40)
  }

  private func isOneLine(_ error: Any) -> Bool {
    let text = "\(error)"
    return !text.isEmpty && text.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F }
  }
}
