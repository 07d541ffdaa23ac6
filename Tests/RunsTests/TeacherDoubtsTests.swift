import Boxes
import Darknet
import Distillation
import Foundation
import Inference
import Testing
import Training
import _TestSupport
import _TrainingSupport

@testable import Runs

/// What is said of teachers by what is recorded of them.
@Suite struct TeacherDoubtsTests {
  private let (tiny, folder): (TinyRun, TemporaryFolder)

  init() throws { (tiny, folder) = (try TinyRun(), try TemporaryFolder()) }

  /// The folder of a network with a recorded mAP@0.5; without a record where there is none.
  private func network(_ name: String, _ map50: Double?) throws -> RunFolder {
    _ = try folder.write(tiny.configuration.text, to: "\(name)/model.cfg")
    _ = try folder.write("", to: "\(name)/model.weights")
    let run = RunFolder(path: folder.file(name))
    var model = ModelDescription(
      channels: 3, feeding: Feeding(width: 64, height: 64), classes: tiny.dataset.names)
    model.validation = map50.map {
      DetectionQuality(map50: $0, map: $0 / 2, precision: 0.5, recall: 0.5, confidence: 0.5)
    }
    try run.writeJSON(model, to: run.modelPath)
    return run
  }

  private func doubts(teacher: Double?, student: Double?) throws -> [String] {
    let (taught, teaching) = (try network("s", student), try network("t", teacher))
    var recipe = try TrainingRecipe(
      cfg: taught.cfgPath, weights: student == nil ? nil : taught.weightsPath,
      data: tiny.folder + "/data/data.data")
    recipe.distillation = DistillationOptions(
      teachers: [TeacherSource(cfg: teaching.cfgPath, weights: teaching.weightsPath)],
      strategies: [BinaryStrategy()])
    return recipe.teacherDoubts
  }

  // Poor is what has less than 0.2; a point is what two trainings of one network differ by.
  @Test func `a poor teacher and one behind its student are told of`() throws {
    let name = folder.file("t")
    #expect(
      try doubts(teacher: 0.0886, student: nil) == [
        "the teacher \(name) is poor: mAP@0.5 is 0.0886 on its validation pictures, below 0.2 most "
          + "objects are missed; take a better one, or train without"
      ])
    #expect(
      try doubts(teacher: 0.3, student: 0.4129) == [
        "the teacher \(name) is the weaker one: mAP@0.5 is 0.3000 on its validation pictures, that of "
          + "the network that is to learn from it 0.4129; take a better one, or train without"
      ])
    #expect(try doubts(teacher: 0.1, student: 0.4)[0].contains("it 0.4000, below 0.2 most objects"))
    #expect(try doubts(teacher: 0.795, student: 0.8).isEmpty)
    #expect(try doubts(teacher: 0.5, student: nil).isEmpty)
    #expect(try doubts(teacher: nil, student: 0.4).isEmpty)
    // What is recorded of codes says nothing about the float weights, which teach.
    _ = try folder.write("", to: "t/model.quantization.safetensors")
    #expect(try doubts(teacher: 0.0886, student: nil).isEmpty)
  }
}
