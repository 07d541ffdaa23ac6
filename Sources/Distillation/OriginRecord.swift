import Darknet

/// Which layers of two networks come from the same layer of the network that was pruned first.
struct OriginRecord {
  private let student: NetworkSpec
  private let teacher: NetworkSpec
  /// The teacher's layers by where they come from.
  private let teacherLayers: [Int: Int]

  /// The share of the student's layers that have to have a partner of their kind and width.
  private static let needed = 0.9

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
