import Foundation
import Testing

/// `Scripts/build-opencv-cuda` with a CMake, a make and a compiler that only say that they ran.
@Suite(.enabled(if: Front.isBuilt, "the program 'pare' is not built"))
struct BuildOpenCVTests {
  private static let script = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "Scripts/build-opencv-cuda").path

  /// A source of OpenCV 4.8 that holds nothing but its version, and the programs on a path.
  private func folder(_ body: (Front) throws -> Void) throws {
    let front = try Front()
    defer { front.remove() }
    let programs = [
      "cmake": "echo cmake \"$@\" >> \"$HERE/calls\"",
      "make": """
      echo make "$@" >> "$HERE/calls"
      if [ -f "$HERE/broken" ]; then cat "$HERE/broken"; exit 2; fi
      echo '[ 50%] Building'; echo '[100%] Built'
      case "$*" in *install*)
        mkdir -p "$HERE/out/lib/pkgconfig" && touch "$HERE/out/lib/libopencv_core.so.408"
        printf '%s' "$HERE/out/lib/libopencv_core.so.408" > "$2/install_manifest.txt" ;;
      esac
      """,
      "pkg-config": "case $1 in --modversion) echo 4.8.0 ;; *) echo -I/none ;; esac",
      "g++": """
      while [ "$1" != -o ]; do shift; done
      printf '#!/bin/sh\\necho OpenCV 4.8.0\\n' > "$2" && chmod +x "$2"
      """,
    ]
    for (name, text) in programs {
      let file = front.file("bin/\(name)")
      try FileManager.default.createDirectory(
        atPath: front.file("bin"), withIntermediateDirectories: true)
      try "#!/bin/sh\n\(text)\n".write(toFile: file, atomically: true, encoding: .utf8)
      try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: file)
    }
    let core = "opencv/modules/core/include/opencv2/core"
    try FileManager.default.createDirectory(
      atPath: front.file(core), withIntermediateDirectories: true)
    try """
    #define CV_VERSION_MAJOR 4
    #define CV_VERSION_MINOR 8
    #define CV_VERSION_REVISION 0
    """.write(toFile: front.file("\(core)/version.hpp"), atomically: true, encoding: .utf8)
    // A machine that says next to nothing: its compiler is the one of the path.
    try "# A machine.\n$ nproc\n2\n".write(
      toFile: front.file("machine.txt"), atomically: true, encoding: .utf8)
    try body(front)
  }

  private func build(
    _ front: Front, _ arguments: String = "--no-packages"
  ) throws -> (output: String, errors: String, status: Int32) {
    try front.shell(
      "HERE=$PWD PARE=$PWD/pare PARE_POLL=0.05 PATH=$PWD/bin:$PATH exec \(Self.script) --cpu "
        + "--source opencv --machine machine.txt --prefix $PWD/out \(arguments)")
  }

  private func calls(_ front: Front) throws -> [Substring] {
    try String(contentsOfFile: front.file("calls"), encoding: .utf8).split(separator: "\n")
  }

  @Test func `a dry run prints the plan and does nothing`() throws {
    try folder { front in
      let run = try build(front, "--dry-run")
      #expect(run.status == 0)
      #expect(run.output.hasPrefix("# OpenCV 4.8.0, on unknown Linux.\n"))
      #expect(run.output.contains("-D WITH_CUDA=OFF"))
      #expect(!FileManager.default.fileExists(atPath: front.file("calls")))
      #expect(!FileManager.default.fileExists(atPath: front.file("opencv/build-pare")))
    }
  }

  @Test func `it builds, installs and tries out, and does nothing twice`() throws {
    try folder { front in
      let run = try build(front, "--no-packages -- -D BUILD_DOCS=ON")
      #expect(run.status == 0, "\(run.errors)")
      let calls = try calls(front)
      #expect(calls.count == 3)
      #expect(calls[0].hasPrefix("cmake ") && calls[0].hasSuffix(" -D BUILD_DOCS=ON"))
      #expect(calls[1].hasPrefix("make -C ") && calls[1].hasSuffix("/build -j1"))
      #expect(calls[2].hasSuffix("/build install"))
      #expect(run.errors.contains("  OpenCV 4.8.0\n"))
      #expect(run.errors.hasSuffix("make OPENCV_PREFIX=\(front.folder.path)/out\n"))

      let again = try build(front, "--no-packages -- -D BUILD_DOCS=ON")
      #expect(again.status == 0 && again.errors.contains("compile: done before\n"))
      #expect(try self.calls(front).count == 3)
      // Another switch is another plan.
      #expect(try build(front).status == 0)
      #expect(try self.calls(front).count == 6)
    }
  }

  @Test func `a failure is explained, and the next run goes on there`() throws {
    try folder { front in
      try "[ 10%] Building\nc++: fatal error: Killed signal terminated program cc1plus\n".write(
        toFile: front.file("broken"), atomically: true, encoding: .utf8)
      let run = try build(front)
      #expect(run.status == 1)
      #expect(run.errors.contains("compile failed; its log is "))
      #expect(run.errors.contains("the kernel ended a compiler, since memory ran out"))
      try FileManager.default.removeItem(atPath: front.file("broken"))
      let again = try build(front)
      #expect(again.status == 0 && again.errors.contains("configure: done before\n"))
      #expect(try calls(front).count { $0.hasPrefix("cmake /") } == 1)
    }
  }

  @Test func `what was put is taken away again, and nothing else`() throws {
    try folder { front in
      #expect(try build(front).status == 0)
      let note = front.file("out/pare-opencv.manifest")
      // A line that leads elsewhere is left alone.
      let manifest = try String(contentsOfFile: note, encoding: .utf8)
      try (manifest + "\n\(front.file("machine.txt"))\n\(front.file("out"))/../calls\n").write(
        toFile: note, atomically: true, encoding: .utf8)
      try "mine".write(toFile: front.file("out/mine.txt"), atomically: true, encoding: .utf8)
      let line = "\(Self.script) --uninstall --prefix out"
      let run = try front.shell(line)
      #expect(run.status == 0, "\(run.errors)")
      #expect(run.errors.hasSuffix("/out: 1\n"))
      let manager = FileManager.default
      #expect(try manager.contentsOfDirectory(atPath: front.file("out")) == ["mine.txt"])
      #expect(manager.fileExists(atPath: front.file("machine.txt")))
      #expect(manager.fileExists(atPath: front.file("calls")))
      let again = try front.shell(line)
      #expect(again.status == 1 && again.errors.contains("has no pare-opencv.manifest"))
      // The next run puts it there again, and builds nothing.
      let next = try build(front)
      #expect(next.status == 0 && next.errors.contains("compile: done before\n"))
      #expect(manager.fileExists(atPath: front.file("out/lib/libopencv_core.so.408")))
    }
  }

  @Test func `what cannot be built is said, with what to do`() throws {
    try folder { front in
      let run = try front.shell(
        "PARE=$PWD/pare \(Self.script) --source opencv --machine machine.txt")
      #expect(run.status == 1)
      #expect(run.errors.contains("no card here") && run.errors.contains("what to do"))
      #expect(try front.shell("\(Self.script) --sauce opencv").status == 64)
      #expect(try front.shell("\(Self.script)").status == 64)
      let absent = try front.shell("\(Self.script) --uninstall --prefix nowhere")
      #expect(absent.errors == "build-opencv-cuda: nowhere is not there\n", "\(absent)")
    }
  }
}
