import Darknet
import Foundation
import Loading
import Networks
import Testing
import Torch
import Training
import _TestSupport
import _TrainingSupport

@testable import Distillation

@Suite struct TeacherCacheTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func picture(_ name: String, _ contents: String = "picture") throws -> String {
    let path = "\(folder.path)/\(name)"
    try contents.write(toFile: path, atomically: true, encoding: .utf8)
    return path
  }

  private func cache(
    _ paths: [String], facts: [String] = ["letterbox"], warn: @escaping (String) -> Void = { _ in }
  ) -> TeacherCache {
    TeacherCache(folder: folder.path + "/kept", paths: paths, facts: facts, warn: warn)
  }

  private static let shapes = [[2, 1, 3], [2, 2, 6]]

  /// The outputs of a batch, whose picture `n` has the numbers n, n + 0.5, …; and what was asked for.
  private func ask(
    _ cache: TeacherCache, _ pictures: [Int], teacher: String = "t", dtype: DType = .float32
  ) throws -> (values: [[Double]], asked: [Int]) {
    var asked: [Int] = []
    let outputs = try cache.outputs(
      of: pictures, Self.shapes, teacher: [teacher], dtype: dtype, device: .cpu
    ) { places in
      asked = places
      return try Self.shapes.map { shape in
        let count = shape.reduce(1, *)
        return try Tensor(
          places.flatMap { place in (0..<count).map { Float(pictures[place]) + Float($0) / 2 } },
          shape: [places.count] + shape)
      }
    }
    #expect(outputs.map(\.shape) == Self.shapes.map { [pictures.count] + $0 })
    #expect(outputs.allSatisfy { $0.dtype == .float32 })
    return (try outputs.map { try $0.toDoubles() }, asked)
  }

  private func files() throws -> [String] {
    let kept = folder.path + "/kept"
    return try FileManager.default.subpathsOfDirectory(atPath: kept)
      .filter { $0.hasSuffix(".safetensors") }.map { kept + "/" + $0 }.sorted()
  }

  @Test(arguments: [DType.float32, .float16])
  func `what was asked for once is kept, whatever the batch`(dtype: DType) throws {
    let paths = try ["a", "b", "c"].map { try picture($0) }
    let first = try ask(cache(paths), [0, 1], dtype: dtype)
    #expect(first.asked == [0, 1])
    let again = try ask(cache(paths), [0, 1], dtype: dtype)
    #expect(again.asked.isEmpty && again.values == first.values)
    let other = try ask(cache(paths), [2, 1, 0], dtype: dtype)
    #expect(other.asked == [0])
    #expect(other.values[0].map { Int($0) }.min() == 0 && other.values[0].first == 2)
    #expect(other.values[0].suffix(6) == first.values[0].prefix(6))
    #expect(try files().count == 3)
  }

  @Test func `another teacher, way to the input, arithmetic or picture is asked for`() throws {
    let paths = try ["a", "b"].map { try picture($0) }
    _ = try ask(cache(paths), [0, 1])
    #expect(try ask(cache(paths), [0, 1], teacher: "other").asked == [0, 1])
    #expect(try ask(cache(paths, facts: ["stretch"]), [0, 1]).asked == [0, 1])
    #expect(try ask(cache(paths), [0, 1], dtype: .float16).asked == [0, 1])
    _ = try picture("b", "another picture")
    #expect(try ask(cache(paths), [0, 1]).asked == [1])
  }

  @Test(arguments: ["cut", "flipped", "emptied", "foreign"])
  func `a damaged file is made again`(damage: String) throws {
    let paths = [try picture("a")]
    let before = try ask(cache(paths), [0])
    let file = try #require(try files().first)
    var bytes = try Data(contentsOf: URL(fileURLWithPath: file))
    switch damage {
    case "cut": bytes.removeLast(9)
    case "flipped": bytes[bytes.count - 60] ^= 1
    case "emptied": bytes = Data()
    default:
      try writeSafetensors([("0", .zeros([1]))], checksums: true, to: file)
      bytes = try Data(contentsOf: URL(fileURLWithPath: file))
    }
    try bytes.write(to: URL(fileURLWithPath: file))
    let after = try ask(cache(paths), [0])
    #expect(after.asked == [0] && after.values == before.values)
    #expect(try ask(cache(paths), [0]).asked.isEmpty)
  }

  @Test func `where nothing can be kept it is said once, and the teacher asked`() throws {
    let paths = try ["a", "b"].map { try picture($0) }
    _ = try picture("kept", "no folder")
    var lines: [String] = []
    let cache = cache(paths) { lines.append($0) }
    for _ in 0..<2 { #expect(try ask(cache, [0, 1]).asked == [0, 1]) }
    #expect(lines.count == 1 && lines[0].contains("the teacher is asked again each time"))
  }

  // Six pictures, two a batch, three epochs; the second run does not ask at all.
  @Test func `a run learns the same from what is kept`() throws {
    let run = try TinyRun()
    let source = try writeTeacher(
      BuiltInNetwork.yolov4Tiny.configuration(
        classes: 4, width: 64, height: 64, widthMultiple: 0.25),
      names: run.dataset.names, at: "\(run.folder)/teacher")
    var options = run.options(epochs: 3)
    options.augmentation = AugmentationSettings()
    let kept = run.folder + "/kept"
    func train(_ name: String, keeps: Bool) throws -> NetworkParameters {
      let technique = try DistillationTechnique(
        DistillationOptions(
          teachers: [source], strategies: [BinaryStrategy(), RelativeBoxStrategy()]),
        teachers: [try Teacher(source) { _ in }], student: NetworkSpec(run.configuration),
        names: run.dataset.names, sizes: [(64, 64)],
        cache: keeps
          ? TeacherCache(
            folder: kept, paths: run.dataset.pictures.map(\.path), facts: [],
            warn: { Issue.record("\($0)") }) : nil)
      // 27 values a cell and picture, 2×2 and 4×4 cells, four bytes each.
      #expect(try technique.outputBytes(width: 64, height: 64, on: .cpu) == 27 * 20 * 4)
      return try run.train(name, options, techniques: [technique]).parameters
    }
    let plain = try train("plain", keeps: false)
    #expect(try train("first", keeps: true) == plain)
    let files = try FileManager.default.subpathsOfDirectory(atPath: kept)
      .filter { $0.hasSuffix(".safetensors") }
    #expect(files.count == 6)
    #expect(try train("second", keeps: true) == plain)
  }

  @Test func `only strategies that compare heads alone can be kept for`() {
    let names = DistillationMethod.allCases.filter { method in
      DistillationOptions(teachers: [], strategies: [method.strategy])
        .strategiesBesidesHeads.isEmpty
    }.map(\.rawValue)
    #expect(names == ["logits", "relative-box", "box-class", "anchor-cells", "binary"])
  }

  @Test func `what changes a picture is named`() {
    #expect(AugmentationSettings().changes.isEmpty)
    #expect(AugmentationSettings.legacy.changes == ["mosaics", "changes of colour", "mirroring"])
  }
}
