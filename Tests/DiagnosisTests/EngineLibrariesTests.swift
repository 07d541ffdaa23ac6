import Diagnosis
import Foundation
import Testing

@Suite struct EngineLibrariesTests {
  @Test func `the loader's list is read`() {
    var libraries = EngineLibraries()
    libraries.read(
      trace: """
        \tlinux-vdso.so.1 (0x00007f6facbb8000)
        \tlibtorch_cpu.so => /opt/torch/lib/libtorch_cpu.so (0x00007f6f97400000)
        \tlibopencv_core.so.406 => /lib/libopencv_core.so.406 (0x00007f6f96e00000)
        \t/lib64/ld-linux-x86-64.so.2 (0x00007f107edfb000)
        """)
    #expect(libraries.problems.isEmpty)
    #expect(libraries.libraries.map(\.name) == ["libtorch_cpu.so", "libopencv_core.so.406"])
    #expect(libraries.path(ofLibrary: "libtorch_cpu.so") == "/opt/torch/lib/libtorch_cpu.so")
    #expect(libraries.path(ofLibrary: "libopencv_core.so") == "/lib/libopencv_core.so.406")
    #expect(libraries.path(ofLibrary: "libopencv_core.s") == nil)
  }

  @Test(arguments: [
    (
      "\tlibc10.so => not found\n\tlibc10.so => not found",
      EngineProblem.notFound(library: "libc10.so")
    ),
    (
      "./a: error while loading shared libraries: /opt/libc10.so: file too short",
      .unusable(library: "/opt/libc10.so", reason: "file too short")
    ),
    (
      "./a: /lib/libstdc++.so.6: version `GLIBCXX_3.4.32' not found (required by ./a)",
      .unusable(library: "/lib/libstdc++.so.6", reason: "it is too old, without GLIBCXX_3.4.32")
    ),
  ])
  func `the loader's complaints are read`(text: String, problem: EngineProblem) {
    var libraries = EngineLibraries()
    libraries.read(trace: text)
    #expect(libraries.problems == [problem])
    #expect(!problem.description.contains("\n") && !problem.fix.isEmpty)
  }

  @Test(arguments: [
    ("libtorch_cpu.so", "run 'make setup' in pare's source folder"),
    ("libcudart.so.13", "run 'make setup' in pare's source folder"),
    ("libopencv_imgcodecs.so.406", "sudo apt-get install libopencv-imgcodecs-dev"),
    ("/lib/libstdc++.so.6", "sudo apt-get install libstdc++6"),
    ("libcublas.so.13", "install what the wheel torch==2.11.0 requires"),
    ("libx.so.1", "install the package that holds it ('apt-file search libx.so.1' names it)"),
  ])
  func `each library has a way to get it`(library: String, fix: String) {
    #expect(libraryFix(library) == fix)
  }

  @Test func `a library that a link leads to has the version of its wheel`() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "pare-\(UUID())")
    defer { try? FileManager.default.removeItem(at: folder) }
    let manager = FileManager.default
    for name in ["wheel/torch/lib", "copy/lib"] {
      try manager.createDirectory(
        at: folder.appending(path: name), withIntermediateDirectories: true)
    }
    try "x = 1\n__version__ = '2.11.0+cpu'\n".write(
      to: folder.appending(path: "wheel/torch/version.py"), atomically: true, encoding: .utf8)
    let library = folder.appending(path: "wheel/torch/lib/libtorch_cpu.so").path
    try "".write(toFile: library, atomically: true, encoding: .utf8)
    let link = folder.appending(path: "copy/lib/libtorch_cpu.so").path
    try manager.createSymbolicLink(atPath: link, withDestinationPath: library)
    #expect(EngineLibraries.torchVersion(libraryPath: library) == "2.11.0+cpu")
    #expect(EngineLibraries.torchVersion(libraryPath: link) == "2.11.0+cpu")
  }

  @Test func `this program's own libraries are all found`() throws {
    let path = try #require(executablePath())
    let libraries = EngineLibraries.trace(path)
    #expect(libraries.problems.isEmpty)
    #expect(libraries.path(ofLibrary: "libc.so") != nil)
  }

  @Test func `what is not there or no program is a problem`() {
    #expect(EngineLibraries.trace("/no/such/file").problems == [.missing("/no/such/file")])
    #expect(EngineLibraries.trace("/proc/cpuinfo").problems == [.cannotRun("/proc/cpuinfo")])
  }

  @Test func `an absent engine fails the examination and names the file`() {
    let checks = Examination(enginePath: "/no/such/pare-engine").checks()
    let engine = checks.first { $0.name == "engine" }
    #expect(engine?.status == .failed)
    #expect(engine?.found == "'/no/such/pare-engine' is not there")
    #expect(engine?.fix == EngineProblem.build)
    #expect(checks.map(\.name).prefix(2) == ["processor", "memory"])
  }
}
