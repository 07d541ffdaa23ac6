import ArgumentParsing

/// Refuses a command line unless `condition` holds.
func require(_ condition: Bool, _ message: @autoclosure () -> String) throws(ValidationError) {
  guard condition else { throw ValidationError(message()) }
}

/// Refuses a number outside a range, naming its option.
func require<T: Comparable>(
  _ option: String, _ value: T?, in range: ClosedRange<T>, unit: String = ""
) throws(ValidationError) {
  guard let value, !range.contains(value) else { return }
  throw ValidationError(
    "'\(option)' must be from \(range.lowerBound) to \(range.upperBound)\(unit), not \(value)")
}

/// Refuses a number below a bound, naming its option.
func require<T: Comparable>(
  _ option: String, _ value: T?, atLeast bound: T
) throws(ValidationError) {
  guard let value, value < bound else { return }
  throw ValidationError("'\(option)' must be at least \(bound), not \(value)")
}

/// Refuses a number that is not above zero, naming its option.
func require(_ option: String, positive value: Double?) throws(ValidationError) {
  guard let value, value <= 0 else { return }
  throw ValidationError("'\(option)' must be above 0, not \(value)")
}

/// Refuses an option of the earlier Python programs that was given, with the reason.
func refuse(_ option: String, _ isGiven: Bool, _ reason: String) throws(ValidationError) {
  guard isGiven else { return }
  throw ValidationError("'\(option)' is not supported: \(reason)")
}

/// Refuses an option of the earlier Python programs unless its value means that it is off.
func refuse<T: Equatable>(
  _ option: String, _ value: T?, unless off: [T] = [], _ reason: String
) throws(ValidationError) {
  guard let value, !off.contains(value) else { return }
  throw ValidationError("'\(option) \(value)' is not supported: \(reason)")
}

/// What a value that was given twice, under two names, is; an error when the two differ.
func merged<T: Equatable>(
  _ first: (name: String, value: T?), _ second: (name: String, value: T?)
) throws(ValidationError) -> T? {
  if let one = first.value, let other = second.value, one != other {
    throw ValidationError(
      "'\(first.name) \(one)' and '\(second.name) \(other)' contradict each other")
  }
  return first.value ?? second.value
}
