import Darknet
import Distillation
import Foundation
import Inference
import Storage
import Terminal
import Training

// The teachers' files as a run keeps them in its folder: a teacher may be trained on, replaced or
// deleted, and the run still goes on with the one that it began with.

extension TrainingRecipe {
  /// Where in a run's folder a teacher's files are kept: `teacher`, `teacher-2` and so on.
  private static func folder(ofTeacher index: Int) -> String {
    index == 0 ? "teacher" : "teacher-\(index + 1)"
  }

  /// The names of the files that ``keepTeachers(in:)`` writes, within the run's folder.
  var namesOfKeptTeachers: [String] {
    (distillation?.teachers ?? []).enumerated().flatMap { index, source in
      source.files.map { "\(Self.folder(ofTeacher: index))/\(fileName(of: $0))" }
    }
  }

  /// Keeps the teachers' files in a run's folder. Of the weights that is a second name of the same file
  /// where the file system has such, which takes no room; Pare replaces files as a whole, so what is
  /// behind it stays.
  ///
  /// - Throws: ``RunError/unusable(_:reason:)`` where weights are not those that were read.
  func keepTeachers(in run: String) throws {
    for (index, source) in (distillation?.teachers ?? []).enumerated() {
      let folder = "\(run)/\(Self.folder(ofTeacher: index))"
      let kept = source.kept(in: folder)
      do { try makeFolders(folder) } catch { throw StorageError.system(path: folder, error) }
      for file in source.files where file != source.weights {
        let bytes = try Data(contentsOf: URL(filePath: file))
        try writeAtomically(Array(bytes), to: "\(folder)/\(fileName(of: file))")
      }
      do { try linkOrCopy(source.weights, to: kept.weights) } catch {
        throw StorageError.system(path: kept.weights, error)
      }
      guard try ModelDescription.hash(ofFile: kept.weights) == source.weightsHash else {
        throw RunError.unusable(
          source.weights, reason: "changed while they were read; type the command again")
      }
    }
  }

  /// The teachers where their files are now: at their places, else as a run has kept them.
  ///
  /// - Parameter run: the run's folder; nil of one that begins.
  /// - Throws: as ``Distillation/TeacherSource/found()``.
  func foundTeachers(keptIn run: String?, _ observer: any RunObserver) throws -> [TeacherSource] {
    try (distillation?.teachers ?? []).enumerated().map { index, source in
      do { return try source.found() } catch let error as DistillationError {
        guard let run,
          let kept = try? source.kept(in: "\(run)/\(Self.folder(ofTeacher: index))").found()
        else { throw error }
        observer.remark(
          "\(displayed(source.weights)) is not any more what the run began with: it goes on with what it "
            + "kept of that, \(displayed(kept.weights))")
        return kept
      }
    }
  }

  /// Whether a run of this recipe finds what it needs to go on, as far as files are concerned.
  package func canGoOn(in run: String) -> Bool {
    fileExists(data) && (try? foundTeachers(keptIn: run, SilentObserver())) != nil
  }
}

extension TeacherSource {
  /// The cfg, the weights, and what lies beside them and says how the network is fed and what its
  /// classes are called.
  fileprivate var files: [String] {
    let names = String(cfg.dropLast(4)) + ".names"
    let description = (try? ModelDescription.find(cfg: cfg, weights: weights))?.path
    return [cfg, weights] + [names, description].compactMap(\.self).filter(fileExists)
  }

  /// The same under its files' own names in a folder.
  fileprivate func kept(in folder: String) -> TeacherSource {
    var source = self
    source.cfg = "\(folder)/\(fileName(of: cfg))"
    source.weights = "\(folder)/\(fileName(of: weights))"
    return source
  }
}
