import Darknet

/// Which layers of two networks come from the same layer of the network that was pruned first, by what
/// their cfgs say. Networks of one cfg that were trained apart have the same layers, and other channels:
/// ``likeness(_:_:)``.
struct OriginRecord {
  private let student: NetworkSpec
  private let teacher: NetworkSpec
  /// The teacher's layers by where they come from.
  private let teacherLayers: [Int: Int]

  /// The share of the student's layers that have to have a partner of their kind and width.
  private static let needed = 0.9

  /// The likeness from which on two networks are of one training: far above what networks that were trained
  /// apart come to, and below what is left of it after a long training.
  static let leastLikeness = 0.2

  /// The record of two networks; nil where they do not come from one.
  init?(student: NetworkSpec, teacher: NetworkSpec) {
    (self.student, self.teacher) = (student, teacher)
    teacherLayers = Dictionary(
      teacher.layers.indices.map { (teacher.origin(ofLayer: $0).layer, $0) }
    ) { first, _ in first }
    let partners = student.layers.indices.count { teacherLayer($0) != nil }
    guard Double(partners) >= Self.needed * Double(student.layers.count) else { return nil }
  }

  /// The teacher's layer that a layer of the student's comes from, or shares its origin with.
  func teacherLayer(_ layer: Int) -> Int? {
    let origin = student.origin(ofLayer: layer)
    guard let other = teacherLayers[origin.layer],
      teacher.origin(ofLayer: other).width == origin.width,
      isAlike(student.section(ofLayer: layer), teacher.section(ofLayer: other))
    else { return nil }
    return other
  }

  /// How alike the kernels of both are: the mean cosine of the student's and those of the teacher's that it
  /// has kept (docs/formulas.md 9.1); nil where no two can be compared.
  func likeness(_ own: NetworkParameters, _ others: NetworkParameters) -> Double? {
    var (sum, count) = (0.0, 0)
    for layer in student.layers.indices {
      guard let other = teacherLayer(layer),
        let channels = channels(ofStudent: layer, teacher: other),
        let read = channelsRead(byStudent: layer, teacher: other),
        let kernels = own.layers[layer][.weight], let whole = others.layers[other][.weight],
        kernels.shape.count == 4, whole.shape.count == 4,
        kernels.shape[..<2] == [channels.count, read.count],
        kernels.shape[2...] == whole.shape[2...],
        channels.allSatisfy({ $0 < whole.shape[0] }), read.allSatisfy({ $0 < whole.shape[1] })
      else { continue }
      for cosine in cosines(kernels, whole, channels: channels, read: read) {
        (sum, count) = (sum + cosine, count + 1)
      }
    }
    return count > 0 ? sum / Double(count) : nil
  }

  /// Those of the channels that the teacher's layer reads which the student's does; nil where that is not
  /// known.
  private func channelsRead(byStudent layer: Int, teacher other: Int) -> [Int]? {
    guard let input = student.inputs(ofLayer: layer).first else {
      return Array(0..<student.net.channels)
    }
    guard let partner = teacherLayer(input), teacher.inputs(ofLayer: other).first == partner
    else { return nil }
    return channels(ofStudent: input, teacher: partner)
  }

  /// The cosine of each kernel of the student's with its own of the teacher's; of one without any length
  /// there is none.
  private func cosines(
    _ kernels: ParameterArray, _ whole: ParameterArray, channels: [Int], read: [Int]
  ) -> [Double] {
    let (size, width) = (kernels.shape[2] * kernels.shape[3], whole.shape[1])
    return channels.enumerated().compactMap { row, channel in
      var (product, own, others) = (Float(0), Float(0), Float(0))
      for (place, input) in read.enumerated() {
        let (a, b) = ((row * read.count + place) * size, (channel * width + input) * size)
        for step in 0..<size {
          let (x, y) = (kernels.values[a + step], whole.values[b + step])
          (product, own, others) = (product + x * y, own + x * x, others + y * y)
        }
      }
      let length = (own * others).squareRoot()
      return length > 0 ? Double(product / length) : nil
    }
  }

  private func isAlike(_ a: Configuration.Section, _ b: Configuration.Section) -> Bool {
    a.name == b.name
      && ["size", "stride", "batch_normalize"].allSatisfy { a[$0] == b[$0] }
  }

  /// Those of the teacher's channels that the student's are; nil where that is not known, or the
  /// teacher lacks one.
  func channels(ofStudent layer: Int, teacher other: Int) -> [Int]? {
    guard let own = student.origin(ofLayer: layer).channels,
      let others = teacher.origin(ofLayer: other).channels
    else { return nil }
    let places = Dictionary(others.enumerated().map { ($1, $0) }) { first, _ in first }
    let channels = own.compactMap { places[$0] }
    return channels.count == own.count ? channels : nil
  }
}
