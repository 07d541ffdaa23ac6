import Testing

@testable import Datasets

@Suite struct LabelFileTests {
  private func parse(_ text: String, classCount: Int = 3) -> LabelFile {
    LabelFile(parsing: Array(text.utf8), path: "a.txt", classCount: classCount)
  }

  @Test func `five columns make a label`() {
    let file = parse("2 0.5 0.25 0.125 1\r\n\r\n  0\t.5 5e-1 0.5 0.5  ")
    #expect(
      file.labels == [
        Label(classIndex: 2, centerX: 0.5, centerY: 0.25, width: 0.125, height: 1),
        Label(classIndex: 0, centerX: 0.5, centerY: 0.5, width: 0.5, height: 0.5),
      ])
    #expect(file.problems.isEmpty && file.badLines == 0 && file.duplicateLines.isEmpty)
  }

  @Test(arguments: [
    ("0 0.5 0.5 0.1", "4 columns; expected 5 (class, centre x, centre y, width, height)"),
    ("0 .5 .5 .1 .1 .9", "6 columns; expected 5 (class, centre x, centre y, width, height)"),
    (
      "0 1 2 3 4 5 6 7 8 9 10 11 12",
      "more than 9 columns; expected 5 (class, centre x, centre y, width, height)"
    ),
    ("0 nan 0.5 0.1 0.1", "centre x 'nan' is not a finite number"),
    ("0 0.5 inf 0.1 0.1", "centre y 'inf' is not a finite number"),
    ("0 0.5 0.5 1e999 0.1", "width '1e999' is not a finite number"),
    ("0 0.5 0.5 0x1p-3 0.1", "width '0x1p-3' is not a finite number"),
    ("0 0.5 0.5 0,1 0.1", "width '0,1' is not a finite number"),
    ("3 0.5 0.5 0.1 0.1", "class '3' is not a whole number from 0 to 2"),
    ("-1 0.5 0.5 0.1 0.1", "class '-1' is not a whole number from 0 to 2"),
    ("1.5 0.5 0.5 0.1 0.1", "class '1.5' is not a whole number from 0 to 2"),
    ("0 1.01 0.5 0.1 0.1", "centre x '1.01' is outside of 0...1"),
    ("0 0.5 -0.1 0.1 0.1", "centre y '-0.1' is outside of 0...1"),
    ("0 0.5 0.5 0 0.1", "a box of 0.0 x 0.1 has no area"),
    ("0 0.5 0.5 0.1 1e-60", "a box of 0.1 x 0.0 has no area"),
  ])
  func `a bad line is skipped and says why`(line: String, reason: String) {
    let file = parse("1 0.5 0.5 0.2 0.2\n\(line)\n1 0.4 0.5 0.2 0.2\n")
    #expect(file.labels.count == 2)
    #expect(file.badLines == 1)
    #expect(file.problems == [DatasetProblem(path: "a.txt", line: 2, reason: reason)])
    #expect(file.problems.first?.description == "a.txt:2: \(reason)")
  }

  @Test func `a repeated line counts once`() {
    let file = parse("1 0.5 0.5 0.2 0.2\n1 0.50 .5 2e-1 0.2\n2 0.5 0.5 0.2 0.2\n")
    #expect(file.labels.count == 2)
    #expect(file.duplicateLines.count == 1)
    #expect(file.badLines == 0)
  }

  @Test func `many bad lines are counted and some are listed`() {
    let file = parse(String(repeating: "x\n", count: 250))
    #expect(file.badLines == 250)
    #expect(file.problems.count == LabelFile.listedLines + 1)
    #expect(file.problems.last?.reason == "150 more bad lines")
  }

  @Test func `any bytes are taken`() {
    var random = SampleRandom(seed: 1)
    let valid = Array("0 0.5 0.5 0.25 0.25\n2 0.125 0.75 0.0625 0.03125\n".utf8)
    for _ in 0..<20_000 {
      var bytes = valid
      for _ in 0...random.integer(below: 8) {
        let place = random.integer(below: bytes.count)
        switch random.integer(below: 3) {
        case 0: bytes[place] = UInt8(truncatingIfNeeded: random.next())
        case 1: bytes.remove(at: place)
        default: bytes.insert(bytes[random.integer(below: bytes.count)], at: place)
        }
      }
      let file = LabelFile(parsing: bytes, path: "a.txt", classCount: 3)
      for label in file.labels {
        #expect((0..<3).contains(label.classIndex) && label.width > 0 && label.height > 0)
        #expect((0...1).contains(label.centerX) && (0...1).contains(label.centerY))
      }
    }
  }

  @Test func `written labels are read back`() {
    let labels = [
      Label(classIndex: 0, centerX: 1 / 3, centerY: 2 / 3, width: 1e-6, height: 1),
      Label(classIndex: 2, centerX: 0, centerY: 1, width: 0.30078125, height: 0.7),
    ]
    let text = LabelFile.text(of: labels)
    #expect(text == "0 0.33333334 0.66666669 0.000001 1\n2 0 1 0.30078125 0.69999999\n")
    #expect(parse(text).labels == labels)
  }
}
