import CVideoAPI
import Glibc
import Storage

/// Writes frames to a video file, which appears under its name when it is complete.
///
/// Of one thread at a time.
public final class VideoWriter {
  /// Frames written so far.
  public private(set) var framesWritten = 0

  private let path: String
  private let partialPath: String
  /// The folder of the unfinished file, beside its place.
  private var group: FileGroup?
  private let (width, height): (Int, Int)
  private let functions: cvideo_api
  private var writer: OpaquePointer?

  /// File extensions, without the dot, that ``init(path:width:height:framesPerSecond:codec:)``
  /// takes.
  public static let extensions = ["mp4", "m4v", "mov", "mkv", "avi"]

  /// Creates a video.
  ///
  /// - Parameters:
  ///   - path: its extension chooses the container.
  ///   - codec: four letters; MPEG-4 ("mp4v") by default, Motion JPEG for `.avi`.
  /// - Throws: ``VisionError`` when the library is missing, the extension is unknown, or the file
  ///   cannot be created.
  public init(
    path: String, width: Int, height: Int, framesPerSecond: Double, codec: String? = nil
  ) throws(VisionError) {
    precondition(width > 0 && height > 0 && framesPerSecond > 0, "a size and rate above zero")
    let suffix = fileExtension(of: path)
    guard Self.extensions.contains(suffix) else {
      throw .unknownExtension(path: path, expected: Self.extensions)
    }
    let codec = codec ?? (suffix == "avi" ? "MJPG" : "mp4v")
    guard codec.utf8.count == 4 else {
      throw .video(source: path, reason: "the codec '\(codec)' has not four letters")
    }
    let functions = try VideoLibrary.functions()
    // The container follows from the extension, so it is the folder that has a temporary name.
    guard access(parentFolder(of: path), F_OK) == 0 else {
      throw .unwritable(path: path, reason: "\(SystemError())")
    }
    let group: FileGroup
    do throws(StorageError) { group = try FileGroup(in: parentFolder(of: path)) } catch {
      throw .unwritable(path: path, reason: error.reason)
    }
    let partialPath = group.place(for: path)
    // OpenCV gives one reason for all; whether the file can be there at all is the system's to say.
    let descriptor = open(partialPath, O_WRONLY | O_CREAT | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else { throw .unwritable(path: path, reason: "\(SystemError())") }
    close(descriptor)
    var writer: OpaquePointer?
    let info = cvideo_info(
      width: Int32(clamping: width), height: Int32(clamping: height),
      frames_per_second: framesPerSecond, frame_count: 0)
    guard functions.create(partialPath, codec, info, &writer) == cvideo_ok, let writer else {
      throw .video(source: path, reason: String(cString: functions.last_message()))
    }
    (self.path, self.partialPath, self.group) = (path, partialPath, group)
    (self.width, self.height) = (width, height)
    (self.functions, self.writer) = (functions, writer)
  }

  /// A writer that was not finished leaves nothing behind.
  deinit {
    guard let writer else { return }
    _ = functions.close_writer(writer)
  }

  /// Adds a frame; gray ones become colour.
  ///
  /// - Precondition: the frame has the video's size, and ``finish()`` was not called.
  public func write(_ frame: Image) throws(VisionError) {
    precondition(frame.width == width && frame.height == height, "a frame of the video's size")
    guard let writer else { preconditionFailure("a video that is finished") }
    let pixels = frame.channels == 3 ? frame.pixels : frame.pixels.flatMap { [$0, $0, $0] }
    try check(functions.write(writer, pixels))
    framesWritten += 1
  }

  /// Completes the file and gives it its name.
  ///
  /// - Throws: ``VisionError`` when it cannot be completed: no space is left, or no frame was
  ///   written.
  public func finish() throws(VisionError) {
    guard let writer else { return }
    self.writer = nil
    defer { group = nil }
    try check(functions.close_writer(writer))
    // OpenCV does not tell when the disk was full: a reader does.
    guard framesWritten > 0 else { throw .video(source: path, reason: "no frame was written") }
    do {
      _ = try VideoReader(.video(path: partialPath))
    } catch {
      throw .unwritable(path: path, reason: "the file came out incomplete")
    }
    do throws(StorageError) { try group?.commit() } catch {
      throw .unwritable(path: path, reason: error.reason)
    }
  }

  private func check(_ status: cvideo_status) throws(VisionError) {
    guard status != cvideo_ok else { return }
    throw .video(source: path, reason: String(cString: functions.last_message()))
  }
}
