extension Array {
  /// The elements from the highest key down; equal keys keep their order, as NumPy's `mergesort`.
  ///
  /// Keys are finite. They are sorted as whole numbers, key above and position below, which is some
  /// ten times as fast as comparing elements.
  func sortedStably(by key: (Element) -> Float) -> [Element] {
    var numbers = enumerated().map { position, element in
      // The sum makes 0 of −0, which are equal. The bits of a float rise with it, if the sign is
      // turned for positive numbers, and all bits for negative ones.
      let bits = (key(element) + 0).bitPattern
      let rising = bits >> 31 == 0 ? bits | 1 << 31 : ~bits
      return UInt64(~rising) << 32 | UInt64(position)
    }
    numbers.sort()
    return numbers.map { self[Int($0 & 0xFFFF_FFFF)] }
  }
}
