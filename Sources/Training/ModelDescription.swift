import Darknet
import Datasets
import Foundation

/// What a pair of cfg and weights cannot say about the pictures it wants: `model.json` beside it.
public struct ModelDescription: Codable, Equatable, Sendable {
  /// Order of the colour planes: `RGB`, or `gray`.
  public var colorOrder: String
  /// What pixel values become before the first layer.
  public var inputScale: InputScale
  /// Gray of a letterbox, `0...255`.
  public var letterboxValue = 114
  /// Class names by index.
  public var classes: [String]
  /// SHA-256 of `model.cfg`, in hexadecimal.
  public var cfgHash: String?
  /// SHA-256 of `model.weights`; nil before there are any.
  public var weightsHash: String?
  /// That of the weights before, which may still be there when a run was killed.
  public var previousWeightsHash: String?

  /// A description of a network's pictures.
  public init(channels: Int, inputScale: InputScale = .by255, classes: [String]) {
    colorOrder = channels == 1 ? "gray" : "RGB"
    self.inputScale = inputScale
    self.classes = classes
  }

  /// Reads a description; nil where there is no such file.
  ///
  /// - Throws: ``TrainingError/unreadableDescription(path:)``.
  public init?(contentsOf path: String) throws {
    guard FileManager.default.fileExists(atPath: path) else { return nil }
    guard let bytes = try? Data(contentsOf: URL(filePath: path)),
      let description = try? JSONDecoder().decode(Self.self, from: bytes)
    else { throw TrainingError.unreadableDescription(path: path) }
    self = description
  }

  /// The description beside one file of a pair, found by the pair's names in a run folder.
  public static func path(beside file: String) -> String? {
    let name = URL(filePath: file).lastPathComponent
    guard ["model.cfg", "model.weights", "last.weights"].contains(name) else { return nil }
    return file.dropLast(name.count) + "model.json"
  }

  /// The SHA-256 of a file, in hexadecimal.
  static func hash(ofFile path: String) throws -> String {
    SHA256.hexadecimal(of: try Data(contentsOf: URL(filePath: path), options: .mappedIfSafe))
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
