import Darknet
import Vision

/// Labelled pictures: one list of a `.data` file with the label file of each picture.
///
/// A picture without a label file is background. What is wrong with single
/// entries is skipped, counted and listed in ``problems``.
public struct DetectionDataset: Sendable {
  /// A picture and its labels.
  public struct Picture: Hashable, Sendable {
    /// The picture's file.
    public var path: String
    /// Its boxes; empty for background.
    public var labels: [Label]

    /// A picture with its labels.
    public init(path: String, labels: [Label]) {
      (self.path, self.labels) = (path, labels)
    }
  }

  /// In the order of the list.
  public var pictures: [Picture]
  /// How many of the pictures, the last ones, are not known to have labels or none: an absent label
  /// says nothing about them. See ``append(unlabelled:)``.
  public private(set) var unlabelledCount = 0
  /// Class names by class number.
  public var names: [String]
  /// The classes that are taken for one; empty where each counts by itself.
  public private(set) var mergedNames: [String] = []
  /// What a network that learns these pictures finds: the ``names``, or ``mergedName``.
  public var learnedNames: [String] { mergedNames.isEmpty ? names : [Self.mergedName] }
  /// The name of several classes that are taken for one.
  public static let mergedName = "object"
  /// List entries that were skipped.
  public private(set) var listProblems: [DatasetProblem] = []
  /// How many pictures the list names that are not there.
  public private(set) var missingPictures = 0
  /// Label lines that were skipped, and label files that cannot be read.
  public private(set) var labelProblems: [DatasetProblem] = []
  /// Label lines that were skipped because they repeat an earlier one of the same picture.
  public private(set) var repeatedLabels: [DatasetProblem] = []
  /// Label lines with something wrong; they were skipped.
  public private(set) var badLabelLines = 0
  /// Label files that say something else than the one in the other place where they may lie.
  public private(set) var labelConflicts: [DatasetProblem] = []
  /// Label files of several pictures, whose names differ in their extension only.
  public private(set) var sharedLabels: [DatasetProblem] = []
  /// How many pictures' labels were found where.
  public private(set) var labelPlaces: [LabelPlace: Int] = [:]
  /// List entries and label lines that were skipped, but for repeated ones, which change nothing.
  public var problems: [DatasetProblem] { listProblems + labelProblems }

  /// A data set of pictures in hand.
  public init(pictures: [Picture], names: [String]) {
    (self.pictures, self.names) = (pictures, names)
  }

  /// Reads one list of a `.data` file.
  ///
  /// - Parameters:
  ///   - isSingleClass: takes every class for class 0; ``names`` keeps its first entry, and all are in
  ///     ``mergedNames``.
  /// - Throws: `DataError` when the file does not name the list or the names, else as
  ///   ``init(list:names:isSingleClass:allowsNoLabels:)``.
  public init(
    _ data: DataFile, split: DatasetSplit, isSingleClass: Bool = false, allowsNoLabels: Bool = false
  ) throws {
    guard let list = data.list(split) else {
      throw DataError.missingKey(split.rawValue, path: data.path)
    }
    let names = try data.classNames()
    do {
      try self.init(
        list: list, names: names, isSingleClass: isSingleClass, allowsNoLabels: allowsNoLabels)
    } catch let error as DataError { throw error.named(split.rawValue, by: data) }
  }

  /// Reads a list and the label files of its pictures.
  ///
  /// - Parameters:
  ///   - list: one picture path a line.
  ///   - names: class names; their count bounds the class numbers.
  ///   - isSingleClass: takes every class for class 0; ``names`` keeps its first entry, and all are in
  ///     ``mergedNames``.
  ///   - allowsNoLabels: whether a set without any label is taken.
  /// - Throws: `DataError` for a list that is unreadable or empty,
  ///   ``DatasetError/noPictures(path:first:)``, ``DatasetError/noLabels(path:pictures:)``.
  public init(
    list: String, names: [String], isSingleClass: Bool = false, allowsNoLabels: Bool = false
  ) throws {
    self.init(pictures: [], names: isSingleClass ? Array(names.prefix(1)) : names)
    var seen: Set<String> = []
    var labelled: [String: String] = [:]
    for path in try DataFile.pictures(inList: list) {
      if PictureFormat(path: path) == nil {
        skip(path, "does not end like a picture (\(pictureExtensions)), listed in \(list)")
      } else if fileKind(path) != .file {
        missingPictures += 1
        skip(path, "\(missingPicture(path)), listed in \(list)")
      } else if !seen.insert(path).inserted {
        skip(path, "is listed more than once in \(list)")
      } else {
        pictures.append(
          Picture(
            path: path,
            labels: readLabels(ofPicture: path, classCount: names.count, others: &labelled)))
      }
    }
    if isSingleClass {
      mergedNames = names.count > 1 ? names : []
      takeAllForOneClass()
    }
    guard !pictures.isEmpty else {
      throw DatasetError.noPictures(path: list, first: listProblems.first)
    }
    guard allowsNoLabels || labelCount > 0 else {
      throw DatasetError.noLabels(path: list, pictures: pictures.count)
    }
  }

  /// Pictures whose labels are known, background too: the first ones.
  public var labelledCount: Int { pictures.count - unlabelledCount }

  /// Adds pictures whose labels are not known. What they have is dropped.
  public mutating func append(unlabelled paths: [String]) {
    pictures += paths.map { Picture(path: $0, labels: []) }
    unlabelledCount += paths.count
  }

  /// How many boxes there are.
  public var labelCount: Int { pictures.reduce(0) { $0 + $1.labels.count } }

  /// How many pictures have no box.
  public var backgroundCount: Int { pictures.count { $0.labels.isEmpty } }

  /// How many boxes each class has.
  public var classCounts: [Int] {
    var counts = [Int](repeating: 0, count: names.count)
    for picture in pictures { for label in picture.labels { counts[label.classIndex] += 1 } }
    return counts
  }

  /// A hash of what a training run depends on: class names, picture file names in order and the
  /// bits of every label (SHA-256, hexadecimal). Folders do not count, so a moved set stays the
  /// same; nor do the pictures' contents, which would have to be read.
  public var fingerprint: String {
    var hash = SHA256()
    func add(_ text: String) { hash.update(Array(text.utf8) + [0]) }
    names.forEach(add)
    for picture in pictures {
      add(fileName(of: picture.path))
      var bytes: [UInt8] = []
      for label in picture.labels {
        let words = [
          UInt32(truncatingIfNeeded: label.classIndex), label.centerX.bitPattern,
          label.centerY.bitPattern, label.width.bitPattern, label.height.bitPattern,
        ]
        for word in words { withUnsafeBytes(of: word.littleEndian) { bytes += $0 } }
      }
      hash.update(bytes + [0])
    }
    if unlabelledCount > 0 { add("\(unlabelledCount) unlabelled") }
    return hash.hexadecimal()
  }

  private mutating func skip(_ path: String, _ reason: String) {
    listProblems.append(DatasetProblem(path: path, reason: reason))
  }

  /// - Parameter others: the pictures whose label files were read, by these.
  private mutating func readLabels(
    ofPicture picture: String, classCount: Int, others: inout [String: String]
  ) -> [Label] {
    guard let (path, place) = DataFile.labelFile(ofPicture: picture) else { return [] }
    labelPlaces[place, default: 0] += 1
    if let other = LabelConflict.other(ofPicture: picture) {
      labelConflicts.append(
        DatasetProblem(path: path, reason: "differs from \(other), which is not read"))
    }
    if let first = others.updateValue(picture, forKey: path) {
      let names = "\(fileName(of: first).excerpt) and \(fileName(of: picture).excerpt)"
      sharedLabels.append(DatasetProblem(path: path, reason: "is the label file of \(names)"))
    }
    do {
      let file = try LabelFile(contentsOf: path, classCount: classCount)
      labelProblems += file.problems
      badLabelLines += file.badLines
      repeatedLabels += file.duplicateLines.map {
        DatasetProblem(path: path, line: $0, reason: "repeats an earlier line")
      }
      return file.labels
    } catch {
      labelProblems.append(DatasetProblem(path: path, reason: reason(error, at: path)))
      return []
    }
  }

  private mutating func takeAllForOneClass() {
    for picture in pictures.indices {
      var seen: Set<Label> = []
      pictures[picture].labels = pictures[picture].labels.compactMap { label in
        var label = label
        label.classIndex = 0
        return seen.insert(label).inserted ? label : nil
      }
    }
  }
}

private let pictureExtensions = PictureFormat.allCases.flatMap(\.extensions)
  .map { "." + $0 }.joined(separator: " ")
