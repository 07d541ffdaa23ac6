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

  @Test func `numbers are cameras and addresses are streams`() throws {
    #expect(try PictureSource.sources(of: "0") == [.camera(0)])
    #expect(
      try PictureSource.sources(of: "http://host/x.jpg") == [.stream(url: "http://host/x.jpg")])
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
}
