import Networks
import Reports
import Terminal

extension Lesson {
  /// The teacher in a line.
  var teacherInWords: String {
    let source = teacher.source
    let hash = source.weightsHash.map { ", SHA-256 \($0.prefix(12))…" } ?? ""
    return "teacher: \(source.weights) of \(source.cfg), \(Figures.count(teacher.parameterCount)) "
      + "parameters\(hash)"
  }

  /// What is compared and what is not, as lines of a table that fit 80 columns.
  ///
  /// - Parameter named: whether the teacher is named above it.
  func table(named: Bool) -> [String] {
    guard let student else { return [] }
    var table = Table([
      Table.Column("student"), Table.Column("teacher"), Table.Column("stride"),
      Table.Column("compared", .left),
    ])
    for (index, other) in features.enumerated() {
      table.append([
        "\(other.pair.studentLayer)", "\(other.pair.teacherLayer)", "\(other.pair.stride)",
        widths(of: other) + (adapted.contains(index) ? ", by a 1×1 adapter" : ""),
      ])
    }
    for head in pairing.heads { table.append(row(of: head, student)) }
    // One line above all of them.
    for (index, row) in rowsWithoutPartner(student).enumerated() {
      table.append(row, isSeparated: index == 0)
    }
    let title = "layers that are compared" + (named ? " with \(teacher.source.cfg)" : "") + ":"
    return [title] + table.text.split(separator: "\n").map(String.init)
  }

  private func widths(of feature: Pairing.Features) -> String {
    let (own, all) = (feature.pair.studentWidth, feature.teacherChannels)
    if feature.channels != nil {
      return "\(own) of \(counted(all, "channel")), by the record of pruning"
    }
    return own == all ? counted(own, "channel") : "\(own) and \(counted(all, "channel"))"
  }

  private func row(of head: Pairing.Heads, _ student: Network) -> [String] {
    let (own, other) = (student.heads[head.student], teacher.heads[head.teacher])
    let classes = pairing.classes.map(\.student.count) ?? own.classes
    let overlap = Figures.percent(Double(head.leastOverlap), 0)
    let anchors =
      head.leastOverlap == 1
      ? counted(own.anchorCount, "equal anchor")
      : "\(counted(own.anchorCount, "anchor")) (overlap ≥ \(overlap))"
    let named =
      classes == 0
      ? "no classes"
      : classes == own.classes
        ? "all classes" : "\(classes) of \(counted(own.classes, "class", "classes"))"
    return [
      "\(own.layerIndex)", "\(other.layerIndex)", "\(head.stride)", "head: \(anchors), \(named)",
    ]
  }

  /// Layers that have none, and what of the teacher's heads no anchor and no class of the student's
  /// asks for.
  private func rowsWithoutPartner(_ student: Network) -> [[String]] {
    let none = "–"
    let layers = pairing.lone.filter { lone in
      guard let place = lone.place else { return true }
      return strategies.contains {
        $0.needs.features != .none && $0.needs.places.contains(place)
      }
    }.map { lone in
      [
        lone.isTeachers ? none : "\(lone.layer)", lone.isTeachers ? "\(lone.layer)" : none,
        "\(lone.stride)",
        (lone.place.map { "\($0.inWords): " } ?? "head: ") + lone.reason,
      ]
    }
    let parts = pairing.heads.compactMap { head -> [String]? in
      let other = teacher.heads[head.teacher]
      func left(_ used: Int, of all: Int, _ one: String, _ many: String) -> String? {
        used < all ? "\(all - used) of \(counted(all, one, many))" : nil
      }
      let own = student.heads[head.student].classes
      let words = [
        left(Set(head.anchors).count, of: other.anchorCount, "anchor", "anchors"),
        left(
          pairing.classes.map { Set($0.teacher).count } ?? own, of: other.classes, "class",
          "classes"),
      ].compactMap(\.self)
      guard !words.isEmpty else { return nil }
      return [
        none, "\(other.layerIndex)", "\(head.stride)", "left out: \(words.joined(separator: ", "))",
      ]
    }
    return layers + parts
  }
}

extension FeaturePair.Place {
  /// The place in words.
  fileprivate var inWords: String {
    switch self {
    case .backbone: "backbone"
    case .neck: "neck"
    case .headInput: "before the head"
    }
  }
}
