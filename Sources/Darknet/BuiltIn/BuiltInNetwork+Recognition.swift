extension BuiltInNetwork {
  /// The built-in network that a cfg is, whatever its classes, anchors and size, and the factor of
  /// its layers' widths; nil where it is none of them.
  public static func recognized(
    _ spec: NetworkSpec
  ) -> (network: BuiltInNetwork, widthMultiple: Double)? {
    let own = outline(spec.configuration)
    for (network, whole) in outlines {
      guard whole.map(\.kind) == own.map(\.kind),
        let widest = whole.indices.max(by: { whole[$0].width < whole[$1].width }),
        whole[widest].width > 0
      else { continue }
      let ratio = Double(own[widest].width) / Double(whole[widest].width)
      // Widths are rounded, so the factor that was asked for is a round one nearby.
      let round = [10, 16, 100, 1000].map { (ratio * $0).rounded() / $0 }
      let multiple = (round + [ratio]).first { multiple in
        guard let scaled = try? network.configuration(widthMultiple: multiple) else { return false }
        return outline(scaled) == own
      }
      if let multiple { return (network, multiple) }
    }
    return nil
  }

  /// A layer without what classes, anchors and sizes decide.
  private struct Outline: Equatable {
    /// Section and activation.
    let kind: String
    /// Filters; 0 where there are none, or where the classes decide.
    let width: Int
  }

  private static let outlines = allCases.compactMap { network in
    (try? outline(network.configuration())).map { (network, $0) }
  }

  private static func outline(_ configuration: Configuration) -> [Outline] {
    let sections = configuration.sections.dropFirst()
    let heads: Set = ["yolo", "Gaussian_yolo", "region"]
    return zip(sections, sections.dropFirst().map(\.name) + [""]).map { section, next in
      Outline(
        kind: "\(section.name) \(section["activation"] ?? "")",
        width: heads.contains(next) ? 0 : section["filters"].flatMap { Int($0) } ?? 0)
    }
  }
}
