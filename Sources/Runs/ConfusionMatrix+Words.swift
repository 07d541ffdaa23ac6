import Boxes
import Reports
import Terminal

extension ConfusionMatrix {
  /// From this share of the objects that are found on, names are a fault of their own.
  private static let muchMisnamed = 0.1

  /// Where boxes fit and names do not: how many of the objects that are found have another class's
  /// name, and which most often. Nil where that is under a tenth.
  package func namingFault(_ names: [String], confidence: Double) -> String? {
    let found = found.reduce(0, +)
    let wrong = confusions.reduce(0) { $0 + $1.count }
    guard let most = confusions.first, Double(wrong) >= Self.muchMisnamed * Double(found) else {
      return nil
    }
    let objects = found + missed.reduce(0, +)
    let used = Figures.significant(DetectionQuality.rounded(confidence: confidence))
    return "wrong names: \(grouped(found)) of \(counted(objects, "object")) are found at "
      + "confidence \(used), and \(grouped(wrong)) of these under another class's name, most "
      + "often \(names[most.truth]) as \(names[most.detection]) (\(grouped(most.count))): more "
      + "pictures of such classes may help"
  }
}
