import CVideoAPI

/// Frames of a video file, a camera or a network stream, one after the other.
///
/// Of one thread at a time.
public final class VideoReader {
  /// Of every frame, in pixels.
  public let width: Int
  /// Of every frame, in pixels.
  public let height: Int
  /// Nil when the source does not say, as many cameras.
  public let framesPerSecond: Double?
  /// What the file claims; nil when unknown, as with cameras and streams.
  public let frameCount: Int?
  /// Frames read so far.
  public private(set) var framesRead = 0

  /// What the file's container says of itself; nil for cameras and streams.
  private let container: VideoContainer?
  private let name: String
  private let functions: cvideo_api
  private let reader: OpaquePointer

  /// Opens a video; pictures are not videos.
  ///
  /// - Throws: ``VisionError/videoUnavailable(reason:)`` when the library is missing,
  ///   ``VisionError`` when the source is missing, or holds no frame that can be decoded.
  public init(_ source: PictureSource) throws(VisionError) {
    let functions = try VideoLibrary.functions()
    var reader: OpaquePointer?
    var info = cvideo_info()
    let status: cvideo_status
    switch source {
    case .video(let path), .picture(let path):
      // OpenCV's reason for any file that it cannot open is the same; the system's is better.
      guard try !readFile(path, limit: 1).isEmpty else { throw .empty(path: path) }
      status = functions.open(path, &reader, &info)
    case .stream(let url), .remotePicture(let url): status = functions.open(url, &reader, &info)
    case .standardInput: preconditionFailure("a picture in memory is no video")
    case .camera(let number):
      status = functions.open_camera(Int32(clamping: number), &reader, &info)
    }
    guard status == cvideo_ok, let reader else {
      throw .video(
        source: source.description,
        reason: Self.reason(source, String(cString: functions.last_message())))
    }
    guard Int(info.width) * Int(info.height) <= PictureLimit.pixels else {
      functions.close_reader(reader)
      throw .tooLarge(
        path: source.description, width: Int(info.width), height: Int(info.height))
    }
    (width, height) = (Int(info.width), Int(info.height))
    framesPerSecond = info.frames_per_second > 0 ? info.frames_per_second : nil
    frameCount = info.frame_count > 0 ? Int(info.frame_count) : nil
    container = source.path.flatMap(VideoContainer.init)
    (name, self.functions, self.reader) = (source.description, functions, reader)
  }

  deinit { functions.close_reader(reader) }

  /// After the last frame: that these are not all, in words; nil where they are.
  ///
  /// A file that is cut off lacks whatever it promises more. Otherwise some frames may be missing:
  /// not all containers count them, and OpenCV may not give out the last ones.
  public var earlyEnd: String? {
    let isCut = container?.isCut ?? false
    guard let promised = frameCount, promised > framesRead else {
      return frameCount == nil && isCut
        ? "the file is cut off; \(framesInWords) could be read" : nil
    }
    let allowed =
      container?.countsFrames == true
      ? max(2, promised / 100) : max(Int(framesPerSecond ?? 25), promised / 10)
    guard isCut || promised - framesRead > allowed else { return nil }
    return
      "ends early\(isCut ? ", for the file is cut off" : ""): \(framesInWords) could be read of "
      + "the \(promised) that it promises"
  }

  /// OpenCV has one reason for everything that it cannot open.
  private static func reason(_ source: PictureSource, _ reason: String) -> String {
    switch source {
    case .remotePicture:
      "no picture could be fetched: the address does not answer, or holds no picture"
    case .stream: "no stream could be opened: the address does not answer, or holds no video"
    case .camera: "cannot be opened: there is no such camera, or another program uses it"
    case .picture, .video, .standardInput: reason
    }
  }

  private var framesInWords: String { framesRead == 1 ? "1 frame" : "\(framesRead) frames" }

  /// The next frame, or nil after the last one.
  public func nextFrame() throws(VisionError) -> Image? {
    var status = cvideo_ok
    let count = width * height * 3
    let pixels = [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
      guard let start = buffer.baseAddress else { return }
      status = functions.read(reader, start)
      initialized = status == cvideo_ok ? count : 0
    }
    switch status {
    case cvideo_ok:
      framesRead += 1
      return Image(width: width, height: height, pixels: pixels)
    case cvideo_end: return nil
    default:
      throw .video(
        source: name,
        reason: "frame \(framesRead + 1): \(String(cString: functions.last_message()))")
    }
  }
}
