/// Looks at the machine and at the libraries that the engine needs, without loading any of them.
package struct Examination: Sendable {
  /// Path of the engine's executable; optional parts lie beside it.
  package var enginePath: String

  /// What is known of the machine.
  package var facts: MachineFacts

  package init(enginePath: String, facts: MachineFacts = MachineFacts(.ofThisMachine())) {
    self.enginePath = enginePath
    self.facts = facts
  }

  /// All checks, the machine's first.
  package func checks() -> [Check] {
    var checks = facts.checks()
    let video = siblingPath("libCVideo.so")
    let traces = EngineLibraries.traces([enginePath, video])
    let trace = traces[0]
    checks += engineChecks(trace)
    checks.append(videoCheck(traces[1], path: video))
    if !facts.processors.models.isEmpty, let torch = trace.path(ofLibrary: "libtorch_cpu.so") {
      checks.append(cudaCheck(besideTorch: torch))
    }
    return checks
  }

  private func engineChecks(_ trace: EngineLibraries) -> [Check] {
    guard trace.problems.isEmpty else {
      return trace.problems.map {
        Check("engine", .failed, found: $0.description, expected: enginePath, fix: $0.fix)
      }
    }
    var checks = [
      Check("engine", .ok, found: "\(enginePath), \(trace.libraries.count) libraries found")
    ]
    if let path = trace.path(ofLibrary: "libtorch_cpu.so") {
      let version = EngineLibraries.torchVersion(libraryPath: path)
      let fits = version?.hasPrefix(EngineLibraries.expectedTorch) ?? true
      checks.append(
        Check(
          "libtorch", fits ? .ok : .warning,
          found: "\(version ?? "unknown version"), \(path)",
          expected: EngineLibraries.expectedTorch,
          fix: fits ? "" : "run 'make setup' in pare's source folder, then build again"))
    }
    if let path = trace.path(ofLibrary: "libopencv_core.so") {
      checks.append(
        Check(
          "OpenCV", .ok,
          found: "\(EngineLibraries.fileVersion(path) ?? "unknown version"), \(path)",
          expected: "4"))
    }
    return checks
  }

  /// Video is an optional part in a library of its own beside the engine.
  private func videoCheck(_ trace: EngineLibraries, path: String) -> Check {
    guard let problem = trace.problems.first else { return Check("video", .ok, found: path) }
    let isAbsent = problem == .missing(path)
    return Check(
      "video", .warning, found: isAbsent ? "not built" : problem.description, expected: path,
      fix: isAbsent ? EngineProblem.build : problem.fix)
  }

  private func cudaCheck(besideTorch torch: String) -> Check {
    let path = folder(of: torch) + "/libtorch_cuda.so"
    let trace = EngineLibraries.trace(path)
    guard let problem = trace.problems.first else { return Check("CUDA", .ok, found: path) }
    return Check(
      "CUDA", .warning, found: problem.description,
      expected: "libtorch's CUDA libraries, all of them",
      fix: "install what the wheel torch==\(EngineLibraries.expectedTorch) requires beside it; "
        + "the CPU is used until then")
  }

  private func siblingPath(_ name: String) -> String { folder(of: enginePath) + "/" + name }
}

/// The folder that a path lies in.
package func folder(of path: String) -> String {
  guard let slash = path.lastIndex(of: "/") else { return "." }
  return slash == path.startIndex ? "/" : String(path[..<slash])
}
