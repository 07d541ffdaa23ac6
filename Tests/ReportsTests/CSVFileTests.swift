import Testing

@testable import Reports

@Suite struct CSVFileTests {
  @Test func `a new file replaces the old one as a whole`() throws {
    try withTemporaryFolder { folder in
      let path = "\(folder)/results.csv"
      _ = try CSVFile(creating: path, columns: ["epoch"])
      #expect(try text(of: path) == "epoch\n")
      let rows = [["1", "0.5"], ["2", "0.25"]]
      let file = try CSVFile(creating: path, columns: ["epoch", "loss"], rows: rows)
      #expect(try text(of: path) == "epoch,loss\n1,0.5\n2,0.25\n")
      #expect(entries(of: folder) == ["results.csv"])
      #expect(file.numbers("loss") == [0.5, 0.25])
      #expect(file.numbers("none") == nil)
    }
  }

  @Test func `rows are appended, and what an interrupted writer left is replaced`() throws {
    try withTemporaryFolder { folder in
      let path = "\(folder)/results.csv"
      do {
        let writer = try CSVWriter(creating: path, columns: ["epoch", "note"], rows: [["1", "a"]])
        try writer.append(["2", "b,c"])
        #expect(try text(of: path) == "epoch,note\n1,a\n2,\"b,c\"\n")
      }
      // A kill in the middle of a row: readers do not see it, the next writer starts after whole
      // rows.
      try writeFile(Array("epoch,note\n1,a\n2,\"b".utf8), to: path)
      let kept = try CSVFile(contentsOf: path).rows
      #expect(kept == [["1", "a"]])
      let writer = try CSVWriter(creating: path, columns: ["epoch", "note"], rows: kept)
      try writer.append(["2", "d"])
      try writer.flush()
      #expect(try text(of: path) == "epoch,note\n1,a\n2,d\n")
      #expect(entries(of: folder) == ["results.csv"])
    }
  }

  @Test func `any text survives`() throws {
    try withTemporaryFolder { folder in
      let path = "\(folder)/x.csv"
      let row = ["a,b", "say \"hi\"", "two\nlines", "", " spaced ", "狗", "cr\r"]
      _ = try CSVFile(
        creating: path, columns: (1...7).map { "c\($0)" }, rows: [row, row.reversed()])
      #expect(try CSVFile(contentsOf: path).rows == [row, row.reversed()])
    }
  }

  @Test func `carriage returns before line ends are not data`() throws {
    try withTemporaryFolder { folder in
      try writeFile(Array("a,b\r\n1,2\r\n\r\n".utf8), to: "\(folder)/x.csv")
      let file = try CSVFile(contentsOf: "\(folder)/x.csv")
      #expect(file.columns == ["a", "b"] && file.rows == [["1", "2"]])
    }
  }

  @Test func `an uneven row is named by its line`() throws {
    try withTemporaryFolder { folder in
      let path = "\(folder)/x.csv"
      try writeFile(Array("a,b\n1,\"x\ny\"\n3\n".utf8), to: path)
      let expected = ReportsError.unevenRow(path: path, line: 4, found: 1, expected: 2)
      #expect(throws: expected) { try CSVFile(contentsOf: path) }
    }
  }

  @Test func `any bytes are read without harm`() throws {
    try withTemporaryFolder { folder in
      let path = "\(folder)/x.csv"
      var state: UInt64 = 5
      for _ in 0..<300 {
        let bytes = (0..<64).map { _ -> UInt8 in
          state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
          let pick = UInt8(truncatingIfNeeded: state >> 33)
          return pick < 128 ? [0x22, 0x2C, 0x0A, 0x0D][Int(pick % 4)] : pick
        }
        try writeFile(bytes, to: path)
        guard let file = try? CSVFile(contentsOf: path) else { continue }
        #expect(file.rows.allSatisfy { $0.count == file.columns.count })
      }
    }
  }
}
