import Commands
import Darknet
import Inference
import Runs
import Storage

extension ConvertCommand {
  /// Rewrites a network in Darknet's own blocks, and writes its cfg.
  func writeStandardCfg(
    _ path: String, of model: Model, in group: FileGroup
  ) throws -> (spec: NetworkSpec, parameters: NetworkParameters) {
    guard absolute(path) != absolute(model.cfgPath) else { throw RunError.outputIsInput(path) }
    let standard = try StandardNetwork(model.spec, model.parameters)
    var configuration = standard.configuration
    configuration.path = path
    let spec = try NetworkSpec(configuration)
    try writeAtomically(configuration.text, to: group.place(for: path))
    if report.printsTables {
      let blocks = standard.rewritten.sorted { $0.key < $1.key }
        .map { "\($0.value) \($0.key)" }.joined(separator: ", ")
      try Console.print(
        "\(spec.layers.count) layers for \(model.spec.layers.count), "
          + (blocks.isEmpty ? "which were standard already" : "rewritten: \(blocks)"))
    }
    return (spec, standard.parameters)
  }
}
