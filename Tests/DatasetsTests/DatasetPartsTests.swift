import Testing

@testable import Datasets

@Suite struct DatasetPartsTests {
  @Test(
    arguments: [
      // A twentieth of 149 is 7.45, of 140 it is 7; 20 pictures are enough of any set.
      (DatasetParts(train: 142, valid: 0, test: 7), [.noValidation, .fewForTest(7, of: 149)]),
      (DatasetParts(train: 133, valid: 0, test: 7), [.noValidation]),
      (DatasetParts(train: 80, valid: 10, test: 10), []),
      (DatasetParts(train: 80, valid: 10, test: 0), [.noTest]),
      (DatasetParts(train: 1000, valid: 19, test: 20), [.fewForValidation(19, of: 1039)]),
      // Of so few nothing can be set aside.
      (DatasetParts(train: 9, valid: 0, test: 0), [.noValidation]),
    ] as [(DatasetParts, [DatasetParts.Shortage])])
  func `what is missing or small is told`(parts: DatasetParts, expected: [DatasetParts.Shortage]) {
    #expect(parts.shortages == expected)
  }

  @Test func `test pictures that will do are kept, others are divided with the rest`() {
    let kept = DatasetParts(train: 133, valid: 0, test: 7).division
    #expect(kept == .init(ratios: [0.8, 0.2], keepsTest: true, isNeededForTraining: true))
    let small = DatasetParts(train: 142, valid: 0, test: 7).division
    #expect(
      small
        == .init(
          ratios: [0.7, 0.2, 0.1], keepsTest: false, isNeededForTraining: true, mixedTest: 7))
    let untested = DatasetParts(train: 80, valid: 10, test: 0).division
    #expect(
      untested == .init(ratios: [0.7, 0.2, 0.1], keepsTest: false, isNeededForTraining: false))
    #expect(DatasetParts(train: 80, valid: 10, test: 10).division == nil)
    #expect(DatasetParts(train: 9, valid: 0, test: 0).division == nil)
  }

  // Whatever is divided as advised lacks nothing afterwards.
  @Test(arguments: [10, 20, 50, 149, 400, 1000]) func `the division heals`(count: Int) {
    let tenth = Int((Double(count) / 10).rounded(.down))
    let parts = DatasetParts(train: count - 2 * tenth, valid: tenth, test: tenth)
    #expect(parts.division == nil)
  }
}
