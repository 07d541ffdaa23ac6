import Boxes
import Vision

/// What was found in a picture or a video.
public struct SourceDetections {
  /// Where it came from.
  public let source: PictureSource
  /// In pixels.
  public let width: Int
  /// In pixels.
  public let height: Int
  /// What is known of it as a video; nil for a picture.
  public let video: Video?
  /// What was found, by falling confidence within a picture or frame.
  public let found: [Found]
  /// The picture or video that it is drawn in, where that could be written.
  public let drawing: String?
  /// The label file, or the folder of a video's, where such were written.
  public let labels: String?

  /// A detection, and of a video the frame, from 1, that it is in.
  public struct Found {
    /// What and where it is, in pixels.
    public let detection: Detection
    /// The frame; nil in a picture.
    public let frame: Int?
  }

  /// A video as far as it was read.
  public struct Video: Hashable, Sendable {
    /// Frames that were read.
    public let frames: Int
    /// Frames that its header promised, where it says.
    public let framesPromised: Int?
    /// Its rate; 25 where it says none.
    public let framesPerSecond: Double
    /// Whether it was read to its end.
    public let isComplete: Bool
  }

  /// How many of each class.
  public var counts: [Int: Int] {
    found.reduce(into: [:]) { $0[$1.detection.classIndex, default: 0] += 1 }
  }
}

/// What came of a run of `detect`.
public struct DetectionOutcome {
  /// A file, and what went wrong with it.
  public struct Failure {
    /// Its path, absolute where it is a file.
    public let path: String
    /// What went wrong.
    public let reason: String
    var isVideo = false
  }

  /// What was looked at, in order.
  public internal(set) var sources: [SourceDetections] = []
  /// Sources that could not be read.
  public internal(set) var skipped: [Failure] = []
  /// Videos of which a part could be read.
  public internal(set) var broken: [Failure] = []
  /// Files that could not be written.
  public internal(set) var unwritten: [Failure] = []
  /// Sources that were looked at, skipped ones among them.
  public internal(set) var looked = 0
  /// Whether the observer asked to stop before all were.
  public internal(set) var wasStopped = false

  /// Whether something was found out, so that the output folder has results.
  public var isUsed: Bool { !sources.isEmpty }
  /// Whether all that could be read was.
  public var isComplete: Bool { !wasStopped && broken.isEmpty }
}
