import Checkpoints
import Darknet
import Datasets
import Glibc
import Torch
import Vision

/// A form of files: large ones, and how they are read.
struct Form {
  /// As the test calls it.
  var name: String
  /// Good and hostile files.
  var files: [LargeFile]
  /// Where the file lies in its folder.
  var place: String
  /// Small files that belong to it; those that end in .png become a picture of 40×20.
  var others: [String: String] = [:]
  /// Reads it and says what it holds.
  var read: (_ folder: String, _ path: String) throws -> String

  /// Writes a file and what belongs to it.
  ///
  /// - Returns: its path and size.
  func prepare(_ folder: String, _ file: LargeFile) throws -> (path: String, byteCount: Int) {
    let path = "\(folder)/\(place)"
    let bytes = file.bytes()
    try Self.write(bytes, to: path)
    for (other, text) in others {
      let bytes =
        other.hasSuffix(".png")
        ? try Image(width: 40, height: 20, filledWith: .padding).encoded(as: .png)
        : Array(text.utf8)
      try Self.write(bytes, to: "\(folder)/\(other)")
    }
    return (path, bytes.count)
  }

  private static func write(_ bytes: [UInt8], to path: String) throws {
    var parent = ""
    for part in path.split(separator: "/").dropLast() {
      parent += "/\(part)"
      mkdir(parent, 0o777)
    }
    // Without a flush, which would wait for the disk.
    guard let file = fopen(path, "w") else {
      throw FileError.cannotWrite(path: path, reason: systemErrorText())
    }
    defer { fclose(file) }
    guard fwrite(bytes, 1, bytes.count, file) == bytes.count else {
      throw FileError.cannotWrite(path: path, reason: systemErrorText())
    }
  }

  /// Every form that Pare reads, and what of it makes a file large.
  static var all: [Form] {
    [
      importing(
        .voc, .voc, "Annotations/a.xml", pictures: ["JPEGImages/a.png"],
        others: ["ImageSets/Main/train.txt": "a\n"]),
      importing(
        .dior, .voc, "Annotations/a.xml", pictures: ["JPEGImages-trainval/a.png"],
        others: ["ImageSets/Main/train.txt": "a\n"]),
      importing(.coco, .coco, "annotations/instances_train.json", pictures: ["train/a.png"]),
      importing(
        .bdd100k, .bdd100k, "labels/det_train.json", pictures: ["images/100k/train/a.png"]),
      importing(
        .visdrone, .visDrone, "x-train/annotations/a.txt", pictures: ["x-train/images/a.png"]),
      importing(
        .oxfordhand, .matlab, "training_data/annotations/a.mat",
        pictures: ["training_data/images/a.png"]),
      importing(
        .yolo, .labels, "labels/a.txt", pictures: ["images/a.png"],
        others: ["data.yaml": "path: .\ntrain: images\nnames: [x, y]\n"]),
      importing(
        .yolo, .descriptions, "data.yaml", pictures: ["images/a.png"],
        others: ["labels/a.txt": "0 .5 .5 .5 .5\n"], name: "yaml"),
      importing(
        .darknet, .lists, "train.txt", pictures: ["images/a.png"],
        others: ["labels/a.txt": "0 .5 .5 .5 .5\n", "a.names": "x\n"], name: "list"),
      importing(
        .darknet, .names, "a.names", pictures: ["images/a.png"],
        others: ["labels/a.txt": "0 .5 .5 .5 .5\n", "train.txt": "images/a.png\n"], name: "names"),
      Form(name: "cfg", files: .configurations, place: "a.cfg") { _, path in
        "\(try NetworkSpec(contentsOf: path).layers.count) layers"
      },
      Form(name: "data", files: .dataFiles, place: "a.data") { _, path in
        "\(try DataFile(contentsOf: path).classes) classes"
      },
      Form(
        name: "weights", files: .weights, place: "a.weights",
        others: ["a.cfg": LargeFile.convolutions]
      ) { folder, path in
        let spec = try NetworkSpec(contentsOf: "\(folder)/a.cfg")
        let parameters = try WeightsFile.read(path, for: spec)
        return "\(parameters.layers.count) layers"
      },
      Form(name: "pt", files: .checkpoints, place: "a.pt") { _, path in
        let file = try PyTorchFile(contentsOf: path)
        for name in file.names.prefix(1) { _ = try file.floats(name) }
        return "\(file.names.count) tensors"
      },
      Form(name: "safetensors", files: .safetensors, place: "a.safetensors") { _, path in
        let file = try SafetensorsFile(contentsOf: path)
        for name in file.names.prefix(1) { _ = try file.tensor(name) }
        return "\(file.names.count) tensors"
      },
    ]
  }

  private static func importing(
    _ format: DatasetFormat, _ files: [LargeFile], _ place: String, pictures: [String],
    others: [String: String] = [:], name: String? = nil
  ) -> Form {
    var others = others
    for picture in pictures { others[picture] = "" }
    return Form(
      name: name ?? format.rawValue, files: files, place: "set/" + place,
      others: Dictionary(uniqueKeysWithValues: others.map { ("set/" + $0, $1) })
    ) { folder, _ in
      let importer = DatasetImporter(format, source: folder + "/set", output: folder + "/out")
      let report = try importer.run()
      return "\(report.images) images, \(report.boxes) boxes, \(report.skippedCount) skipped"
    }
  }
}
