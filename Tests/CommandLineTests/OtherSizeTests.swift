import Foundation
import Testing

/// What is said where pictures are of another size than a network was trained at.
@Suite(.enabled(if: Workspace.isBuilt, "the programs are not built"))
struct OtherSizeTests {
  private func next(_ output: String) -> [String] {
    output.matches(of: /(?:next|or), [^\n]*:\n  pare ([^\n]*)/).map { String($0.1) }
  }

  @Test func `figures of another size are no verdict on a network`() throws {
    try Workspace.with { space in
      try space.train("--epochs 1")
      let words =
        "r was made for 64×64 pixels, and pictures are 96×96 here: a network mostly finds less at a size"
      let tested = try space.everything(of: "test --model r --img-size 96 --json t.json")
      #expect(tested.status == 0 && tested.text.contains(words), "\(tested.text)")
      #expect(!tested.text.contains("too poor") && !tested.text.contains("train --resume"))
      #expect(try space.json("t.json")["worth"] is NSNull)
      #expect(next(tested.text).first == "test --model r --data d/d.data", "\(tested.text)")
      let own = try space.everything(of: "test --model r --json t.json")
      #expect(own.text.contains("r is too poor to be used") && !own.text.contains("was made for"))

      let compared = try space.everything(of: "compare r r --img-size 96 --bootstrap 100")
      #expect(compared.text.contains(words) && !compared.text.contains("too poor to be used:"))
      #expect(
        next(compared.text) == ["compare r r --data d/d.data --bootstrap 1000"], "\(compared.text)")
      for line in [
        "detect --model r --source d/images --output f",
        "quantize --model r --data d/d.data --output q",
        "prune normal --model r --data d/d.data --percent 10% --force --output p",
      ] {
        let run = try space.everything(of: line + " --img-size 96")
        #expect(run.status == 0 && run.text.contains(words), "\(run.text)")
      }
      // What was measured at another size is not what the pruned network is worth at its own.
      #expect(try space.json("p/model.json")["validation"] == nil)
    }
  }
}
