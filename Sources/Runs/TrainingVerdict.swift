import Boxes
import Foundation
import Reports
import Training

/// What a training that has ended says of going on, as it is kept in the run's record (`run.json`):
/// every command that judges its network goes by this.
package struct TrainingVerdict: Codable, Hashable, Sendable {
  /// Whether more epochs are likely to help.
  package var isWorthLonger: Bool
  /// Whether the second half of the epochs hardly made the best network better.
  package var isSettled: Bool
  /// Likely reasons for a network of little use, the likeliest first; none of one that is of use.
  package var reasons: [String]
  /// What to type for a larger network, as the words after `pare`, where the first reason asks for one;
  /// nil elsewhere, and in runs of earlier versions.
  package var largerNetwork: [String]?

  /// The verdict of the run that a folder holds; nil where it holds none that has ended, and of runs
  /// of earlier versions.
  package init?(ofRun folder: String) {
    struct Record: Decodable { var verdict: TrainingVerdict? }
    guard let bytes = try? Data(contentsOf: URL(filePath: RunFolder(path: folder).recordPath)),
      let verdict = (try? JSONDecoder().decode(Record.self, from: bytes))?.verdict
    else { return nil }
    self = verdict
  }

  /// A verdict.
  init(
    isWorthLonger: Bool, isSettled: Bool, reasons: [String], largerNetwork: [String]? = nil
  ) {
    (self.isWorthLonger, self.isSettled) = (isWorthLonger, isSettled)
    (self.reasons, self.largerNetwork) = (reasons, largerNetwork)
  }

  /// The reasons, one a line.
  package var reasonLines: [String] {
    reasons.enumerated().map { "likely reason \($0 + 1): \($1)" }
  }
}

extension DetectionQuality {
  /// What networks reach.
  package static var usual: String {
    "networks that are of use mostly have \(Figures.significant(usefulMap50)) or more"
  }
  /// What a poor network does.
  package static var poorness: String {
    "below \(Figures.significant(poorMap50)) most objects are missed"
  }
}
