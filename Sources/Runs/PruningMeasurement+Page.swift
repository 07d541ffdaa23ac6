import Reports
import Training

extension PruningMeasurement {
  /// Adds the pictures on which the pruned network and the original differ most, with the boxes of both
  /// side by side.
  package func addDifferences(to page: inout HTMLReport) {
    guard predictions.count == 2 else { return }
    page.addDifferences(
      "Where they differ most", ComparedFindings(predictions[0], "before pruning"),
      ComparedFindings(predictions[1], "after"))
  }
}
