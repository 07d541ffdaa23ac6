/// The candidate that differs least from a mistyped word, or the only one that begins with it; `nil`
/// when none is near.
///
/// Options, values, names and paths are all looked up here.
package func closest(to word: String, in candidates: [String]) -> String? {
  // Long garbage is not a typing mistake, and the table below grows with it.
  let length = word.drop { $0 == "-" }.count
  guard word.count <= 64, length > 1 else { return nil }
  let lowercased = word.lowercased()
  let near = candidates.map { ($0, editDistance(lowercased, $0.lowercased())) }
    .filter { $0.1 <= max(1, min(3, (length + 1) / 3)) }
  if let best = near.min(by: { $0.1 < $1.1 }) { return best.0 }
  let longer = candidates.filter { length > 2 && $0.lowercased().hasPrefix(lowercased) }
  return longer.count == 1 ? longer.first : nil
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
