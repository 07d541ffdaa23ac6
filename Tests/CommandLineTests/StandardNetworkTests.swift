import Darknet
import Foundation
import Testing

@Suite(.enabled(if: Workspace.isBuilt, "the programs are not built"))
struct StandardNetworkTests {
  @Test func `a network in Darknet's own blocks is written whole`() throws {
    try Workspace.with { space in
      try space.succeed(
        "config new yolov3-tiny-mobilenet-small --classes 2 --width-multiple 0.2 --img-size 64 "
          + "--output m.cfg --quiet")
      let spec = try NetworkSpec(contentsOf: space.path("m.cfg"))
      let header: [UInt8] = [0, 0, 0, 0, 2, 0, 0, 0, 5, 0, 0, 0, 7, 0, 0, 0, 0, 0, 0, 0]
      try space.write("m.weights", Data(header) + Data(count: spec.weightsByteCount - 20))
      let line = "convert --cfg m.cfg --weights m.weights --standard --output "
      try space.succeed(line + "s.weights --json s.json --quiet")
      let files = try #require(space.json("s.json")["files"] as? [String])
      #expect(files.map { $0.split(separator: "/").last } == ["s.weights", "s.cfg"])
      try space.succeed("config check s.cfg --strict")
      let standard = try NetworkSpec(contentsOf: space.path("s.cfg"))
      #expect(try space.bytes("s.weights").count == standard.weightsByteCount)
      #expect(!standard.configuration.sections.contains { ["se", "depthwise"].contains($0.name) })
      // Rewritten once more it stays as it is.
      try space.succeed(
        "convert --cfg s.cfg --weights s.weights --standard --output t.weights --quiet")
      #expect(try space.bytes("t.cfg") == space.bytes("s.cfg"))
      #expect(try space.bytes("t.weights") == space.bytes("s.weights"))
      // Nothing is lost: not what is there, and not what is read.
      let again = try space.run(line + "s.weights")
      #expect(again.status == 1 && again.errors.contains("exists"))
      let before = try space.bytes("m.cfg")
      let onto = try space.run(line + "m.weights --overwrite")
      #expect(onto.status == 1 && onto.errors.contains(": is what would be read and written"))
      #expect(try space.bytes("m.cfg") == before)
    }
  }
}
