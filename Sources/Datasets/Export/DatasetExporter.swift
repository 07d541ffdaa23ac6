import Darknet
import Storage
import Vision

/// A form that data sets are exported to.
public enum DatasetExportFormat: String, CaseIterable, Codable, Hashable, Sendable {
  /// Pascal VOC: `Annotations`, `JPEGImages`, `ImageSets/Main`.
  case voc
  /// COCO: `annotations/instances_SPLIT.json`, pictures in `SPLIT`.
  case coco
  /// `images/SPLIT`, `labels/SPLIT` and a `data.yaml`.
  case yolo
}

/// Writes a data set that is in Darknet's form in another one; originals are only read.
///
/// Boxes in whole pixels come out as they went in: a label's fractions are exact to far less than
/// half a pixel of any picture.
public struct DatasetExporter: Codable, Hashable, Sendable {
  /// The form to write.
  public var format: DatasetExportFormat
  /// The `.data` file.
  public var data: String
  /// The folder to write.
  public var output: String
  /// Copies pictures instead of linking to them.
  public var copies = false
  /// Takes an output folder that holds something.
  public var overwrites = false

  /// An exporter with the usual settings.
  public init(_ format: DatasetExportFormat, data: String, output: String) {
    (self.format, self.data, self.output) = (format, data, output)
  }

  /// Exports the data set.
  ///
  /// - Parameter progress: told how many of how many pictures are written.
  /// - Returns: what was written; ``DatasetImport/data`` is the file or folder to name to a reader
  ///   of the form.
  /// - Throws: `DataError`, ``DatasetError`` or `FileError` when something cannot be read or
  ///   written as a whole.
  public func run(
    progress: ((_ done: Int, _ total: Int) -> Void)? = nil
  ) throws -> DatasetImport {
    let file = try DataFile(contentsOf: data)
    var set = AnnotationSet(names: nil)
    try DarknetReader().add(file, to: &set) { $0 }
    set.finish()
    guard !set.pictures.isEmpty else { throw DatasetError.noPictures(path: data) }
    let folder = try FolderReplacement(output, of: .exportedDataset, replaces: overwrites)
    return try folder.naming { try export(set, to: folder, progress) }
  }

  private func export(
    _ set: AnnotationSet, to output: FolderReplacement, _ progress: ((Int, Int) -> Void)?
  ) throws -> DatasetImport {
    var report = set.report
    var writer: any AnnotationWriter =
      switch format {
      case .voc: VOCWriter(output.workingPath, names: set.names)
      case .coco: COCOWriter(output.workingPath, names: set.names)
      case .yolo: YOLOWriter(output.workingPath, names: set.names)
      }
    var uniqueNames: [String: UniqueNames] = [:]
    for (index, picture) in set.pictures.enumerated() {
      progress?(index + 1, set.pictures.count)
      guard let split = picture.splits.first else { continue }
      do {
        let header = try PictureHeader(contentsOf: picture.path)
        let folder = writer.pictureFolder(split)
        let name = uniqueNames[folder, default: UniqueNames()].name(for: picture.path)
        try place(picture.path, at: folder + "/" + name, in: output)
        try writer.add(
          ExportedPicture(
            name: name, split: split, width: header.width, height: header.height,
            labels: picture.labels))
      } catch let error as VisionError {
        report.skippedCount += 1
        report.skipped.append(
          DatasetProblem(path: picture.path, reason: reason(error, at: picture.path)))
        for label in picture.labels { report.classes[label.classIndex].boxes -= 1 }
        continue
      }
      report.images += 1
      report.boxes += picture.labels.count
      report.splitCounts[split, default: 0] += 1
    }
    report.data = output.place(of: try writer.finish())
    try output.commit()
    return report
  }

  private func place(
    _ original: String, at name: String, in output: FolderReplacement
  ) throws {
    try output.requireSafe(
      original, at: joined(resolved(folderPath(of: original)), fileName(of: original)),
      replacedBy: output.path + "/" + name)
    let target = output.workingPath + "/" + name
    try makeFolder(folderPath(of: target))
    if copies {
      try copyFile(original, to: target)
    } else {
      try makeLink(at: target, to: resolved(original))
    }
  }
}

/// A picture to write in some form.
struct ExportedPicture {
  /// Its file name in the output.
  var name: String
  var split: DatasetSplit
  var width, height: Int
  var labels: [Label]

  /// A label's box in pixels.
  func box(_ label: Label) -> PixelBox {
    let (w, h) = (Double(width), Double(height))
    let (x, y) = (Double(label.centerX) * w, Double(label.centerY) * h)
    let (halfWidth, halfHeight) = (Double(label.width) * w / 2, Double(label.height) * h / 2)
    return PixelBox(x1: x - halfWidth, y1: y - halfHeight, x2: x + halfWidth, y2: y + halfHeight)
  }
}

/// Writes the annotations of one form.
protocol AnnotationWriter {
  /// Where the pictures of a split lie in the output.
  func pictureFolder(_ split: DatasetSplit) -> String

  /// Writes or notes what is labelled in a picture.
  mutating func add(_ picture: ExportedPicture) throws

  /// Writes what is about all pictures.
  ///
  /// - Returns: the path of what a reader of the form is given.
  func finish() throws -> String
}

extension DatasetSplit {
  /// What most data sets call it: `train`, `val`, `test`.
  var shortName: String { self == .valid ? "val" : rawValue }
}
