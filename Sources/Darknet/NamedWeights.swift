/// Parameters of a network as named arrays, under our names or those of a state dict.
public enum NamedWeights {
  /// Reads a file that holds all of the network's parameters and nothing else.
  ///
  /// The file may use either ``ParameterNaming``; the one that more of its names follow is taken.
  ///
  /// - Throws: ``NamedWeightsError`` when an array is missing, unknown or of another shape.
  ///   Where that holds for most layers, the error says that it is another network's file.
  public static func read(
    _ file: some NamedArrays, for spec: NetworkSpec
  ) throws -> NetworkParameters {
    let reader = try Reader(file, for: spec)
    var layers: [[ParameterRole: ParameterArray]] = []
    for (index, entries) in reader.entries.enumerated() {
      if let mismatch = try reader.mismatch(ofLayer: index) {
        throw try reader.judged(mismatch.error)
      }
      layers.append(try reader.read(entries, ofLayer: index))
    }
    let unknown = reader.unknownNames
    if let first = unknown.first {
      throw NamedWeightsError.unknown(
        first, arrays: unknown.count, path: file.path, network: spec.configuration.path)
    }
    return NetworkParameters(layers: layers, header: WeightsHeader(imagesSeen: file.imagesSeen))
  }

  /// Reads what fits, layer by layer, of a file that belongs to another network, such as one with
  /// another number of classes.
  ///
  /// - Throws: ``NamedWeightsError/noParameters(path:arrays:first:network:expected:)`` when no name
  ///   of the file belongs to such a network.
  public static func readByShape(
    _ file: some NamedArrays, for spec: NetworkSpec
  ) throws -> WeightsFile.Contents {
    let reader = try Reader(file, for: spec)
    var contents = WeightsFile.Contents(
      parameters: NetworkParameters(
        layers: Array(repeating: [:], count: spec.layers.count),
        header: WeightsHeader(imagesSeen: file.imagesSeen)),
      loaded: [], skipped: [])
    for (index, entries) in reader.entries.enumerated() where !entries.isEmpty {
      guard let mismatch = try reader.mismatch(ofLayer: index) else {
        contents.parameters.layers[index] = try reader.read(entries, ofLayer: index)
        contents.loaded.append(index)
        continue
      }
      contents.skipped.append(
        WeightsFile.SkippedLayer(
          layer: index, section: spec.section(ofLayer: index).name, found: mismatch.found,
          expected: mismatch.expected))
    }
    contents.unknownArrays = reader.unknownNames
    return contents
  }

  /// The arrays of a network under names, in the order of the layers.
  ///
  /// A state dict also gets the counter that PyTorch has for each batch normalization, at 0.
  ///
  /// - Throws: ``WeightsError/wrongArray(layer:role:found:expected:)`` when an array is missing or
  ///   of another shape; ``NamedWeightsError/factors(layer:reason:)`` for a shortcut that a state
  ///   dict cannot say.
  public static func arrays(
    of parameters: NetworkParameters, for spec: NetworkSpec, naming: ParameterNaming
  ) throws -> [NamedArray] {
    var arrays: [NamedArray] = []
    for (index, entries) in try spec.parameterLayout().enumerated() {
      let layer = spec.layers[index]
      let ordered =
        naming == .pare
        ? entries
        : ParameterNaming.stateOrder.flatMap { role in entries.filter { $0.role == role } }
      for entry in ordered {
        let array = index < parameters.layers.count ? parameters.layers[index][entry.role] : nil
        guard let array, array.shape == entry.shape else {
          throw WeightsError.wrongArray(
            layer: index, role: entry.role, found: array?.shape, expected: entry.shape)
        }
        if let obstacle = naming.obstacle(layer) {
          throw NamedWeightsError.factors(layer: index, reason: obstacle)
        }
        guard let values = naming.encoded(array.values, layer) else {
          throw NamedWeightsError.factors(
            layer: index,
            reason: "factors of a state dict lie between 0 and 2/\(entry.count), exclusively")
        }
        let name = naming.names(of: entry.role, ofLayer: index, layer)[0]
        arrays.append(NamedArray(name: name, shape: entry.shape, values: .floats(values)))
        if naming == .stateDictionary, entry.role == .variance {
          let counter = name.dropLast("running_var".count) + ParameterNaming.counterName
          arrays.append(NamedArray(name: String(counter), shape: [], values: .integers([0])))
        }
      }
    }
    return arrays
  }
}

/// A file of named arrays beside the network that it is read for.
private struct Reader<File: NamedArrays> {
  let entries: [[ParameterEntry]]
  private let file: File
  private let spec: NetworkSpec
  private let naming: ParameterNaming
  private let names: Set<String>

  /// Why a layer was not read.
  struct Mismatch {
    var error: NamedWeightsError
    /// The array's shape in the file, nil where it is not there.
    var found: [Int]?
    var expected: [Int]
  }

  init(_ file: File, for spec: NetworkSpec) throws {
    self.file = file
    self.spec = spec
    entries = try spec.parameterLayout()
    let names = Set(file.names)
    self.names = names
    let pairs = Array(zip(entries, spec.layers))
    let candidates = ParameterNaming.allCases.map { naming in
      let names = pairs.enumerated().flatMap { index, pair in
        pair.0.map { naming.names(of: $0.role, ofLayer: index, pair.1) }
      }
      return (naming: naming, names: names)
    }
    let matches = candidates.map { $0.names.count { $0.contains { names.contains($0) } } }
    guard let most = matches.max(), most > 0, let best = matches.firstIndex(of: most) else {
      throw NamedWeightsError.noParameters(
        path: file.path, arrays: names.count, first: file.names.first,
        network: spec.configuration.path, expected: candidates.compactMap { $0.names.first?.first })
    }
    naming = candidates[best].naming
  }

  /// What of a layer's arrays is missing or of another shape.
  func mismatch(ofLayer index: Int) throws -> Mismatch? {
    for entry in entries[index] {
      guard let name = name(of: entry, ofLayer: index) else {
        let expected = naming.names(of: entry.role, ofLayer: index, spec.layers[index])[0]
        return Mismatch(
          error: .missing(
            expected, layer: index, path: file.path, network: spec.configuration.path),
          found: nil, expected: entry.shape)
      }
      let found = try file.shape(of: name)
      guard found == entry.shape else {
        return Mismatch(
          error: .wrongShape(
            name, found: found, expected: entry.shape, path: file.path,
            network: spec.configuration.path),
          found: found, expected: entry.shape)
      }
      if let obstacle = naming.obstacle(spec.layers[index]) {
        return Mismatch(
          error: .factors(layer: index, reason: obstacle), found: found, expected: entry.shape)
      }
    }
    return nil
  }

  /// The error of the first layer that does not fit, or that few of the layers do.
  func judged(_ first: NamedWeightsError) throws -> NamedWeightsError {
    let layers = entries.indices.filter { !entries[$0].isEmpty }
    let fitting = try layers.count { try mismatch(ofLayer: $0) == nil }
    guard 2 * fitting < layers.count else { return first }
    if case .factors = first { return first }
    return .otherNetwork(
      first, fitting: fitting, layers: layers.count, path: file.path,
      network: spec.configuration.path)
  }

  /// Reads a layer without a mismatch.
  func read(
    _ entries: [ParameterEntry], ofLayer index: Int
  ) throws -> [ParameterRole: ParameterArray] {
    var arrays: [ParameterRole: ParameterArray] = [:]
    for entry in entries {
      guard let name = name(of: entry, ofLayer: index) else { continue }
      let values = naming.decoded(try file.floats(name), spec.layers[index])
      arrays[entry.role] = ParameterArray(shape: entry.shape, values: values)
    }
    return arrays
  }

  /// The file's arrays that the network has no place for, but for counters.
  var unknownNames: [String] {
    var known: Set<String> = []
    for (index, entries) in entries.enumerated() {
      for entry in entries {
        if let name = name(of: entry, ofLayer: index) { known.insert(name) }
      }
    }
    return file.names.filter { !known.contains($0) && !$0.hasSuffix(ParameterNaming.counterName) }
  }

  private func name(of entry: ParameterEntry, ofLayer index: Int) -> String? {
    naming.names(of: entry.role, ofLayer: index, spec.layers[index]).first(where: names.contains)
  }
}
