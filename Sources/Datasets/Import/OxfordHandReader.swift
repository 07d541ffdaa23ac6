import Darknet
import Vision

/// Reads the Oxford hand data set (Mittal, Zisserman and Torr, 2011).
///
/// Its three folders `training_dataset/training_data`, `validation_dataset/validation_data` and
/// `test_dataset/test_data` hold `images` and `annotations`, a MATLAB file a picture. Its variable
/// `boxes` is an array of hands, each with the corners `a`, `b`, `c` and `d` as (y, x). The box of
/// a hand is the smallest upright one around them, cut to `0…width − 1` and `0…height − 1`.
struct OxfordHandReader: AnnotationReader {
  func read(_ source: String, options: AnnotationOptions, into set: inout AnnotationSet) throws {
    set.declare(["hand"])
    let folders = try dataFolders(source)
    guard !folders.isEmpty else {
      throw DatasetError.noAnnotations(
        path: source,
        expected: "training_dataset, validation_dataset or test_dataset with annotations and images"
      )
    }
    for (folder, split) in folders {
      var pictures = try PictureFolder(joined(folder, "images"))
      let annotations = joined(folder, "annotations")
      for name in try folderContents(annotations) where name.lowercased().hasSuffix(".mat") {
        let path = joined(annotations, name)
        guard let picture = pictures.take(fileStem(name), for: path, &set) else {
          set.skipUnmatched(
            path, reason: "no picture '\(fileStem(name).excerpt)' in \(pictures.path)")
          continue
        }
        read(path, picture, split, &set)
      }
      pictures.noteUnlabelled(&set)
    }
  }

  func recognizes(_ source: String) -> Bool {
    ((try? dataFolders(source)) ?? []).contains { folder, _ in
      firstFile(in: joined(folder, "annotations"), ending: ".mat") != nil
    }
  }

  /// Folders with `annotations` and `images`, at most two below the source.
  private func dataFolders(_ source: String) throws -> [(String, DatasetSplit)] {
    func isData(_ path: String) -> Bool {
      ["annotations", "images"].allSatisfy { fileKind(joined(path, $0)) == .folder }
    }
    func split(_ path: String) -> DatasetSplit {
      let names = [path, folderPath(of: path)].map { fileName(of: resolved($0)) }
      return names.compactMap { DatasetSplit(wordIn: $0) }.first ?? .train
    }
    if isData(source) { return [(source, split(source))] }
    let below = try foldersBelow(source)
    let all = try below + below.flatMap { try foldersBelow($0) }
    return all.filter(isData).map { ($0, split($0)) }
  }

  private func read(
    _ path: String, _ picture: String, _ split: DatasetSplit, _ set: inout AnnotationSet
  ) {
    let header: PictureHeader
    let hands: [HandCorners]
    do {
      hands = try HandCorners.all(
        in: MATFile(
          parsing: readFile(path, limit: MATFile.maximumBytes), variables: [HandCorners.variable]))
      header = try PictureHeader(contentsOf: picture)
    } catch let fault as AnnotationFault {
      return set.skip(path, [fault])
    } catch let error as FileError {
      return set.skip(path, reason: reason(error, at: path))
    } catch {
      return set.skip(picture, reason: reason(error, at: picture))
    }
    var labels: [Label] = []
    var reach = EdgeReach()
    var lost = 0
    for (index, hand) in hands.enumerated() {
      do {
        let box = try hand.hull(width: header.width, height: header.height)
        labels.append(
          try box.label(
            classIndex: set.classNumber("hand"), width: header.width, height: header.height,
            what: "hand \(index + 1)", reach: &reach))
        // The hull is cut already.
        reach.add(pixels: hand.reach(width: header.width, height: header.height))
      } catch {
        if !error.isOtherClass { lost += 1 }
        set.skip(path, reason: "hand \(index + 1): \(error.reason)")
      }
    }
    set.add(
      .init(path: picture, labels: labels, splits: [split]), annotation: path, lost: lost,
      reach: reach)
  }
}

/// The corners of a hand.
struct HandCorners: Equatable {
  /// The fields `a`, `b`, `c` and `d`, each y and x; nil for one that is missing or no such pair.
  var points: [[Double]?]

  /// The variable that holds the hands.
  static let variable = "boxes"

  /// The hands of a file's `boxes`: structures in cells, or an array of structures whose fields may
  /// be cells; the data set's files have both.
  static func all(in file: MATFile) throws(AnnotationFault) -> [HandCorners] {
    guard let boxes = file.variables[variable] else {
      throw AnnotationFault(reason: "no variable '\(variable)'")
    }
    return hands(in: boxes)
  }

  private static func hands(in value: MATFile.Value) -> [HandCorners] {
    switch value {
    case .cells(let cells): return cells.flatMap(hands(in:))
    case .structures(let fields):
      let corners = ["a", "b", "c", "d"].map { fields[$0] ?? [] }
      let count = corners.map(\.count).max() ?? 0
      return (0..<count).map { index in
        HandCorners(points: corners.map { $0.indices.contains(index) ? point($0[index]) : nil })
      }
    case .numbers, .other: return []
    }
  }

  private static func point(_ value: MATFile.Value) -> [Double]? {
    switch value {
    case .numbers(let numbers) where numbers.count == 2:
      let point = [numbers[0], numbers[1]]
      return point.allSatisfy(\.isFinite) ? point : nil
    case .cells(let cells) where cells.count == 1: return point(cells[0])
    default: return nil
    }
  }

  /// The smallest upright box around the corners, cut to the picture's outermost pixel positions.
  func hull(width: Int, height: Int) throws(BadRecord) -> PixelBox {
    let known = points.compactMap { $0 }
    guard known.count == points.count, !known.isEmpty else {
      throw BadRecord(reason: "not four corners of two numbers each")
    }
    func cut(_ index: Int, _ last: Int) -> ClosedRange<Double> {
      let values = known.map { min(max($0[index], 0), Double(last)) }
      return (values.min() ?? 0)...(values.max() ?? 0)
    }
    let (y, x) = (cut(0, height - 1), cut(1, width - 1))
    return PixelBox(x1: x.lowerBound, y1: y.lowerBound, x2: x.upperBound, y2: y.upperBound)
  }

  /// How far the corners reach over the picture's edge, in pixels; negative where they do not.
  func reach(width: Int, height: Int) -> Double {
    points.compactMap(\.self).reduce(-.infinity) { most, point in
      max(most, -point[0], -point[1], point[0] - Double(height), point[1] - Double(width))
    }
  }
}
