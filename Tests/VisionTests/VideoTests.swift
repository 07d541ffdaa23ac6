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

  // Motion JPEG in AVI: the index comes last, and its frames are found without it.
  @Test(.enabled(if: hasVideo))
  func `a video that is cut off says so`() throws {
    try withTemporaryFolder { folder in
      for suffix in ["avi", "mp4", "mkv", "mov"] {
        let path = "\(folder)/clip.\(suffix)"
        let writer = try VideoWriter(path: path, width: 96, height: 64, framesPerSecond: 10)
        for index in 0..<20 { try writer.write(frame(index)) }
        try writer.finish()
        let whole = try VideoReader(.video(path: path))
        while try whole.nextFrame() != nil {}
        #expect(whole.earlyEnd == nil && whole.framesRead == 20, "\(suffix)")
        #expect(VideoContainer(path)?.isCut == false)
        var status = stat()
        stat(path, &status)
        #expect(truncate(path, status.st_size * 3 / 4) == 0)
        #expect(VideoContainer(path)?.isCut == true, "\(suffix)")
        // OpenCV's MP4 has its index at the end, and cannot be opened without.
        guard suffix == "avi" || suffix == "mkv" else { continue }
        let cut = try VideoReader(.video(path: path))
        while try cut.nextFrame() != nil {}
        let frames = cut.framesRead
        #expect((5..<20).contains(frames))
        let end = try #require(cut.earlyEnd)
        #expect(
          end.contains("the file is cut off") && end.contains("\(frames) frames could be read"),
          "\(end)")
      }
    }
  }

  // Boxes of ISO/IEC 14496-12: a size of four bytes, a name; an edit list that begins at 1000.
  @Test func `what a container says of itself is read`() throws {
    try withTemporaryFolder { folder in
      func container(_ bytes: [UInt8]) -> VideoContainer? {
        let path = folder + "/clip"
        #expect(throws: Never.self) { try writeFile(bytes, to: path) }
        return VideoContainer(path)
      }
      let start: [UInt8] = [0, 0, 0, 12] + "ftypisom".utf8
      let data: [UInt8] = [0, 0, 0, 10] + "mdat".utf8 + [1, 2]
      #expect(container(start + data)?.isCut == false)
      #expect(container(start + data)?.countsFrames == true)
      #expect(container(start + data.dropLast())?.isCut == true)
      #expect(container(start + [0, 0, 0])?.isCut == true)
      // A size of 64 bits, and one up to the end.
      let wide: [UInt8] = [0, 0, 0, 1] + "mdat".utf8 + [0, 0, 0, 0, 0, 0, 0, 18, 1, 2]
      #expect(container(start + wide)?.isCut == false)
      #expect(container(start + wide.dropLast())?.isCut == true)
      #expect(container(start + [0, 0, 0, 0] + "mdat".utf8)?.isCut == false)
      let huge: [UInt8] = [0, 0, 0, 1] + "mdat".utf8 + [UInt8](repeating: 0xFF, count: 8)
      #expect(container(start + huge)?.isCut == true)
      for (begin, counts) in [(UInt8(3), false), (0, true)] {
        let list: [UInt8] = [0, 0, 0, 28] + "elst".utf8 + [0, 0, 0, 0, 0, 0, 0, 1]
        let entry: [UInt8] = [0, 0, 0, 9, 0, 0, begin, 0, 0, 1, 0, 0]
        #expect(
          container(start + [0, 0, 0, 36] + "moov".utf8 + list + entry)?.countsFrames == counts)
      }
      #expect(container(Array("RIFF".utf8) + [6, 0, 0, 0] + "AVI xx".utf8)?.isCut == false)
      #expect(container(Array("RIFF".utf8) + [7, 0, 0, 0] + "AVI xx".utf8)?.isCut == true)
      // EBML: an empty header, then a segment of two bytes, of which one is there; or of open
      // length.
      let header: [UInt8] = [0x1A, 0x45, 0xDF, 0xA3, 0x80]
      let segment: [UInt8] = [0x18, 0x53, 0x80, 0x67]
      #expect(container(header + segment + [0x82, 1, 2] + [0xEC, 0x80])?.isCut == false)
      #expect(container(header + segment + [0x82, 1] + [])?.isCut == true)
      #expect(container(header + segment + [0xFF, 1])?.isCut == false)
      #expect(container([1, 2, 3]) == nil && container([]) == nil)
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
      let reason = "cannot be opened: there is no such camera, or another program uses it"
      #expect(throws: VisionError.video(source: "camera 77", reason: reason)) {
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
        == "videos cannot be read or written here; 'pare doctor' says what to do: "
        + "/nowhere/libCVideo.so: cannot open shared object file: No such file or directory")
    #expect(throws: VisionError.videoUnavailable(reason: "libc.so.6 is another library")) {
      try VideoLibrary.load(from: [path, "libc.so.6"])
    }
  }

  private func frame(_ index: Int) -> Image {
    let color = Color(red: UInt8(40 + index * 20 % 200), green: 120, blue: UInt8(220 - index * 10))
    return Image(width: 96, height: 64, filledWith: color)
  }
}
