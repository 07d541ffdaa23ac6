import Foundation
import Testing
import _TestSupport

/// `Scripts/setup` where the network fails it.
@Suite struct SetupTests {
  private static let root = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()

  /// An index of packages on this machine: it lists each, and breaks off when one is fetched.
  private static let server = """
    import http.server, os, re, sys, threading
    versions = dict(re.findall(r"^([a-z0-9-]+)==([^ ;]+)", open("Scripts/requirements.txt").read(), re.M))
    class Index(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            name = self.path.strip("/").split("/")[-1]
            page = self.path.startswith("/simple/")
            file = f"{name.replace('-', '_')}-{versions.get(name)}-py3-none-manylinux_2_28_x86_64.whl"
            body = f'<a href="/files/{file}">{file}</a>'.encode() if page else b"PK" * 100
            self.send_response(200)
            self.send_header("Content-Type", "text/html" if page else "application/zip")
            self.send_header("Content-Length", str(len(body) if page else 1000000))
            self.end_headers()
            self.wfile.write(body)
            self.close_connection = True
        def log_message(self, *words):
            print(self.path, file=open("asked.txt", "a"))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Index)
    print(server.server_address[1], flush=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    sys.stdin.read()
    os._exit(0)
    """

  @Test func `a download that breaks off says what to do, and the next one begins anew`() throws {
    let folder = try TemporaryFolder()
    let scripts = URL(filePath: folder.path).appending(path: "Scripts")
    try FileManager.default.createDirectory(at: scripts, withIntermediateDirectories: true)
    for name in ["setup", "requirements.txt"] {
      try FileManager.default.copyItem(
        at: Self.root.appending(path: "Scripts/\(name)"), to: scripts.appending(path: name))
    }
    func process(_ program: String, _ arguments: [String]) -> (process: Process, output: Pipe) {
      let (process, pipe) = (Process(), Pipe())
      process.executableURL = URL(filePath: "/usr/bin/env")
      process.arguments = [program] + arguments
      process.currentDirectoryURL = URL(filePath: folder.path)
      process.standardOutput = pipe
      return (process, pipe)
    }
    let (server, port) = process("python3", ["-c", Self.server])
    // It ends with what it reads, whatever becomes of this process and of its signals.
    let end = Pipe()
    server.standardInput = end
    try server.run()
    defer {
      try? end.fileHandleForWriting.close()
      server.waitUntilExit()
    }
    let number = String(decoding: port.fileHandleForReading.availableData, as: UTF8.self)
      .trimmingCharacters(in: .whitespacesAndNewlines)
    let (setup, text) = process("bash", ["Scripts/setup"])
    setup.standardError = text
    setup.environment = ProcessInfo.processInfo.environment.merging([
      "PIP_INDEX_URL": "http://127.0.0.1:\(number)/simple", "PIP_RETRIES": "0", "NO_PROXY": "*",
      "PIP_CONFIG_FILE": "/dev/null", "PIP_NO_CACHE_DIR": "1", "PIP_EXTRA_INDEX_URL": "",
    ]) { $1 }
    try setup.run()
    let told = String(decoding: text.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    setup.waitUntilExit()
    #expect(setup.terminationStatus == 1)
    let last = told.split(separator: "\n").last ?? ""
    #expect(last.hasPrefix("setup: libtorch could not be fetched "), "\(told)")
    #expect(last.contains(": run it again, it begins anew"))
    let asked = try folder.text("asked.txt")
    #expect(asked.contains("/files/"), "\(asked)\n\(told)")
    #expect(!FileManager.default.fileExists(atPath: folder.file(".deps")))
  }
}
