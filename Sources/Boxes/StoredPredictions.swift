import FoundationEssentials

/// A detector's detections of a set of pictures, with what is really there: all that it takes to
/// evaluate again, in any style, and to compare with another detector.
///
/// The JSON form is a COCO ground-truth file (`images`, `annotations`, `categories`) with COCO
/// results beside it (`results`), so other tools read it too. Boxes are `[x, y, width, height]` in
/// pixels; a box that is written and read is the same to the bit.
public struct StoredPredictions: Hashable, Sendable {
  /// One picture.
  public struct Image: Hashable, Sendable {
    /// The picture's file, by which two sets of predictions are paired.
    public var path: String
    /// Width in pixels.
    public var width: Int
    /// Height in pixels.
    public var height: Int
    /// What is there, boxes in pixels.
    public var groundTruths: [GroundTruth]
    /// What the detector found, boxes in pixels.
    public var detections: [Detection]

    /// Makes a picture's predictions.
    public init(
      path: String, width: Int, height: Int, groundTruths: [GroundTruth], detections: [Detection]
    ) {
      self.path = path
      self.width = width
      self.height = height
      self.groundTruths = groundTruths
      self.detections = detections
    }
  }

  /// The class names, by class index.
  public var names: [String]
  /// A fingerprint of the data that was predicted, or empty; kept for the reader, never compared.
  public var dataHash: String
  /// The pictures.
  public var images: [Image]

  /// Makes a set of predictions.
  public init(names: [String], dataHash: String = "", images: [Image] = []) {
    self.names = names
    self.dataHash = dataHash
    self.images = images
  }

  /// The picture in which the detector is surest of something; the first where it finds nothing.
  public var surest: Image? {
    func greatest(_ image: Image) -> Float { image.detections.map(\.confidence).max() ?? 0 }
    let most = images.map(greatest).max()
    return images.first { greatest($0) == most }
  }

  /// Reads a file that holds the JSON form.
  ///
  /// - Throws: ``BoxesError`` when the file cannot be read or is something else.
  public init(contentsOf path: String) throws(BoxesError) {
    let data: Data
    do {
      data = try Data(contentsOf: URL(filePath: path))
    } catch let error as CocoaError where error.code == .fileReadNoSuchFile {
      throw .unreadable(path: path, reason: "no such file or folder")
    } catch let error as CocoaError where error.code == .fileReadNoPermission {
      throw .unreadable(path: path, reason: "no permission to read it")
    } catch {
      throw .unreadable(path: path, reason: "cannot be read")
    }
    try self.init(json: data, path: path)
  }

  /// Reads the JSON form.
  ///
  /// - Parameter path: where it comes from, for messages.
  /// - Throws: ``BoxesError/malformed(path:reason:)`` for anything that ``json()`` does not write.
  public init(json: some Sequence<UInt8>, path: String) throws(BoxesError) {
    let file: File
    do {
      file = try JSONDecoder().decode(File.self, from: Data(json))
    } catch let error as DecodingError {
      throw .malformed(path: path, reason: error.line)
    } catch {
      throw .malformed(path: path, reason: "not JSON")
    }
    do {
      try self.init(file)
    } catch {
      throw .malformed(path: path, reason: error.reason)
    }
  }

  /// The JSON form; one key order, so that equal predictions give equal bytes.
  ///
  /// What evaluation leaves out is left out here: numbers that are infinite or NaN, and classes
  /// without a name.
  public func json() -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    do {
      return Array(try encoder.encode(File(self)))
    } catch {
      preconditionFailure("only infinite numbers cannot be written, and none is left in: \(error)")
    }
  }

  /// All pictures of several sets, as of the folds of a cross-validation.
  ///
  /// - Throws: ``BoxesError`` when the class names differ or a picture is there twice.
  public static func joining(_ parts: [StoredPredictions]) throws(BoxesError) -> StoredPredictions {
    guard var joined = parts.first else { return StoredPredictions(names: []) }
    for part in parts.dropFirst() {
      guard part.names == joined.names else { throw .differentNames(joined.names, part.names) }
      if part.dataHash != joined.dataHash { joined.dataHash = "" }
      joined.images += part.images
    }
    _ = try joined.indexByPath()
    return joined
  }

  /// An evaluator that has seen all pictures.
  public func evaluator(style: EvaluationStyle) -> DetectionEvaluator {
    var evaluator = DetectionEvaluator(style: style, classCount: names.count)
    for image in images {
      evaluator.add(
        detections: image.detections, groundTruths: image.groundTruths,
        imageSize: (image.width, image.height))
    }
    return evaluator
  }

  /// The same predictions in the picture order of `other`.
  ///
  /// - Throws: ``BoxesError`` when names, pictures or ground truths differ.
  func paired(with other: StoredPredictions) throws(BoxesError) -> StoredPredictions {
    guard names == other.names else { throw .differentNames(other.names, names) }
    let index = try indexByPath()
    let otherIndex = try other.indexByPath()
    if let image = images.first(where: { otherIndex[$0.path] == nil }) {
      throw .unpairedImage(image.path)
    }
    var result = self
    result.images = []
    for image in other.images {
      guard let position = index[image.path] else { throw .unpairedImage(image.path) }
      guard images[position].groundTruths == image.groundTruths else {
        throw .differentGroundTruths(image: image.path)
      }
      result.images.append(images[position])
    }
    return result
  }

  /// Where each picture is.
  private func indexByPath() throws(BoxesError) -> [String: Int] {
    var index: [String: Int] = [:]
    for (position, image) in images.enumerated() {
      guard index.updateValue(position, forKey: image.path) == nil else {
        throw .repeatedImage(image.path)
      }
    }
    return index
  }
}

// MARK: - The JSON form

/// The keys of the file, as COCO names them.
private struct File: Codable {
  struct Info: Codable {
    var description: String
    var dataHash: String
  }

  struct Image: Codable {
    var id: Int
    var file_name: String
    var width: Int
    var height: Int
  }

  struct Category: Codable {
    var id: Int
    var name: String
  }

  struct Annotation: Codable {
    var id: Int
    var image_id: Int
    var category_id: Int
    var bbox: [Double]
    var area: Double
    var iscrowd: Int
    /// Pascal VOC's "difficult"; this key is what COCO's own programs call it.
    var ignore: Int?
  }

  struct Result: Codable {
    var image_id: Int
    var category_id: Int
    var bbox: [Double]
    var score: Double
  }

  var info: Info
  var images: [Image]
  var categories: [Category]
  var annotations: [Annotation]
  var results: [Result]
}

/// Why a file that is JSON is still not one of ours.
private struct Inconsistency: Error {
  var reason: String
}

extension File {
  fileprivate init(_ predictions: StoredPredictions) {
    info = Info(description: "pare predictions 1", dataHash: predictions.dataHash)
    categories = predictions.names.enumerated().map { Category(id: $0, name: $1) }
    images = predictions.images.enumerated().map {
      Image(id: $0, file_name: $1.path, width: $1.width, height: $1.height)
    }
    annotations = []
    results = []
    for (position, image) in predictions.images.enumerated() {
      for truth in image.groundTruths
      where truth.box.isFinite && predictions.names.indices.contains(truth.classIndex) {
        let bbox = truth.box.cornerAndSides
        let area = truth.area.flatMap { $0.isFinite ? Double($0) : nil }
        annotations.append(
          Annotation(
            // pycocotools takes the number 0 for "no match".
            id: annotations.count + 1, image_id: position, category_id: truth.classIndex,
            bbox: bbox, area: area ?? bbox[2] * bbox[3],
            iscrowd: truth.isCrowd ? 1 : 0, ignore: truth.isDifficult ? 1 : nil))
      }
      for detection in image.detections
      where detection.box.isFinite && detection.confidence.isFinite
        && predictions.names.indices.contains(detection.classIndex)
      {
        results.append(
          Result(
            image_id: position, category_id: detection.classIndex,
            bbox: detection.box.cornerAndSides, score: Double(detection.confidence)))
      }
    }
  }
}

extension StoredPredictions {
  fileprivate init(_ file: File) throws(Inconsistency) {
    var classes: [Int: Int] = [:]
    for (index, category) in file.categories.enumerated() {
      guard classes.updateValue(index, forKey: category.id) == nil else {
        throw Inconsistency(reason: "category \(category.id) is there twice")
      }
    }
    var positions: [Int: Int] = [:]
    for (position, image) in file.images.enumerated() {
      guard positions.updateValue(position, forKey: image.id) == nil else {
        throw Inconsistency(reason: "image \(image.id) is there twice")
      }
    }
    var images = file.images.map {
      Image(
        path: $0.file_name, width: $0.width, height: $0.height, groundTruths: [], detections: [])
    }
    func resolve(_ image: Int, _ category: Int) throws(Inconsistency) -> (image: Int, class: Int) {
      guard let position = positions[image] else {
        throw Inconsistency(reason: "image \(image) is not in the list")
      }
      guard let classIndex = classes[category] else {
        throw Inconsistency(reason: "category \(category) is not in the list")
      }
      return (position, classIndex)
    }
    for annotation in file.annotations {
      let place = try resolve(annotation.image_id, annotation.category_id)
      let box = try Box(cornerAndSides: annotation.bbox)
      let isBoxArea = annotation.area == annotation.bbox[2] * annotation.bbox[3]
      images[place.image].groundTruths.append(
        GroundTruth(
          box: box, classIndex: place.class, isCrowd: annotation.iscrowd != 0,
          isDifficult: annotation.ignore ?? 0 != 0, area: isBoxArea ? nil : Float(annotation.area)))
    }
    for result in file.results {
      let place = try resolve(result.image_id, result.category_id)
      images[place.image].detections.append(
        Detection(
          box: try Box(cornerAndSides: result.bbox), classIndex: place.class,
          confidence: Float(result.score)))
    }
    self.init(
      names: file.categories.map(\.name), dataHash: file.info.dataHash, images: images)
  }
}

extension Box {
  /// Left, top, width and height; in double precision the edges come back exactly.
  fileprivate var cornerAndSides: [Double] {
    [Double(x1), Double(y1), Double(x2) - Double(x1), Double(y2) - Double(y1)]
  }

  fileprivate init(cornerAndSides numbers: [Double]) throws(Inconsistency) {
    guard numbers.count == 4 else {
      throw Inconsistency(reason: "a bbox has \(numbers.count) numbers instead of 4")
    }
    self.init(
      x1: Float(numbers[0]), y1: Float(numbers[1]), x2: Float(numbers[0] + numbers[2]),
      y2: Float(numbers[1] + numbers[3]))
    guard isFinite else { throw Inconsistency(reason: "a bbox is beyond all numbers") }
  }
}

extension DecodingError {
  /// What was wrong, in one line.
  fileprivate var line: String {
    func place(_ context: Context, _ last: (any CodingKey)? = nil) -> String {
      (context.codingPath + (last.map { [$0] } ?? []))
        .map { $0.intValue.map { "[\($0)]" } ?? ".\($0.stringValue)" }
        .joined().trimmingPrefix(".").description
    }
    switch self {
    case .keyNotFound(let key, let context): return "'\(place(context, key))' is missing"
    case .typeMismatch(_, let context), .valueNotFound(_, let context):
      return "'\(place(context))' has another type than expected"
    case .dataCorrupted(let context):
      let location = place(context)
      return location.isEmpty ? "not JSON" : "'\(location)' cannot be read"
    @unknown default: return "not JSON"
    }
  }
}
