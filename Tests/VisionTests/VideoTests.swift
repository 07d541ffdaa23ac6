import Glibc
import Testing

@testable import Vision

/// Whether the product CVideo was built beside the tests.
private let hasVideo = VideoLibrary.candidates().contains { access($0, R_OK) == 0 }

@Suite struct VideoTests {
  @Test(.enabled(if: hasVideo), arguments: ["mp4", "avi", "mkv", "mov"])
  func `a video survives a round trip`(suffix: String) throws {
    try withTemporaryFolder { folder in
      let path = "\(folder)/clip.\(suffix)"
      let writer = try VideoWriter(path: path, width: 96, height: 64, framesPerSecond: 12.5)
      for index in 0..<10 { try writer.write(frame(index)) }
      #expect(access(path, F_OK) != 0, "nothing under its name before it is complete")
      try writer.finish()
      #expect(entries(of: folder) == ["clip.\(suffix)"])

      let reader = try VideoReader(.video(path: path))
      #expect(reader.width == 96 && reader.height == 64)
      #expect(reader.framesPerSecond == 12.5)
      #expect(reader.frameCount == 10)
      var count = 0
      while let picture = try reader.nextFrame() {
        // Lossy: the mean stays close, and the order of channels is kept.
        let pixel = picture[48, 32]
        let expected = frame(count)[48, 32]
        #expect(abs(Int(pixel.red) - Int(expected.red)) <= 16, "frame \(count)")
        #expect(abs(Int(pixel.green) - Int(expected.green)) <= 16, "frame \(count)")
        #expect(abs(Int(pixel.blue) - Int(expected.blue)) <= 16, "frame \(count)")
        count += 1
      }
      #expect(count == 10 && reader.framesRead == 10)
      #expect(try reader.nextFrame() == nil)
    }
  }

  @Test(.enabled(if: hasVideo))
  func `gray frames and odd sizes are written too`() throws {
    try withTemporaryFolder { folder in
      let path = "\(folder)/gray.mp4"
      let writer = try VideoWriter(path: path, width: 97, height: 65, framesPerSecond: 30)
      for _ in 0..<3 { try writer.write(Image(width: 97, height: 65, channels: 1)) }
      try writer.finish()
      let picture = try #require(try VideoReader(.video(path: path)).nextFrame())
      #expect(abs(Int(picture[50, 30].green) - 114) <= 6)
    }
  }

  @Test(.enabled(if: hasVideo))
  func `an unfinished or empty video leaves nothing behind`() throws {
    try withTemporaryFolder { folder in
      let path = "\(folder)/clip.mp4"
      do {
        let writer = try VideoWriter(path: path, width: 96, height: 64, framesPerSecond: 10)
        try writer.write(frame(0))
      }
      #expect(entries(of: folder).isEmpty)
      let empty = try VideoWriter(path: path, width: 96, height: 64, framesPerSecond: 10)
      #expect(throws: VisionError.video(source: path, reason: "no frame was written")) {
        try empty.finish()
      }
      #expect(entries(of: folder).isEmpty)
    }
  }

  @Test(.enabled(if: hasVideo))
  func `what is no video is explained`() throws {
    try withTemporaryFolder { folder in
      let path = "\(folder)/x.mp4"
      #expect(throws: VisionError.unreadable(path: path, reason: "No such file or directory")) {
        try VideoReader(.video(path: path))
      }
      try writeFile([], to: path)
      #expect(throws: VisionError.empty(path: path)) { try VideoReader(.video(path: path)) }
      try writeFile(Array("no video at all, just words".utf8), to: path)
      #expect(throws: VisionError.video(source: path, reason: "cannot be opened as a video")) {
        try VideoReader(.video(path: path))
      }
      #expect(throws: VisionError.video(source: "camera 77", reason: "cannot be opened as a video"))
      {
        try VideoReader(.camera(77))
      }
      let none = "\(folder)/none/x.mp4"
      #expect(throws: VisionError.unwritable(path: none, reason: "No such file or directory")) {
        try VideoWriter(path: none, width: 32, height: 32, framesPerSecond: 10)
      }
      #expect(throws: VisionError.unknownExtension(path: "x.gif", expected: VideoWriter.extensions))
      {
        try VideoWriter(path: "x.gif", width: 32, height: 32, framesPerSecond: 10)
      }
    }
  }

  @Test(.enabled(if: hasVideo))
  func `a video cut short gives the frames it has, or an error`() throws {
    try withTemporaryFolder { folder in
      let path = "\(folder)/clip.avi"
      let writer = try VideoWriter(path: path, width: 96, height: 64, framesPerSecond: 10)
      for index in 0..<20 { try writer.write(frame(index)) }
      try writer.finish()
      let bytes = try readFile(path)
      for part in 1..<10 {
        let cut = "\(folder)/cut.avi"
        try writeFile(Array(bytes[..<(bytes.count * part / 10)]), to: cut)
        guard let reader = try? VideoReader(.video(path: cut)) else { continue }
        while try reader.nextFrame() != nil {}
        #expect(reader.framesRead <= 20)
      }
    }
  }

  @Test func `a missing library is explained`() throws {
    let path = "/nowhere/libCVideo.so"
    let error = #expect(throws: VisionError.self) { try VideoLibrary.load(from: [path]) }
    #expect(
      error?.description
        == "videos need libCVideo.so beside the program and OpenCV's videoio (apt-get install "
        + "libopencv-videoio406): /nowhere/libCVideo.so: cannot open shared object file: "
        + "No such file or directory")
    #expect(throws: VisionError.videoUnavailable(reason: "libc.so.6 is another library")) {
      try VideoLibrary.load(from: [path, "libc.so.6"])
    }
  }

  private func frame(_ index: Int) -> Image {
    let color = Color(red: UInt8(40 + index * 20 % 200), green: 120, blue: UInt8(220 - index * 10))
    return Image(width: 96, height: 64, filledWith: color)
  }
}
