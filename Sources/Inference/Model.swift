import Darknet
import Foundation
import Networks
import Storage
import Torch
import Vision

/// A pair of cfg and weights, read and checked, with what it says of its pictures.
public struct Model {
  /// The cfg.
  public let configuration: Configuration
  /// The cfg, typed.
  public let spec: NetworkSpec
  /// The weights.
  public let parameters: NetworkParameters
  /// Where the cfg was read from.
  public let cfgPath: String
  /// Where the weights were read from.
  public let weightsPath: String
  /// Whether all weights are numbers.
  public let isFinite: Bool
  /// How the pair wants to be fed.
  public let ownFeeding: Feeding

  /// What pixel values become before the first layer.
  public var inputScale: InputScale { ownFeeding.inputScale }

  /// Reads a pair.
  ///
  /// - Parameters:
  ///   - cfg: path of the cfg.
  ///   - weights: path of the weights, in any form that ``StoredWeights`` reads.
  ///   - scale: the input scale that was asked for; nil takes the pair's own.
  ///   - toleratesNotFinite: whether weights with NaN or infinities are warned of only.
  ///   - warn: takes what does not keep the pair from being used.
  /// - Throws: ``ConfigurationError`` of the cfg, ``InferenceError`` of `model.json`, or as
  ///   ``StoredWeights/read(_:for:onNotFinite:)`` of the weights.
  public init(
    cfg: String, weights: String, scale: InputScale? = nil, toleratesNotFinite: Bool = false,
    warn: (String) -> Void
  ) throws {
    cfgPath = cfg
    weightsPath = weights
    configuration = try Configuration(contentsOf: cfg)
    spec = try NetworkSpec(configuration)
    ownFeeding = try Feeding(of: spec, cfg: cfg, weights: weights, scale: scale, warn: warn)
    for warning in spec.warnings.merged { warn("\(warning)") }
    var isFinite = true
    parameters = try StoredWeights.read(weights, for: spec, warn: warn) { error in
      guard toleratesNotFinite else { throw error }
      warn("\(error)")
      isFinite = false
    }
    self.isFinite = isFinite
  }

  /// How pictures are shown to the network: as it wants them, or as is wished.
  ///
  /// - Throws: an error when the network cannot work at the size, or when `savesPadding` and there
  ///   is none to save.
  public func feeding(_ wishes: Feeding.Wishes, savesPadding: Bool = false) throws -> Feeding {
    let feeding = ownFeeding.overruled(by: wishes)
    try spec.checkInput(width: feeding.width, height: feeding.height)
    guard !savesPadding || feeding.fit.keepsProportions else {
      throw InferenceError.noPadding(feeding.fit.rawValue, cfg: cfgPath)
    }
    return feeding
  }

  /// The network on a device, in the layout that suits it.
  public func network(on device: Device = .cpu) throws -> Network {
    let network = try Network(configuration, parameters, inputScale: inputScale)
    try network.move(to: device, memoryFormat: .channelsLast)
    return network
  }

  /// Class names: from the file named, from the data set, beside the cfg or the weights, or numbers.
  ///
  /// - Parameter warn: is told where there are more or fewer than the network has classes.
  public func names(
    _ path: String? = nil, data: String? = nil, warn: (String) -> Void
  ) throws -> [String] {
    let (source, names) = try givenNames(path, data: data)
    let classes = spec.classes ?? 0
    if !names.isEmpty,
      let disagreement = ClassDisagreement(spec, other: source, classes: names.count)
    {
      warn(
        disagreement.counts
          + (names.count < classes
            ? "; classes without a name are called by their number"
            : "; names beyond them are left out"))
    }
    return (0..<max(classes, names.count)).map { $0 < names.count ? names[$0] : "class \($0)" }
  }

  /// Class names as they are given, and where: none without a file.
  public func givenNames(
    _ path: String? = nil, data: String? = nil
  ) throws -> (source: String, names: [String]) {
    if let path { return (path, try NamesFile(contentsOf: path).names) }
    if let data { return (data, try DataFile(contentsOf: data).classNames()) }
    let places = [namesPathOfCfg] + namesPathsOfWeights
    guard let beside = places.first(where: FileManager.default.fileExists(atPath:)) else {
      return (namesPathOfCfg, [])
    }
    return (beside, try NamesFile(contentsOf: beside).names)
  }

  /// Where class names lie beside the cfg.
  public var namesPathOfCfg: String { String(cfgPath.dropLast(4)) + ".names" }

  /// Where they lie beside the weights: under their name, or as a run has them.
  private var namesPathsOfWeights: [String] {
    let url = URL(filePath: weightsPath)
    let own = url.deletingPathExtension().appendingPathExtension("names")
    let ofRun = url.deletingLastPathComponent().appending(path: "model.names")
    return ([own] + (ModelDescription.path(beside: weightsPath) == nil ? [] : [ofRun]))
      .map { $0.relativePath }
  }
}

extension Feeding {
  /// How a pair wants to be fed.
  ///
  /// - Parameter scale: the input scale that was asked for; where no `model.json` says one, it
  ///   counts.
  /// - Throws: ``InferenceError/otherInputScale(_:path:stored:)`` when the two differ.
  public init(
    of spec: NetworkSpec, cfg: String, weights: String?, scale: InputScale?,
    warn: (String) -> Void
  ) throws {
    let found = try ModelDescription.find(cfg: cfg, weights: weights)
    let changed = try found?.description.changedFiles(cfg: cfg, weights: weights) ?? []
    for file in changed {
      let own = found?.path ?? ""
      let isBeside = resolvedPath(folderPath(of: own)) == resolvedPath(folderPath(of: file))
      warn(
        "\(own) was written \(isBeside ? "before \(file) changed" : "for another file than \(file)"); "
          + "its input scale is used")
    }
    let differences = found?.description.differences(channels: spec.net.channels) ?? []
    if !differences.isEmpty {
      warn("\(found?.path ?? ""): \(differences.joined(separator: ", and ")): pare knows no other")
    }
    self.init(of: spec, description: found, ownsSize: !changed.contains(cfg))
    if let scale, let found, scale != inputScale {
      throw InferenceError.otherInputScale(scale, path: found.path, stored: inputScale)
    }
    inputScale = found == nil ? scale ?? .by255 : inputScale
  }
}

extension StoredWeights {
  /// Weights of a network in any form that is read.
  ///
  /// - Parameters:
  ///   - warn: takes what does not keep the weights from being used.
  ///   - onNotFinite: what becomes of NaN and infinities; they are refused unless given.
  public static func read(
    _ path: String, for spec: NetworkSpec, warn: (String) -> Void,
    onNotFinite: (StoredWeightsError) throws -> Void = { throw $0 }
  ) throws -> NetworkParameters {
    let parameters = try read(path, for: spec, onNotFinite: onNotFinite)
    // Told only of weights that could be read: by their size they may then be the published ones.
    if let warning = BuiltInNetwork.maskWarning(for: spec) { warn("\(warning)") }
    return parameters
  }
}
