import Darknet

/// How many pictures each split of a data set has, and what that means for training on it.
public struct DatasetParts: Hashable, Sendable {
  /// Pictures to train on.
  public var train: Int
  /// Pictures to choose the best epoch on; 0 where the train list serves.
  public var valid: Int
  /// Pictures for the final figures.
  public var test: Int

  /// Splits of so many pictures.
  public init(train: Int, valid: Int, test: Int) {
    (self.train, self.valid, self.test) = (train, valid, test)
  }

  /// Splits by their names; one that is not named has no pictures.
  public init(_ counts: [DatasetSplit: Int]) {
    self.init(
      train: counts[.train] ?? 0, valid: counts[.valid] ?? 0, test: counts[.test] ?? 0)
  }

  /// Something that a split lacks.
  public enum Shortage: Hashable, Sendable {
    /// There are no validation pictures.
    case noValidation
    /// There are this few validation pictures.
    case fewForValidation(Int, of: Int)
    /// There are no test pictures.
    case noTest
    /// There are this few test pictures.
    case fewForTest(Int, of: Int)

    /// What is lacking and what that means, in a line.
    public var reason: String {
      switch self {
      case .noValidation:
        "no validation pictures: the best epoch would be chosen on pictures that were trained on, "
          + "where every figure is too good"
      case .fewForValidation(let count, let all):
        "only \(count) of \(all) pictures are for validation: which epoch is the best one is then "
          + "mostly chance"
      case .noTest:
        "no test pictures: the final mAP can only be measured where the best epoch was chosen, and is "
          + "a little too good"
      case .fewForTest(let count, let all):
        "only \(count) of \(all) pictures are for the test: the final mAP is then mostly chance"
      }
    }

    /// Whether training suffers, and not only the last figure.
    fileprivate var isOfValidation: Bool {
      switch self {
      case .noValidation, .fewForValidation: true
      case .noTest, .fewForTest: false
      }
    }
  }

  /// What the splits lack, validation first. Of a set under ten pictures nothing but missing
  /// validation is told: there is nothing to divide.
  public var shortages: [Shortage] {
    let all = train + valid + test
    func isSmall(_ count: Int) -> Bool { count < 20 && count * 20 < all }
    var shortages: [Shortage] = []
    if valid == 0 {
      shortages.append(.noValidation)
    } else if isSmall(valid) {
      shortages.append(.fewForValidation(valid, of: all))
    }
    guard all >= Self.fewestToDivide else { return shortages }
    if test == 0 {
      shortages.append(.noTest)
    } else if isSmall(test) {
      shortages.append(.fewForTest(test, of: all))
    }
    return shortages
  }

  /// Dividing fewer pictures would leave a split without any.
  static let fewestToDivide = 10

  /// How to divide the set anew so that nothing is lacking.
  public struct Division: Hashable, Sendable {
    /// The shares of train, valid and, unless they stay, the test pictures.
    public var ratios: [Double]
    /// Whether the test pictures stay what they are.
    public var keepsTest: Bool
    /// Whether training needs it; else only the final figure does.
    public var isNeededForTraining: Bool
    /// Test pictures that there are, which may be trained on after it.
    public var mixedTest = 0
  }

  /// How to divide the set anew; nil where nothing is lacking, or where there is too little to
  /// divide.
  public var division: Division? {
    let shortages = shortages
    guard train + valid + test >= Self.fewestToDivide, !shortages.isEmpty else { return nil }
    // Test pictures that do are kept, for others may have measured on them.
    let keepsTest = shortages.allSatisfy(\.isOfValidation) && train + valid >= Self.fewestToDivide
    return Division(
      ratios: keepsTest ? [0.8, 0.2] : [0.7, 0.2, 0.1], keepsTest: keepsTest,
      isNeededForTraining: shortages.contains(where: \.isOfValidation),
      mixedTest: keepsTest ? 0 : test)
  }
}
