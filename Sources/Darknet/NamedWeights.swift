/// Parameters of a network as named arrays, under our names or those of a state dict.
public enum NamedWeights {
  /// Reads a file that holds all of the network's parameters and nothing else.
  ///
  /// The file may use either ``ParameterNaming``; the one that more of its names follow is taken.
  ///
  /// - Throws: ``NamedWeightsError`` when an array is missing, unknown or of another shape.
  public static func read(
    _ file: some NamedArrays, for spec: NetworkSpec
  ) throws -> NetworkParameters {
    let reader = try Reader(file, for: spec)
    var layers: [[ParameterRole: ParameterArray]] = []
    for (index, slots) in reader.slots.enumerated() {
      if let mismatch = try reader.mismatch(ofLayer: index) { throw mismatch.error }
      layers.append(try reader.read(slots, ofLayer: index))
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
    for (index, slots) in reader.slots.enumerated() where !slots.isEmpty {
      guard let mismatch = try reader.mismatch(ofLayer: index) else {
        contents.parameters.layers[index] = try reader.read(slots, ofLayer: index)
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
  /// - Throws: ``WeightsError/wrongArray(layer:role:found:expected:)`` when an array is missing or of
  ///   another shape; ``NamedWeightsError/factors(layer:reason:)`` for a shortcut that a state dict
  ///   cannot say.
  public static func arrays(
    of parameters: NetworkParameters, for spec: NetworkSpec, naming: ParameterNaming
  ) throws -> [NamedArray] {
    var arrays: [NamedArray] = []
    for (index, slots) in try spec.parameterLayout().enumerated() {
      let layer = spec.layers[index]
      let ordered =
        naming == .pare
        ? slots : ParameterNaming.stateOrder.flatMap { role in slots.filter { $0.role == role } }
      for slot in ordered {
        let array = index < parameters.layers.count ? parameters.layers[index][slot.role] : nil
        guard let array, array.shape == slot.shape else {
          throw WeightsError.wrongArray(
            layer: index, role: slot.role, found: array?.shape, expected: slot.shape)
        }
        if let obstacle = naming.obstacle(layer) {
          throw NamedWeightsError.factors(layer: index, reason: obstacle)
        }
        guard let values = naming.encoded(array.values, layer) else {
          throw NamedWeightsError.factors(
            layer: index,
            reason: "factors of a state dict lie between 0 and 2/\(slot.count), exclusively")
        }
        let name = naming.names(of: slot.role, ofLayer: index, layer)[0]
        arrays.append(NamedArray(name: name, shape: slot.shape, values: .floats(values)))
        if naming == .stateDictionary, slot.role == .variance {
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
  let slots: [[ParameterSlot]]
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
    slots = try spec.parameterLayout()
    let names = Set(file.names)
    self.names = names
    let pairs = Array(zip(slots, spec.layers))
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
    for slot in slots[index] {
      guard let name = name(of: slot, ofLayer: index) else {
        let expected = naming.names(of: slot.role, ofLayer: index, spec.layers[index])[0]
        return Mismatch(
          error: .missing(
            expected, layer: index, path: file.path, network: spec.configuration.path),
          found: nil, expected: slot.shape)
      }
      let found = try file.shape(of: name)
      guard found == slot.shape else {
        return Mismatch(
          error: .wrongShape(
            name, found: found, expected: slot.shape, path: file.path,
            network: spec.configuration.path),
          found: found, expected: slot.shape)
      }
      if let obstacle = naming.obstacle(spec.layers[index]) {
        return Mismatch(
          error: .factors(layer: index, reason: obstacle), found: found, expected: slot.shape)
      }
    }
    return nil
  }

  /// Reads a layer without a mismatch.
  func read(
    _ slots: [ParameterSlot], ofLayer index: Int
  ) throws -> [ParameterRole: ParameterArray] {
    var arrays: [ParameterRole: ParameterArray] = [:]
    for slot in slots {
      guard let name = name(of: slot, ofLayer: index) else { continue }
      let values = naming.decoded(try file.floats(name), spec.layers[index])
      arrays[slot.role] = ParameterArray(shape: slot.shape, values: values)
    }
    return arrays
  }

  /// The file's arrays that the network has no place for, but for counters.
  var unknownNames: [String] {
    var known: Set<String> = []
    for (index, slots) in slots.enumerated() {
      for slot in slots {
        if let name = name(of: slot, ofLayer: index) { known.insert(name) }
      }
    }
    return file.names.filter { !known.contains($0) && !$0.hasSuffix(ParameterNaming.counterName) }
  }

  private func name(of slot: ParameterSlot, ofLayer index: Int) -> String? {
    naming.names(of: slot.role, ofLayer: index, spec.layers[index]).first(where: names.contains)
  }
}
