extension MachineFacts {
  /// Whether gcc and g++ are there, of one version, and accepted by the CUDA toolkit.
  func compilerChecks() -> [Check] {
    func check(
      _ status: Check.Status, _ found: String, cause: String = "", expected: String = "",
      fix: String = "", commands: [String] = []
    ) -> Check {
      Check(
        "compilers", status, found: found, expected: expected, cause: cause, fix: fix,
        commands: commands)
    }
    let newest = toolkit.map { CUDAFacts.release($0.version).newestGCC }
    let toolkitName = toolkit.map { "CUDA \($0.version)" } ?? ""
    guard let gcc = compilers.gcc, let gxx = compilers.gxx else {
      let missing =
        compilers.gcc == nil ? compilers.gxx == nil ? "no gcc, no g++" : "no gcc" : "no g++"
      let version = [compilers.gcc.map { "gcc \($0)" }, compilers.gxx.map { "g++ \($0)" }]
        .compactMap { $0 }
      return [
        check(
          .warning, ([missing] + version).joined(separator: "; "),
          cause: "nothing can be built without them", expected: "gcc and g++ of one version",
          fix: "install them",
          commands: [platform.install(.compilers(compilers.gcc?.major), .make)])
      ]
    }
    let all =
      compilers.installed.isEmpty
      ? "" : "; installed: " + compilers.installed.map(String.init).joined(separator: ", ")
    if gcc != gxx {
      let chosen = compilers.installed.first { $0 <= newest ?? .max }
      let commands: [String]
      if let chosen, platform.isDebianLike {
        commands = Compilers.alternatives(compilers.installed, chosen: chosen, sudo: platform.sudo)
      } else {
        commands = [platform.install(.compilers(min(gcc.major, newest ?? .max)))]
      }
      return [
        check(
          .warning, "gcc \(gcc), g++ \(gxx)\(all)",
          cause: "C and C++ files of one program are then built by different compilers",
          expected: "gcc and g++ of one version",
          fix: "choose one version for both", commands: commands)
      ]
    }
    let found = "gcc and g++ \(gcc)\(all)"
    if let newest, gcc.major > newest {
      let cause = "nvcc of \(toolkitName) refuses gcc later than \(newest)"
      let expected = "gcc \(newest) or older for \(toolkitName)"
      if let choice = compilers.choice(atMost: newest) {
        return [
          check(
            .warning, found, cause: cause, expected: expected,
            fix: "give nvcc the older one, which is installed",
            commands: ["export CUDAHOSTCXX=\(choice.cxx)"])
        ]
      }
      guard let major = platform.packagedCompiler(atMost: newest) else {
        return [
          check(
            .warning, found, cause: cause, expected: expected,
            fix: "\(platform.name) has no gcc that old: install a newer CUDA")
        ]
      }
      return [
        check(
          .warning, found, cause: cause, expected: expected,
          fix: "install an older one beside it, and give it to nvcc",
          commands: [
            platform.install(.compilers(major)), "export CUDAHOSTCXX=/usr/bin/g++-\(major)",
          ])
      ]
    }
    if let maker = compilers.cmakeMaker, maker != "GNU", let compiler = compilers.cmakeCompiler {
      return [
        check(
          .warning, found, cause: "CMake takes \(compiler), which is \(maker)",
          expected: "GNU's compilers", fix: "take CC and CXX out of the environment",
          commands: ["unset CC CXX"])
      ]
    }
    if !compilers.halves.isEmpty {
      let other = compilers.halves.map {
        $0.hasPrefix("gcc") ? "g++" + $0.dropFirst(3) : "gcc" + $0.dropFirst(3)
      }
      return [
        check(
          .ok,
          found + "; \(compilers.halves.joined(separator: ", ")) without "
            + other.joined(separator: ", "))
      ]
    }
    return [check(.ok, found)]
  }
}
