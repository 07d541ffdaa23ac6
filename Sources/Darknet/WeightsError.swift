/// What is wrong with a `.weights` file, or with parameters that were to be written to one.
public enum WeightsError: Error, Hashable, Sendable {
  /// The file could not be read or written at all.
  case file(FileError)
  /// The file is too short for a header, or does not start with one; the text says what is there.
  case notWeights(path: String, reason: String)
  /// The file's size is not what the network needs.
  case sizeMismatch(SizeMismatch)
  /// A file of a published name that is not there; what it would be to the network.
  case missingOfficial(
    OfficialWeights, path: String, network: String, fit: OfficialWeights.Fit)
  /// More layers were asked for than the network has.
  case noSuchLayer(path: String, layers: Int, network: String, has: Int)
  /// An array of the parameters is missing, or has another shape than the network says.
  case wrongArray(layer: Int, role: ParameterRole, found: [Int]?, expected: [Int])
  /// More pictures than the old header can count.
  case imagesSeenTooLarge(Int64)

  /// A `.weights` file that does not fit its network.
  public struct SizeMismatch: Hashable, Sendable {
    /// The file.
    public var path: String
    /// Bytes in the file.
    public var bytes: Int
    /// The cfg.
    public var network: String
    /// Bytes that the network's weights have, with the header that the file has.
    public var expectedBytes: Int
    /// Where the file and the network part.
    public var divergence: Divergence
    /// Number of classes for which the file would fit, if there is one.
    public var fittingClasses: Int?
    /// Number of layers, from the first, that the file holds exactly, if it is a partial one.
    public var fittingLayers: Int?
    /// The published file, or the built-in network, whose size the file has, if it fits nothing
    /// here.
    public var knownAs: String?
    /// Whether the file has a fraction of a number at its end.
    public var isDamaged: Bool

    /// Where the file and the network part.
    public enum Divergence: Hashable, Sendable {
      /// The file ends inside a layer.
      case endsInside(layer: Int, section: String, place: SourcePlace, needs: Int, left: Int)
      /// Bytes are left after the last layer that has parameters.
      case leftOver(bytes: Int, layer: Int, section: String, place: SourcePlace)
      /// The network has no parameters at all.
      case nothingExpected
    }
  }
}

extension WeightsError: CustomStringConvertible {
  /// One line: the path, what was found, what was expected, and what might be meant.
  public var description: String {
    switch self {
    case .file(let error): "\(error)"
    case .notWeights(let path, let reason):
      "\(path): is not a Darknet weights file: \(reason)"
        + (OfficialWeights(named: path).map { "; the published \($0)" } ?? "")
    case .sizeMismatch(let mismatch): "\(mismatch)"
    case .missingOfficial(let official, let path, let network, .none):
      "\(path.printablePath): is not there, and what is published as \(official.name) belongs to another "
        + "network than \(network): start without weights, or take the cfg that belongs to it"
    case .missingOfficial(let official, let path, let network, let fit):
      "\(path.printablePath): is not there; \(official.origin); the published \(official), "
        + "\(official.summary), \(fit.text(network))"
    case .noSuchLayer(let path, let layers, let network, let has):
      "\(path): cannot hold the first \(layers) layers of \(network), which has \(has)"
    case .wrongArray(let layer, let role, nil, let expected):
      "layer \(layer) has no '\(role)', expected one of \(dimensions(expected))"
    case .wrongArray(let layer, let role, let found?, let expected):
      "'\(role)' of layer \(layer) is \(dimensions(found)), expected \(dimensions(expected))"
    case .imagesSeenTooLarge(let count):
      "\(count) pictures seen are more than a header older than version 0.2 can hold"
    }
  }

  private func dimensions(_ shape: [Int]) -> String {
    shape.map(String.init).joined(separator: "×")
  }
}

extension WeightsError.SizeMismatch: CustomStringConvertible {
  /// The mismatch in one line, without losing where it is.
  public var description: String {
    var text = "\(path): \(foreword)has \(bytes) bytes, \(network) needs \(expectedBytes): "
    switch divergence {
    case .endsInside(let layer, let section, let place, let needs, let left):
      text += "it ends in layer \(layer), [\(section)] at \(place), "
      text += "which needs \(needs) floats and finds \(left)"
    case .leftOver(let bytes, let layer, let section, let place):
      text += "\(bytes) bytes are left after layer \(layer), [\(section)] at \(place)"
    case .nothingExpected: text += "the network has no parameters"
    }
    if let fittingClasses { text += "; it fits \(fittingClasses) classes" }
    if let fittingLayers {
      text += "; its size is that of the first "
      text += fittingLayers == 1 ? "layer alone" : "\(fittingLayers) layers alone"
    }
    if let official = OfficialWeights(named: path), official.byteCount != bytes {
      text += "; the published \(official), so this one is "
      text += bytes < official.byteCount ? "cut short or another" : "another"
    }
    return text
  }

  /// Says first that the file is another network's, where it fits in no way.
  private var foreword: String {
    guard fittingClasses == nil, fittingLayers == nil, !isDamaged, expectedBytes > 20 else {
      return ""
    }
    if let knownAs {
      return "these weights do not belong to this cfg, they have the size of \(knownAs): "
    }
    // A file that has another size than its name says is told of at the end.
    guard OfficialWeights(named: path)?.byteCount != expectedBytes else { return "" }
    return bytes > expectedBytes
      ? "these weights do not belong to this cfg: "
      : "these weights are cut short, or do not belong to this cfg: "
  }
}
