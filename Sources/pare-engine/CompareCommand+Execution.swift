import Commands
import Darknet
import Datasets
import Inference
import Reports
import Runs
import Storage
import Terminal

extension CompareCommand: Executable {
  package func execute() throws {
    var command = self
    if data == nil { try command.takeDataOfRuns() }
    try command.compare()
  }

  /// Takes the data set of the runs among the operands, where all that know one know the same.
  private mutating func takeDataOfRuns() throws {
    let runs = operands.filter { fileExists("\($0)/\(RunFiles.cfg)") }
    let records = runs.map { (folder: $0, known: RunDataset(ofRun: $0)) }
    var found: [(folder: String, data: String, isSingleClass: Bool)] = []
    for case (let folder, .known(let data, let isSingleClass)) in records
    where !found.contains(where: { resolvedPath($0.data) == resolvedPath(data) }) {
      found.append((folder, data, isSingleClass))
    }
    var problem: String?
    if found.count > 1 {
      let all = found.map { "\($0.data) of \($0.folder)" }.joined(separator: ", ")
      problem = "the runs know different data sets: \(all)"
    } else if let record = records.first(where: { $0.folder == found.first?.folder })
      ?? records.first
    {
      problem = record.known.problem(of: record.folder, without: DatasetSplit(split ?? .valid))
    }
    if let problem {
      if needOfData != nil || bootstrap != nil {
        throw EngineError.unusableOperand(
          runs.first ?? "", reason: "\(problem); name one with --data")
      }
      if !report.quiet { Console.note("\(problem): nothing is measured; --data names one") }
    } else if let known = found.first {
      (data, singleCls) = (known.data, singleCls || known.isSingleClass)
      if !report.quiet { Console.note(RunDataset.note(known.data, of: known.folder)) }
    }
  }

  private func compare() throws {
    let json = try JSONOutput(report)
    let run = try CompareRun(recipe, observer: ConsoleObserver(isQuiet: report.quiet))
    try report.tell(run().summary(of: run, self), json)
  }

  private var recipe: CompareRecipe {
    var recipe = CompareRecipe(operands)
    (recipe.data, recipe.split) = (data, DatasetSplit(split ?? .valid))
    recipe.isSingleClass = singleCls
    recipe.feeding = FeedingRecipe(feeding, inputSize)
    recipe.averagePrecision = ap.style
    (recipe.resamples, recipe.level, recipe.seed) = (bootstrap, confidence, seed)
    recipe.machine = MachineRecipe(machine, engine: engine)
    return recipe
  }
}
