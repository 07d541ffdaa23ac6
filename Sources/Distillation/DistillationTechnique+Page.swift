import Boxes
import Inference
import Reports
import Torch
import Training

extension DistillationTechnique {
  /// Adds the validation pictures on which the student, with its best weights, and the first teacher
  /// disagree most.
  public func conclude(_ page: inout HTMLReport, best: Evaluation.Outcome) throws {
    guard let judging, let lesson = lessons.first, best.predictions.images.count > 0,
      // What it finds is of no class of the student's.
      !lesson.pairing.matching.teacherTakesAll
    else { return }
    let found = try lesson.judged(by: judging)
    guard found.images.map(\.path) == best.predictions.images.map(\.path) else { return }
    page.addDifferences(
      "Student and teacher", ComparedFindings(best.predictions, "student"),
      ComparedFindings(found, "teacher"))
  }
}

extension Lesson {
  /// What the teacher finds in the pictures that the student is judged by, as classes of the student's;
  /// others are left out.
  fileprivate func judged(by evaluation: Evaluation) throws -> StoredPredictions {
    var found = try withoutGrad { try evaluation(teacher.engine()).predictions }
    for index in found.images.indices {
      found.images[index].detections = found.images[index].detections.compactMap { detection in
        guard let own = pairing.matching.studentClass(ofTeachers: detection.classIndex) else {
          return nil
        }
        var detection = detection
        detection.classIndex = own
        return detection
      }
    }
    return found
  }
}
