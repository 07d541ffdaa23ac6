import Commands
import Darknet
import Foundation
import Testing

/// Runs the built program. It lies beside the test bundle once the whole package is built.
struct Front {
  static let path = Bundle.main.bundleURL.appendingPathComponent("pare").path
  static let isBuilt = FileManager.default.isExecutableFile(atPath: path)

  /// A folder of its own with a copy of the program.
  let folder: URL

  init() throws {
    folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("pare-front-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    try FileManager.default.copyItem(atPath: Self.path, toPath: file("pare"))
  }

  func file(_ name: String) -> String { folder.appendingPathComponent(name).path }

  /// Does `body` with a front of its own.
  static func use(_ body: (Front) throws -> Void) throws {
    let front = try Front()
    defer { front.remove() }
    try body(front)
  }

  /// Puts a program in the engine's place.
  func makeEngine(_ text: String) throws {
    try text.write(toFile: file("pare-engine"), atomically: true, encoding: .utf8)
    try FileManager.default.setAttributes(
      [.posixPermissions: 0o755], ofItemAtPath: file("pare-engine"))
  }

  func remove() { try? FileManager.default.removeItem(at: folder) }

  /// Runs a shell line in the folder, where the program is `./pare`.
  func shell(_ line: String) throws -> (output: String, errors: String, status: Int32) {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/sh")
    process.arguments = ["-c", line]
    process.currentDirectoryURL = folder
    let errors = file("errors.txt")
    try Data().write(to: URL(fileURLWithPath: errors))
    process.standardError = FileHandle(forWritingAtPath: errors)
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    let data = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return (
      String(decoding: data, as: UTF8.self),
      (try? String(contentsOfFile: errors, encoding: .utf8)) ?? "",
      process.terminationStatus
    )
  }
}

@Suite(.enabled(if: Front.isBuilt, "the program 'pare' is not built"))
struct FrontTests {
  @Test func `help and version need no engine`() throws {
    try Front.use { front in
      let help = try front.shell("COLUMNS=80 ./pare")
      #expect(help.output == (HelpScreens.all[""] ?? "") + "\n" && help.status == 0)
      let version = try front.shell("./pare --version")
      #expect(version.output == PareCommand.version + "\n" && version.status == 0)
    }
  }

  @Test func `the engine takes over the process with the same arguments`() throws {
    try Front.use { front in
      try front.makeEngine("#!/bin/sh\necho \"$#: $*\"\necho $$\nexit 7\n")
      let line = "echo $$; exec ./pare test --cfg 'a b' --weights w --data=d"
      let run = try front.shell(line)
      let lines = run.output.split(separator: "\n").map(String.init)
      #expect(lines.count == 3 && lines[1] == "6: test --cfg a b --weights w --data=d")
      // The engine has the number that the front had, so signals reach it.
      #expect(lines[0] == lines[2])
      #expect(run.status == 7)
    }
  }

  // Threads of the engine that wait must not take a core from the program that needs it.
  @Test(arguments: [
    ("", "1000 unset"), ("GOMP_SPINCOUNT=7", "7 unset"), ("OMP_WAIT_POLICY=active", "unset active"),
  ])
  func `the engine's threads spin for a bounded time unless the user wants another`(
    set: String, expected: String
  ) throws {
    try Front.use { front in
      try front.makeEngine(
        "#!/bin/sh\necho ${GOMP_SPINCOUNT-unset} ${OMP_WAIT_POLICY-unset}\n")
      let run = try front.shell(
        "env -u GOMP_SPINCOUNT -u OMP_WAIT_POLICY \(set) ./pare test --cfg a --weights w --data d")
      #expect(run.output == expected + "\n")
    }
  }

  @Test func `wrong usage never reaches the engine`() throws {
    try Front.use { front in
      try front.makeEngine("#!/bin/sh\necho started\n")
      let run = try front.shell("./pare test --cfg a")
      #expect(run.output == "" && run.status == 64)
      #expect(run.errors.hasPrefix("Error: Missing expected argument '--weights <file>', or "))
    }
  }

  @Test func `a missing engine is one line`() throws {
    try Front.use { front in
      let run = try front.shell("./pare test --cfg a --weights b --data c")
      #expect(run.status == 1)
      #expect(
        run.errors == """
          Error: the engine does not start: '\(front.file("pare-engine"))' is not there; run 'make' \
          in pare's source folder; where pare was installed, 'make install' with its PREFIX ('pare \
          doctor' checks the rest)

          """)
    }
  }

  @Test func `a missing library is named with its package`() throws {
    try Front.use { front in
      // Any program will do that asks for a library of this name.
      var bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: Front.path)))
      let name = Array("libc.so.6\0".utf8)
      var index = 0
      while index + name.count <= bytes.count {
        if bytes[index] == name[0], Array(bytes[index..<index + name.count]) == name {
          bytes.replaceSubrange(index..<index + name.count, with: Array("libq.so.6\0".utf8))
        }
        index += 1
      }
      try Data(bytes).write(to: URL(fileURLWithPath: front.file("pare-engine")))
      try FileManager.default.setAttributes(
        [.posixPermissions: 0o755], ofItemAtPath: front.file("pare-engine"))
      let run = try front.shell("./pare test --cfg a --weights b --data c")
      #expect(run.status == 1)
      #expect(
        run.errors == """
          Error: the engine does not start: the library 'libq.so.6' is not found; install the \
          package that holds it ('apt-file search libq.so.6' names it) ('pare doctor' checks the \
          rest)

          """)
      let doctor = try front.shell("./pare doctor --json -")
      #expect(doctor.status == 1)
      #expect(doctor.output.contains("\"found\": \"the library 'libq.so.6' is not found\""))
      #expect(doctor.errors == "Error: engine: the library 'libq.so.6' is not found\n")
    }
  }

  @Test func `closed, full and abandoned outputs are handled`() throws {
    try Front.use { front in
      let closed = try front.shell("./pare --help >&-")
      #expect(closed.errors == "Error: cannot write to standard output: Bad file descriptor\n")
      #expect(closed.status == 1)
      let full = try front.shell("./pare --version >/dev/full")
      #expect(full.errors == "Error: cannot write to standard output: No space left on device\n")
      #expect(full.status == 1)
      let gone = try front.shell("./pare --help | true; ./pare --help | head -n 1")
      #expect(gone.errors == "" && gone.output.hasPrefix("OVERVIEW: "))
      let ignored = try front.shell("trap '' PIPE; (sleep 0.2; ./pare --help) | true")
      #expect(ignored.errors == "")
      let json = try front.shell("./pare config check a.cfg --json /no/such/folder/a.json")
      #expect(
        json.errors
          == "Error: /no/such/folder/a.json: cannot be written: No such file or directory; there is no "
          + "folder /no\n")
      #expect(json.status == 1)
    }
  }

  @Test func `a network is written and checked`() throws {
    try Front.use { front in
      let new = try front.shell("./pare config new yolov4-tiny --classes 3 --output y.cfg")
      #expect(
        new.output == """
          y.cfg: 38 layers, 5,878,736 parameters, input 416×416×3, heads 13×13, 26×26, 3 classes
          next, see whether its anchors suit your boxes, and take better ones if not (DATA.data: your data set's .data file, as 'pare dataset import' writes it):
            pare anchors --data DATA.data --cfg y.cfg --output y.cfg --overwrite
          or, train it (DATA.data: your data set's .data file, as 'pare dataset import' writes it):
            pare train --cfg y.cfg --data DATA.data --epochs 200 --name dense

          """)
      // Anchors that were chosen are not asked for again.
      let chosen = try front.shell(
        "./pare config new yolov3 --classes 1 --anchors oxfordhand --output h.cfg")
      #expect(!chosen.output.contains("pare anchors") && chosen.output.contains("pare train"))
      let again = try front.shell("./pare config new yolov4 --classes 3 --output y.cfg")
      #expect(again.errors == "Error: y.cfg: exists; name another file, or add --overwrite\n")
      #expect(again.status == 1)
      let check = try front.shell("./pare config check y.cfg --json -")
      #expect(
        check.output
          == "{\n  \"writtenBy\": \"pare 0.1.0\",\n  \"valid\": true,\n  \"problems\": []\n}\n")
      #expect(check.status == 0)
      let swapped = try front.shell(
        "printf 'classes=1\ntrain=t.txt\nnames=n.names\n' > s.data; "
          + "./pare doctor --quick --cfg s.data --data y.cfg")
      #expect(
        swapped.output.contains("the files are swapped: --cfg y.cfg --data s.data"),
        "\(swapped.output)")
      let doctor = try front.shell("./pare doctor --cfg y.cfg --json -")
      #expect(doctor.output.contains("\"name\": \"cfg\""))
    }
  }

  // "café" in Latin-1: E9 alone is not UTF-8.
  @Test func `names that are not UTF-8 are told in a line`() throws {
    try Front.use { front in
      let argument = try front.shell("./pare config check \"$(printf 'caf\\351.cfg')\"")
      #expect(argument.status == 1)
      #expect(
        argument.errors
          == "Error: 'caf\\xE9.cfg': is not UTF-8; rename the file, or write the argument "
          + "in UTF-8\n")
      let folder = try front.shell(
        "d=\"$(printf 'w\\351')\"; mkdir \"$d\"; cd \"$d\"; ../pare config check x.cfg")
      #expect(folder.status == 1)
      #expect(
        folder.errors.hasSuffix(
          "w\\xE9: the working folder's name is not UTF-8; rename it, or work "
            + "elsewhere\n"))
    }
  }

  @Test func `only a cfg is replaced by a cfg`() throws {
    try Front.use { front in
      let new = "./pare config new yolov4-tiny --classes 2 --quiet --output"
      for text in ["\u{FF}\u{D8}\u{FF}\u{E0}JFIF", "images/a.jpg\n", "{}", "[1, 2]"] {
        try text.write(toFile: front.file("photo.jpg"), atomically: true, encoding: .utf8)
        let run = try front.shell("\(new) photo.jpg --overwrite")
        #expect(
          run.status == 1
            && run.errors == "Error: photo.jpg: the file that is there is not a cfg and "
              + "is not replaced; name another\n"
        )
        #expect(try String(contentsOfFile: front.file("photo.jpg"), encoding: .utf8) == text)
      }
      let written = try front.shell(
        ": > n.cfg; \(new) n.cfg --overwrite && \(new) n.cfg --overwrite")
      #expect(written.status == 0)
      // A section begins with a bracket, as JSON may.
      let json = try front.shell("./pare config check n.cfg --json n.cfg")
      #expect(json.status == 1 && json.errors.contains("n.cfg: the file that is there is not JSON"))
      // Somebody else's JSON is no result; one of ours is.
      for text in ["{\"images\": []}\n", "[1, 2]\n", "{\"writtenBy\": \"me\"}\n", "{"] {
        try text.write(toFile: front.file("mine.json"), atomically: true, encoding: .utf8)
        let run = try front.shell("./pare config check n.cfg --json mine.json")
        #expect(
          run.status == 1
            && run.errors
              == "Error: mine.json: the file that is there is not JSON that pare wrote and "
              + "is not replaced; name another\n",
          "\(run.errors)")
        #expect(try String(contentsOfFile: front.file("mine.json"), encoding: .utf8) == text)
      }
      let told = try front.shell("./pare config check n.cfg --json o.json")
      #expect(told.output.contains("\nresult as JSON: o.json\n"))
      let again = try front.shell("./pare config check n.cfg --json o.json --quiet")
      #expect(again.status == 0 && !again.output.contains("o.json"))
    }
  }

  @Test func `half an object is told, the end of a table is not`() throws {
    try Front.use { front in
      _ = try front.shell("./pare config new yolov4-tiny --classes 2 --quiet --output n.cfg")
      func errors(_ options: String) throws -> String {
        try front.shell("{ sleep 0.3; ./pare config check n.cfg \(options); } | true").errors
      }
      #expect(
        try errors("--json -")
          == "Error: standard output: cannot be written: the program that reads it has ended\n")
      #expect(try errors("") == "")
    }
  }

  @Test func `every built-in network passes its own check`() throws {
    try Front.use { front in
      for network in BuiltInNetwork.allCases.map(\.rawValue) {
        let new = try front.shell(
          "./pare config new \(network) --classes 7 --img-size 320 256 --output \(network).cfg")
        #expect(new.status == 0 && new.errors == "")
        let check = try front.shell("./pare config check \(network).cfg --strict --quiet")
        #expect(check.output.hasPrefix("\(network).cfg: valid, "))
        #expect(check.output.contains("input 320×256×3") && check.output.hasSuffix("7 classes\n"))
      }
    }
  }

  @Test func `a strict check refuses what Darknet does not know`() throws {
    try Front.use { front in
      let layers = "[convolutional]\nfilters=8\nsize=1\nactivation=linear\n"
      try "[net]\nwidth=32\nheight=32\nchannels=3\nfoo=1\n\n\(layers)bar=2\nsize=3\n"
        .write(toFile: front.file("a.cfg"), atomically: true, encoding: .utf8)
      let lenient = try front.shell("./pare config check a.cfg --quiet")
      #expect(lenient.status == 0)
      #expect(
        lenient.output == """
          warning: a.cfg:5: unknown key 'foo' in [net]
          warning: a.cfg:11: unknown key 'bar' in [convolutional]
          warning: a.cfg:12: 'size' was given before in this [convolutional], the first one counts
          a.cfg: valid, 1 layer, 32 parameters, input 32×32×3

          """)
      let strict = try front.shell("./pare config check a.cfg --strict --json o.json --quiet")
      #expect(strict.status == 1)
      #expect(
        strict.output == lenient.output.replacing("warning", with: "error").split(
          separator: "\n"
        ).dropLast().joined(separator: "\n") + "\n")
      #expect(
        strict.errors == "Error: a.cfg:5: unknown key 'foo' in [net], and 2 more such problems\n")
      let text = try String(contentsOfFile: front.file("o.json"), encoding: .utf8)
      #expect(text.contains("\"valid\": false") && text.contains("\"severity\": \"error\""))
    }
  }

  @Test func `what a check finds is an error with its line`() throws {
    try Front.use { front in
      try "[net]\nwidth=32\nheight=32\nchannels=3\nfoo=1\n\n[convolutional]\nfilters=two\n"
        .write(toFile: front.file("a.cfg"), atomically: true, encoding: .utf8)
      let check = try front.shell("./pare config check a.cfg --json o.json")
      #expect(check.errors == "Error: a.cfg:8: 'filters=two' is not a whole number\n")
      #expect(check.status == 1)
      let text = try String(contentsOfFile: front.file("o.json"), encoding: .utf8)
      #expect(text.contains("\"valid\": false"))
      #expect(text.contains("\"line\": 8,"))
      let absent = try front.shell("./pare config check none.cfg")
      #expect(
        absent.errors == "Error: none.cfg: cannot be read: No such file or directory; did you mean "
          + "'a.cfg'?\n")
    }
  }
}
