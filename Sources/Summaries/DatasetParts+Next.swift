import Commands
import Datasets

extension DatasetParts {
  /// Dividing the set, where a part is missing or too small. Where training needs that, no other
  /// command should come before it.
  package func next(_ data: String, else other: () -> NextStep?) -> [NextStep] {
    guard let division else { return [other()].compactMap(\.self) }
    return [division.next(data)]
      + (division.isNeededForTraining ? [] : [other()].compactMap(\.self))
  }
}

extension DatasetParts.Division {
  /// What divides a set so, and what for.
  package func next(_ data: String) -> NextStep {
    let purpose =
      !isNeededForTraining
      ? "if the final figure matters, set test pictures aside"
      : keepsTest
        ? "set validation pictures aside" : "divide it into train, valid and test"
    let mixed =
      mixedTest == 0
      ? ""
      : "; \(mixedTest == 1 ? "the test picture of now is" : "the \(mixedTest) test pictures of now are") "
        + "mixed in, unless '--ratios 0.8 0.2 --keep-test' keeps \(mixedTest == 1 ? "it" : "them")"
    return (purpose + mixed, NextCommand.split(data, self))
  }
}

extension NextCommand {
  /// What divides a set anew.
  package static func split(_ data: String, _ division: DatasetParts.Division) -> NextCommand {
    NextCommand("dataset", "split", "--data", data, "--ratios")
      + division.ratios.map { "\($0)" } + (division.keepsTest ? ["--keep-test"] : [])
      + ["--output", unused("splits")]
  }
}
