import Darknet
import Glibc

/// Puts several data sets in Darknet's form together into one; originals are only read.
///
/// Classes of the same name are one class. Pictures of the same file name are kept apart, and those
/// with the same contents are reported, since a picture that is in two lists makes their figures
/// meaningless.
public struct DatasetMerger: Codable, Hashable, Sendable {
  /// The `.data` files, in the order in which their classes get their numbers.
  public var sources: [String]
  /// The folder to write.
  public var output: String
  /// The name of the `.data` and `.names` files; the output folder's own when nil.
  public var name: String?
  /// Class names in their order; boxes of other classes are skipped. When nil, all that there are.
  public var names: [String]?
  /// New names of classes by their names in the sources.
  public var renamed: [String: String] = [:]
  /// Copies pictures instead of linking to them.
  public var copies = false
  /// Lists to put elsewhere.
  public var splits: [DatasetSplit: DatasetSplit] = [:]
  /// Takes an output folder that holds something.
  public var overwrites = false

  /// Two pictures with the same contents.
  public struct Duplicate: Hashable, Sendable {
    /// The later one.
    public var path: String
    /// The earlier one.
    public var original: String
    /// Whether they are in different lists.
    public var isLeak: Bool
  }

  /// A merger with the usual settings.
  public init(_ sources: [String], output: String) {
    (self.sources, self.output) = (sources, output)
  }

  /// Merges the data sets.
  ///
  /// - Parameter progress: told how many of how many pictures are written.
  /// - Returns: what was written, and the pictures whose contents were there before.
  /// - Throws: `DataError`, ``DatasetError`` or `FileError` when something cannot be read or
  ///   written as a whole.
  public func run(
    progress: ((_ done: Int, _ total: Int) -> Void)? = nil
  ) throws -> (report: DatasetImport, duplicates: [Duplicate]) {
    let files = try sources.map { try DataFile(contentsOf: $0) }
    let known = Set(try files.flatMap { try $0.classNames() })
    for name in renamed.keys.sorted() where !known.contains(name) {
      throw DatasetError.invalidSetting(
        "the class to rename", value: "'\(name.excerpt)'",
        expected: "one of the sets' classes: \(known.sorted().joined(separator: ", ").excerpt)")
    }
    var set = AnnotationSet(names: names)
    for file in files {
      let before = set.pictures.count
      try DarknetReader().add(file, to: &set) { renamed[$0] ?? $0 }
      if before > 0, set.pictures.count == before {
        set.warn(file.path, "adds no picture to those of the sets before it")
      }
    }
    let duplicates = duplicates(set.pictures)
    let leaks = Set(duplicates.filter(\.isLeak).map(\.path))
    let shared = set.pictures.count { lists(of: $0).count > 1 || leaks.contains($0.path) }
    var report = try set.finished(source: sources.first ?? output).write(
      DatasetFolder.Settings(
        path: output, name: name, copies: copies, splits: splits, overwrites: overwrites),
      progress: progress)
    report.picturesInSeveralLists = shared
    return (report, duplicates)
  }

  private func duplicates(_ pictures: [AnnotationSet.Picture]) -> [Duplicate] {
    // Only files of the same size can be the same.
    let bySize = Dictionary(grouping: pictures.indices) { fileSize(pictures[$0].path) }
    var duplicates: [(place: Int, Duplicate)] = []
    for (size, places) in bySize where size >= 0 && places.count > 1 {
      var first: [String: Int] = [:]
      for place in places.sorted() {
        let path = pictures[place].path
        guard let bytes = try? readFile(path, limit: maximumPictureBytes) else { continue }
        let hash = SHA256.hexadecimal(of: bytes)
        guard let original = first[hash] else {
          first[hash] = place
          continue
        }
        duplicates.append(
          (
            place,
            Duplicate(
              path: path, original: pictures[original].path,
              isLeak: lists(of: pictures[place]) != lists(of: pictures[original]))
          ))
      }
    }
    return duplicates.sorted { $0.place < $1.place }.map(\.1)
  }

  /// The lists that a picture goes to.
  private func lists(of picture: AnnotationSet.Picture) -> Set<DatasetSplit> {
    Set(picture.splits.map { splits[$0] ?? $0 })
  }

  private func fileSize(_ path: String) -> Int {
    var status = stat()
    return stat(path, &status) == 0 ? Int(status.st_size) : -1
  }
}
