import Commands
import Distillation
import Runs
import Summaries
import Training

extension TrainingRecipe {
  /// Takes up what the command line says of teachers.
  mutating func distil(_ asked: TeacherOptions) throws {
    guard asked.hasTeacher else { return }
    for folder in asked.teacher { try RunFolder.require(folder, option: "--teacher") }
    var request = DistillationRequest(asked.strategies)
    request.isLegacy = asked.distillLegacy
    (request.weights, request.temperatures) = (asked.distillWeight, asked.distillTemperature)
    request.countsEverywhere = asked.distillEverywhere
    switch asked.distillSchedule {
    case .constant: request.schedule = .constant
    case .cosine: request.schedule = .cosine
    case nil: break
    }
    request.until = asked.distillUntil ?? request.until
    distillation = try request.options(
      teachers: asked.sources, hasUnlabelled: asked.unlabeled != nil, warn: Console.warn)
    control = asked.controlTime ? .time : asked.control ? .steps : nil
    keepsTeacherOutputs = asked.distillCache ? true : nil
    if let folder = asked.unlabeled { learn(from: folder, share: asked.unlabeledShare) }
  }
}

extension TeacherOptions {
  /// Run folders first, then pairs of files.
  var sources: [TeacherSource] {
    teacher.map(RunFolder.init(path:)).map {
      TeacherSource(cfg: $0.cfgPath, weights: $0.weightsPath)
    }
      + zip(teacherCfg, teacherWeights).map { TeacherSource(cfg: $0, weights: $1) }
  }
}
