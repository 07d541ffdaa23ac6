/// A list that grows by whole pieces: nothing is copied when it grows, so that at no time more than
/// its own contents and one piece are in memory.
struct PiecewiseArray<Element: Sendable>: Sendable, RandomAccessCollection {
  /// Elements of a piece.
  private static var pieceCount: Int { 4096 }

  private var pieces: [[Element]] = []
  private(set) var count = 0

  var startIndex: Int { 0 }
  var endIndex: Int { count }

  subscript(index: Int) -> Element {
    pieces[index / Self.pieceCount][index % Self.pieceCount]
  }

  mutating func append(_ element: Element) {
    if count % Self.pieceCount == 0 {
      pieces.append([])
      pieces[pieces.count - 1].reserveCapacity(Self.pieceCount)
    }
    pieces[pieces.count - 1].append(element)
    count += 1
  }
}
