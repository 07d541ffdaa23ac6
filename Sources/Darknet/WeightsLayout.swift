/// Which arrays a `.weights` file of a network holds, and in what order.
struct WeightsLayout {
  /// Of the header that current Darknet writes.
  static let headerByteCount = 20

  /// The arrays of each layer.
  private(set) var entries: [[ParameterEntry]]
  /// The layers' sections, for messages.
  let sections: [Configuration.Section]
  let network: String
  /// The head convolutions, with what one class adds to their output channels.
  private let classChannels: [(layer: Int, perClass: Int, fixed: Int)]

  init(_ spec: NetworkSpec) {
    // A spec is only made when its layout is in bounds.
    entries = (try? spec.parameterLayout()) ?? []
    sections = Array(spec.configuration.sections.dropFirst())
    network = spec.configuration.path
    classChannels = spec.heads.compactMap { head in
      let (producer, anchors, each, extra): (Int, Int, Int, Int) =
        switch spec.layers[head] {
        case .yolo(let yolo):
          (yolo.ownSource ?? head - 1, yolo.mask.count, 5, yolo.fusionSources.count)
        case .gaussianYolo(let gaussian): (head - 1, gaussian.yolo.mask.count, 9, 0)
        case .region(let region): (head - 1, region.anchors.count, 5, 0)
        default: (-1, 0, 0, 0)
        }
      guard producer >= 0, case .convolutional(let convolution) = spec.layers[producer],
        convolution.groups == 1, convolution.shareIndex == nil
      else { return nil }
      return (producer, anchors, anchors * each + extra)
    }
  }

  /// Numbers in the file, after its header.
  var floatCount: Int { entries.joined().reduce(0) { $0 + $1.count } }

  /// The layout of a file that ends after `count` layers.
  func firstLayers(_ count: Int) -> WeightsLayout {
    var result = self
    for index in entries.indices.dropFirst(count) { result.entries[index] = [] }
    return result
  }

  /// The layout of the same network for another number of classes.
  func withClasses(_ classes: Int) -> WeightsLayout {
    var result = self
    for head in classChannels {
      for index in entries[head.layer].indices {
        result.entries[head.layer][index].shape[0] = head.fixed + head.perClass * classes
      }
    }
    return result
  }

  /// The number of classes for which the network has `count` parameters, or nil.
  ///
  /// Each class adds the same number of parameters, so there is at most one.
  func fittingClasses(of count: Int) -> Int? {
    guard !classChannels.isEmpty else { return nil }
    let one = withClasses(1).floatCount
    let slope = withClasses(2).floatCount - one
    guard slope > 0, count >= one, (count - one) % slope == 0 else { return nil }
    let classes = (count - one) / slope + 1
    return classes <= 65536 ? classes : nil
  }

  /// As ``fittingClasses(of:)``, or nil where so many classes are less likely than another network.
  private func plausibleClasses(of count: Int) -> Int? {
    // Open Images has 601, the most of a published set of detections.
    let most = max(601, 2 * (ownClasses ?? 0))
    return fittingClasses(of: count).flatMap { $0 <= most ? $0 : nil }
  }

  /// The number of classes of its first head.
  private var ownClasses: Int? {
    classChannels.first.flatMap { head in
      entries[head.layer].first.map { ($0.shape[0] - head.fixed) / head.perClass }
    }
  }

  /// The number of layers, from the first, that have `count` parameters together, or nil.
  ///
  /// Layers without parameters that follow count too, up to the last one before the end.
  func prefix(of count: Int) -> Int? {
    guard count > 0 else { return nil }
    var sum = 0
    for (index, entries) in entries.enumerated() {
      sum += entries.reduce(0) { $0 + $1.count }
      if sum == count { return index + 1 }
      if sum > count { return nil }
    }
    return nil
  }

  func checkSize(of source: WeightsSource) throws(WeightsError) {
    guard source.byteCount == source.header.byteCount + 4 * floatCount else {
      throw mismatch(source)
    }
  }

  /// The error for a file that does not have this layout, with what it might be.
  func mismatch(_ source: WeightsSource) -> WeightsError {
    let available = (source.byteCount - source.header.byteCount) / 4
    var left = available
    var divergence = WeightsError.SizeMismatch.Divergence.nothingExpected
    for (index, entries) in entries.enumerated() where !entries.isEmpty {
      let place = SourcePlace(path: network, line: sections[index].line)
      let needs = entries.reduce(0) { $0 + $1.count }
      if needs > left {
        divergence = .endsInside(
          layer: index, section: sections[index].name, place: place, needs: needs, left: left)
        break
      }
      left -= needs
      divergence = .leftOver(
        bytes: source.byteCount - source.header.byteCount - 4 * (available - left),
        layer: index, section: sections[index].name, place: place)
    }
    let isWhole = (source.byteCount - source.header.byteCount) % 4 == 0
    return .sizeMismatch(
      WeightsError.SizeMismatch(
        path: source.path, bytes: source.byteCount, network: network,
        expectedBytes: source.header.byteCount + 4 * floatCount, divergence: divergence,
        fittingClasses: isWhole ? plausibleClasses(of: available) : nil,
        fittingLayers: isWhole ? namedLayers(of: source.path, available) : nil,
        knownAs: knownName(ofSize: source.byteCount), isDamaged: !isWhole))
  }

  /// The number of layers in a file name `….conv.N`, if they have `count` parameters together; else
  /// ``prefix(of:)``. They differ where layers without parameters end the part.
  private func namedLayers(of path: String, _ count: Int) -> Int? {
    if let layers = WeightsFile.backboneLayers(ofFileName: path),
      (1...max(entries.count, 1)).contains(layers), firstLayers(layers).floatCount == count
    {
      return layers
    }
    return prefix(of: count)
  }

  /// Made once: a program that reads many files may meet many of other sizes.
  private static let ofBuiltInNetworks = BuiltInNetwork.allCases.compactMap { network in
    (try? NetworkSpec(network.configuration())).map { (network, WeightsLayout($0)) }
  }

  /// The published file, or the built-in network with as many classes as this one or as COCO or
  /// VOC have, of that size; nil where there is none.
  private func knownName(ofSize bytes: Int) -> String? {
    if let official = OfficialWeights.all.first(where: { $0.byteCount == bytes }) {
      return "the published \(official.name)"
    }
    let count = (bytes - Self.headerByteCount) / 4
    let own = ownClasses
    for (network, layout) in Self.ofBuiltInNetworks {
      for classes in [own ?? 0, 80, 20] where classes > 0 {
        if layout.withClasses(classes).floatCount == count {
          return "\(network.rawValue) with \(classes == 1 ? "1 class" : "\(classes) classes")"
        }
      }
    }
    return nil
  }
}
