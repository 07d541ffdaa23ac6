import ArgumentParsing
import Commands
import Integers
import Quantization
import Runs
import Summaries
import Training

extension ExportCCommand: Executable {
  package func execute() throws {
    if let name, !CSource.isName(name) {
      throw ValidationError("--name: \(IntegerError.wrongName(name))")
    }
    let json = try JSONOutput(report, in: folder.output)
    let output = try openOutput(folder, model)
    let run = try openRun(model, inputSize, sources: [], report)
    let name = name ?? CSource.name(of: run.name)
    let files = IntegerRun.filesOfC(name: name)
    try output.requireOwn(files)
    let source = try output.fill { try run.exportC(name: name, to: $0) }
    try report.tell(
      source.summary(
        files.map { "\(output.path)/\($0)" }, in: output.path,
        of: model.words + inputSize.words), json)
  }
}

extension ExportFPGACommand: Executable {
  package func execute() throws {
    let json = try JSONOutput(report, in: folder.output)
    let output = try openOutput(folder, model)
    try output.refuse(inputs: [source])
    let run = try openRun(model, inputSize, sources: source.map { [$0] } ?? [], report)
    let tiles = TileOrder(inputs: tileInputs, outputs: tileOutputs)
    let names = try output.fill {
      try run.exportFPGA(layout: layout.layout, tiles: tiles, to: $0)
    }
    try report.tell(
      IntegerRun.summary(ofFPGA: names, in: output.path, of: model.words, run.sources), json)
  }
}

/// The folder of an export; the network's own is refused.
private func openOutput(
  _ folder: RequiredFolderOptions, _ model: ModelOptions
) throws -> OutputFolder {
  try RunFolder.require(model.folder, weights: model.weights)
  let output = try OutputFolder(folder.output, overwrite: folder.overwrite, kind: .program)
  try output.refuse(inputs: [model.cfg, model.weights])
  return output
}

private func openRun(
  _ model: ModelOptions, _ size: InputSizeOptions, sources: [String], _ report: ReportOptions
) throws -> IntegerRun {
  var machine = MachineRecipe()
  machine.device = "cpu"
  return try IntegerRun(
    PairRecipe(model, FeedingRecipe(size)), machine: machine, sources: sources,
    observer: ConsoleObserver(report))
}

extension FPGALayoutChoice {
  fileprivate var layout: FPGAExport.Layout {
    switch self {
    case .plain: .plain
    case .tiles: .tiles
    case .buffers: .buffers
    }
  }
}
