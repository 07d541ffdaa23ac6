import Vision

/// Draws a labelled data set of shapes: something to train on without any download.
///
/// The same settings give the same files on any number of threads.
public struct SyntheticDataset: Codable, Hashable, Sendable {
  /// The folder to write.
  public var output: String
  /// The name of the `.data` and `.names` files; the output folder's own when nil.
  public var name: String?
  /// How many shapes are classes, the first ones of ``SyntheticShape``; 2 to 20.
  public var classCount = 4
  /// Pictures of the train list.
  public var train = 800
  /// Pictures of the validation list.
  public var valid = 100
  /// Pictures of the test list.
  public var test = 200
  /// Side of the square pictures, in pixels.
  public var side = 256
  /// Shapes in a picture at most; one at least.
  public var maximumObjects = 6
  /// Of everything random.
  public var seed: UInt64 = 0
  /// JPEG or PNG, say.
  public var format = PictureFormat.jpeg
  /// Threads that draw.
  public var workers = 2
  /// Takes an output folder that holds something.
  public var overwrites = false

  /// A data set with the usual settings.
  public init(output: String) { self.output = output }

  /// Draws and writes the pictures.
  ///
  /// - Parameter progress: told how many of how many pictures are written.
  /// - Throws: ``DatasetError``, or `FileError` when something cannot be written.
  public func draw(
    progress: ((_ done: Int, _ total: Int) -> Void)? = nil
  ) throws -> DatasetImport {
    try check()
    let shapes = Array(SyntheticShape.allCases.prefix(classCount))
    let splits: [(DatasetSplit, Int)] = [(.train, train), (.valid, valid), (.test, test)]
    let entries = splits.flatMap { split, count in (0..<count).map { (split, $0) } }
    var folder = try DatasetFolder(output, name: name, overwrites: overwrites)
    var report = DatasetImport()
    report.classes = shapes.map { DatasetImport.ClassCount(name: $0.rawValue, boxes: 0) }

    let (side, seed, objects, format) = (side, seed, maximumObjects, format)
    let pictures = OrderedWorkers(workers: workers, ahead: 2 * workers, range: 0..<entries.count) {
      index -> (bytes: [UInt8]?, labels: [Label]) in
      let picture = SyntheticPicture(
        seed: seed, index: index, shapes: shapes, side: side, maximumObjects: objects)
      return (try? picture.image.encoded(as: format, quality: 92), picture.labels)
    }
    while let (bytes, labels) = pictures.next() {
      let (split, number) = entries[report.images]
      let digits = String(number)
      let name =
        "\(split.rawValue)-" + String(repeating: "0", count: max(0, 5 - digits.count)) + digits
        + "." + format.extensions[0]
      guard let bytes else {
        throw DatasetError.cannotEncode(path: joined(output, "images/" + name), format: format)
      }
      try folder.add(bytes, named: name, labels: labels, to: [split])
      report.images += 1
      report.boxes += labels.count
      report.splitCounts[split, default: 0] += 1
      for label in labels { report.classes[label.classIndex].boxes += 1 }
      progress?(report.images, entries.count)
    }
    report.data = try folder.finish(names: shapes.map(\.rawValue))
    return report
  }

  /// Refuses numbers that no such set can have.
  ///
  /// - Throws: ``DatasetError/invalidSetting(_:value:expected:)``.
  public func check() throws(DatasetError) {
    let settings = [
      ("classes", classCount, 2...SyntheticShape.allCases.count),
      ("train pictures", train, 1...1_000_000),
      ("validation pictures", valid, 0...1_000_000), ("test pictures", test, 0...1_000_000),
      ("picture side", side, 32...4_096), ("objects", maximumObjects, 1...100),
      ("workers", workers, 0...1_024),
    ]
    for (name, value, range) in settings where !range.contains(value) {
      throw .invalidSetting(
        name, value: "\(value)", expected: "\(range.lowerBound) to \(range.upperBound)")
    }
  }
}
