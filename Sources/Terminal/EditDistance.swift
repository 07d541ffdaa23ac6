/// The candidate that differs least from a mistyped word; `nil` when none is near.
package func closest(to word: String, in candidates: [String]) -> String? {
  // Long garbage is not a typing mistake, and the table below grows with it.
  guard word.count <= 64, word.drop(while: { $0 == "-" }).count > 1 else { return nil }
  let ranked = candidates.map { ($0, editDistance(word, $0)) }
  guard let best = ranked.min(by: { $0.1 < $1.1 }) else { return nil }
  let length = word.drop { $0 == "-" }.count
  return best.1 <= max(1, min(3, length / 3)) ? best.0 : nil
}

/// Insertions, deletions, replacements and swaps of neighbours between two words (optimal string
/// alignment; Damerau, 1964).
func editDistance(_ first: String, _ second: String) -> Int {
  let source = Array(first)
  let target = Array(second)
  var beforeLast: [Int] = []
  var last = Array(0...target.count)
  for i in source.indices {
    var row = [i + 1]
    for j in target.indices {
      let isSame = source[i] == target[j]
      var cost = min(last[j] + (isSame ? 0 : 1), last[j + 1] + 1, row[j] + 1)
      if i > 0, j > 0, source[i] == target[j - 1], source[i - 1] == target[j] {
        cost = min(cost, beforeLast[j - 1] + 1)
      }
      row.append(cost)
    }
    (beforeLast, last) = (last, row)
  }
  return last[target.count]
}
