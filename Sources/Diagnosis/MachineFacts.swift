/// What a record says, read once: the rules of `pare doctor` and the plan for OpenCV go by it.
package struct MachineFacts: Hashable, Sendable {
  package let record: MachineRecord
  package let platform: Platform
  package let machine: Machine
  package let processors: GraphicsProcessors
  package let loader: LoaderCache
  package let cuda: CUDAInstallation
  package let compilers: Compilers
  package let openCV: OpenCVInstallation
  /// Modules that pkg-config knows, such as `gtk+-3.0`; `nil` where there is no pkg-config.
  package let pkgConfigModules: Set<String>?

  package init(_ record: MachineRecord) {
    self.record = record
    platform = Platform(record)
    machine = Machine(record)
    processors = GraphicsProcessors(record, platform: platform)
    loader = LoaderCache(record.output("ldconfig -p") ?? "")
    cuda = CUDAInstallation(record, loader: loader)
    compilers = Compilers(record)
    openCV = OpenCVInstallation(record, loader: loader)
    pkgConfigModules = record.output("pkg-config --list-all").map(Self.modules)
  }

  /// The modules that pkg-config lists: `gtk+-3.0` of the line
  /// `gtk+-3.0        GTK+ - GTK+ Graphical UI Library`.
  static func modules(listed text: String) -> Set<String> {
    Set(text.split(separator: "\n").compactMap { $0.split(separator: " ").first.map(String.init) })
  }

  /// A variable of the environment; `nil` where it is unset or empty.
  package func variable(_ name: String) -> String? {
    let line = (record.output("env") ?? "").split(separator: "\n").first {
      $0.hasPrefix(name + "=")
    }
    return line.map { String($0.dropFirst(name.count + 1)) }.flatMap { $0.isEmpty ? nil : $0 }
  }

  /// All findings about the machine, in the order in which they are shown.
  package func checks() -> [Check] {
    machine.checks() + systemChecks() + [processors.check(on: platform)] + cudaChecks()
      + compilerChecks() + openCVChecks() + [otherLibraries()]
  }
}
