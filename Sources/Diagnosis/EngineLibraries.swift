/// The shared libraries that a program or library needs, as the dynamic loader finds them.
///
/// The loader itself is asked (`LD_TRACE_LOADED_OBJECTS`, what `ldd` does), so that its search
/// rules hold exactly; it maps the files but runs nothing of them, which takes milliseconds where
/// loading libtorch takes a third of a second.
package struct EngineLibraries: Hashable, Sendable {
  package struct Library: Hashable, Sendable {
    /// The name that was asked for, such as `libc10.so`.
    package var name: String
    /// Where the loader found it; empty for the loader and the kernel's own.
    package var path: String
  }

  /// Everything found.
  package var libraries: [Library] = []
  /// Everything that keeps the program from starting.
  package var problems: [EngineProblem] = []

  package init() {}

  /// The version of libtorch that the engine is built against.
  package static let expectedTorch = "2.11.0"

  /// What the loader finds for a program or shared library.
  package static func trace(_ path: String) -> EngineLibraries { traces([path])[0] }

  /// What the loader finds for programs and shared libraries, asked side by side.
  package static func traces(_ paths: [String]) -> [EngineLibraries] {
    let there = paths.filter(isFile)
    let outputs = captureAll(there.map(call), secondsAtMost: 60)
    return paths.map { path in
      var result = EngineLibraries()
      guard let index = there.firstIndex(of: path) else {
        result.problems = [.missing(path)]
        return result
      }
      guard let output = outputs[index] else {
        result.problems = [.cannotRun(path)]
        return result
      }
      result.read(trace: output.text)
      if result.problems.isEmpty, output.status != 0 {
        result.problems = [.loader(path, firstLine(output.text))]
      }
      return result
    }
  }

  private static func call(_ path: String) -> ProgramCall {
    // `--version`: where the loader does not know the variable, the program only names itself.
    let isLibrary = path.hasSuffix(".so")
    return ProgramCall(
      program: isLibrary ? loaderPath : path,
      arguments: isLibrary ? ["--list", path] : ["--version"],
      environment: isLibrary ? [] : ["LD_TRACE_LOADED_OBJECTS=1"])
  }

  /// Reads the loader's answer: a line a library, or a complaint.
  package mutating func read(trace text: String) {
    for line in text.split(separator: "\n") {
      let words = line.split { $0 == " " || $0 == "\t" }.map(String.init)
      if line.contains("error while loading shared libraries: ") {
        // PROGRAM: error while loading shared libraries: LIBRARY: REASON
        let parts = line.split(separator: ":").dropFirst(2).map { trimmed(String($0)) }
        add(
          .unusable(
            library: parts.first ?? "", reason: parts.dropFirst().joined(separator: ": ")))
      } else if words.suffix(2) == ["not", "found"], words.count >= 4, words[1] == "=>" {
        add(.notFound(library: words[0]))
      } else if line.contains("version `"), line.contains("' not found") {
        // PROGRAM: LIBRARY: version `VERSION' not found (required by USER)
        let library = words.first { $0.contains(".so") && $0.hasSuffix(":") }?.dropLast() ?? ""
        let version = line.split(separator: "`").dropFirst().first?.prefix { $0 != "'" } ?? ""
        add(.unusable(library: String(library), reason: "it is too old, without \(version)"))
      } else if words.count >= 3, words[1] == "=>" {
        libraries.append(Library(name: words[0], path: words[2]))
      }
    }
  }

  private mutating func add(_ problem: EngineProblem) {
    if !problems.contains(problem) { problems.append(problem) }
  }

  /// Where the library with this name, up to its version, was found.
  package func path(ofLibrary name: String) -> String? {
    libraries.first { $0.name == name || $0.name.hasPrefix(name + ".") }?.path
  }

  /// The version that the Python wheel around libtorch states, where the library is, or where a link to it
  /// leads.
  package static func torchVersion(libraryPath: String) -> String? {
    for path in [libraryPath, resolvedPath(libraryPath)].compactMap(\.self) {
      let file = folder(of: folder(of: path)) + "/version.py"
      for line in readText(file)?.split(separator: "\n") ?? []
      where line.hasPrefix("__version__") {
        return line.split(separator: "'").dropFirst().first.map(String.init)
      }
    }
    return nil
  }

  /// The version in the name of the file that a link leads to: `4.6.0` of `libx.so.4.6.0`.
  package static func fileVersion(_ path: String) -> String? {
    guard let resolved = resolvedPath(path) else { return nil }
    let parts = resolved.split(separator: ".")
    guard let index = parts.lastIndex(of: "so"), index + 1 < parts.count else { return nil }
    return parts[(index + 1)...].joined(separator: ".")
  }
}

/// Why the engine cannot start.
package enum EngineProblem: Error, Hashable, Sendable, CustomStringConvertible {
  case missing(String)
  case cannotRun(String)
  case notFound(library: String)
  case unusable(library: String, reason: String)
  case loader(String, String)

  package var description: String {
    switch self {
    case .missing(let path): "'\(path)' is not there"
    case .cannotRun(let path): "'\(path)' cannot be run"
    case .notFound(let library): "the library '\(library)' is not found"
    case .unusable(let library, let reason): "the library '\(library)' cannot be loaded: \(reason)"
    case .loader(let path, let reason): "'\(path)' cannot be loaded: \(reason)"
    }
  }

  /// What to do about it.
  package var fix: String {
    switch self {
    case .missing, .cannotRun: Self.build
    case .notFound(let library), .unusable(let library, _): libraryFix(library)
    case .loader: Self.build
    }
  }

  /// How a program or library of Pare's own comes to be where it should be.
  package static let build =
    "run 'make' in pare's source folder; where pare was installed, 'make install' with its PREFIX"
}

/// How to get a library, by its file name.
package func libraryFix(_ library: String) -> String {
  let name = library.split(separator: "/").last.map(String.init) ?? library
  let stem = String(name.prefix { $0 != "." })
  let fromSetup = ["libtorch", "libc10", "libcudart", "libcupti", "libshm", "libgomp-"]
  if fromSetup.contains(where: { name.hasPrefix($0) }) {
    return "run 'make setup' in pare's source folder"
  }
  if stem.hasPrefix("libopencv_") {
    let module = stem.dropFirst("libopencv_".count)
    return "sudo apt-get install libopencv-\(module)-dev"
  }
  switch stem {
  case "libstdc++": return "sudo apt-get install libstdc++6"
  case "libgcc_s": return "sudo apt-get install libgcc-s1"
  case "libgomp": return "sudo apt-get install libgomp1"
  case "libcuda": return "install NVIDIA's driver"
  case _ where ["libcu", "libnv", "libnccl"].contains { stem.hasPrefix($0) }:
    return "install what the wheel torch==\(EngineLibraries.expectedTorch) requires"
  default: return "install the package that holds it ('apt-file search \(name)' names it)"
  }
}
