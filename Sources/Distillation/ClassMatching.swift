import Datasets

/// Which classes of a student and of a teacher are the same.
struct ClassMatching {
  /// Indices in both networks of those that are; nil where all are, in the same order.
  private(set) var common: (student: [Int], teacher: [Int])?
  /// Names of the student's classes that the teacher does not know.
  private(set) var unknown: [String] = []
  /// Whether the student takes all classes for one, and the teacher tells several.
  private(set) var studentTakesAll = false
  /// Whether the teacher takes all classes for one, and the student does not.
  private(set) var teacherTakesAll = false
  /// What is left out or may be wrong, a line each.
  private(set) var notes: [String] = []

  /// - Parameters:
  ///   - names: the classes of the data.
  ///   - merged: those that the student takes for one; empty where each counts by itself.
  ///   - count: of the student's classes.
  ///   - teacher: the network to learn from.
  /// - Throws: ``DistillationError`` where none are the same.
  init(_ names: [String], merged: [String], count own: Int, _ teacher: Teacher) throws {
    let (path, count) = (teacher.source.cfg, teacher.spec.classes ?? 0)
    let known = Array(teacher.names.prefix(count))
    let takesAll =
      teacher.source.takesAllForOne == true
      || known == [DetectionDataset.mergedName] && !names.contains(DetectionDataset.mergedName)
    switch (student: !merged.isEmpty, teacher: takesAll) {
    case (true, true): return
    case (true, false):
      studentTakesAll = count > 1
      takeStudentsAll(merged, known, path)
    case (false, true):
      (teacherTakesAll, common) = (true, ([], []))
      notes.append(
        "\(path) takes all classes for one (--single-cls): objectness and boxes are compared, and no classes"
      )
    case (false, false): try matchByName(names, own, known, count, path)
    }
  }

  /// What the classes of a teacher are to a student that takes all for one. Labels do not say any more
  /// of which class an object is, so those that the teacher does not know cannot be left out.
  private mutating func takeStudentsAll(_ merged: [String], _ known: [String], _ path: String) {
    if studentTakesAll {
      common = ([], [])
      notes.append(
        "all classes are taken for one (--single-cls), which \(path) tells apart: objectness and boxes "
          + "are compared, and no classes")
    }
    let missing = merged.filter { !known.map(Self.key).contains(Self.key($0)) }
    if studentTakesAll, !known.isEmpty, !missing.isEmpty {
      notes.append(
        "\(path) takes \(DistillationError.list(missing)) for background, and so teaches")
    }
  }

  private mutating func matchByName(
    _ names: [String], _ own: Int, _ known: [String], _ count: Int, _ path: String
  ) throws {
    guard !known.isEmpty else {
      guard count == own else {
        throw DistillationError.unnamedClasses(teacher: path, teacherClasses: count, classes: own)
      }
      notes.append(
        "nothing says the names of the classes of \(path): taken for those of the data, in their order"
      )
      return
    }
    let places = Dictionary(known.enumerated().map { (Self.key($1), $0) }) { first, _ in first }
    let found = names.indices.compactMap { index in
      places[Self.key(names[index])].map { (student: index, teacher: $0) }
    }
    guard !found.isEmpty else {
      throw DistillationError.noCommonClass(teacher: path, teacherNames: known, names: names)
    }
    unknown = names.filter { places[Self.key($0)] == nil }
    if !unknown.isEmpty {
      notes.append(
        "\(path) does not know \(unknown.joined(separator: ", ")): learned from labels alone, and where "
          + "such an object is to be found heads are not compared")
    }
    let isSame =
      found.count == own && count == own && found.allSatisfy { $0.student == $0.teacher }
    common = isSame ? nil : (found.map(\.student), found.map(\.teacher))
  }

  private static func key(_ name: String) -> String { name.lowercased() }

  /// The student's class that one of the teacher's is; nil where it has none.
  func studentClass(ofTeachers index: Int) -> Int? {
    if studentTakesAll { return 0 }
    guard let common else { return index }
    return common.teacher.firstIndex(of: index).map { common.student[$0] }
  }
}
