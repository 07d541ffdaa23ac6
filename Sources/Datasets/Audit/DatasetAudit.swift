import Boxes
import Darknet
import Parsing
import Terminal
import Vision

/// Looks through a whole data set for what would spoil training or its figures.
///
/// Every picture of every split is read and decoded once, on several threads; about 2.5 kB of it
/// are kept. ``DuplicateSearch`` says how copies are found among many.
public struct DatasetAudit: Sendable {
  /// How the set is looked at.
  public struct Settings: Hashable, Sendable {
    /// The network's input that boxes are measured for, in pixels.
    public var inputWidth = 416
    /// The network's input that boxes are measured for, in pixels.
    public var inputHeight = 416
    /// How pictures are brought to that input.
    public var fit = PictureFit.letterbox
    /// Threads that decode and compare.
    public var workers = 2

    /// The usual settings.
    public init() {}
  }

  /// What an audit is doing.
  public enum Stage: Hashable, Sendable {
    /// Reading and decoding pictures.
    case pictures
    /// Looking for pictures that show the same.
    case duplicates
  }

  /// One list of the set.
  public struct Split: Sendable {
    /// Which one.
    public var split: DatasetSplit
    /// Its pictures and labels.
    public var dataset: DetectionDataset
  }

  /// What an audit found.
  public struct Outcome: Sendable {
    /// In the order of ``AuditFinding/Kind``, then of the lists.
    public var findings: [AuditFinding] = []
    /// Different pictures of all splits.
    public var images = 0
    /// Boxes of these pictures.
    public var boxes = 0
    /// Pictures without a box.
    public var background = 0
    /// How many pictures' labels were found where.
    public var labelPlaces: [LabelPlace: Int] = [:]
    /// Boxes of each class.
    public var classCounts: [Int] = []
    /// Sizes of the boxes in the network's input, in pixels; those of readable pictures.
    public var boxSizes: [BoxSize] = []

    /// Findings that say the set is broken.
    public var errorCount: Int { findings.count { $0.kind.isError } }
  }

  /// The settings that it was made with.
  public let settings: Settings
  /// The lists of the set, each file once.
  public let splits: [Split]
  /// Class names by class number.
  public let names: [String]
  private let dataPath: String
  private var listFindings: [AuditFinding] = []

  /// Reads the lists and label files of a set.
  ///
  /// - Throws: `DataError` for a `.data` file or list that cannot be read,
  ///   ``DatasetError/noPictures(path:)``.
  public init(_ data: DataFile, settings: Settings = Settings()) throws {
    self.settings = settings
    dataPath = data.path
    names = try data.classNames()
    listFindings += Self.nameFindings(data, names)
    var lists: [String: DatasetSplit] = [:]
    var splits: [Split] = []
    for split in DatasetSplit.allCases {
      guard let list = data.list(split) else { continue }
      if let other = lists[list] {
        let reason =
          "\(split.rawValue) and \(other.rawValue) are the same list; figures on it say nothing "
          + "about other pictures"
        listFindings.append(AuditFinding(.sharedList, list, reason))
        continue
      }
      lists[list] = split
      let dataset = try DetectionDataset(data, split: split, allowsNoLabels: true)
      splits.append(Split(split: split, dataset: dataset))
      listFindings += dataset.listProblems.map { AuditFinding(.list, $0.path, $0.reason) }
      listFindings += dataset.labelProblems.map {
        AuditFinding(.label, $0.path, line: $0.line, $0.reason)
      }
      listFindings += dataset.labelConflicts.map {
        AuditFinding(.labelConflict, $0.path, $0.reason)
      }
      listFindings += dataset.sharedLabels.map { AuditFinding(.sharedLabel, $0.path, $0.reason) }
      listFindings += dataset.repeatedLabels.map {
        AuditFinding(.duplicateBox, $0.path, line: $0.line, $0.reason)
      }
    }
    guard !splits.isEmpty else {
      throw DataError.missingKey(DatasetSplit.train.rawValue, path: data.path)
    }
    self.splits = splits
    // The labels of a picture in two lists are read with each.
    var seen: Set<AuditFinding> = []
    listFindings = listFindings.filter { seen.insert($0).inserted }
    listFindings += partFindings(data) + testFindings(data) + trainingFindings(data)
  }

  /// What the splits lack; of a list that serves as two it is told already.
  private func partFindings(_ data: DataFile) -> [AuditFinding] {
    guard parts.division != nil else { return [] }
    let isShared = listFindings.contains { $0.kind == .sharedList }
    return parts.shortages.filter { $0 != .noValidation || !isShared }
      .map { AuditFinding(.parts, data.path, $0.reason) }
  }

  /// Where the test pictures are too few to compare networks on; few of many are told of already.
  private func testFindings(_ data: DataFile) -> [AuditFinding] {
    let isTold = parts.shortages.contains {
      if case .fewForTest = $0 { true } else { false }
    }
    guard !isTold, let test = splits.first(where: { $0.split == .test })?.dataset,
      parts.train + parts.valid + parts.test >= DatasetParts.fewestToDivide,
      test.labelCount > 0, case let reach = BootstrapResult.usualReach(objects: test.labelCount),
      reach > BootstrapResult.widestReach
    else { return [] }
    let folds = quotedCommand([
      "pare", "dataset", "split", "--data", data.path, "--folds", "5", "--output",
      unusedPath("folds"),
    ])
    return [
      AuditFinding(
        .parts, data.path,
        "few boxes to test on, \(test.labelCount) in \(counted(test.pictures.count, "picture")): two "
          + "networks that differ by less than about \(decimal(100 * reach, places: 0)) points of mAP@0.5 "
          + "can hardly be told apart (less shows where both find mostly the same); \(folds) tests on "
          + "every picture once"
      )
    ]
  }

  /// How many pictures each list has; one that serves as two counts once.
  public var parts: DatasetParts {
    DatasetParts(
      Dictionary(uniqueKeysWithValues: splits.map { ($0.split, $0.dataset.pictures.count) }))
  }

  private static func nameFindings(_ data: DataFile, _ names: [String]) -> [AuditFinding] {
    let path = data.names ?? data.path
    var findings = NamesFile.repeated(names).map { name, classes in
      let numbers = classes.map(String.init).joined(separator: " and ")
      return AuditFinding(
        .names, path, "classes \(numbers.excerpt) are both named '\(name.excerpt)'")
    }
    if let encoding = (try? NamesFile(contentsOf: path))?.encoding {
      findings.append(
        AuditFinding(.names, path, "is not UTF-8; read as \(encoding), better save it as UTF-8"))
    }
    return findings
  }

  /// Looks at all pictures.
  ///
  /// - Parameter progress: what is being done, how many pictures of how many are done.
  public func run(
    progress: (Stage, Int, Int) -> Void = { _, _, _ in }
  ) -> Outcome {
    var result = Outcome(findings: listFindings)
    let entries = different(&result.findings)
    let scans = OrderedWorkers(
      workers: settings.workers, ahead: 4 * max(settings.workers, 1), range: 0..<entries.count
    ) { scan(entries[$0].picture) }
    var scanned: [PictureScan] = []
    while let scan = scans.next() {
      result.findings += scan.findings
      result.boxSizes += scan.boxSizes
      scanned.append(scan)
      progress(.pictures, scanned.count, entries.count)
    }
    result.findings += copies(entries, scanned, progress)
    result.images = entries.count
    result.background = entries.count { $0.picture.labels.isEmpty }
    for split in splits { result.labelPlaces.merge(split.dataset.labelPlaces, uniquingKeysWith: +) }
    result.classCounts = [Int](repeating: 0, count: names.count)
    for entry in entries {
      result.boxes += entry.picture.labels.count
      for label in entry.picture.labels { result.classCounts[label.classIndex] += 1 }
    }
    result.findings += imbalances(result.classCounts, in: dataPath)
    let order = Dictionary(
      uniqueKeysWithValues: AuditFinding.Kind.allCases.enumerated().map { ($1, $0) })
    result.findings = result.findings.enumerated().sorted {
      (order[$0.element.kind] ?? 0, $0.offset) < (order[$1.element.kind] ?? 0, $1.offset)
    }.map(\.element)
    return result
  }

  private struct Entry: Sendable {
    var picture: DetectionDataset.Picture
    var split: DatasetSplit
  }

  /// Every picture once; one that is in two lists is a leak.
  private func different(_ findings: inout [AuditFinding]) -> [Entry] {
    var seen: [String: DatasetSplit] = [:]
    var entries: [Entry] = []
    for split in splits {
      for picture in split.dataset.pictures {
        if let first = seen[picture.path] {
          findings.append(
            AuditFinding(
              .leak, picture.path, other: picture.path, similarity: 1,
              "is listed in \(first.rawValue) and in \(split.split.rawValue)"))
        } else {
          seen[picture.path] = split.split
          entries.append(Entry(picture: picture, split: split.split))
        }
      }
    }
    return entries
  }

  // MARK: One picture

  /// What is kept of one picture.
  private struct PictureScan: Sendable {
    var findings: [AuditFinding] = []
    var boxSizes: [BoxSize] = []
    /// Size and hash of the file; nil when it cannot be read.
    var contents: FileContents?
    /// Nil when it cannot be decoded.
    var thumbnail: Thumbnail?
  }

  private func scan(_ picture: DetectionDataset.Picture) -> PictureScan {
    let path = picture.path
    var scan = PictureScan()
    do {
      let (header, bytes) = try readPicture(path)
      if !bytes.isEmpty { scan.contents = FileContents(bytes) }
      if let expected = PictureFormat(path: path), expected != header.format {
        let reason = "is \(header.format.name), which its extension does not say"
        scan.findings.append(AuditFinding(.extension, path, reason))
      }
      let image = try Image(decoding: bytes, channels: 1, path: path)
      if let range = image.scaledFrom {
        let reason =
          "has \(header.bitsPerSample) bits a sample, but values from \(range.lowerBound) to "
          + "\(range.upperBound) only; these are scaled to the full range"
        scan.findings.append(AuditFinding(.depth, path, reason))
      }
      scan.thumbnail = try Thumbnail(image)
      let geometry = InputGeometry(
        pictureWidth: image.width, pictureHeight: image.height, inputWidth: settings.inputWidth,
        inputHeight: settings.inputHeight, fit: settings.fit)
      scan.findings += BoxAudit(
        width: image.width, height: image.height, inputScale: min(geometry.scaleX, geometry.scaleY)
      ).findings(picture.labels, path: path)
      scan.boxSizes = picture.labels.map { $0.size(in: geometry) }
    } catch {
      scan.findings.append(AuditFinding(.picture, path, reason(error, at: path)))
    }
    return scan
  }

  // MARK: Copies

  private func copies(
    _ entries: [Entry], _ scans: [PictureScan], _ progress: (Stage, Int, Int) -> Void
  ) -> [AuditFinding] {
    var findings: [AuditFinding] = []
    var firsts: [FileContents: Int] = [:]
    var thumbnails: [Thumbnail?] = []
    for (number, scan) in scans.enumerated() {
      let first = scan.contents.flatMap { firsts[$0] }
      if let first {
        findings.append(copy(entries[first], entries[number], .file))
      } else if let contents = scan.contents {
        firsts[contents] = number
      }
      // An equal file's look-alikes are the first one's.
      thumbnails.append(first == nil ? scan.thumbnail : nil)
    }
    let matches = DuplicateSearch(thumbnails).matches(workers: settings.workers) {
      progress(.duplicates, $0, entries.count)
    }
    findings += matches.map {
      let (first, second) = (entries[$0.first], entries[$0.second])
      let isSame = $0.similarity > 0.999 && hasPixels(of: first.picture.path, second.picture.path)
      return copy(first, second, isSame ? .pixels : .look(Double($0.similarity)))
    }
    return findings
  }

  /// Whether two pictures have the same pixels, in files that differ.
  private func hasPixels(of first: String, _ second: String) -> Bool {
    guard let one = try? Image(contentsOf: first), let other = try? Image(contentsOf: second) else {
      return false
    }
    return one.width == other.width && one.height == other.height && one.pixels == other.pixels
  }

  /// What two pictures have in common; a look with the correlation of their thumbnails.
  private enum Likeness {
    case file, pixels
    case look(Double)
  }

  private func copy(_ first: Entry, _ second: Entry, _ likeness: Likeness) -> AuditFinding {
    let isAcross = first.split != second.split
    let kind: AuditFinding.Kind
    var (verb, similarity) = ("equals", 1.0)
    switch likeness {
    case .file: kind = isAcross ? .leak : .duplicate
    case .pixels:
      kind = isAcross ? .leak : .nearDuplicate
      verb = "has the pixels of"
    case .look(let correlation):
      kind = isAcross ? .likelyLeak : .nearDuplicate
      (verb, similarity) = ("looks like", correlation)
    }
    var reason = "\(verb) \(first.picture.path)"
    if isAcross { reason = "in \(second.split.rawValue) \(reason) in \(first.split.rawValue)" }
    if case .look = likeness { reason += " (similarity \(decimal(similarity, places: 3)))" }
    return AuditFinding(
      kind, second.picture.path, other: first.picture.path, similarity: similarity, reason)
  }
}
