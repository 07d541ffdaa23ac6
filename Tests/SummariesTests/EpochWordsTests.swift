import Testing
import Training

@testable import Summaries

@Suite struct EpochWordsTests {
  private let parts = [
    LossPart("box", "place and size"), LossPart("obj", "an object or none"),
    LossPart("cls", "which class"),
  ]

  private func line(columns: Int?) -> String {
    var figures = EpochFigures(
      epoch: 2, losses: [0.1, 0.2, 0.3, 0.6], learningRate: 0.01, imagesPerSecond: 50)
    (figures.map50, figures.map) = (0.5, 0.25)
    figures.techniques = ["sparsity/gamma50": 0.0123]
    return EpochWords(parts, columns: columns).line(
      figures, telling: ["sparsity/gamma50", "sparsity/gamma75"], isBest: true, left: "1:00 left")
  }

  @Test func `a line of any length has all`() {
    #expect(
      line(columns: nil)
        == "epoch 3  loss 0.600  (box 0.100, obj 0.200, cls 0.300)  50.0 pictures/s  "
        + "mAP@0.5 0.5000  mAP@0.5:0.95 0.2500  median scale: 0.0123  kept  1:00 left")
  }

  // With the time left the first line would have 73 columns.
  @Test func `on a narrow terminal techniques have a line of their own, and the least goes`() {
    #expect(
      line(columns: 70)
        == "epoch 3  loss 0.600  mAP@0.5 0.5000  mAP@0.5:0.95 0.2500  kept\n"
        + "  median scale: 0.0123")
  }

  @Test func `the terms are explained where lines show them`() {
    #expect(
      EpochWords(parts, columns: nil).explanation
        == "loss: the sum of box (place and size), obj (an object or none) and cls (which class); "
        + "less is better")
    #expect(
      EpochWords(parts, columns: 70).explanation
        == "loss: less is better; results.csv and report.html have its terms")
    let taught = parts + [LossPart("teacher", "what differs", figures: ["distillation/a"])]
    #expect(
      EpochWords(taught, columns: 70).explanation
        == "loss: less is better; teacher (what differs) is a part of it; results.csv and "
        + "report.html have the other terms")
  }
}
