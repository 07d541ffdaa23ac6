/// Repeated measurements of one thing: the middle and how far they spread.
struct Samples: CustomStringConvertible {
  private var values: [Double] = []

  mutating func append(_ value: Double) {
    values.append(value)
    values.sort()
  }

  /// The middle one; of an even number the mean of the two middle ones.
  var median: Double {
    guard !values.isEmpty else { return .nan }
    return (values[(values.count - 1) / 2] + values[values.count / 2]) / 2
  }

  /// Median, least and most.
  var description: String {
    "\(rounded(median)) (\(rounded(values.first ?? .nan)) to \(rounded(values.last ?? .nan)))"
  }
}

/// Three digits after the point.
func rounded(_ value: Double) -> String {
  value.isFinite ? "\((value * 1000).rounded() / 1000)" : "\(value)"
}

/// Seconds that `body` takes.
func seconds(_ body: () throws -> Void) rethrows -> Double {
  let clock = ContinuousClock()
  return try clock.measure(body) / .seconds(1)
}
