import Testing

@testable import Reports

@Suite struct CSVFileTests {
  @Test func `rows are on disk as soon as they are added`() throws {
    try withTemporaryFolder { folder in
      let path = "\(folder)/results.csv"
      var file = try CSVFile(creating: path, columns: ["epoch", "loss"])
      #expect(try text(of: path) == "epoch,loss\n")
      try file.append(["1", "0.5"])
      try file.append(["2", "0.25"])
      #expect(try text(of: path) == "epoch,loss\n1,0.5\n2,0.25\n")
      #expect(entries(of: folder) == ["results.csv"])
      #expect(file.numbers("loss") == [0.5, 0.25])
      #expect(file.numbers("none") == nil)
    }
  }

  @Test func `continuing drops what comes after the checkpoint`() throws {
    try withTemporaryFolder { folder in
      let path = "\(folder)/results.csv"
      try writeFile(Array("epoch,loss\n1,0.5\n2,0.4\n3,0.3\n4,0.".utf8), to: path)
      var file = try CSVFile(continuing: path, columns: ["epoch", "loss"], through: 2)
      #expect(file.rows == [["1", "0.5"], ["2", "0.4"]])
      try file.append(["3", "0.35"])
      #expect(try text(of: path) == "epoch,loss\n1,0.5\n2,0.4\n3,0.35\n")
    }
  }

  @Test func `a last row cut short by a kill is dropped`() throws {
    try withTemporaryFolder { folder in
      let path = "\(folder)/results.csv"
      try writeFile(Array("epoch,loss\n1,0.5\n2,0.".utf8), to: path)
      let file = try CSVFile(continuing: path, columns: ["epoch", "loss"], through: 9)
      #expect(file.rows == [["1", "0.5"]])
    }
  }

  @Test func `continuing nothing begins`() throws {
    try withTemporaryFolder { folder in
      let path = "\(folder)/results.csv"
      let file = try CSVFile(continuing: path, columns: ["epoch"], through: 5)
      #expect(file.rows.isEmpty)
      #expect(try text(of: path) == "epoch\n")
    }
  }

  @Test func `other columns are refused, and the file is left alone`() throws {
    try withTemporaryFolder { folder in
      let path = "\(folder)/results.csv"
      try writeFile(Array("a,b\n1,2\n".utf8), to: path)
      let expected = ReportsError.otherColumns(
        path: path, found: ["a", "b"], expected: ["a", "c"])
      #expect(throws: expected) {
        try CSVFile(continuing: path, columns: ["a", "c"], through: 1)
      }
      #expect(expected.description == "\(path): columns a,b; expected a,c")
      #expect(try text(of: path) == "a,b\n1,2\n")
    }
  }

  @Test func `any text survives`() throws {
    try withTemporaryFolder { folder in
      let path = "\(folder)/x.csv"
      let row = ["a,b", "say \"hi\"", "two\nlines", "", " spaced ", "狗", "cr\r"]
      var file = try CSVFile(creating: path, columns: (1...7).map { "c\($0)" })
      try file.append(row)
      try file.append(row.reversed())
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
