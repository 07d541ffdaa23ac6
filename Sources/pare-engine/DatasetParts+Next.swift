import Commands
import Darknet
import Datasets

extension ReportOptions {
  /// Says how to divide a set whose parts are missing or too small, as a next command.
  ///
  /// - Returns: whether training needs that, so that no other command should come before it.
  @discardableResult
  func division(_ parts: DatasetParts, of data: String) throws -> Bool {
    guard let division = parts.division else { return false }
    let purpose =
      !division.isNeededForTraining
      ? "if the final figure matters, set test pictures aside"
      : division.keepsTest
        ? "set validation pictures aside" : "divide it into train, valid and test"
    try next(purpose, NextCommand.split(data, division))
    return division.isNeededForTraining
  }
}

extension NextCommand {
  /// What divides a set anew.
  static func split(_ data: String, _ division: DatasetParts.Division) -> NextCommand {
    NextCommand("dataset", "split", "--data", data, "--ratios")
      + division.ratios.map { "\($0)" } + (division.keepsTest ? ["--keep-test"] : [])
      + ["--output", unused("splits")]
  }
}
