import ArgumentParsing

/// What runs a network.
package enum EngineChoice: String, ExpressibleByArgument, CaseIterable, Sendable {
  case torch, integer
}

/// The engine of a command that runs networks.
package struct EngineOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "What runs the network: libtorch, or whole numbers on the CPU, for quantized networks; both give "
        + "the same codes where 32 bits hold every sum.", valueName: "engine"))
  package var engine = EngineChoice.torch

  package init() {}
}
