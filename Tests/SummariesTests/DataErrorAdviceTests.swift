import Darknet
import Testing
import _TestSupport

@testable import Summaries

/// What is said of a `.data` file that is none, or is not there.
@Suite struct DataErrorAdviceTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// What is said of a path, with `F` for the folder of the test.
  private func said(of name: String) throws -> String {
    let error = try #require(throws: DataError.self) {
      try DataFile(contentsOf: folder.file(name))
    }
    return "\(error.advised)".split(separator: folder.path).joined(separator: "F")
  }

  private func writeVOC(_ name: String) throws {
    try folder.write([0xFF, 0xD8, 0xFF], to: "\(name)/JPEGImages/a.jpg")
    try folder.write("<annotation><object/></annotation>", to: "\(name)/Annotations/a.xml")
  }

  @Test func `a folder of another form says how it is imported`() throws {
    try writeVOC("set")
    #expect(
      try said(of: "set").hasSuffix(
        ": is a data set in the form voc, not a .data file; import it: pare dataset import voc F/set "
          + "--output set-darknet"))
  }

  @Test func `LabelMe's files are written as others first`() throws {
    try folder.write(#"{"flags": {}, "shapes": []}"#, to: "set/a.json")
    #expect(
      try said(of: "set").hasSuffix(
        "; LabelMe's files are not read; write them as VOC or COCO with its own tools, and import that"
      ))
  }

  @Test func `a folder of nothing known is told of as it is`() throws {
    try folder.write("x", to: "set/a.txt")
    let error = try #require(throws: DataError.self) {
      try DataFile(contentsOf: folder.file("set"))
    }
    #expect("\(error.advised)" == "\(error)")
  }

  @Test func `a file that is not there may be a folder further down`() throws {
    try folder.write("classes=1\n", to: "set/cells.data")
    #expect(try said(of: "cells.data").hasSuffix("; did you mean 'F/set/cells.data'?"))
  }

  @Test func `one data set beside a missing file may be meant`() throws {
    try writeVOC("set")
    #expect(
      try said(of: "cells.data").hasSuffix(
        "; F/set is a data set in the form voc; import it: pare dataset import voc F/set --output cells"
      ))
    // Of two nobody knows which.
    try writeVOC("other")
    #expect(
      try said(of: "cells.data").hasSuffix(
        "; 'pare dataset import' makes one of labelled pictures: pare dataset import voc PICTURES "
          + "--output cells"))
  }

  @Test func `files of names alone, and other errors, have no advice`() throws {
    try folder.write("names=a\n", to: "cells.data")
    let error = try #require(throws: DataError.self) {
      try DataFile(contentsOf: folder.file("cells.data"))
    }
    #expect("\(error.advised)" == "\(error)")
  }
}
