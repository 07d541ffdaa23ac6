import Darknet
import Terminal

/// What a reader has found: pictures with their labels, the classes, and what was left out.
///
/// Readers name classes; the numbers that they get here are final only when ``finish()`` has put
/// the classes in order.
struct AnnotationSet {
  /// A picture with its labels and the lists that it belongs to.
  struct Picture {
    var path: String
    var labels: [Label]
    var splits: [DatasetSplit]
  }

  /// In ``placesByPath``, of a picture that is in no list.
  private static let leftOut = -1
  /// Problems of one file that are listed one by one.
  static let listedProblems = 1000

  private(set) var pictures: [Picture] = []
  /// Class names by class number.
  private(set) var names: [String] = []
  /// What was left out and what looks odd.
  var report = DatasetImport()
  /// Whether the user gave the names: then no class is added.
  let namesAreGiven: Bool
  private var numbers: [String: Int] = [:]
  private var declaredCount = 0
  private var problemCounts: [String: Int] = [:]
  /// Of every annotation file, the boxes that were cut.
  private var reaches: [String: EdgeReach] = [:]
  /// The pictures that ``addListed(_:to:)`` knows.
  private var placesByPath: [String: Int] = [:]
  /// Some classes that have labels and are none of the given ones.
  private(set) var otherClasses: [String] = []
  /// Where Darknet's label files were looked for.
  private var labelFolders = LabelFolders()
  /// The picture that each of Darknet's label files was read for.
  private var picturesByLabels: [String: String] = [:]

  /// An empty set.
  ///
  /// - Parameter names: the only classes that are taken, in their order; nil to take all.
  init(names: [String]?) {
    namesAreGiven = names != nil
    for name in names ?? [] { add(name) }
    declaredCount = self.names.count
    warnOfRepeated(names ?? [], in: "--names")
  }

  // MARK: Classes

  /// Says which names stand for several classes of a file; they are taken for one class.
  mutating func warnOfRepeated(_ names: [String], in path: String) {
    for (name, classes) in NamesFile.repeated(names) {
      let numbers = classes.map(String.init).joined(separator: " and ")
      warn(path, "classes \(numbers.excerpt) are both named '\(name.excerpt)'; taken as one class")
    }
  }

  /// Adds classes that keep their order and are there even without boxes; ignored when the names
  /// are given.
  mutating func declare(_ names: [String]) {
    guard !namesAreGiven else { return }
    for name in names where numbers[name] == nil { add(name) }
    declaredCount = self.names.count
  }

  /// The number of a class, a new one for a name that is new.
  ///
  /// - Throws: ``BadRecord`` when the name is empty, or names are given and this is none of them.
  mutating func classNumber(_ name: String) throws(BadRecord) -> Int {
    if let number = numbers[name] { return number }
    guard !name.isEmpty, !namesAreGiven, names.count < DataFile.maximumClasses else {
      if namesAreGiven, !name.isEmpty, otherClasses.count < 6, !otherClasses.contains(name) {
        otherClasses.append(name)
      }
      throw BadRecord(
        reason: refusal(ofClass: name), isOtherClass: namesAreGiven && !name.isEmpty)
    }
    return add(name)
  }

  /// Why no class of this name is added.
  func refusal(ofClass name: String) -> String {
    if name.isEmpty { return "an object without a name" }
    return namesAreGiven
      ? "class '\(name.excerpt)' is not among the given names"
        + (closest(to: name, in: names).map { "; did you mean it by '\($0.excerpt)'?" } ?? "")
      : "class '\(name.excerpt)' is one more than \(DataFile.maximumClasses)"
  }

  /// Whether there is a class of this name.
  func hasClass(_ name: String) -> Bool { numbers[name] != nil }

  @discardableResult
  private mutating func add(_ name: String) -> Int {
    if let number = numbers[name] { return number }
    numbers[name] = names.count
    names.append(name)
    return names.count - 1
  }

  // MARK: Pictures

  /// Adds a picture; labels that repeat another one of it are left out.
  ///
  /// One whose boxes are all lost is left out: without them it would teach that there is nothing.
  ///
  /// - Parameters:
  ///   - annotation: the file that describes it, for messages.
  ///   - lost: how many of its records could not be used.
  ///   - reach: those of its boxes that were cut to it.
  mutating func add(
    _ picture: Picture, annotation: String, lost: Int = 0, reach: EdgeReach = EdgeReach()
  ) {
    var picture = picture
    if reach.count > 0 { reaches[annotation, default: EdgeReach()].add(reach) }
    if picture.labels.isEmpty, lost > 0 {
      if placesByPath[picture.path] != nil { placesByPath[picture.path] = Self.leftOut }
      report.picturesWithoutUsableLabels += 1
      guard report.unusablePictures.count < DatasetImport.listedFiles else { return }
      return report.unusablePictures.append(picture.path)
    }
    if picture.labels.count > 1 {
      var seen: Set<Label> = []
      seen.reserveCapacity(picture.labels.count)
      let all = picture.labels.count
      picture.labels = picture.labels.filter { seen.insert($0).inserted }
      let repeated = all - picture.labels.count
      if repeated > 0 {
        let what = repeated == 1 ? "a box repeats another" : "\(repeated) boxes repeat others"
        skip(annotation, reason: "\(fileName(of: picture.path).excerpt): \(what)", count: repeated)
      }
    }
    pictures.append(picture)
  }

  /// Puts a picture that is in a list already into another one too.
  ///
  /// - Returns: false for a picture that is not there yet, whose labels are still to be read: the
  ///   next one that is added.
  mutating func addListed(_ path: String, to split: DatasetSplit) -> Bool {
    guard let place = placesByPath[path] else {
      placesByPath[path] = pictures.count
      return false
    }
    if place == Self.leftOut { return true }
    if !pictures[place].splits.contains(split) { pictures[place].splits.append(split) }
    return true
  }

  // MARK: What is left out

  /// Notes records that cannot be used.
  ///
  /// - Parameter reason: put into words only when it is listed; a broken file has very many.
  mutating func skip(
    _ path: String, line: Int? = nil, reason: @autoclosure () -> String, count: Int = 1
  ) {
    report.skippedCount += count
    let listed = problemCounts[path, default: 0]
    problemCounts[path] = listed + 1
    guard listed < Self.listedProblems else { return }
    report.skipped.append(DatasetProblem(path: path, line: line, reason: reason()))
  }

  /// Whether another problem of a file would be listed.
  func lists(_ path: String) -> Bool { problemCounts[path, default: 0] < Self.listedProblems }

  /// Notes what a parser has found to be wrong with single records of a file: the faults that it
  /// has kept, of `count`.
  mutating func skip(_ path: String, _ faults: [AnnotationFault], count: Int? = nil) {
    for fault in faults { skip(path, line: fault.line, reason: fault.reason) }
    guard let count, count > faults.count else { return }
    report.skippedCount += count - faults.count
    problemCounts[path, default: 0] += count - faults.count
  }

  /// Notes an annotation that there is no picture for.
  mutating func skipUnmatched(_ path: String, reason: @autoclosure () -> String) {
    skip(path, reason: reason())
    noteUnmatched(path)
  }

  /// Counts a file of labels that there is no picture for.
  mutating func noteUnmatched(_ path: String) {
    report.labelsWithoutPicture += 1
    guard report.unmatchedLabels.count < DatasetImport.listedFiles else { return }
    report.unmatchedLabels.append(path)
  }

  /// Counts a picture that nothing was found for that labels it.
  mutating func noteUnlabelled(_ path: String) {
    report.picturesWithoutLabels += 1
    guard report.unlabelledPictures.count < DatasetImport.listedFiles else { return }
    report.unlabelledPictures.append(path)
  }

  // MARK: Darknet's label files

  /// The label file of a picture, nil when it has none; remarks on what is odd about its place.
  mutating func labelFile(ofPicture picture: String) -> String? {
    let found = DataFile.labelFile(ofPicture: picture)
    labelFolders.note(picture: picture, file: found?.path)
    guard let (path, place) = found else {
      report.takesUnlabelled = true
      noteUnlabelled(picture)
      return nil
    }
    report.labelPlaces[place, default: 0] += 1
    if let other = LabelConflict.other(ofPicture: picture) {
      warn(path, "differs from \(other), which is not read")
    }
    if let first = picturesByLabels.updateValue(picture, forKey: path) {
      warn(path, "is the label file of \(fileName(of: first)) and of \(fileName(of: picture))")
    }
    return path
  }

  /// Counts the label files that no picture has, when all pictures are read.
  mutating func noteUnmatchedLabels() {
    for path in labelFolders.unmatched() { noteUnmatched(path) }
    labelFolders = LabelFolders()
  }

  /// Notes something that was taken all the same.
  mutating func warn(_ path: String, _ reason: String) {
    report.warnings.append(DatasetProblem(path: path, reason: reason))
  }

  /// Notes boxes that the set itself says do not count.
  mutating func leaveOut(_ kind: DatasetImport.LeftOut, _ count: Int = 1) {
    report.leftOut[kind, default: 0] += count
  }

  // MARK: The end

  /// Puts the classes in their final order: declared ones first, then the others by name, so that
  /// it does not depend on the order of files. Counts the boxes, and ends the lists of problems.
  mutating func finish() {
    let found = names[declaredCount...].sorted()
    let order = names[..<declaredCount] + found
    let final = Dictionary(uniqueKeysWithValues: order.enumerated().map { ($1, $0) })
    let renumbered = names.map { final[$0] ?? 0 }
    report.classes = order.map { DatasetImport.ClassCount(name: $0, boxes: 0) }
    for picture in pictures.indices {
      for label in pictures[picture].labels.indices {
        let number = renumbered[pictures[picture].labels[label].classIndex]
        pictures[picture].labels[label].classIndex = number
        report.classes[number].boxes += 1
      }
    }
    (names, numbers) = (Array(order), final)
    declaredCount = names.count
    for (path, count) in problemCounts.sorted(by: { $0.key < $1.key })
    where count > Self.listedProblems {
      let reason = "\(count - Self.listedProblems) more records skipped"
      report.skipped.append(DatasetProblem(path: path, reason: reason))
    }
    problemCounts = [:]
    for (path, reach) in reaches.sorted(by: { $0.key < $1.key }) { warn(path, reach.remark) }
    reaches = [:]
  }
}

/// A record of an annotation file that cannot be used; the others are.
struct BadRecord: Error, Equatable {
  /// What is wrong with it, in one line.
  var reason: String
  /// Whether nothing is, but that its class is none of the given ones.
  var isOtherClass = false
}

/// A box in pixels of its picture, pixel i covering i…i+1.
struct PixelBox: Hashable, Sendable {
  var x1, y1, x2, y2: Double

  /// The label of the part of the box that lies in the picture.
  ///
  /// - Parameters:
  ///   - what: what the box is around, for messages.
  ///   - reach: counts it where it reaches over the edge.
  /// - Throws: ``BadRecord`` when the box has no area, or none inside of the picture.
  func label(
    classIndex: Int, width: Int, height: Int, what: @autoclosure () -> String,
    reach: inout EdgeReach
  ) throws(BadRecord) -> Label {
    guard x2 > x1, y2 > y1 else { throw BadRecord(reason: "\(what()) has no area") }
    let (w, h) = (Double(width), Double(height))
    let (left, right) = (min(max(x1, 0), w), min(max(x2, 0), w))
    let (top, bottom) = (min(max(y1, 0), h), min(max(y2, 0), h))
    let label = Label(
      classIndex: classIndex, centerX: Float((left + right) / 2 / w),
      centerY: Float((top + bottom) / 2 / h), width: Float((right - left) / w),
      height: Float((bottom - top) / h))
    // Eight decimals are written; what is smaller would be read back as no box.
    guard label.width > 1e-8, label.height > 1e-8 else {
      throw BadRecord(reason: "\(what()) is outside of the picture of \(width)x\(height)")
    }
    reach.add(pixels: max(-x1, -y1, x2 - w, y2 - h))
    return label
  }
}
