/// Numbers for identifiers, in the order in which they come.
///
/// An open hash table of numbers beside the list of names: a third of what a dictionary takes.
struct IdentifierTable: Sendable {
  /// The identifiers, each at its number.
  private(set) var names = PiecewiseArray<String>()
  /// Numbers by hash, −1 where there is none; a power of 2 of them, at most three quarters taken.
  private var slots: [Int32] = []

  /// The number of `name`, a new one when it is new.
  mutating func number(of name: String) -> Int32 {
    if 4 * (names.count + 1) > 3 * slots.count { grow() }
    let slot = self.slot(of: name)
    if slots[slot] < 0 {
      slots[slot] = Int32(truncatingIfNeeded: names.count)
      names.append(name)
    }
    return slots[slot]
  }

  /// The number of `name`, if it has one.
  func existingNumber(of name: String) -> Int32? {
    guard !slots.isEmpty, case let number = slots[slot(of: name)], number >= 0 else { return nil }
    return number
  }

  /// Where `name` is, or belongs.
  private func slot(of name: String) -> Int {
    var slot = name.hashValue & (slots.count - 1)
    while slots[slot] >= 0, names[Int(slots[slot])] != name {
      slot = (slot + 1) & (slots.count - 1)
    }
    return slot
  }

  private mutating func grow() {
    slots = [Int32](repeating: -1, count: max(16, 2 * slots.count))
    for (number, name) in names.enumerated() {
      slots[slot(of: name)] = Int32(truncatingIfNeeded: number)
    }
  }
}
