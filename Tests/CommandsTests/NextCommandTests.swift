import Commands
import Testing

@Suite struct NextCommandTests {
  @Test func `a command can be pasted into a shell whatever its paths are called`() {
    let plain = NextCommand("train", "--cfg", "runs/prune/model.cfg").with("--data", "d/d.data")
    #expect("\(plain)" == "pare train --cfg runs/prune/model.cfg --data d/d.data")
    #expect(plain.line == "next: \(plain)")
    #expect("\(plain.with("--img-size", nil))" == "\(plain)")
    #expect("\(NextCommand("test", "", "my data/a.data"))" == "pare test 'my data/a.data'")
    // A quote ends the quoted part, stands escaped, and begins it again.
    #expect("\(NextCommand("test", "it's;$HOME"))" == #"pare test 'it'\''s;$HOME'"#)
    #expect(
      "\(NextCommand("test", "ärger/数.data", "~x", "*"))" == "pare test ärger/数.data '~x' '*'")
  }
}
