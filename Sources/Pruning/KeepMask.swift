/// Which slots stay.
public struct KeepMask: Hashable, Sendable {
  /// Whether each slot stays.
  public package(set) var stays: [Bool]

  /// The places in `slots` that stay, ascending.
  public func kept(_ slots: [Int]) -> [Int] { slots.indices.filter { stays[slots[$0]] } }

  /// One for every slot that stays, zero for the others.
  public func factors(_ slots: [Int]) -> [Float] { slots.map { stays[$0] ? 1 : 0 } }
}
