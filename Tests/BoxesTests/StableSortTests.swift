import Testing

@testable import Boxes

@Suite struct StableSortTests {
  @Test func `elements come from the highest key down, equal ones in their order`() {
    var generator = SeededGenerator(seed: 23)
    let specials: [Float] = [
      0, -0.0, 1, -1, .leastNonzeroMagnitude, .greatestFiniteMagnitude, -3.5,
    ]
    for _ in 0..<100 {
      let elements = (0..<generator.index(below: 80)).map { position in
        (key: specials[generator.index(below: specials.count)], position: position)
      }
      let sorted = elements.sortedStably { $0.key }
      #expect(sorted.count == elements.count)
      for (a, b) in zip(sorted, sorted.dropFirst()) {
        #expect(a.key > b.key || (a.key == b.key && a.position < b.position))
      }
    }
  }
}
