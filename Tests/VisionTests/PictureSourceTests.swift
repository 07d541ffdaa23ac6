import Foundation
import Glibc
import Testing

@testable import Vision

@Suite struct PictureSourceTests {
  @Test func `a folder gives its pictures and videos in order`() throws {
    try withTemporaryFolder { folder in
      for name in ["b.PNG", "a.jpg", "c.mp4", "notes.md", ".hidden.jpg", "d.tiff"] {
        try writeFile([], to: "\(folder)/\(name)")
      }
      mkdir("\(folder)/deeper", 0o700)
      try writeFile([], to: "\(folder)/deeper/e.jpg")
      let expected: [PictureSource] = [
        .picture(path: "\(folder)/a.jpg"), .picture(path: "\(folder)/b.PNG"),
        .video(path: "\(folder)/c.mp4"), .picture(path: "\(folder)/d.tiff"),
      ]
      #expect(try PictureSource.sources(of: folder) == expected)
      #expect(try PictureSource.sources(of: folder + "/") == expected)
    }
  }

  @Test func `a list gives what its lines name`() throws {
    try withTemporaryFolder { folder in
      let lines = "a.jpg\r\n\n# comment\n  /data/b.png \nrtsp://host/1\nsub/clip.avi\n"
      try writeFile(Array(lines.utf8), to: "\(folder)/list.txt")
      #expect(
        try PictureSource.sources(of: "\(folder)/list.txt") == [
          .picture(path: "\(folder)/a.jpg"), .picture(path: "/data/b.png"),
          .stream(url: "rtsp://host/1"), .video(path: "\(folder)/sub/clip.avi"),
        ])
    }
  }

  @Test func `a list of bytes that text has not, or of far too many, is refused at once`() throws {
    try withTemporaryFolder { folder in
      let path = "\(folder)/list.txt"
      try writeFile((0..<4 << 20).map { $0 % 3 == 2 ? 0 : 65 }, to: path)
      #expect(throws: VisionError.foreign(path: path, .binary)) {
        try PictureSource.sources(of: path)
      }
      // Sparse: it takes no room on the disk.
      #expect(truncate(path, 50 << 30) == 0)
      #expect(
        throws: VisionError.unreadable(
          path: path, reason: "it has more than the 536,870,912 bytes that a list can have")
      ) { try PictureSource.sources(of: path) }
    }
  }

  @Test func `a picture that OpenCV does not write is named`() throws {
    try withTemporaryFolder { folder in
      let path = "\(folder)/wide.jpg"
      let wide = Image(
        width: 70_000, height: 2, channels: 1, pixels: [UInt8](repeating: 9, count: 140_000))
      let error = #expect(throws: VisionError.self) { try wide.write(to: path) }
      let words = error.map { "\($0)" } ?? ""
      #expect(
        words.hasPrefix("\(path): cannot be written: OpenCV writes no JPEG of 70000x2 pixels ("),
        "\(words)")
      #expect(access(path, F_OK) != 0)
    }
  }

  @Test func `numbers are cameras and addresses are streams`() throws {
    #expect(try PictureSource.sources(of: "0") == [.camera(0)])
    #expect(
      try PictureSource.sources(of: "http://host/live") == [.stream(url: "http://host/live")])
    #expect(
      try PictureSource.sources(of: "https://host/x.JPG?size=2")
        == [.remotePicture(url: "https://host/x.JPG?size=2")])
    #expect(PictureSource.camera(2).description == "camera 2")
  }

  @Test func `a file of another name counts when it starts like a picture`() throws {
    try withTemporaryFolder { folder in
      try writeFile(gradient(width: 5, height: 4).encoded(as: .png), to: "\(folder)/upload")
      #expect(
        try PictureSource.sources(of: "\(folder)/upload") == [.picture(path: "\(folder)/upload")])
      try writeFile(Array("text".utf8), to: "\(folder)/other")
      #expect(throws: VisionError.notAPicture(path: "\(folder)/other")) {
        try PictureSource.sources(of: "\(folder)/other")
      }
    }
  }

  @Test func `a pattern that no shell has expanded gives what it fits`() throws {
    try withTemporaryFolder { folder in
      for name in ["b.jpg", "a.jpg", "c.png", "d.mp4", "notes.txt", "[x].jpg"] {
        try writeFile([], to: "\(folder)/\(name)")
      }
      let pictures = ["a.jpg", "b.jpg"].map { PictureSource.picture(path: "\(folder)/\($0)") }
      #expect(try PictureSource.sources(of: "\(folder)/?.jpg") == pictures)
      #expect(try PictureSource.sources(of: "\(folder)/[a-d].*").count == 4)
      // A file of that very name is itself.
      #expect(
        try PictureSource.sources(of: "\(folder)/[x].jpg") == [.picture(path: "\(folder)/[x].jpg")])
      #expect(throws: VisionError.noPictures(path: "\(folder)/*.txt")) {
        try PictureSource.sources(of: "\(folder)/*.txt")
      }
      let none = "\(folder)/*.gif"
      #expect(
        throws: VisionError.unreadable(path: none, reason: "no file fits this pattern")
      ) { try PictureSource.sources(of: none) }
    }
  }

  @Test func `the standard input is a picture or a list`() throws {
    let bytes = try gradient(width: 5, height: 4).encoded(as: .png)
    let picture = PictureSource.standardInput(bytes: bytes)
    #expect(try PictureSource.standardInput(bytes) == [picture])
    #expect(try picture.image().width == 5)
    let expected: [PictureSource] = [.picture(path: "a b.jpg"), .video(path: "/d/c.mp4")]
    #expect(try PictureSource.standardInput(Array("a b.jpg\n#\n/d/c.mp4\n".utf8)) == expected)
    // As `find -print0` writes it, line breaks in names and all.
    #expect(
      try PictureSource.standardInput(Array("a\nb.jpg\0/d/c.mp4\0".utf8)) == [
        .picture(path: "a\nb.jpg"), .video(path: "/d/c.mp4"),
      ])
    #expect(throws: VisionError.empty(path: "standard input")) {
      try PictureSource.standardInput([])
    }
    #expect(throws: VisionError.notAPicture(path: "standard input")) {
      try PictureSource.standardInput([0x25, 0xFF, 0xFE, 0x80])
    }
  }

  @Test(arguments: [
    (PictureSource.picture(path: "x/a.jpg"), "x/a.jpg"), (.camera(1), "camera-1"),
    (.stream(url: "rtsp://host/live?x=1/2"), "live"), (.stream(url: "rtsp://host"), "host"),
    (.remotePicture(url: "https://h/p/a.jpg#x"), "a.jpg"), (.standardInput(bytes: []), "stdin"),
  ])
  func `files are named after their source`(source: PictureSource, name: String) {
    #expect(source.nameForFiles == name)
  }

  @Test func `what is not there or empty is explained`() throws {
    try withTemporaryFolder { folder in
      let path = "\(folder)/none.jpg"
      #expect(throws: VisionError.unreadable(path: path, reason: "No such file or directory")) {
        try PictureSource.sources(of: path)
      }
      #expect(throws: VisionError.noPictures(path: folder)) {
        try PictureSource.sources(of: folder)
      }
      try writeFile([], to: "\(folder)/list.txt")
      #expect(throws: VisionError.noPictures(path: "\(folder)/list.txt")) {
        try PictureSource.sources(of: "\(folder)/list.txt")
      }
    }
  }

  @Test func `pictures in folders of a folder, and lists of a data set, are named`() throws {
    try withTemporaryFolder { folder in
      for name in ["images", "labels", ".hidden"] {
        try FileManager.default.createDirectory(
          atPath: "\(folder)/\(name)", withIntermediateDirectories: true)
      }
      try writeFile([], to: "\(folder)/images/a.jpg")
      try writeFile([], to: "\(folder)/.hidden/a.jpg")
      try writeFile([], to: "\(folder)/labels/a.txt")
      let error = #expect(throws: VisionError.self) { try PictureSource.sources(of: folder) }
      #expect(
        error.map { "\($0)" } == "\(folder): the pictures are in \(folder)/images; name that folder"
      )
      try FileManager.default.createDirectory(
        atPath: "\(folder)/more", withIntermediateDirectories: true)
      try writeFile([], to: "\(folder)/more/a.mp4")
      #expect(
        throws: VisionError.picturesBelow(
          path: folder, folders: ["\(folder)/images", "\(folder)/more"])
      ) { try PictureSource.sources(of: folder) }
      let text = "classes=1\ntrain=train.txt\nvalid=train.txt\ntest=test.txt\n"
      try writeFile(Array(text.utf8), to: "\(folder)/a.data")
      #expect(
        throws: VisionError.dataFile(
          path: "\(folder)/a.data", lists: ["\(folder)/train.txt", "\(folder)/test.txt"])
      ) { try PictureSource.sources(of: "\(folder)/a.data") }
    }
  }
}
