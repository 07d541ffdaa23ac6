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

@Suite struct BudgetTests {
  // 6 % of 1000 bytes are 60, 6.3 % are 63. Of 1001 bytes 6.3 % are 63.06, 6.4 % are 64.06.
  @Test func `a share is told as it is typed, and the least one holds so many bytes`() {
    let share = QuantizationRecipe.Budget.share(0.06)
    #expect(share.typed(of: 1000) == "6% (60B)")
    #expect(share.leastShare(holding: 63, of: 1000) == "6.3%")
    #expect(share.leastShare(holding: 64, of: 1001) == "6.4%")
    #expect(share.leastShare(holding: 1, of: 1_000_000) == "0.1%")
    #expect(share.leastShare(holding: 1000, of: 1000) == nil)
    let bytes = QuantizationRecipe.Budget.bytes(60)
    #expect(bytes.typed(of: 1000) == "60B" && bytes.leastShare(holding: 63, of: 1000) == nil)
    for least in 1..<1000 {
      guard let text = share.leastShare(holding: least, of: 1000),
        let typed = Double(text.dropLast())
      else { continue }
      #expect(QuantizationRecipe.Budget.share(typed / 100).bytes(of: 1000) >= least)
    }
  }
}

@Suite struct DropSearchTests {
  /// Layers that each cost by themselves: so much on codes, so much at 16 bits, nothing in float.
  private func search(
    allowing most: Double, onCodes: [Double], raised: [Double]
  ) throws -> (choice: DropSearch.Choice, tried: Int) {
    let ranked = onCodes.indices.sorted { onCodes[$0] > onCodes[$1] }
    var tried = 0
    let search = DropSearch(ranked: ranked, most: most)
    let (choice, lost) = try search { choice in
      tried += 1
      let lost = onCodes.indices.reduce(0.0) { sum, layer in
        if choice.freed.contains(layer) { return sum }
        return sum + (choice.raised.contains(layer) ? raised : onCodes)[layer]
      }
      return (lost, lost)
    }
    #expect(lost <= most)
    return (choice, tried)
  }

  // In all 16: without the worst one (8) 8, without the next (5) 3, without the third 1.
  @Test(
    arguments: [(8, [2]), (3, [0, 2]), (1, [0, 2, 3]), (0, [0, 1, 2, 3])] as [(Double, [Int])])
  func `as few layers as will do are raised, the worst first`(most: Double, expected: [Int]) throws
  {
    let found = try search(
      allowing: most, onCodes: [5, 1, 8, 2], raised: [0, 0, 0, 0])
    #expect(found.choice == .init(raised: expected))
  }

  // At 16 bits they still cost 0.1, 0.2, 0.3 and 0.4, which are 1: of the worst two, 2 and 0, 0.6 are
  // left when they are float, and of three 0.2.
  @Test(arguments: [(0.65, 2), (0.6, 2), (0.2, 3)] as [(Double, Int)])
  func `where raising is not enough as few as will do are float`(
    most: Double, count: Int
  ) throws {
    let (freed, raised) = count == 2 ? ([0, 2], [1, 3]) : ([0, 2, 3], [1])
    let found = try search(
      allowing: most + 1e-9, onCodes: [5, 1, 8, 2], raised: [0.1, 0.2, 0.3, 0.4])
    #expect(found.choice == .init(raised: raised, freed: freed))
  }

  @Test func `nothing helps: one line that says what was lost and what to do`() throws {
    let error = #expect(throws: RunError.self) {
      _ = try search(allowing: 0.05, onCodes: [5, 1, 8, 2], raised: [0.1, 0.2, 0.3, 0.4])
    }
    #expect(
      error?.description
        == "--max-drop 0.05: 1.00 points of mAP@0.5 or mAP@0.5:0.95 are lost with all layers raised "
        + "to 16 bits, weights to 12, 0.20 with all but one float; allow more, or try another '--calibration' or '--scheme'"
    )
    // One layer alone cannot be float: nothing would be on codes.
    let one = #expect(throws: RunError.self) {
      _ = try search(allowing: 0.05, onCodes: [1], raised: [0.1])
    }
    #expect(one?.description.contains("float") == false)
  }
}
