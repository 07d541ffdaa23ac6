import Boxes
import Darknet
import Inference
import Reports
import Training

extension TestRun {
  /// Writes `report.html`.
  func writePage(
    _ outcome: Evaluation.Outcome, _ description: RunDescription, to folder: String
  ) throws {
    var page = HTMLReport(title: "Test of \(model.weightsPath)")
    let sections = EvaluationPage(outcome)
    let times = outcome.milliseconds
    let milliseconds = times.preprocess + times.inference + times.postprocess
    page.tiles(
      sections.tiles + [
        ("pictures", Figures.grouped(outcome.result.images)),
        ("ms a picture", Figures.fixed(milliseconds, 1)),
      ])
    page.paragraph("What was typed for this page:")
    page.code(description.command)
    sections.add(
      to: &page,
      source: "On the \(Figures.grouped(outcome.result.images)) pictures of the "
        + "\(recipe.split.rawValue) split of \(recipe.data).")
    let evaluation = evaluation(feeding, overlap: recipe.boxes.overlap)
    let settings = evaluation.detection
    page.section("Settings")
    page.facts([
      ("network", model.cfgPath), ("weights", model.weightsPath), ("data", recipe.data),
      ("split", recipe.split.rawValue),
      ("size", "\(evaluation.loading.width)×\(evaluation.loading.height)"),
      ("resize", evaluation.loading.fit.rawValue),
      ("average precision", recipe.averagePrecision.rawValue),
      ("lowest confidence", Figures.significant(Double(settings.confidenceThreshold), 3)),
      ("NMS", "\(settings.suppression.method.rawValue), overlap \(recipe.boxes.overlap)"),
      ("arithmetic", recipe.machine.precision.rawValue),
    ])
    page.section("Machine")
    page.facts(description.machine.map { ($0.name, $0.value) })
    try page.write(to: folder + "/report.html")
  }
}
