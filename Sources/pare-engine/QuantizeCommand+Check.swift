import Commands
import Darknet
import Runs
import Terminal

extension QuantizeCommand {
  /// Looks at a network that is quantized: compares its engines, or dumps its layers.
  func check() throws {
    let json = try JSONOutput(report)
    try requireRunFolder(model.folder, weights: model.weights)
    let output = try dump.map {
      try OutputFolder($0, overwrite: folder.overwrite, kind: "dump")
    }
    try output?.refuse(inputs: [model.cfg, model.weights])
    let run = try IntegerRun(
      PairRecipe(model, scale, FeedingRecipe(feeding, inputSize)),
      machine: MachineRecipe(machine, .fp32), sources: source,
      observer: ConsoleObserver(isQuiet: report.quiet))
    try run.requireLayer(layer)
    var members: [JSONValue.Member] = []
    if let output {
      var count = 0
      try output.fill { folder in count = try run.dump(layer: layer, to: folder) }
      if report.printsTables {
        try Console.print("\(output.path): \(counted(count, "file")) of \(run.sources[0])")
      }
      members.append(.init("dump", .string(absolute(output.path))))
    }
    let verification = verify ? try run.verify() : nil
    if let verification {
      let what =
        "\(counted(verification.layers, "layer")), \(counted(verification.pictures, "picture"))"
      members.append(.init("isSame", .bool(verification.difference == nil)))
      if let (picture, place) = verification.difference {
        try json.write(.object(members))
        throw EngineError.differs("\(picture): \(place)")
      }
      if report.printsTables { try Console.print("the same codes in all of \(what)") }
    }
    try json.write(.object(members))
  }
}
