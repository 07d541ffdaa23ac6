import Commands
import Runs
import Storage
import Summaries

extension QuantizeCommand {
  /// Looks at a network that is quantized: compares its engines, or dumps its layers.
  func check() throws {
    let json = try JSONOutput(report)
    let pair = try PairRecipe(model, FeedingRecipe(feeding, inputSize), scale)
    let output = try dump.map { path in
      do {
        return try OutputFolder(path, overwrite: folder.overwrite, kind: .dump)
      } catch StorageError.notEmpty {
        throw RunError.unusable(
          "--dump \(path)",
          reason: "exists and is not empty; name another folder, or add --overwrite")
      }
    }
    try output?.refuse(inputs: [model.cfg, model.weights])
    let run = try IntegerRun(
      pair, machine: MachineRecipe(machine, .fp32), sources: source,
      observer: ConsoleObserver(report))
    try run.requireLayer(layer)
    let dump = try output.map { output in
      (output.path, try output.fill { try run.dump(layer: layer, to: $0) })
    }
    let verification = verify ? try run.verify() : nil
    try report.tell(run.summary(dump: dump, verification, of: model.words), json)
    switch verification?.end {
    case (let picture, .difference(let place))?:
      throw RunError.enginesDiffer(picture: "\(picture)", place: "\(place)")
    case (_, .overflow(let error))?: throw error
    case nil: break
    }
  }
}
