import Testing
import _TestSupport

@testable import Darknet

/// What a file is that was named for another one.
@Suite struct FileKindTests {
  private static let zip: [UInt8] = [0x50, 0x4B, 3, 4, 20, 0, 0, 0]
  private static let darknet: [UInt8] =
    [0, 0, 0, 0, 2, 0, 0, 0, 5, 0, 0, 0] + [UInt8](repeating: 0, count: 20)

  @Test(
    arguments: [
      ("a.cfg", Array("# by hand\n[net]\nwidth=8\n".utf8), FileKind.cfg),
      ("a.txt", Array("[net]\nwidth=8\n".utf8), .cfg),
      ("a.txt", Array("classes = 2\ntrain = t.txt\n".utf8), .data),
      // A section of a cfg has classes as well.
      ("a.cfg", Array("[net]\n[yolo]\nclasses=2\ntrain=1\n".utf8), .cfg),
      ("obj.data", [], .data), ("a.names", Array("cat\ndog\n".utf8), .names),
      ("train.txt", Array("images/a.jpg\nimages/b.jpg\n".utf8), .list),
      ("data.yaml", Array("names: [a]\n".utf8), .yaml),
      ("a.txt", Array("{\n \"a\": 1}".utf8), .json),
      ("results.csv", Array("epoch,box\n1,2\n".utf8), .csv), ("a.xml", Array("<a/>".utf8), .xml),
      ("a.weights", darknet, .weights), ("a.bin", darknet, .weights), ("a.zip", zip, .archive),
      ("a.pt", zip, .weights), ("a", zip + Array("archive/data.pkl".utf8), .weights),
      ("a.onnx", [8, 7, 18, 7, 0, 0, 1, 2, 9], .onnx),
      ("a.cfg", [0xFF, 0xD8, 0xFF, 0xE0, 0, 16], .picture),
    ] as [(String, [UInt8], FileKind)])
  func `a file is known by its beginning, else by its name`(
    name: String, bytes: [UInt8], kind: FileKind
  ) throws {
    let folder = try TemporaryFolder()
    #expect(FileKind(of: try folder.write(bytes, to: name)) == kind)
  }

  @Test func `folders are known too, and what is not known is left alone`() throws {
    let folder = try TemporaryFolder()
    #expect(FileKind(of: folder.path) == .folder)
    try folder.write("[net]\n", to: "model.cfg")
    #expect(FileKind(of: folder.path) == .run)
    let others: [(String, [UInt8])] = [
      ("classes.txt", Array("cat\ndog\n".utf8)), ("a", [7, 200, 0, 3]), ("b", []),
      // These have words of their own.
      ("c.cfg", Array("<!DOCTYPE html>".utf8)),
    ]
    for (name, bytes) in others {
      #expect(FileKind(of: try folder.write(bytes, to: name)) == nil, "\(name)")
    }
    #expect(FileKind(of: folder.file("gone.cfg")) == nil)
  }

  @Test func `a mistake is told with what it is, what was wanted, and what takes it`() throws {
    let folder = try TemporaryFolder()
    let cfg = try folder.write("[net]\n", to: "n.cfg")
    let names = try folder.write("cat\n", to: "n.names")
    func told(_ wanted: FileKind, _ path: String) -> String? {
      do { try FileError.require(wanted, path) } catch { return "\(error)" }
      return nil
    }
    #expect(told(.cfg, cfg) == nil)
    #expect(told(.weights, cfg) == "\(cfg): is a cfg, not a file of weights; --cfg takes it")
    #expect(told(.data, cfg) == "\(cfg): is a cfg, not a .data file; --cfg takes it")
    #expect(told(.cfg, names) == "\(names): is a list of class names, not a cfg")
    #expect(told(.names, folder.path) == "\(folder.path): is a folder, not a list of class names")
  }
}
