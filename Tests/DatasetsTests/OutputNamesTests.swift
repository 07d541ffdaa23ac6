import Datasets
import Testing

@Suite struct OutputNamesTests {
  @Test(arguments: [
    (["x/a.jpg", "b.png"], ["a", "b"]),
    (["a.jpg", "a.png", "b.jpg"], ["a.jpg", "a.png", "b"]),
    (["x/a.jpg", "y/a.jpg", "z/a.jpg"], ["a", "a-2", "a-3"]),
    // A picture that has the number's name keeps it.
    (["x/a.jpg", "y/a.jpg", "a-2.jpg"], ["a", "a-3", "a-2"]),
    (["x/a.jpg", "y/a.jpg", "a.png"], ["a", "a-2", "a.png"]),
    // "a.jpg" is the stem of "a.jpg.png".
    (["a.jpg", "a.png", "a.jpg.png"], ["a", "a.png", "a.jpg"]),
    (["x/A.jpg", "y/a.jpg"], ["A", "a-2"]), (["a.jpg", "a.jpg"], ["a", "a-2"]),
    (["x/..", "."], ["picture", "picture-2"]), (["a\u{1B}[2J.jpg"], ["a\\x1B[2J"]), ([], []),
  ])
  func `names are unlike each other`(paths: [String], expected: [String]) {
    #expect(OutputNames(paths).names == expected)
  }

  @Test func `a hundred thousand names take no time`() {
    let paths = (0..<100_000).map { "\($0)/a.jpg" } + (0..<1000).map { "a-\($0).png" }
    let clock = ContinuousClock()
    var names: [String] = []
    let time = clock.measure { names = OutputNames(paths).names }
    #expect(Set(names).count == paths.count)
    // Some 0.3 s; a search among those before would take minutes.
    #expect(time < .seconds(10))
  }

  @Test func `a long name is cut to what file systems take`() {
    let name = OutputNames(["\(String(repeating: "犬", count: 100)).jpg"]).names[0]
    #expect(name == String(repeating: "犬", count: 66))
  }
}
