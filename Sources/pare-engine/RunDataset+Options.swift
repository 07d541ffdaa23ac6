import Commands
import Runs
import Summaries

/// The data set that the command line names, or else that of the run, which it then says.
///
/// - Parameter isSingleClass: whether the command line has all classes count as one.
func dataset(
  _ data: String?, isSingleClass: Bool = false, ofRun folder: String?, _ report: ReportOptions
) throws -> (data: String, isSingleClass: Bool) {
  if let data { return (data, isSingleClass) }
  let folder = folder ?? ""
  try RunFiles.require(folder)
  let known = RunDataset(ofRun: folder)
  guard case .known(let data, let isSingle) = known else {
    throw OperandError(
      "--model \(folder)", reason: "\(known.problem(of: folder) ?? ""); name it with --data")
  }
  if !report.quiet { Console.note(RunDataset.note(data, of: folder)) }
  return (data, isSingleClass || isSingle)
}
