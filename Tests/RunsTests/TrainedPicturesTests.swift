import Foundation
import Testing
import Training
import _TestSupport

@testable import Runs

/// What a run keeps of the pictures that it was trained on.
@Suite struct TrainedPicturesTests {
  // A name of 18 bytes, with its quotes, comma, blanks and line break, is 28: the folders stand once.
  @Test func `the list of many pictures is small, and says which they were`() throws {
    let folder = try TemporaryFolder()
    let paths = (0..<100_000).map {
      "/set/of/pictures/part-\($0 % 3)/images/picture-\(100_000 + $0).jpg"
    }
    let run = RunFolder(path: folder.path)
    try run.writeJSON(TrainedPictures(paths: paths), to: run.picturesPath)
    let bytes = try Data(contentsOf: URL(filePath: run.picturesPath))
    #expect(bytes.count < 3_200_000)
    let read = try JSONDecoder().decode(TrainedPictures.self, from: bytes)
    #expect(read.folders.count == 3 && Set(read.paths) == Set(paths))
    #expect(RunFolder.writes("pictures.json"))
  }

  @Test func `a picture is one file, by whatever path it is listed`() throws {
    let folder = try TemporaryFolder()
    try folder.write("x", to: "a.jpg")
    try FileManager.default.createSymbolicLink(
      atPath: folder.file("b.jpg"), withDestinationPath: folder.file("a.jpg"))
    let pictures = TrainedPictures(paths: [folder.file("b.jpg")])
    #expect(pictures == TrainedPictures(paths: [folder.file("a.jpg")]))
  }
}
