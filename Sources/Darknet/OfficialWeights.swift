/// A weights file that a network's authors publish, by its name.
///
/// The table lets a missing or truncated file be named for what it is. Nothing is downloaded.
public struct OfficialWeights: Hashable, Sendable {
  /// The file's name.
  public var name: String
  /// Bytes of the file.
  public var byteCount: Int
  /// What the file is.
  public var summary: String
  /// SHA-256 of the file in hexadecimal, where it is known from two public places.
  public var sha256: String?

  /// Where it comes from, for the error that it is missing: `download it from …`.
  var origin: String {
    let authors = "https://pjreddie.com/darknet/yolo/"
    if name.hasPrefix("yolov3-tiny.conv") {
      return "'pare convert' cuts it from yolov3-tiny.weights (\(authors))"
    }
    if name.hasPrefix("yolov4") {
      return "download it from https://github.com/AlexeyAB/darknet#pre-trained-models"
    }
    return "download it from "
      + (name.hasPrefix("yolo-fastest") ? "https://github.com/dog-qiuqiu/Yolo-Fastest" : authors)
  }

  /// What a published file is to a network.
  public enum Fit: Hashable, Sendable {
    /// It holds the network's parameters and nothing else.
    case whole
    /// It holds those of the first layers.
    case firstLayers(Int)
    /// It fits the network with another number of classes.
    case classes(Int)
    /// It belongs to another network.
    case none
  }

  /// The entry of a path's last component; nil for a name that nobody published.
  public init?(named path: String) {
    let name = fileName(of: path)
    guard let entry = Self.all.first(where: { $0.name == name }) else { return nil }
    self = entry
  }

  private init(_ name: String, _ byteCount: Int, _ summary: String, sha256: String? = nil) {
    self.name = name
    self.byteCount = byteCount
    self.summary = summary
    self.sha256 = sha256
  }

  /// What this file is to a network.
  public func fit(_ spec: NetworkSpec) -> Fit { fit(WeightsLayout(spec)) }

  func fit(_ layout: WeightsLayout) -> Fit {
    // Files have a header of 20 bytes; the oldest, yolov2.weights, one of 16.
    let counts = [20, 16].map { (byteCount - $0) / 4 }
    if counts.contains(layout.floatCount) { return .whole }
    if let layers = layout.prefix(of: counts[0]) { return .firstLayers(layers) }
    return counts.lazy.compactMap(layout.fittingClasses).first.map(Fit.classes) ?? .none
  }

  /// Published files.
  public static let all: [OfficialWeights] = [
    OfficialWeights("yolov2.weights", 203_934_260, "YOLOv2 trained on COCO"),
    OfficialWeights("yolov2-tiny.weights", 44_948_600, "YOLOv2-tiny trained on COCO"),
    OfficialWeights(
      "yolov3.weights", 248_007_048, "YOLOv3 trained on COCO",
      sha256: "523e4e69e1d015393a1b0a441cef1d9c7659e3eb2d7e15f793f060a21b32f297"),
    OfficialWeights(
      "yolov3-spp.weights", 252_209_544, "YOLOv3-SPP trained on COCO",
      sha256: "87a1e8c85c763316f34e428f2295e1db9ed4abcec59dd9544f8052f50de327b4"),
    OfficialWeights(
      "yolov3-tiny.weights", 35_434_956, "YOLOv3-tiny trained on COCO",
      sha256: "dccea06f59b781ec1234ddf8d1e94b9519a97f4245748a7d4db75d5b7080a42c"),
    OfficialWeights(
      "yolov4.weights", 257_717_640, "YOLOv4 trained on COCO",
      sha256: "e8a4f6c62188738d86dc6898d82724ec0964d0eb9d2ae0f0a9d53d65d108d562"),
    OfficialWeights("yolov4-tiny.weights", 24_251_276, "YOLOv4-tiny trained on COCO"),
    OfficialWeights("yolov4-csp.weights", 211_944_840, "Scaled-YOLOv4 CSP trained on COCO"),
    OfficialWeights(
      "darknet53.conv.74", 162_482_580, "the backbone of YOLOv3 trained on ImageNet"),
    OfficialWeights(
      "yolov3-tiny.conv.15", 30_973_396, "the first layers of yolov3-tiny.weights"),
    OfficialWeights("yolov4.conv.137", 170_038_676, "the first layers of yolov4.weights"),
    OfficialWeights("yolov4-tiny.conv.29", 19_789_716, "the first layers of yolov4-tiny.weights"),
    OfficialWeights("yolo-fastest-1.1.weights", 1_384_268, "Yolo-Fastest 1.1 trained on COCO"),
  ]
}

extension OfficialWeights: CustomStringConvertible {
  /// `yolov3.weights has 248007048 bytes`, and its SHA-256 where that is known.
  public var description: String {
    "\(name) has \(byteCount) bytes" + (sha256.map { " (SHA-256 \($0))" } ?? "")
  }
}

extension OfficialWeights.Fit {
  /// The end of a sentence about the file: `fits x.cfg`.
  func text(_ network: String) -> String {
    switch self {
    case .whole: "fits \(network)"
    case .firstLayers(let count):
      "holds the first \(count) layers of \(network)"
    case .classes(let count):
      "fits \(network) but for its \(count) classes (train --pretrain takes what fits)"
    case .none: "does not fit \(network)"
    }
  }
}
