import Foundation
import Testing

/// What commands say a network is worth, and where the figure for it comes from.
@Suite(.enabled(if: Workspace.isBuilt, "the programs are not built"))
struct WorthTests {
  /// The commands that an output says to type next, without the program's name.
  private func next(_ output: String) -> [String] {
    output.matches(of: /(?:next|or), [^\n]*:\n  pare ([^\n]*)/).map { String($0.1) }
  }

  private func validation(_ run: String, in space: Workspace) throws -> [String: Any] {
    try #require(try space.json("\(run)/model.json")["validation"] as? [String: Any])
  }

  // The network is right about all pictures but for a few boxes; what it is sure of is another
  // confidence on the validation pictures than on those of the test.
  @Test func `the confidence to detect with is that of the validation pictures`() throws {
    try Workspace.with { space in
      try space.prepareRightNetwork()
      try space.succeed(
        "prune normal --model r --weights last --percent 0 --data d/d.data --output p --quiet")
      let test = "test --model p --resize letterbox --json t.json"
      let valid = try space.output(of: "\(test) --split valid")
      let best = try #require(try space.json("t.json")["confidence"] as? Double)
      let kept = try validation("p", in: space)
      #expect(kept["confidence"] as? Double == best)
      #expect(kept["map50"] as? Double == (try space.json("t.json")["map50"] as? Double))
      func suggested(_ output: String) throws -> Double? {
        let line = try #require(next(output).last { $0.hasPrefix("detect ") })
        #expect(!line.contains("--data"), "the network's own names do: \(line)")
        return line.firstMatch(of: /--conf-thres ([\d.]+)/).flatMap { Double($0.1) }
      }
      func usable(_ confidence: Double) -> Double {
        let unit = confidence < 0.01 ? 10_000.0 : confidence < 0.1 ? 1000 : 100
        return (confidence * unit + 1e-9).rounded(.down) / unit
      }
      let confidence = try suggested(valid)
      let used = usable(best)
      #expect(confidence == (used == 0.3 ? nil : used))
      #expect(
        valid.contains(", where the mean F1 of the classes is highest; use it so (--conf-thres "))
      let tested = try space.output(of: "\(test) --split test")
      #expect(try suggested(tested) == confidence)
      #expect(
        tested.contains(
          " on these pictures; for use take --conf-thres \(used), which is best on the "))
      let compared = try space.output(
        of: "compare p p --resize letterbox --split test --bootstrap 100")
      #expect(try suggested(compared) == confidence)
      // The last weights are those of the best epoch here; of others nothing is known.
      let line = "test --model r --weights last --data d/d.data --resize letterbox --split test"
      let own = try #require(try validation("r", in: space)["confidence"] as? Double)
      #expect(try suggested(space.output(of: line)) == usable(own))
      var others = try space.bytes("r/model.weights")
      others[others.count - 1] ^= 1
      try space.write("r/model.weights", Data(others))
      #expect(try suggested(space.output(of: line)) == nil)
      let seen = try space.output(
        of: "detect --model r --weights last --source d/images --output seen")
      #expect(
        seen.contains(
          "which confidence is best for last.weights is not recorded (for model.weights it is "),
        "\(seen)")
      // Nor is a confidence chosen on pictures of the training.
      try space.write("own.data", "classes=4\nvalid=d/train.txt\nnames=d/d.names\n")
      let trained = try space.output(
        of: "test --cfg n.cfg --weights r/last.weights --data own.data --resize letterbox")
      #expect(trained.contains(", where the mean F1 of the classes is highest\n"), "\(trained)")
      #expect(!trained.contains("--conf-thres"), "\(trained)")
    }
  }

  @Test func `a network that is too poor to be used is said to be, with a figure`() throws {
    try Workspace.with { space in
      try space.train("--epochs 1")
      // What training finds on the validation pictures is kept with the weights.
      let best = try #require(try space.json("r/run.json")["best"] as? [String: Any])
      let kept = try validation("r", in: space)
      #expect(kept["map50"] as? Double == best["map50"] as? Double)
      let words = "r is too poor to be used: "
      let tested = try space.output(of: "test --model r --json t.json")
      #expect(tested.contains(words + "mAP@0.5 is 0."), "\(tested)")
      let figures =
        "; below 0.2 most objects are missed, and networks that are of use mostly have 0.5"
      #expect(tested.contains(figures))
      let json = try space.json("t.json")
      #expect(json["isPoor"] as? Bool == true && json["worth"] as? String == "poor")
      #expect(next(tested).first == "train --resume --output r --epochs 100", "\(tested)")
      // Who detects has been told of it at length; a line is left, and what helps is next.
      let found = try space.everything(of: "detect --model r --source d/images --output f")
      let reminder = try #require(found.text.firstMatch(of: /r is too poor to be used: [^\n]*/))
      #expect(
        reminder.output.hasSuffix(" on its validation pictures") && reminder.output.count < 80)
      #expect(next(found.text).contains("train --resume --output r --epochs 100"), "\(found.text)")
      let quiet = try space.run("detect --model r --source d/images --output g --quiet")
      #expect(found.status == 0 && quiet.status == 0 && !quiet.errors.contains("poor"))
      // Nothing is written for a machine that is of no use, whoever made it.
      let coded = try space.output(
        of: "train --model r --data d/d.data --epochs 1 --quantize google --device cpu --output w")
      #expect(!coded.contains("pare export"), "\(coded)")

      // Nothing is suggested to be used where all are poor.
      try space.succeed("prune normal --model r --percent 20% --force --output p --quiet")
      let compared = try space.output(of: "compare r p --bootstrap 100 --json c.json")
      #expect(
        compared.contains("next, train it longer, for all are too poor to be used:"), "\(compared)")
      let comparison = try space.json("c.json")
      let choice = try #require(comparison["choice"] as? [String: String])
      #expect(choice["reason"] == "the best, but too poor to be used")
      // Times stand with their spread.
      let line =
        #/\ntimes: fastest of 20 passes in turn, in ms; half of them took [\d.]+ to .*\(r\), /#
      #expect(compared.contains(line), "\(compared)")
      for row in try #require(comparison["rows"] as? [[String: Any]]) {
        let middle = try #require(row["millisecondsMiddle"] as? [Double])
        let fastest = try #require(row["milliseconds"] as? Double)
        #expect(middle.count == 2 && fastest <= middle[0] && middle[0] <= middle[1])
      }

      // A network is led to be made smaller by what that costs.
      let own = try space.output(of: "profile --model r --latency --repeats 1")
      #expect(next(own) == ["prune target --model r --data d/d.data --score taylor --max-drop 1"])
      try space.succeed("convert --cfg n.cfg --weights r/model.weights --output n.weights --quiet")
      let other = try space.output(of: "profile --cfg n.cfg --latency --repeats 1")
      #expect(
        next(other) == [
          "prune target --cfg n.cfg --weights n.weights --data DATA.data --score taylor --max-drop 1"
        ])
    }
  }
}
