/// What can stop a distillation before it starts.
public enum DistillationError: Error, Equatable, CustomStringConvertible {
  /// A strategy that is asked for by a name or number that nobody knows.
  case unknownStrategy(String)
  /// A number that an option of the earlier Python programs did not have.
  case unknownNumber(option: String, Int, expected: String)
  /// LD, which heads of these networks cannot do.
  case distributionalBoxes
  /// A head of a kind that has no loss.
  case unknownHead(layer: Int)
  /// A file of a teacher that a run has begun with and does not find; another one may be in its
  /// place.
  case missingTeacher(path: String, hash: String, isOther: Bool)
  /// Networks for gray pictures and for colours.
  case otherChannels(teacher: String, teacherChannels: Int, channels: Int)
  /// No grid of one network is one of the other's.
  case noCommonStride(teacher: String, teacherStrides: [Int], strides: [Int])
  /// No class of the data is one of the teacher's.
  case noCommonClass(teacher: String, teacherNames: [String], names: [String])
  /// Another number of classes, and no names to match them by.
  case unnamedClasses(teacher: String, teacherClasses: Int, classes: Int)
  /// A strategy that compares features, and none of two networks belong together.
  case noFeatures(strategy: String, teacher: String)
  /// A strategy that compares raw values of boxes, of heads where these mean other things.
  case otherAnchors(strategy: String, teacher: String)

  /// One line: what was found and what is needed.
  public var description: String {
    switch self {
    case .unknownStrategy(let name):
      "'\(name)' is no strategy of distillation: expected one of "
        + DistillationMethod.allCases.map(\.rawValue).joined(separator: ", ")
    case .unknownNumber(let option, let number, let expected):
      "\(option) \(number) is no strategy: expected \(expected)"
    case .distributionalBoxes:
      "LD compares distributions over the sides of a box, which the heads [yolo], [Gaussian_yolo] and "
        + "[region] do not have: 'binary' compares their boxes by GIoU"
    case .unknownHead(let layer):
      "layer \(layer) is a head that cannot be trained, so nothing can be distilled into it"
    case .missingTeacher(let path, let hash, let isOther):
      "\(path): \(isOther ? "is not the file" : "no such file, and none of its folder is the one") that "
        + "the run began with (SHA-256 \(hash.prefix(12))…); name where that is with --teacher-cfg and "
        + "--teacher-weights"
    case .otherChannels(let teacher, let teacherChannels, let channels):
      "\(teacher): sees pictures of \(teacherChannels) channels, the student of \(channels): a teacher "
        + "sees the very pictures of the student"
    case .noCommonStride(let teacher, let teacherStrides, let strides):
      "\(teacher): its heads have the strides \(Self.list(teacherStrides)), the student's "
        + "\(Self.list(strides)): no two can be compared; take a teacher with one of these"
    case .noCommonClass(let teacher, let teacherNames, let names):
      "\(teacher): knows none of the classes of the data; it has \(Self.list(teacherNames)), the data "
        + "\(Self.list(names))"
    case .unnamedClasses(let teacher, let teacherClasses, let classes):
      "\(teacher): has \(teacherClasses) classes, the student \(classes): a file of their names beside "
        + "the cfg, with its name and the ending .names, would say which are the same"
    case .noFeatures(let strategy, let teacher):
      "'\(strategy)' compares features, and none of the student's layers can be matched with one of "
        + "\(teacher): 'binary' needs none"
    case .otherAnchors(let strategy, let teacher):
      "'\(strategy)' compares raw values of boxes, which needs the same anchors and kind of heads in "
        + "\(teacher): 'binary' compares the boxes themselves"
    }
  }

  /// Names or numbers in a row; of many the first.
  static func list(_ items: [some CustomStringConvertible]) -> String {
    let shown = items.prefix(20).map(\.description).joined(separator: ", ")
    return items.count > 20 ? "\(shown) and \(items.count - 20) more" : shown
  }
}
