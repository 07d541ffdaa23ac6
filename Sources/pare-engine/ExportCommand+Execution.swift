import Commands
import Darknet
import Foundation
import Integers
import Quantization
import Reports
import Runs
import Terminal

extension ExportCCommand: Executable {
  package func execute() throws {
    let json = try JSONOutput(report, in: folder.output)
    let output = try openOutput(folder, model)
    let run = try openRun(model, inputSize, sources: [], report)
    let name = name ?? CSource.name(of: cfgName(model.cfg))
    let files = ["c", "h", "bin"].map { "\(name).\($0)" } + ["main.c"]
    try output.requireOwn(files)
    var written: CSource?
    try output.fill { folder in written = try run.exportC(name: name, to: folder) }
    guard let written else { return }
    let paths = files.map { "\(output.path)/\($0)" }
    if report.printsTables {
      for path in paths { try Console.print(path) }
      try Console.print(
        "memory: \(Figures.bytes(written.arenaBytes)) for codes, "
          + "\(Figures.bytes(written.weights.count)) of weights")
    }
    try json.write(
      .members([
        "files": paths.map { absolute($0) }, "arenaBytes": written.arenaBytes,
        "weightsBytes": written.weights.count,
      ]))
  }
}

extension ExportFPGACommand: Executable {
  package func execute() throws {
    let json = try JSONOutput(report, in: folder.output)
    let output = try openOutput(folder, model)
    try output.refuse(inputs: [source])
    let run = try openRun(model, inputSize, sources: source.map { [$0] } ?? [], report)
    var names: [String] = []
    try output.fill { folder in
      names = try run.exportFPGA(
        layout: layout.layout, tiles: TileOrder(inputs: tileInputs, outputs: tileOutputs),
        to: folder)
    }
    let paths = names.map { "\(output.path)/\($0)" }
    if report.printsTables {
      for path in paths where !path.contains("/golden/") { try Console.print(path) }
      let golden = paths.count { $0.contains("/golden/") }
      if golden > 0 { try Console.print("\(output.path)/golden: \(counted(golden, "file"))") }
    }
    try json.write(.members(["files": paths.map { absolute($0) }]))
  }
}

/// The folder of an export; the network's own is refused.
private func openOutput(
  _ folder: RequiredFolderOptions, _ model: ModelOptions
) throws -> OutputFolder {
  try requireRunFolder(model.folder, weights: model.weights)
  let output = try OutputFolder(folder.output, overwrite: folder.overwrite, kind: "export")
  try output.refuse(inputs: [model.cfg, model.weights])
  return output
}

private func openRun(
  _ model: ModelOptions, _ size: InputSizeOptions, sources: [String], _ report: ReportOptions
) throws -> IntegerRun {
  var pair = PairRecipe(cfg: model.cfg, weights: model.weights)
  if let size = size.size { (pair.feeding.width, pair.feeding.height) = (size.width, size.height) }
  var machine = MachineRecipe()
  machine.device = "cpu"
  return try IntegerRun(
    pair, machine: machine, sources: sources, observer: ConsoleObserver(isQuiet: report.quiet))
}

/// A cfg's name without folder and extension.
private func cfgName(_ path: String) -> String {
  let name = (path as NSString).lastPathComponent
  return name.hasSuffix(".cfg") ? String(name.dropLast(4)) : name
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
