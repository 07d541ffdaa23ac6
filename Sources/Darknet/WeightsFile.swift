/// Darknet's `.weights`: a header, then the parameters of each layer in the order of the cfg, as
/// little-endian single-precision numbers (docs/formulas.md 3.1).
public enum WeightsFile {
  /// A layer that was not loaded, and why.
  public struct SkippedLayer: Hashable, Sendable, CustomStringConvertible {
    /// The layer's index.
    public var layer: Int
    /// The name of its section.
    public var section: String
    /// The kernel's (or first differing array's) shape in the file; nil when it is not there.
    public var found: [Int]?
    /// That of the network; nil when the network has no such layer with parameters.
    public var expected: [Int]?

    /// `layer 81, [convolutional]: 255×1024×1×1 in the file, 75×1024×1×1 in the network`.
    public var description: String {
      func dimensions(_ shape: [Int]) -> String {
        shape.map(String.init).joined(separator: "×")
      }
      let there = expected.map { "\(dimensions($0)) in the network" } ?? "not in the network"
      let here = found.map { "\(dimensions($0)) in the file" } ?? "not in the file"
      return "layer \(layer), [\(section)]: \(here), \(there)"
    }
  }

  /// What was read of a file that need not cover the whole network. Readers of safetensors and
  /// PyTorch's files give the same.
  public struct Contents: Sendable {
    /// The parameters; the dictionaries of layers that were not read are empty.
    public var parameters: NetworkParameters
    /// Indices of the layers that were read, ascending; only layers with parameters count.
    public var loaded: [Int]
    /// Layers of the file that do not fit the network.
    public var skipped: [SkippedLayer]
    /// The number of classes that the file was made for, when it was read by shape.
    public var sourceClasses: Int?
    /// Arrays of the file that have names which the network lacks; a `.weights` file has no names.
    public var unknownArrays: [String] = []
  }

  /// Reads a file that holds all of the network's parameters and nothing else.
  ///
  /// - Throws: ``WeightsError`` when it cannot be read or its size is not the network's.
  public static func read(
    _ path: String, for spec: NetworkSpec
  ) throws(WeightsError) -> NetworkParameters {
    var source = try WeightsSource(opening: path, for: WeightsLayout(spec))
    return try read(&source, for: spec)
  }

  /// As ``read(_:for:)-(String,_)``, from bytes; `path` is only named in errors.
  public static func read(
    bytes: [UInt8], path: String, for spec: NetworkSpec
  ) throws(WeightsError) -> NetworkParameters {
    var source = try WeightsSource(bytes: bytes, path: path)
    return try read(&source, for: spec)
  }

  private static func read(
    _ source: inout WeightsSource, for spec: NetworkSpec
  ) throws(WeightsError) -> NetworkParameters {
    let layout = WeightsLayout(spec)
    try layout.checkSize(of: source)
    var layers: [[ParameterRole: ParameterArray]] = []
    for entries in layout.entries { layers.append(try source.readLayer(entries)) }
    return NetworkParameters(layers: layers, header: source.header)
  }

  /// Reads the first layers of a network, as in `darknet53.conv.74` or `yolov4.conv.137`.
  ///
  /// - Parameter layers: how many layers the file holds. Nil: the number at the end of a file name
  ///   `….conv.N`; without one, the number for which the size is right.
  /// - Throws: ``WeightsError`` when the file does not end with such a layer.
  public static func readBackbone(
    _ path: String, for spec: NetworkSpec, layers: Int? = nil
  ) throws(WeightsError) -> Contents {
    let layout = WeightsLayout(spec)
    var source = try WeightsSource(opening: path, for: layout)
    guard
      let count = layers ?? backboneLayers(ofFileName: path)
        ?? source.floatCount.flatMap(layout.prefix(of:))
    else { throw layout.mismatch(source) }
    guard (1...spec.layers.count).contains(count) else {
      throw .noSuchLayer(
        path: path, layers: count, network: spec.configuration.path, has: spec.layers.count)
    }
    let prefix = layout.firstLayers(count)
    try prefix.checkSize(of: source)
    var contents = Contents(
      parameters: NetworkParameters(layers: [], header: source.header), loaded: [], skipped: [])
    for (index, entries) in layout.entries.enumerated() {
      let layer = index < count ? try source.readLayer(entries) : [:]
      contents.parameters.layers.append(layer)
      if !layer.isEmpty { contents.loaded.append(index) }
    }
    return contents
  }

  /// Reads what fits, layer by layer, of a file that was made for another number of classes.
  ///
  /// - Parameter sourceClasses: the classes that the file was made for; nil finds them by its size.
  /// - Throws: ``WeightsError`` when the file is not this network's for any number of classes.
  public static func readByShape(
    _ path: String, for spec: NetworkSpec, sourceClasses: Int? = nil
  ) throws(WeightsError) -> Contents {
    let layout = WeightsLayout(spec)
    let source = try WeightsSource(opening: path, for: layout)
    guard
      let classes = sourceClasses
        ?? (source.floatCount == layout.floatCount
          ? spec.classes : source.floatCount.flatMap(layout.fittingClasses(of:)))
    else {
      // A network without heads, or with heads of several class counts, fits as a whole or not.
      guard source.floatCount == layout.floatCount else { throw layout.mismatch(source) }
      return try read(source, as: layout, for: layout)
    }
    var contents = try read(source, as: layout.withClasses(classes), for: layout)
    contents.sourceClasses = classes
    return contents
  }

  /// Reads what fits, layer by layer, of a file that belongs to another network.
  ///
  /// - Parameter other: the network that the file belongs to.
  /// - Throws: ``WeightsError`` when the file is not that network's.
  public static func readByShape(
    _ path: String, of other: NetworkSpec, for spec: NetworkSpec
  ) throws(WeightsError) -> Contents {
    let layout = WeightsLayout(other)
    let source = try WeightsSource(opening: path, for: layout)
    return try read(source, as: layout, for: WeightsLayout(spec))
  }

  private static func read(
    _ start: WeightsSource, as layout: WeightsLayout, for target: WeightsLayout
  ) throws(WeightsError) -> Contents {
    try layout.checkSize(of: start)
    var source = start
    var contents = Contents(
      parameters: NetworkParameters(
        layers: Array(repeating: [:], count: target.entries.count), header: source.header),
      loaded: [], skipped: [])
    for (index, entries) in layout.entries.enumerated() where !entries.isEmpty {
      let expected = index < target.entries.count ? target.entries[index] : []
      if entries == expected {
        contents.parameters.layers[index] = try source.readLayer(entries)
        contents.loaded.append(index)
      } else {
        source.skip(entries.reduce(0) { $0 + $1.count })
        contents.skipped.append(
          SkippedLayer(
            layer: index, section: layout.sections[index].name,
            found: entries[entries.count - 1].shape, expected: expected.last?.shape))
      }
    }
    return contents
  }

  /// The N of a file name that ends in `.conv.N`, or nil.
  public static func backboneLayers(ofFileName path: String) -> Int? {
    let parts = fileName(of: path).split(separator: ".")
    guard parts.count >= 3, parts[parts.count - 2] == "conv" else { return nil }
    return Int(parts[parts.count - 1])
  }

  /// Writes the parameters, atomically.
  ///
  /// - Parameter layers: write only the first so many layers, as a backbone; nil writes all.
  /// - Throws: ``WeightsError`` when an array is missing or has another shape than `spec` says, or
  ///   when the file cannot be written; the old file is then still there.
  public static func write(
    _ parameters: NetworkParameters, for spec: NetworkSpec, to path: String, layers: Int? = nil
  ) throws(WeightsError) {
    let count = layers ?? spec.layers.count
    guard (1...spec.layers.count).contains(count) else {
      throw .noSuchLayer(
        path: path, layers: count, network: spec.configuration.path, has: spec.layers.count)
    }
    let contents = try contents(parameters, for: spec, layers: count)
    do {
      try writeAtomically(to: path) { (writer: borrowing FileWriter) throws(FileError) in
        try writer.write(contents.header)
        for values in contents.arrays { try writer.write(values) }
      }
    } catch {
      throw .file(error)
    }
  }

  /// Calls `body` with the bytes that ``write(_:for:to:layers:)`` would write, piece by piece.
  package static func forEachPiece(
    of parameters: NetworkParameters, for spec: NetworkSpec,
    _ body: (UnsafeRawBufferPointer) -> Void
  ) throws(WeightsError) {
    let contents = try contents(parameters, for: spec, layers: spec.layers.count)
    contents.header.withUnsafeBytes(body)
    for values in contents.arrays { values.withUnsafeBytes(body) }
  }

  private static func contents(
    _ parameters: NetworkParameters, for spec: NetworkSpec, layers count: Int
  ) throws(WeightsError) -> (header: [UInt8], arrays: [[Float]]) {
    var arrays: [[Float]] = []
    for (index, entries) in WeightsLayout(spec).entries.prefix(count).enumerated() {
      for entry in entries {
        let array = index < parameters.layers.count ? parameters.layers[index][entry.role] : nil
        guard let array, array.shape == entry.shape else {
          throw .wrongArray(
            layer: index, role: entry.role, found: array?.shape, expected: entry.shape)
        }
        arrays.append(array.values)
      }
    }
    return (try parameters.header.encoded(), arrays)
  }
}
