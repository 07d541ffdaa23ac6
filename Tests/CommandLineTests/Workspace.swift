import Foundation
import Glibc
import Testing

/// A folder of its own in which the built program runs.
struct Workspace {
  /// The program, beside the test bundle once the whole package is built.
  static let program = Bundle.main.bundleURL.appendingPathComponent("pare").path
  /// Whether the program and its engine are there.
  static let isBuilt = ["", "-engine"].allSatisfy {
    FileManager.default.isExecutableFile(atPath: program + $0)
  }

  let folder: URL

  init() throws {
    folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("pare-line-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  }

  /// Runs `body` in a new workspace that is removed afterwards.
  static func with(_ body: (Workspace) throws -> Void) throws {
    let workspace = try Workspace()
    defer { try? FileManager.default.removeItem(at: workspace.folder) }
    try body(workspace)
  }

  func path(_ name: String) -> String { folder.appendingPathComponent(name).path }

  func exists(_ name: String) -> Bool { FileManager.default.fileExists(atPath: path(name)) }

  func bytes(_ name: String) throws -> Data { try Data(contentsOf: URL(filePath: path(name))) }

  func write(_ name: String, _ data: Data) throws { try data.write(to: URL(filePath: path(name))) }

  func write(_ name: String, _ text: String) throws { try write(name, Data(text.utf8)) }

  func move(_ name: String, to other: String) throws {
    try FileManager.default.moveItem(atPath: path(name), toPath: path(other))
  }

  func json(_ name: String) throws -> [String: Any] {
    try #require(JSONSerialization.jsonObject(with: bytes(name)) as? [String: Any])
  }

  func names(_ folder: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: path(folder))
  }

  /// Starts `pare` with words parted by spaces.
  ///
  /// - Parameters:
  ///   - fileSizeLimit: bytes beyond which writing to a file is an error.
  ///   - memoryLimit: bytes of address space that the program gets.
  func start(
    _ line: String, errors: String, fileSizeLimit: Int? = nil, memoryLimit: Int? = nil
  ) throws -> Process {
    try start(
      words: line.split(separator: " ").map(String.init), errors: errors,
      fileSizeLimit: fileSizeLimit, memoryLimit: memoryLimit)
  }

  private func start(
    words: [String], errors: String, fileSizeLimit: Int? = nil, memoryLimit: Int? = nil
  ) throws -> Process {
    let process = Process()
    var limits = ""
    // An ignored signal stays ignored in the program; it would end it otherwise.
    if let fileSizeLimit { limits += "trap '' XFSZ; ulimit -f \(fileSizeLimit / 1024); " }
    if let memoryLimit { limits += "ulimit -v \(memoryLimit / 1024); " }
    if !limits.isEmpty {
      process.executableURL = URL(filePath: "/bin/bash")
      process.arguments = ["-c", limits + "exec \"$@\"", "bash", Self.program] + words
      // A crash need not be explained: that takes seconds.
      process.environment = ProcessInfo.processInfo.environment
        .merging(["SWIFT_BACKTRACE": "enable=no"]) { $1 }
    } else {
      process.executableURL = URL(filePath: Self.program)
      process.arguments = words
    }
    process.currentDirectoryURL = folder
    // Tests that run in the background of a script would hand on that signals are ignored.
    for signal in [SIGINT, SIGTERM, SIGHUP] { Glibc.signal(signal, SIG_DFL) }
    try write(errors, Data())
    process.standardError = FileHandle(forWritingAtPath: path(errors))
    process.standardOutput = FileHandle.nullDevice
    try process.run()
    return process
  }

  /// Runs `pare` to its end.
  func run(
    _ line: String, fileSizeLimit: Int? = nil, memoryLimit: Int? = nil
  ) throws -> (status: Int32, errors: String) {
    try run(
      words: line.split(separator: " ").map(String.init), fileSizeLimit: fileSizeLimit,
      memoryLimit: memoryLimit)
  }

  /// Runs `pare` with words that may have blanks.
  func run(
    words: [String], fileSizeLimit: Int? = nil, memoryLimit: Int? = nil
  ) throws -> (status: Int32, errors: String) {
    let name = "errors-\(UUID().uuidString).txt"
    let process = try start(
      words: words, errors: name, fileSizeLimit: fileSizeLimit, memoryLimit: memoryLimit)
    process.waitUntilExit()
    let status =
      process.terminationReason == .uncaughtSignal
      ? -process.terminationStatus : process.terminationStatus
    return (status, String(decoding: try bytes(name), as: UTF8.self))
  }

  /// Runs `pare`, which must succeed.
  func succeed(_ line: String) throws {
    let run = try run(line)
    try #require(run.status == 0, "pare \(line): \(run.errors)")
  }

  /// The status of `pare`, and all that it prints, results and remarks.
  func everything(of line: String) throws -> (status: Int32, text: String) {
    let pipe = Pipe()
    return try finish(line, pipe, errors: pipe)
  }

  private func finish(
    _ line: String, _ pipe: Pipe, errors: Any
  ) throws -> (status: Int32, text: String) {
    let process = Process()
    process.executableURL = URL(filePath: Self.program)
    process.arguments = line.split(separator: " ").map(String.init)
    process.currentDirectoryURL = folder
    process.standardOutput = pipe
    process.standardError = errors
    try process.run()
    let text = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    return (process.terminationStatus, text)
  }

  /// What `pare`, which must end with this status, prints as its result.
  func output(of line: String, status: Int32 = 0) throws -> String {
    let pipe = Pipe()
    let run = try finish(line, pipe, errors: FileHandle.nullDevice)
    try #require(run.status == status, "pare \(line)")
    return run.text
  }
}
