import Foundation
import Inference
import Networks
import Torch

/// What a validation came to, as all processes know it.
private struct Judgement: Codable {
  /// Nil where the run was asked to stop in the midst of it.
  var figures: ValidationFigures?
}

extension Trainer {
  /// Judges a network and tells the techniques: in the first process, which tells the others.
  ///
  /// - Returns: the figures, nil where the run has no validation; in the first process also all
  ///   that was measured.
  func evaluate(
    _ judged: Network, epoch: Int?
  ) throws -> (figures: ValidationFigures?, outcome: Evaluation.Outcome?) {
    guard let validation else { return (nil, nil) }
    var outcome: Evaluation.Outcome?
    if communicator.isFirst {
      do { outcome = try measure(judged, validation) } catch is StopRequest {}
    }
    var judgement = Judgement(
      figures: outcome.map { outcome in
        let result = outcome.result
        return ValidationFigures(
          map50: result.map50, map: result.map, precision: result.precision,
          recall: result.recall, f1: result.f1)
      })
    if communicator.size > 1 {
      let told = try communicator.gather([UInt8](RunHistory.encoder.encode(judgement)))
      judgement = try RunHistory.decoder.decode(Judgement.self, from: Data(told[0]))
    }
    guard let figures = judgement.figures else { throw StopRequest() }
    let evaluation = TrainingEvaluation(
      epoch: epoch, epochs: options.epochs, map50: figures.map50, map: figures.map,
      precision: figures.precision, recall: figures.recall)
    for technique in techniques.steering {
      for line in try technique.afterEvaluation(evaluation) { observer.remark(line) }
    }
    return (figures, outcome)
  }

  private func measure(
    _ judged: Network, _ validation: Evaluation
  ) throws -> Evaluation.Outcome {
    let total = validation.dataset.pictures.count
    defer { for watcher in judgedPass.observers { watcher.clear() } }
    let engine = try TorchEngine(judged, precision: options.precision, pass: judgedPass)
    let outcome = try validation(engine) { done in
      observer.validated(done, of: total)
      if observer.shouldStop { throw StopRequest() }
    }
    if !outcome.problems.isEmpty {
      let shown = outcome.problems.prefix(3).map(\.description).joined(separator: "; ")
      observer.remark(
        "validation stands on \(outcome.result.images) of \(total) pictures; cannot be read: \(shown)"
          + (outcome.problems.count > 3 ? "; and \(outcome.problems.count - 3) more" : ""))
    }
    return outcome
  }
}
