import Darknet

/// Where a network's features are compared: by the stride of each head, what its last convolution
/// reads, what the block before that reads, and the last features of the backbone.
struct FeaturePlaces {
  /// A layer and where it is.
  struct Feature: Hashable {
    var layer: Int
    var place: FeaturePair.Place
    /// Input pixels a cell.
    var stride: Int
  }

  /// In the order of the cfg.
  let features: [Feature]

  /// - Parameters:
  ///   - spec: a network.
  ///   - heads: those that are paired, by layer.
  ///   - width: of the pictures, in pixels.
  ///   - height: of the pictures, in pixels.
  init(_ spec: NetworkSpec, heads: [Int], width: Int, height: Int) throws {
    let shapes = try spec.shapes(width: width, height: height)
    func stride(_ layer: Int) -> Int { Int((Float(width) / Float(shapes[layer].width)).rounded()) }
    var found: [Feature] = []
    for head in heads {
      // The convolution that the head reads, and what that reads.
      guard let source = spec.source(ofHead: head), let input = spec.inputs(ofLayer: source).first
      else { continue }
      found.append(Feature(layer: input, place: .headInput, stride: stride(input)))
      if let neck = spec.inputs(ofLayer: input).first, stride(neck) == stride(input) {
        found.append(Feature(layer: neck, place: .neck, stride: stride(neck)))
      }
    }
    let ends = spec.backbone(heads: heads, stride: stride)
    ends: for head in heads {
      guard var end = ends[stride(head)] else { continue }
      // A short neck begins with it; then what it reads is the backbone's end.
      while found.contains(where: { $0.layer == end }) {
        guard let before = spec.inputs(ofLayer: end).first, stride(before) == stride(end)
        else { continue ends }
        end = before
      }
      found.append(Feature(layer: end, place: .backbone, stride: stride(head)))
    }
    var seen: Set<Int> = []
    features = found.filter { seen.insert($0.layer).inserted }.sorted { $0.layer < $1.layer }
  }
}

extension NetworkSpec {
  /// The convolution that a head reads.
  fileprivate func source(ofHead head: Int) -> Int? {
    if case .yolo(let yolo) = layers[head], let own = yolo.ownSource { return own }
    return head > 0 ? head - 1 : nil
  }

  /// The last layer of the backbone by stride: before the stride doubles, and at the greatest one
  /// where the ways to the heads part; all before the first features that are brought to a larger
  /// size.
  fileprivate func backbone(heads: [Int], stride: (Int) -> Int) -> [Int: Int] {
    let end =
      layers.indices.first { layer in
        if case .upsample = layers[layer] { true } else { layers[layer].isHead }
      } ?? layers.count
    let ancestors = heads.map(ancestors)
    guard let first = ancestors.first else { return [:] }
    // What a head reads is its raw output, no feature: of one head alone that is common too.
    let common = ancestors.dropFirst().reduce(first) { $0.intersection($1) }
      .subtracting(heads.compactMap(source))
    var ends: [Int: Int] = [:]
    for layer in common.sorted() where layer < end { ends[stride(layer)] = layer }
    // Features that come back to a smaller stride later are no backbone's.
    let greatest = ends.keys.max() ?? 1
    for (own, last) in ends where own < greatest {
      let next = layers.indices.first { $0 < end && stride($0) > own } ?? end
      if last >= next { ends[own] = (0..<next).last { common.contains($0) && stride($0) == own } }
    }
    return ends
  }

  /// The layers that a layer depends on.
  private func ancestors(of layer: Int) -> Set<Int> {
    var (found, open) = (Set<Int>(), inputs(ofLayer: layer))
    while let next = open.popLast() {
      if found.insert(next).inserted { open += inputs(ofLayer: next) }
    }
    return found
  }
}
