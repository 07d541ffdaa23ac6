import Darknet
import Vision

/// Divides pictures into train, validation and test lists, the same way every time.
///
/// Everything is decided by hashes of file names, never by the order of the input. Pictures that
/// are known to be equal, see ``keepCopiesTogether(workers:progress:)``, go into one list.
public struct DatasetSplitter: Sendable {
  /// The pictures to divide.
  public let pictures: [DetectionDataset.Picture]
  /// Class names by class number.
  public let names: [String]
  /// Entries of lists that were skipped when the pictures were read.
  public private(set) var listProblems: [DatasetProblem] = []
  /// Lines of label files that were skipped then, and label files that cannot be read.
  public private(set) var labelProblems: [DatasetProblem] = []
  /// Pictures of the set's own test list.
  private var testPaths: Set<String> = []
  /// Equal pictures by their places, in the order of their file names; each picture alone at first.
  private var groups: [[Int]]

  /// A splitter over these pictures; of those with the same path the first counts.
  public init(_ pictures: [DetectionDataset.Picture], names: [String]) {
    var seen: Set<String> = []
    self.pictures = pictures.filter { seen.insert($0.path).inserted }
    self.names = names
    groups = self.pictures.indices.map { [$0] }
  }

  /// A splitter over all pictures that a `.data` file names, whichever list they are in.
  public init(_ data: DataFile) throws {
    let splits = DatasetSplit.allCases.filter { data.list($0) != nil }
    let sets = try splits.map { try DetectionDataset(data, split: $0, allowsNoLabels: true) }
    guard let names = sets.first?.names else {
      throw DataError.missingKey(DatasetSplit.train.rawValue, path: data.path)
    }
    self.init(sets.flatMap(\.pictures), names: names)
    for (split, set) in zip(splits, sets) where split == .test {
      testPaths = Set(set.pictures.map(\.path))
    }
    // A list that serves as two tells everything twice.
    var seen: Set<DatasetProblem> = []
    listProblems = sets.flatMap(\.listProblems).filter { seen.insert($0).inserted }
    labelProblems = sets.flatMap(\.labelProblems).filter { seen.insert($0).inserted }
  }

  /// Pictures that equal another one, which they stay together with.
  public var copyCount: Int { groups.reduce(0) { $0 + $1.count - 1 } }

  /// Looks for pictures with the same pixels, and keeps these in one list: a network would be
  /// judged by what it learned from otherwise.
  ///
  /// Pictures of a size that no other has are not decoded. Those that cannot be read stay alone.
  ///
  /// - Parameter progress: told how many of how many pictures were looked at.
  public mutating func keepCopiesTogether(
    workers: Int, progress: (_ done: Int, _ total: Int) -> Void = { _, _ in }
  ) {
    let paths = pictures.map(\.path)
    let sizes = pictureSizes(paths, workers: workers)
    var counts: [PictureSize: Int] = [:]
    for case let size? in sizes { counts[size, default: 0] += 1 }
    let candidates = sizes.indices.filter { place in sizes[place].map { counts[$0]! > 1 } ?? false }
    let looks = OrderedWorkers(workers: workers, ahead: 64, range: 0..<candidates.count) { index in
      (try? Image(contentsOf: paths[candidates[index]])).map(PictureContents.init)
    }
    var places: [PictureContents: [Int]] = [:]
    var done = 0
    while let contents = looks.next() {
      if let contents { places[contents, default: []].append(candidates[done]) }
      done += 1
      progress(done, candidates.count)
    }
    let copies = places.values.filter { $0.count > 1 }
    let grouped = Set(copies.joined())
    groups =
      pictures.indices.filter { !grouped.contains($0) }.map { [$0] }
      + copies.map { $0.sorted { order($0) < order($1) } }
  }

  /// What decides a picture's place: its file name; its path where others have the same name.
  private func order(_ place: Int) -> (String, String) {
    let path = pictures[place].path
    return (fileName(of: path), path)
  }

  /// Three lists of picture paths, in the order of the input.
  public struct Lists: Hashable, Sendable {
    /// For the weights.
    public var train: [String] = []
    /// For choosing checkpoints; empty means that the train list serves.
    public var valid: [String] = []
    /// For the final figures.
    public var test: [String] = []

    /// Pictures in all of them.
    public var count: Int { train.count + valid.count + test.count }
  }

  /// The fold of a picture, `0..<folds`: FNV-1a (64 bits) of the file name without its folder,
  /// modulo the number of folds.
  public static func fold(of path: String, folds: Int) -> Int {
    Int(fnv1a64(fileName(of: path).utf8) % UInt64(folds))
  }

  /// The lists for `count`-fold cross-validation: fold k is the test list of the k-th entry, the
  /// others its train list, so each picture is predicted once by a model that never saw it.
  ///
  /// - Parameter validationShare: how much of the other folds to set aside (chosen by a hash of the
  ///   file name) as validation list, `0 ≤ share < 1`. With 0 there is none: the last epoch is
  ///   the model, or checkpoints are chosen on the train list, never on the test fold.
  public func folds(_ count: Int, validationShare: Double = 0) throws(DatasetError) -> [Lists] {
    guard count >= 2 else {
      throw .invalidSetting("folds", value: "\(count)", expected: "2 or more")
    }
    guard (0..<1).contains(validationShare) else {
      throw .invalidSetting(
        "validation share", value: "\(validationShare)", expected: "0 or more and below 1")
    }
    // Copies go where the first of them goes.
    var leaders = Array(pictures.indices)
    for group in groups { for place in group { leaders[place] = group[0] } }
    var lists = [Lists](repeating: Lists(), count: count)
    for (picture, leader) in zip(pictures, leaders) {
      let path = picture.path
      let name = fileName(of: pictures[leader].path)
      let own = Self.fold(of: name, folds: count)
      // A hash of its own, so that the share does not depend on the fold.
      let place = Double(fnv1a64("validation:\(name)".utf8) >> 11) * 0x1p-53
      for k in 0..<count {
        if k == own {
          lists[k].test.append(path)
        } else if place < validationShare {
          lists[k].valid.append(path)
        } else {
          lists[k].train.append(path)
        }
      }
    }
    for (k, list) in lists.enumerated() where list.train.isEmpty || list.test.isEmpty {
      throw .invalidSetting(
        "folds", value: "\(count)",
        expected: "fewer for \(pictures.count) pictures: fold \(k) has none to "
          + (list.test.isEmpty ? "test" : "train on"))
    }
    return lists
  }

  /// Lists of about these shares of the pictures, in an order drawn from `seed`.
  ///
  /// - Parameters:
  ///   - train: share of the train list; the three shares sum to 1.
  ///   - isStratified: spreads each class evenly: pictures are grouped by the rarest class they
  ///     hold (the one with the fewest boxes in the set), and each group is divided alike.
  public func ratios(
    train: Double, valid: Double, test: Double, seed: UInt64, isStratified: Bool = true
  ) throws(DatasetError) -> Lists {
    let shares = [train, valid, test]
    guard shares.allSatisfy({ (0...1).contains($0) }), train > 0,
      abs(shares.reduce(0, +) - 1) < 1e-6
    else {
      throw .invalidSetting(
        "ratios", value: shares.map { "\($0)" }.joined(separator: " "),
        expected: "shares in 0...1 that sum to 1, the first above 0")
    }
    let strata = isStratified ? rarestClasses() : [Int](repeating: 0, count: groups.count)
    // A picture's place in the order depends on nothing but its own name and the seed.
    let leaders = groups.map { pictures[$0[0]].path }
    let keys = leaders.map { SampleRandom.key(seed: seed, name: fileName(of: $0)) }
    let order = groups.indices.sorted { a, b in
      (strata[a], keys[a], leaders[a]) < (strata[b], keys[b], leaders[b])
    }
    // Each picture goes where most is missing, so every run of the order is divided by the shares.
    var assignment = [Int](repeating: 0, count: pictures.count)
    var given = [0.0, 0.0, 0.0]
    var all = 0.0
    for group in order {
      let count = Double(groups[group].count)
      all += count
      let missing = (0..<3).map { shares[$0] * all - given[$0] }
      let split = (0..<3).filter { shares[$0] > 0 }.max { missing[$0] < missing[$1] } ?? 0
      for picture in groups[group] { assignment[picture] = split }
      given[split] += count
    }
    func list(_ split: Int) -> [String] {
      pictures.indices.filter { assignment[$0] == split }.map { pictures[$0].path }
    }
    return Lists(train: list(0), valid: list(1), test: list(2))
  }

  /// As ``ratios(train:valid:test:seed:isStratified:)``, but the set's own test pictures stay the
  /// test list, and only the others are divided. Those that equal a test picture are in no list.
  ///
  /// - Throws: also when there are no test pictures, or no others.
  public func ratiosKeepingTest(
    train: Double, valid: Double, seed: UInt64, isStratified: Bool = true
  ) throws(DatasetError) -> Lists {
    let others = Set(pictures.map(\.path)).subtracting(testPaths)
    guard !testPaths.isEmpty, !others.isEmpty else {
      throw .invalidSetting(
        "keep-test", value: "on",
        expected: others.isEmpty
          ? "off: all pictures are in the test list" : "off: the set has no test list")
    }
    let untested = groups.filter { group in
      !group.contains { testPaths.contains(pictures[$0].path) }
    }
    let places = untested.joined().sorted()
    var rest = Self(places.map { pictures[$0] }, names: names)
    let numbers = Dictionary(uniqueKeysWithValues: zip(places, 0...))
    rest.groups = untested.map { $0.compactMap { numbers[$0] } }
    var lists = try rest.ratios(
      train: train, valid: valid, test: 0, seed: seed, isStratified: isStratified)
    lists.test = pictures.map(\.path).filter(testPaths.contains)
    return lists
  }

  /// Writes the lists and a `.data` file with its `.names`: `NAME-train.txt`, `NAME-val.txt`,
  /// `NAME-test.txt` (those that hold something), `NAME.data`, `NAME.names`.
  ///
  /// Pictures below the folder, or below the one that it lies in, are listed relative to it, so that
  /// both may be moved together; others absolute.
  ///
  /// - Parameter place: the folder that the files will be moved to; nil where they stay.
  /// - Returns: the path of the `.data` file.
  @discardableResult
  public func write(
    _ lists: Lists, name: String, to output: String, of place: String? = nil
  ) throws -> String {
    try makeFolder(output)
    let root = resolved(place ?? output)
    let places = ListPlaces(root)
    var written: [DatasetSplit: String] = [:]
    for (split, paths) in [
      (DatasetSplit.train, lists.train), (.valid, lists.valid), (.test, lists.test),
    ] where !paths.isEmpty {
      let lines = paths.map { path in
        // The folder is resolved, the picture itself may be a link out of it.
        places.entry(of: joined(resolved(folderPath(of: path)), fileName(of: path)))
      }
      let file = "\(name)-\(split.listName)"
      try writeAtomically(
        lines.map { ListEntry.line(of: $0) + "\n" }.joined(), to: joined(output, file))
      written[split] = file
    }
    return try writeDataFile(joined(output, name + ".data"), names: names, lists: written)
  }

  /// For each group of equal pictures the class of its labels that has the fewest boxes; -1 for
  /// background.
  private func rarestClasses() -> [Int] {
    var counts: [Int: Int] = [:]
    for picture in pictures {
      for label in picture.labels { counts[label.classIndex, default: 0] += 1 }
    }
    return groups.map { group in
      group.flatMap { pictures[$0].labels.map(\.classIndex) }
        .min { (counts[$0] ?? 0, $0) < (counts[$1] ?? 0, $1) } ?? -1
    }
  }
}

/// How pictures are named in a list of a folder.
private struct ListPlaces {
  /// The folder, and the one that it lies in where that is not the root of all.
  private let below: String
  private let beside: String?

  init(_ folder: String) {
    below = folder + "/"
    let parent = folderPath(of: folder)
    beside = parent.isEmpty || parent == "/" ? nil : parent + "/"
  }

  /// The entry of an absolute path.
  func entry(of path: String) -> String {
    if path.hasPrefix(below) { return String(path.dropFirst(below.count)) }
    if let beside, path.hasPrefix(beside) { return "../" + path.dropFirst(beside.count) }
    return absolutePath(path)
  }
}

/// What tells equal pictures: their size and a hash of their pixels.
private struct PictureContents: Hashable, Sendable {
  let width, height: Int
  let hash: UInt64

  init(_ image: Image) {
    (width, height) = (image.width, image.height)
    // As FNV-1a, but by eight bytes at a time.
    hash = image.pixels.withUnsafeBytes { bytes in
      var hash: UInt64 = 0xCBF2_9CE4_8422_2325
      var place = 0
      while place + 8 <= bytes.count {
        let word = bytes.loadUnaligned(fromByteOffset: place, as: UInt64.self)
        hash = (hash ^ word) &* 0x100_0000_01B3
        // The highest bits of a word would never reach the lower ones otherwise.
        hash ^= hash >> 32
        place += 8
      }
      while place < bytes.count {
        hash = (hash ^ UInt64(bytes[place])) &* 0x100_0000_01B3
        place += 1
      }
      return hash
    }
  }
}

extension SampleRandom {
  /// A number that depends on a seed and a name only.
  fileprivate static func key(seed: UInt64, name: String) -> UInt64 {
    var random = SampleRandom(seed: seed, stream: fnv1a64(name.utf8))
    return random.next()
  }
}
