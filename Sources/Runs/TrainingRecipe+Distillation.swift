import Darknet
import Datasets
import Distillation
import Inference
import Storage
import Terminal
import Training
import Vision

extension TrainingRecipe {
  /// Reads the teachers, and pairs the network with them; nil where there are none.
  func distillationTechnique(
    _ spec: NetworkSpec, names: [String], validation: Evaluation?, _ observer: any RunObserver
  ) throws -> DistillationTechnique? {
    guard let distillation else { return nil }
    let teachers = try distillation.teachers.map { try Teacher($0, warn: observer.warn) }
    let stride = spec.greatestStride
    let sides = options.multiScale.map { [$0.lowerBound, $0.upperBound] } ?? [options.longSide]
    return try DistillationTechnique(
      distillation, teachers: teachers, student: spec, names: names,
      sizes: sides.map { options.size(longSide: $0, multiple: stride) }, judging: validation)
  }

  /// The same with the teachers' hashes, and where they were found.
  func naming(_ techniques: [any TrainingTechnique]) -> TrainingRecipe {
    var recipe = self
    for case let technique as DistillationTechnique in techniques {
      recipe.distillation?.teachers = technique.teachers.map(\.withAbsolutePaths)
    }
    return recipe
  }

  /// The files of the teachers.
  var teacherFiles: [String] { distillation?.teachers.flatMap { [$0.cfg, $0.weights] } ?? [] }
}

extension TeacherSource {
  /// The same with absolute paths.
  var withAbsolutePaths: TeacherSource {
    var source = self
    (source.cfg, source.weights) = (absolute(cfg), absolute(weights))
    return source
  }
}

extension DetectionDataset {
  /// Adds the pictures of a folder, or of a list, without their labels: those that no list of the data
  /// names, for to learn from the pictures that one is judged by would be no judgement.
  ///
  /// - Throws: `VisionError` where there are none, ``RunError`` where none are left.
  mutating func append(
    unlabelledOf path: String, besides data: DataFile, _ observer: any RunObserver
  ) throws {
    let paths = try PictureSource.sources(of: path).compactMap { source -> String? in
      if case .picture(let path) = source { path } else { nil }
    }
    var known = Set(pictures.lazy.map { resolvedPath($0.path) })
    for list in [data.valid, data.test].compactMap({ $0 }) {
      known.formUnion((try? DataFile.pictures(inList: list))?.map(resolvedPath) ?? [])
    }
    let others = paths.filter { !known.contains(resolvedPath($0)) }
    guard !others.isEmpty else {
      throw RunError.unusable(
        "--unlabeled",
        reason: paths.isEmpty
          ? "\(path) holds no picture" : "every picture of \(path) is in a list of \(data.path)")
    }
    if others.count < paths.count {
      observer.remark(
        "\(counted(paths.count - others.count, "picture")) of \(path) left out, for a list of "
          + "\(data.path) names \(paths.count - others.count == 1 ? "it" : "them")")
    }
    append(unlabelled: others)
  }
}
