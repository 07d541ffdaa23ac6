import Boxes
import Darknet
import Distillation
import Inference
import Reports
import Terminal
import Training

extension TrainingRecipe {
  /// Why teachers are likely to teach little, by what is recorded of them, a line each: that they are
  /// poor, or behind the network that is to learn from them.
  package var teacherDoubts: [String] {
    let student =
      beginning == .wholeNetwork
      ? weights.flatMap { floatValidation(cfg: cfg, weights: $0) } : nil
    return (distillation?.teachers ?? []).compactMap { teacher in
      floatValidation(cfg: teacher.cfg, weights: teacher.weights).flatMap {
        doubt(of: teacher, $0, beside: student)
      }
    }
  }

  private func doubt(
    of teacher: TeacherSource, _ quality: DetectionQuality, beside student: DetectionQuality?
  ) -> String? {
    let name = RunFolder.name(ofWeights: teacher.weights)
    let isBehind = student.map { quality.map50 < $0.map50 - BootstrapResult.smallLoss } ?? false
    guard quality.isPoor || isBehind else { return nil }
    let figure = "mAP@0.5 is \(Figures.fixed(quality.map50, 4)) on its validation pictures"
    let own =
      isBehind
      ? "that of the network that is to learn from it \(Figures.fixed(student?.map50, 4))" : nil
    let poorness = quality.isPoor ? DetectionQuality.poorness : nil
    return "the teacher \(name) is \(quality.isPoor ? "poor" : "the weaker one"): "
      + [figure, own, poorness].compactMap(\.self).joined(separator: ", ")
      + "; take a better one, or train without"
  }
}
