/// gcc and g++ as they are installed.
package struct Compilers: Hashable, Sendable {
  /// Versions of what `gcc` and `g++` call; `nil` where there is none.
  package var gcc: Version?
  package var gxx: Version?
  /// Major versions whose `gcc-N` and `g++-N` are both there, the newest first.
  package var installed: [Int] = []
  /// Those of which only one is there: `gcc-11` without `g++-11`.
  package var halves: [String] = []
  /// Whether `update-alternatives` chooses gcc already.
  package var hasAlternatives = false
  /// The C++ compiler that CMake takes unless told otherwise, and its maker, such as `Clang`.
  package var cmakeCompiler: String?
  package var cmakeMaker: String?

  package init(_ record: MachineRecord) {
    gcc = record.output("gcc --version").flatMap(Self.version)
    gxx = record.output("g++ --version").flatMap(Self.version)
    let names = (record.output("ls /usr/bin/gcc-* /usr/bin/g++-*") ?? "").split(separator: "\n")
    func majors(_ stem: String) -> Set<Int> {
      Set(names.compactMap { $0.hasPrefix(stem) ? Int($0.dropFirst(stem.count)) : nil })
    }
    let (c, cxx) = (majors("/usr/bin/gcc-"), majors("/usr/bin/g++-"))
    installed = c.intersection(cxx).sorted(by: >)
    halves =
      c.subtracting(cxx).sorted().map { "gcc-\($0)" }
      + cxx.subtracting(c).sorted().map { "g++-\($0)" }
    hasAlternatives = record.output("update-alternatives --query gcc") != nil
    let lines = (record.output("cmake --system-information") ?? "").split(separator: "\n")
    // `CMAKE_CXX_COMPILER == "/usr/bin/c++"`
    func value(_ name: String) -> String? {
      let line = lines.first { $0.hasPrefix(name + " == ") }
      return line.map { $0.dropFirst(name.count + 4).filter { $0 != "\"" } }
    }
    cmakeCompiler = value("CMAKE_CXX_COMPILER")
    cmakeMaker = value("CMAKE_CXX_COMPILER_ID")
  }

  /// The version in a first line such as `gcc (Ubuntu 11.4.0-1ubuntu1~22.04) 11.4.0` or
  /// `gcc (GCC) 13.2.1 20240316 (Red Hat 13.2.1-7)`.
  private static func version(_ text: String) -> Version? {
    let line = firstLine(text)
    guard let bracket = line.firstIndex(of: ")") else { return nil }
    return Version(trimmed(line[line.index(after: bracket)...]))
  }

  /// A pair of compilers.
  package struct Choice: Hashable, Sendable {
    package var c: String
    package var cxx: String
    package var major: Int
    /// Whether it has to be installed first.
    package var isMissing = false
  }

  /// The compilers for a CUDA that accepts gcc up to a major version: the usual ones where they
  /// will do, else the newest pair that does; `nil` where none does.
  package func choice(atMost newest: Int) -> Choice? {
    if let gcc, let gxx, gcc == gxx, gcc.major <= newest {
      return Choice(c: "/usr/bin/gcc", cxx: "/usr/bin/g++", major: gcc.major)
    }
    return installed.first { $0 <= newest }.map {
      Choice(c: "/usr/bin/gcc-\($0)", cxx: "/usr/bin/g++-\($0)", major: $0)
    }
  }

  /// The lines that make a pair the usual one, with g++ following gcc, so that both are always of
  /// the same version.
  package static func alternatives(_ majors: [Int], chosen: Int, sudo: String) -> [String] {
    majors.sorted().map {
      "\(sudo)update-alternatives --install /usr/bin/gcc gcc /usr/bin/gcc-\($0) \($0 * 10) "
        + "--slave /usr/bin/g++ g++ /usr/bin/g++-\($0)"
    } + ["\(sudo)update-alternatives --set gcc /usr/bin/gcc-\(chosen)"]
  }
}
