import Darknet
import Terminal

/// Turns a data set of one of the usual forms into one in Darknet's form; originals are only read.
public struct DatasetImporter: Codable, Hashable, Sendable {
  /// The form that the set is in.
  public var format: DatasetFormat
  /// The folder, or for some forms the file, to read.
  public var source: String
  /// The folder to write.
  public var output: String
  /// The name of the `.data` and `.names` files; the output folder's own when nil.
  public var name: String?
  /// Class names in their order; boxes of other classes are skipped. When nil, those that the form
  /// fixes or the set lists, then all others that occur, sorted.
  public var names: [String]?
  /// The file that ``names`` come from, for messages.
  public var namesFile: String?
  /// Copies pictures instead of linking to them.
  public var copies = false
  /// Keeps boxes marked difficult, which VOC's own evaluation ignores.
  public var keepsDifficult = false
  /// Keeps COCO's crowd regions, each a box around many objects.
  public var keepsCrowds = false
  /// Takes pictures outside of the source, and folders above it, where an annotation names them.
  public var allowsOutside = false
  /// Lists to put elsewhere: `[.valid: .train]` trains on the validation pictures too.
  public var splits: [DatasetSplit: DatasetSplit] = [:]
  /// Takes an output folder that holds something.
  public var overwrites = false

  /// An importer with the usual settings.
  public init(_ format: DatasetFormat, source: String, output: String) {
    (self.format, self.source, self.output) = (format, source, output)
  }

  /// Imports the data set.
  ///
  /// - Parameter progress: told how many of how many pictures are written.
  /// - Throws: ``DatasetError``, ``AnnotationFault``, `DataError` or `FileError` when something
  ///   cannot be read or written as a whole.
  public func run(
    progress: ((_ done: Int, _ total: Int) -> Void)? = nil
  ) throws -> DatasetImport {
    let set: AnnotationSet
    do { set = try read() } catch {
      guard let found = format.otherwise(at: source) else { throw error }
      let command = [
        "pare", "dataset", "import", found.format.rawValue, found.source, "--output", output,
      ]
      let form = found.format.rawValue
      throw DatasetError.otherForm(
        "\(error)",
        what: found.source == source
          ? "it looks like \(form)" : "\(found.source) looks like \(form)",
        command: shellCommand(command))
    }
    // What cannot be written says nothing about the form of the set.
    var report = try set.write(
      DatasetFolder.Settings(
        path: output, name: name, copies: copies, splits: splits, overwrites: overwrites),
      progress: progress)
    if fileKind(source) == .folder, resolved(output).hasPrefix(resolved(source) + "/") {
      report.warnings.append(
        DatasetProblem(
          path: output,
          reason: "lies in the folder that was imported: later imports of that leave it out, other "
            + "programs may not"))
    }
    return report
  }

  /// The set, which has pictures and labels.
  private func read() throws -> AnnotationSet {
    if let kind = archiveKind(of: source) { throw DatasetError.archive(path: source, kind: kind) }
    if fileKind(source) == .file, !format.takesFile {
      throw DatasetError.noAnnotations(
        path: source, expected: "the folder of the set; this is a file")
    }
    var set = AnnotationSet(names: names)
    let options = AnnotationOptions(
      keepsDifficult: keepsDifficult, keepsCrowds: keepsCrowds, allowsOutside: allowsOutside)
    try format.reader.read(source, options: options, into: &set)
    for folder in foreignFolders(
      below: fileKind(source) == .folder ? source : folderPath(of: source))
    {
      set.skip(folder, reason: foreignNameReason(folder) ?? "")
    }
    return try set.finished(source: source, namesFile: namesFile)
  }
}

extension AnnotationSet {
  /// The set once all of it is read.
  ///
  /// - Parameter source: for messages, as is `namesFile`, where given class names come from.
  /// - Throws: ``DatasetError`` when it has no picture or no label.
  consuming func finished(source: String, namesFile: String? = nil) throws -> AnnotationSet {
    var set = self
    set.finish()
    guard !set.pictures.isEmpty else {
      throw DatasetError.noPictures(path: source, first: set.report.skipped.first)
    }
    guard set.pictures.contains(where: { !$0.labels.isEmpty }) else {
      throw set.otherClasses.isEmpty
        ? DatasetError.noLabels(path: source, pictures: set.pictures.count)
        : .otherClasses(
          path: source, pictures: set.pictures.count, found: set.otherClasses,
          names: namesFile ?? "the given names")
    }
    return set
  }

  /// Writes a finished set in Darknet's form.
  ///
  /// - Parameter progress: told how many of how many pictures are written.
  func write(
    _ settings: DatasetFolder.Settings, progress: ((_ done: Int, _ total: Int) -> Void)?
  ) throws -> DatasetImport {
    let set = self
    var report = set.report
    var folder = try DatasetFolder(
      settings.path, name: settings.name, overwrites: settings.overwrites)
    for picture in set.pictures {
      var splits: [DatasetSplit] = []
      for split in picture.splits.map({ settings.splits[$0] ?? $0 }) where !splits.contains(split) {
        splits.append(split)
      }
      try folder.add(
        original: picture.path, copies: settings.copies, labels: picture.labels, to: splits)
      report.images += 1
      report.boxes += picture.labels.count
      for split in splits { report.splitCounts[split, default: 0] += 1 }
      progress?(report.images, set.pictures.count)
    }
    report.data = try folder.finish(names: set.names)
    // A move of pictures that are not there is mostly a slip.
    let found = Set(set.pictures.flatMap(\.splits))
    for (source, target) in settings.splits.sorted(by: { $0.key.rawValue < $1.key.rawValue })
    where !found.contains(source) {
      let there = DatasetSplit.allCases.filter(found.contains).map(\.rawValue)
      report.warnings.append(
        DatasetProblem(
          path: report.data,
          reason: "--splits \(source.rawValue)=\(target.rawValue) moves nothing: the set has no "
            + "\(source.rawValue) pictures, only \(there.joined(separator: " and "))"))
    }
    report.warnings += DatasetParts(report.splitCounts).shortages.map {
      DatasetProblem(path: report.data, reason: $0.reason)
    }
    return report
  }
}
