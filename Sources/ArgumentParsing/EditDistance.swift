/// The candidate that differs least from a mistyped word; `nil` when none is near.
func closest(to word: String, in candidates: [String]) -> String? {
  // Long garbage is not a typing mistake, and the table below grows with it.
  guard word.count <= 64, word.drop(while: { $0 == "-" }).count > 1 else { return nil }
  let ranked = candidates.map { ($0, editDistance(word, $0)) }
  guard let best = ranked.min(by: { $0.1 < $1.1 }) else { return nil }
  let length = word.drop { $0 == "-" }.count
  return best.1 <= max(1, min(3, length / 3)) ? best.0 : nil
}

/// Insertions, deletions and replacements between two words (Levenshtein, 1965).
func editDistance(_ first: String, _ second: String) -> Int {
  let target = Array(second)
  var row = Array(0...target.count)
  for (i, letter) in first.enumerated() {
    var diagonal = row[0]
    row[0] = i + 1
    for (j, other) in target.enumerated() {
      let cost = diagonal + (letter == other ? 0 : 1)
      diagonal = row[j + 1]
      row[j + 1] = min(cost, row[j] + 1, row[j + 1] + 1)
    }
  }
  return row[target.count]
}
