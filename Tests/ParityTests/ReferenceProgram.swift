import Foundation
import Testing
import Torch

/// A program that runs Darknet's networks, none of it ours.
enum ReferenceProgram: String, Encodable {
  /// OpenCV's dnn module.
  case openCV = "opencv"
  /// The plain NumPy forward pass of `Python/darknet.py`.
  case numPy = "numpy"
}

/// One forward pass of a reference program.
struct ReferenceRun {
  var program: ReferenceProgram
  /// `[N, C, H, W]`, values in `0...1`.
  var images: Tensor
  /// Layers whose outputs are compared, heads alone for OpenCV: what a head decodes is its output.
  var layers: [Int]
  /// Whether the pictures go through the program one by one.
  var isSingle = false
}

/// What a network made of some pictures.
struct NetworkOutputs {
  struct Values {
    var shape: [Int]
    var values: [Float]
  }

  /// The layers asked for.
  var layers: [Values]
  /// `[N, cells, 5 + classes]`: centre and size in input pixels, objectness, and each class's
  /// score, objectness times probability; zero where the program dropped a low one.
  var boxes: Values
}

/// Runs reference programs on a cfg and its weights, in one Python process.
struct ReferencePrograms {
  private struct Request: Encodable {
    struct Run: Encodable {
      var program: ReferenceProgram
      var input: String
      var shape: [Int]
      var layers: [Int]
      var single: Bool
      var output: String
    }

    var cfg: String
    var weights: String
    var runs: [Run]
  }

  /// The pair.
  let cfg: URL
  let weights: URL
  /// A folder for inputs and outputs.
  let folder: URL

  func callAsFunction(_ runs: [ReferenceRun]) throws -> [NetworkOutputs] {
    var request = Request(cfg: cfg.path, weights: weights.path, runs: [])
    for (index, run) in runs.enumerated() {
      let input = folder.appendingPathComponent("input-\(index)")
      try run.images.toFloats().withUnsafeBytes { try Data($0).write(to: input) }
      request.runs.append(
        Request.Run(
          program: run.program, input: input.path, shape: run.images.shape, layers: run.layers,
          single: run.isSingle, output: folder.appendingPathComponent("output-\(index)").path))
    }
    let path = folder.appendingPathComponent("request.json")
    try JSONEncoder().encode(request).write(to: path)
    let shapes = try JSONDecoder().decode([[[Int]]].self, from: python(arguments: [path.path]))
    return try zip(request.runs, shapes).map { run, shapes in
      try outputs(at: URL(filePath: run.output), shapes: shapes)
    }
  }

  private func outputs(at path: URL, shapes: [[Int]]) throws -> NetworkOutputs {
    let data = try Data(contentsOf: path)
    var start = data.startIndex
    let arrays = shapes.map { shape in
      let end = start + shape.reduce(4, *)
      defer { start = end }
      return NetworkOutputs.Values(
        shape: shape,
        values: data[start..<end].withUnsafeBytes { bytes in
          (0..<bytes.count / 4).map { bytes.loadUnaligned(fromByteOffset: 4 * $0, as: Float.self) }
        })
    }
    try #require(start == data.endIndex, "\(path.path) is longer than its arrays")
    let boxes = try #require(arrays.last)
    return NetworkOutputs(layers: Array(arrays.dropLast()), boxes: boxes)
  }

  /// What `reference.py` prints.
  private func python(arguments: [String]) throws -> Data {
    let script = try #require(
      Bundle.module.url(forResource: "Python/reference", withExtension: "py"))
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = ["python3", script.path] + arguments
    var environment = ProcessInfo.processInfo.environment
    environment["PYTHONPATH"] = Parity.packages
    environment["PYTHONDONTWRITEBYTECODE"] = "1"
    process.environment = environment
    let errors = folder.appendingPathComponent("errors")
    try Data().write(to: errors)
    process.standardError = try FileHandle(forWritingTo: errors)
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    let printed = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    let said = String(decoding: try Data(contentsOf: errors), as: UTF8.self)
    try #require(process.terminationStatus == 0, "\(said)")
    return printed
  }
}
