/// The slots of a network sorted into classes: slots that stay or go together, through any number
/// of ties.
public struct SlotClasses: Sendable {
  /// One set of slots that stay or go together.
  public struct Class: Sendable {
    /// The slots, ascending.
    public var members: [Int]
    /// Why the class stays whatever its score; nil when it may go.
    public var frozen: Exclusion?
  }

  /// The classes, ordered by their first slots.
  public let classes: [Class]
  /// The index in ``classes`` of each slot.
  public let classOfSlot: [Int]

  /// Joins the ties of `slots`.
  public init(_ slots: ChannelSlots) {
    let count = slots.origins.count
    var sets = UnionFind(count: count)
    for tie in slots.ties { sets.join(tie.first, tie.second) }
    var index = [Int?](repeating: nil, count: count)
    var classes: [Class] = []
    var classOfSlot: [Int] = []
    for slot in 0..<count {
      let root = sets.root(of: slot)
      let number = index[root] ?? classes.count
      if number == classes.count { classes.append(Class(members: [])) }
      index[root] = number
      classOfSlot.append(number)
      classes[number].members.append(slot)
      if classes[number].frozen == nil { classes[number].frozen = slots.frozen[slot] }
    }
    self.classes = classes
    self.classOfSlot = classOfSlot
  }
}

/// Disjoint sets of the numbers below `count`.
private struct UnionFind {
  private var parents: [Int]

  init(count: Int) { parents = Array(0..<count) }

  mutating func root(of element: Int) -> Int {
    var element = element
    while parents[element] != element {
      parents[element] = parents[parents[element]]
      element = parents[element]
    }
    return element
  }

  /// The smaller root stays root, so that paths halve towards it.
  mutating func join(_ a: Int, _ b: Int) {
    let (a, b) = (root(of: a), root(of: b))
    parents[max(a, b)] = min(a, b)
  }
}
