import Boxes
import Darknet
import Datasets
import Foundation
import Vision

/// What a pair of cfg and weights cannot say about the pictures it wants: `model.json` beside it.
public struct ModelDescription: Codable, Equatable, Sendable {
  /// Order of the colour planes: `RGB`, or `gray`. For other programs: Pare goes by the cfg's
  /// channels.
  public var colorOrder: String
  /// What pixel values become before the first layer.
  public var inputScale: InputScale
  /// Gray of a letterbox, `0...255`. For other programs: Pare always pads with this one.
  public var letterboxValue = Int(Letterbox.gray)
  /// How pictures are brought to the input; nil in files of earlier versions, which letterboxed.
  public var resize: PictureFit?
  /// Width of the input that the pair was trained for, in pixels; nil in files of earlier versions.
  public var width: Int?
  /// Its height.
  public var height: Int?
  /// How overlapping boxes are thinned out; nil in files of earlier versions, which were greedy.
  public var nms: SuppressionRule?
  /// Class names by index.
  public var classes: [String]
  /// The folder or cfg of the network that this one was pruned from, as `compare` takes it; nil
  /// where it was not pruned.
  public var prunedFrom: String?
  /// The file of weights that it was pruned from, where these are not those of ``prunedFrom``'s
  /// best epoch.
  public var prunedFromWeights: String?
  /// What quantizing the network came to, on the pictures that it was measured on; nil of others, and
  /// where that was not measured.
  public var change: DifferenceJudgement?
  /// What `model.weights` are worth on validation pictures; nil where that was not measured.
  public var validation: DetectionQuality?
  /// The fingerprint of the pictures that ``validation`` was measured on
  /// (`DetectionDataset.fingerprint`); nil of pairs that no training wrote, and of earlier versions.
  public var validationPictures: String?
  /// SHA-256 of `model.cfg`, in hexadecimal.
  public var cfgHash: String?
  /// SHA-256 of `model.weights`; nil before there are any.
  public var weightsHash: String?
  /// That of the weights before, which may still be there when a run was killed.
  public var previousWeightsHash: String?

  /// A description of a network's pictures.
  public init(
    channels: Int, feeding: Feeding, classes: [String], prunedFrom: String? = nil,
    prunedFromWeights: String? = nil
  ) {
    colorOrder = channels == 1 ? "gray" : "RGB"
    inputScale = feeding.inputScale
    (resize, width, height) = (feeding.fit, feeding.width, feeding.height)
    nms = feeding.suppression
    (self.classes, self.prunedFrom) = (classes, prunedFrom)
    self.prunedFromWeights = prunedFromWeights
  }

  /// Reads a description; nil where there is no such file.
  ///
  /// - Throws: ``InferenceError/unreadableDescription(path:)``.
  public init?(contentsOf path: String) throws {
    guard FileManager.default.fileExists(atPath: path) else { return nil }
    guard let bytes = try? Data(contentsOf: URL(filePath: path)),
      let description = try? JSONDecoder().decode(Self.self, from: bytes)
    else { throw InferenceError.unreadableDescription(path: path) }
    self = description
  }

  /// The description beside one file of a pair, found by the pair's names in a run folder:
  /// `model.cfg`, and weights of any form named `model`, `last` or `best`.
  public static func path(beside file: String) -> String? {
    let name = URL(filePath: file).lastPathComponent
    let stem = name.split(separator: ".").first ?? ""
    guard
      name == "model.cfg" || ["model", "last", "best"].contains(stem) && !name.hasSuffix(".cfg")
    else { return nil }
    return file.dropLast(name.count) + "model.json"
  }

  /// The description of a pair: that beside its weights, else that beside its cfg; nil without one.
  ///
  /// - Throws: ``InferenceError/unreadableDescription(path:)``.
  public static func find(
    cfg: String, weights: String?
  ) throws -> (path: String, description: ModelDescription)? {
    for file in [weights, cfg].compactMap(\.self) {
      guard let path = path(beside: file), let found = try ModelDescription(contentsOf: path)
      else { continue }
      return (path, found)
    }
    return nil
  }

  /// What a pair is worth on validation pictures, as the `model.json` beside it says; nil where
  /// that says nothing, or of other weights. Those of the last epoch may be the same.
  public static func validation(cfg: String, weights: String) -> DetectionQuality? {
    guard let (path, description) = try? find(cfg: cfg, weights: weights),
      let validation = description.validation
    else { return nil }
    let file = URL(filePath: weights)
    guard file.lastPathComponent != "model.weights" else { return validation }
    // To compare is a tenth of the work of a hash, and over at the first byte that differs.
    let own = URL(filePath: path).resolvingSymlinksInPath().deletingLastPathComponent()
      .appending(path: "model.weights").resolvingSymlinksInPath()
    let manager = FileManager.default
    let isSame =
      manager.fileExists(atPath: own.path)
      ? manager.contentsEqual(atPath: file.resolvingSymlinksInPath().path, andPath: own.path)
      : (try? hash(ofFile: weights)).map { $0 == description.weightsHash } ?? false
    return isSame ? validation : nil
  }

  /// The SHA-256 of a file, in hexadecimal.
  ///
  /// - Throws: `FileError` when it cannot be read.
  public static func hash(ofFile path: String) throws -> String {
    // Opened first, for an error that names the file and the cause.
    _ = try ReadOnlyFile(opening: path)
    return SHA256.hexadecimal(
      of: try Data(contentsOf: URL(filePath: path), options: .mappedIfSafe))
  }

  /// What it says of pictures that Pare does otherwise, for a network of so many channels: the order of
  /// colours and the letterbox's gray are always its own.
  func differences(channels: Int) -> [String] {
    let usual = ModelDescription(
      channels: channels, feeding: Feeding(width: 1, height: 1), classes: [])
    return [
      colorOrder == usual.colorOrder
        ? nil : "colorOrder '\(colorOrder)' is taken for '\(usual.colorOrder)'",
      letterboxValue == usual.letterboxValue
        ? nil : "letterboxValue \(letterboxValue) for \(usual.letterboxValue)",
    ].compactMap(\.self)
  }

  /// Which of a pair's files have changed since the description was written: those named
  /// `model.cfg` and `model.weights` whose hashes differ.
  public func changedFiles(cfg: String, weights: String?) throws -> [String] {
    let hashes = ["model.cfg": [cfgHash], "model.weights": [weightsHash, previousWeightsHash]]
    return try [cfg, weights].compactMap { $0 }.filter { path in
      let known = (hashes[URL(filePath: path).lastPathComponent] ?? []).compactMap { $0 }
      return try !known.isEmpty && !known.contains(Self.hash(ofFile: path))
    }
  }
}
