import Testing

@testable import Runs

@Suite struct QuantizationSearchTests {
  @Test func `the fewest are found in few tries, and the last that held is the answer`() {
    for most in 1...40 {
      for needed in 1...most + 1 {
        var (tries, held) = ([Int](), [Int]())
        let found = fewest(of: most) { count in
          tries.append(count)
          if count >= needed { held.append(count) }
          return count >= needed
        }
        #expect(found == (needed <= most ? needed : nil) && held.last == found)
        #expect(tries.count <= 12 && Set(tries).count == tries.count)
      }
    }
    #expect(fewest(of: 0) { _ in true } == nil)
  }
}
