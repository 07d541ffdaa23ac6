/// The part of every batch that is of pictures without labels: the last ones of the data set, which
/// are drawn anew whenever all of them have been seen.
struct UnlabelledPictures: Hashable, Sendable {
  /// Pictures of the data set that have labels, its first ones.
  let labelledCount: Int
  /// Pictures that have none.
  let count: Int
  /// How many of these a batch has.
  let perBatch: Int

  /// - Parameters:
  ///   - pictures: of the whole data set.
  ///   - unlabelled: the last so many of them have no labels.
  ///   - perBatch: how many of these a batch has.
  init(pictures: Int, unlabelled: Int, perBatch: Int) {
    labelledCount = pictures - unlabelled
    count = unlabelled
    self.perBatch = perBatch
  }

  /// The pictures that a picture may be mixed with, or be replaced by: those with labels, or those
  /// without.
  func pool(of picture: Int) -> Range<Int> {
    picture < labelledCount ? 0..<labelledCount : labelledCount..<(labelledCount + count)
  }

  /// The pictures of the batch of a number, counted over all epochs.
  ///
  /// - Parameter permutation: the order of a round through all of them, by its number.
  func pictures(ofBatch number: Int, permutation: (Int) -> [Int]) -> [Int] {
    let first = number * perBatch
    return (first..<(first + perBatch)).map { place in
      labelledCount + permutation(place / count)[place % count]
    }
  }

  /// Labelled pictures of a batch with others spread among them, so that every part of it has both.
  func mixed(_ labelled: [Int], with others: [Int]) -> [Int] {
    guard !others.isEmpty else { return labelled }
    let total = labelled.count + others.count
    var (mixed, taken) = ([Int](), 0)
    for place in 1...total {
      if place * others.count / total > taken {
        mixed.append(others[taken])
        taken += 1
      } else {
        mixed.append(labelled[place - 1 - taken])
      }
    }
    return mixed
  }
}
