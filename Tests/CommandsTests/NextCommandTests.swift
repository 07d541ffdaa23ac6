import Commands
import Testing

@Suite struct NextCommandTests {
  @Test func `a command can be pasted into a shell whatever its paths are called`() {
    let plain = NextCommand("train", "--cfg", "runs/prune/model.cfg").with("--data", "d/d.data")
    #expect("\(plain)" == "pare train --cfg runs/prune/model.cfg --data d/d.data")
    #expect(plain.text("train it") == "next, train it:\n  \(plain)")
    #expect("\(plain.with("--img-size", nil))" == "\(plain)")
    #expect("\(NextCommand("test") + ["my data/a.data"])" == "pare test 'my data/a.data'")
    // A quote ends the quoted part, stands escaped, and begins it again.
    #expect("\(NextCommand("test", "it's;$HOME"))" == #"pare test 'it'\''s;$HOME'"#)
    #expect(
      "\(NextCommand("test", "ärger/数.data", "~x", "*"))" == "pare test ärger/数.data '~x' '*'")
  }

  @Test func `what is left open is explained`() {
    #expect(
      NextCommand("train", "--data", "DATA.data").text("train it")
        == "next, train it (DATA.data: your data set's file):\n  pare train --data DATA.data")
  }

  @Test(arguments: [
    ("r/model.cfg", "r/model.weights", "--model r"),
    ("r/model.cfg", "r/last.weights", "--model r --weights last"),
    ("r/model.cfg", "s/model.weights", "--cfg r/model.cfg --weights s/model.weights"),
    ("model.cfg", "model.weights", "--cfg model.cfg --weights model.weights"),
    ("n.cfg", "n.weights", "--cfg n.cfg --weights n.weights"),
  ])
  func `a pair is its folder where that means the same`(
    cfg: String, weights: String, expected: String
  ) {
    #expect(NextCommand.model(cfg: cfg, weights: weights).joined(separator: " ") == expected)
  }
}
