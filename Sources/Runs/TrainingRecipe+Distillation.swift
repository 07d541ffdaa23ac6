import Darknet
import Datasets
import Distillation
import Inference
import Storage
import Terminal
import Torch
import Training
import Vision

extension TrainingRecipe {
  /// Reads the teachers, and pairs the network with them; nil where there are none.
  ///
  /// - Parameters:
  ///   - start: the network's numbers before the first step; nil of random ones, and where it goes on.
  ///   - resumes: whether the run goes on, and was told of its teachers before.
  ///   - run: the folder with what the run has kept of its teachers; nil where they are to be found
  ///     where they were named.
  func distillationTechnique(
    _ spec: NetworkSpec, _ start: NetworkParameters?, train: DetectionDataset,
    validation: Evaluation?, resumes: Bool, keptIn run: String?, _ observer: any RunObserver
  ) throws -> DistillationTechnique? {
    guard let distillation else { return nil }
    if !resumes {
      for path in distillation.teachers.map(\.weights) {
        try observer.tellProgress(ofWeights: path)
      }
    }
    let teachers = try namingTeachers {
      try foundTeachers(keptIn: run, observer).map { source in
        observer.noteFloat(source.weights, "the float weights teach")
        var source = source
        // A run goes on with what it began with.
        if source.names == nil { source.takesAllForOne = source.record }
        return try Teacher(source, warn: observer.warn)
      }
    }
    let stride = spec.greatestStride
    let sides = options.multiScale.map { [$0.lowerBound, $0.upperBound] } ?? [options.longSide]
    let sizes = sides.map { options.size(longSide: $0, multiple: stride) }
    func technique(_ cache: TeacherCache?) throws -> DistillationTechnique {
      try DistillationTechnique(
        distillation, teachers: teachers, student: spec, names: train.names,
        mergedNames: train.mergedNames, start: start, sizes: sizes, judging: validation,
        cache: cache)
    }
    let plain = try technique(nil)
    let keeps = keepsTeacherOutputs == true
    if keeps { try checkKeeping(of: distillation) }
    for line in plain.warnings + (resumes ? [] : teacherDoubts) { observer.warn(line) }
    guard keeps else { return plain }
    let folder = cacheFolder + "/teachers"
    let perPicture = try sizes.map {
      try plain.outputBytes(width: $0.width, height: $0.height, on: Device.named(device))
    }
    let cost = CacheCost(
      .outputs, bytes: (perPicture.max() ?? 0) * train.pictures.count, onDiskOf: folder)
    observer.remark(cost.text)
    guard cost.fits else { return plain }
    return try technique(
      TeacherCache(
        folder: folder, paths: train.pictures.map(\.path),
        facts: [(options.fit ?? .letterbox).rawValue, "\(options.augmentation.fill)"],
        warn: observer.warn))
  }

  /// Does `body`, which reads teachers; what its errors say of options that take other files is said of
  /// the teachers'.
  private func namingTeachers<Result>(_ body: () throws -> Result) throws -> Result {
    do { return try body() } catch {
      let text = "\(error)"
      let named = text.replacing(/--(model|cfg|weights) takes/) { match in
        match.1 == "model" ? "--teacher takes" : "--teacher-\(match.1) takes"
      }
      guard named != text else { throw error }
      throw RunError.teacher(named)
    }
  }

  /// Refuses to keep what is asked for once, or is not kept.
  private func checkKeeping(of distillation: DistillationOptions) throws {
    let option = "--distill-cache"
    var augmentation = options.augmentation
    // Rectangular training has none.
    if options.isRectangular { augmentation.mosaic = 0 }
    let size = options.multiScale == nil ? [] : ["changes of size"]
    let changes = augmentation.changes + size
    guard changes.isEmpty else {
      let usual = [
        ("--no-mosaic", augmentation.mosaic != 0), ("--flip 0", augmentation.horizontalFlip != 0),
        (
          "--hsv 0 0 0",
          augmentation.hue != 0 || augmentation.saturation != 0 || augmentation.value != 0
        ),
      ].filter(\.1).map(\.0)
      let advice =
        usual.isEmpty
        ? "leave the option out that asks for it"
        : usual.joined(separator: ", ") + (usual.count == 1 ? " turns" : " turn")
          + " off what is on unless given"
      throw RunError.unusable(
        option,
        reason:
          "a picture is another one each time, by \(changes.joined(separator: ", ")); \(advice)")
    }
    let others = distillation.strategiesBesidesHeads
    guard others.isEmpty else {
      throw RunError.unusable(
        option,
        reason: "only outputs of heads are kept, and \(others.joined(separator: ", ")) "
          + "\(others.count == 1 ? "compares" : "compare") features too; 'binary' does not")
    }
  }

  /// Mixes the pictures of a folder, which have no labels, into the batches.
  ///
  /// - Parameter share: the part of each batch that is of these pictures; half unless given.
  public mutating func learn(from unlabelled: String, share: Double? = nil) {
    unlabeled = unlabelled
    options.unlabelledShare = share ?? 0.5
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
  /// True where the record of the run that it is of says that its training took several classes for
  /// one, else nil.
  fileprivate var record: Bool? {
    guard let set = RunFolder.line(cfg: cfg, weights: weights).lazy.compactMap(\.dataset).first,
      set.isSingleClass, (try? DataFile(contentsOf: set.data))?.classes != 1
    else { return nil }
    return true
  }

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

  /// As ``append(unlabelledOf:besides:_:)``, for a training: one of them at least can be read.
  ///
  /// - Parameter resumes: whether the run goes on, so that the folder may have moved.
  mutating func append(
    usableUnlabelledOf path: String, besides data: DataFile, resumes: Bool,
    _ observer: any RunObserver
  ) throws {
    do {
      try append(unlabelledOf: path, besides: data, observer)
      try requireUsableUnlabelled()
    } catch let error as VisionError {
      let isGone = resumes && !fileExists(path)
      throw RunError.unusable(
        "--unlabeled",
        reason: "\(error)" + (isGone ? "; --resume with --unlabeled says where it is now" : ""))
    }
  }

  /// Refuses pictures without labels of which none can be read: the training would end with the first
  /// batch.
  ///
  /// - Throws: what is wrong with the first of them.
  private func requireUsableUnlabelled() throws(VisionError) {
    var first: VisionError?
    for picture in pictures.suffix(unlabelledCount) {
      do throws(VisionError) {
        _ = try Image(contentsOf: picture.path)
        return
      } catch { first = first ?? error }
    }
    if let first { throw first }
  }
}
