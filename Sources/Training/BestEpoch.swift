/// Which epoch is the best of a run (docs/formulas.md 5.10).
///
/// On few objects the highest mAP@0.5 is partly chance. As the learning rate falls, later epochs tend to
/// be better. So the best epoch is the latest one that is within chance of the highest.
struct BestEpoch: Hashable {
  /// Objects to find in the validation pictures.
  let objects: Int
  /// The figure that has to be beaten; nil where none has.
  let start: Double?

  /// How much of a share of the objects, `0...1`, is taken for chance: half of its standard error.
  func chance(of share: Double) -> Double {
    (max(share * (1 - share), 0) / Double(max(objects, 1))).squareRoot() / 2
  }

  /// Whether an epoch is the best so far.
  ///
  /// - Parameters:
  ///   - map50: its mAP@0.5.
  ///   - highest: that of the epochs before it; nil without any.
  func takes(_ map50: Double, after highest: Double?) -> Bool {
    if let start, map50 <= start { return false }
    let highest = max(map50, highest ?? 0)
    // To find nothing is worse than to find little.
    guard map50 > 0 || highest == 0 else { return false }
    return map50 >= highest - chance(of: highest)
  }
}
