import Torch

// What recipes refuse: numbers that no run can work with. What files, networks and pictures have to
// fit is looked at by the runs themselves.

/// Refuses a number out of its range.
///
/// - Parameters:
///   - name: the recipe's word for it.
///   - value: nil where it was not given.
/// - Throws: ``RunError/unusable(_:reason:)``.
func require<Value: Comparable>(
  _ name: String, _ value: Value?, in range: ClosedRange<Value>
) throws(RunError) {
  guard let value, !range.contains(value) else { return }
  throw .unusable(
    name, reason: "expected \(range.lowerBound) to \(range.upperBound), found \(value)")
}

/// Counts of pictures, steps and the like.
private let counts = 1...1_000_000_000
/// Sides of inputs, in pixels.
private let sides = 1...65_536
/// Shares of something.
private let shares = 0.0...1.0

/// Refuses half of an input size, and sides that no input has.
private func requireSize(_ width: Int?, _ height: Int?) throws(RunError) {
  guard (width == nil) == (height == nil) else {
    throw .unusable(
      width == nil ? "height" : "width",
      reason: "goes with a \(width == nil ? "width" : "height")")
  }
  try require("width", width, in: sides)
  try require("height", height, in: sides)
}

extension FeedingRecipe {
  func check() throws(RunError) { try requireSize(width, height) }
}

extension BoxRecipe {
  func check() throws(RunError) {
    try require("confidence", confidence, in: 0...1)
    try require("overlap", overlap, in: 0...1)
  }
}

extension MachineRecipe {
  func check() throws(RunError) { try requireMachine(device, threads: threads) }
}

/// Refuses names that no device has, and numbers of threads that no machine has.
private func requireMachine(_ device: String, threads: Int?) throws(RunError) {
  guard Device.isName(device) else {
    throw .unusable("device", reason: "expected auto, cpu, cuda or cuda:N, found '\(device)'")
  }
  try require("threads", threads, in: 1...4096)
}

extension PruningRecipe {
  /// Refuses numbers that no pruning can have.
  public func check() throws(RunError) {
    try pair.feeding.check()
    try requireMachine(device, threads: threads)
    try require("pictures", pictures, in: counts)
    try require("batchSize", batchSize, in: counts)
    try require("allowedLoss", allowedLoss, in: 0...100)
    try require("request.percent", request.percent, in: shares)
    for range in request.ranges { try require("request.ranges.percent", range.percent, in: shares) }
    try require("request.multiple", request.multiple, in: 1...65_536)
    try require("request.layerKeep", request.layerKeep, in: shares)
    try require("request.blocks", request.blocks, in: 0...100_000)
    try require("request.largestShare", request.largestShare, in: shares)
    try target?.check()
  }
}

extension PruningTarget {
  fileprivate func check() throws(RunError) {
    switch self {
    case .size(_, let budget), .latency(let budget): try budget.check()
    case .loss(let points): try require("target.points", points, in: 0...100)
    case .bestCandidate(let count, let share, let delta):
      try require("target.count", count, in: counts)
      try require("target.share", share, in: shares)
      try require("target.delta", delta, in: shares)
    case .stages(let boundaries, let percents):
      for layer in boundaries { try require("target.boundaries", layer, in: 0...100_000) }
      for percent in percents { try require("target.percents", percent, in: shares) }
    }
  }
}

extension PruningTarget.Budget {
  fileprivate func check() throws(RunError) {
    switch self {
    case .share(let share): try require("target.share", share, in: shares)
    case .amount(let amount): try require("target.amount", amount, in: 0...1e18)
    }
  }
}

extension QuantizationRecipe {
  /// Refuses numbers and options that no quantization can have.
  ///
  /// - Throws: ``RunError/unusable(_:reason:)``, `QuantizationError`.
  public func check() throws {
    try pair.feeding.check()
    try machine.check()
    guard machine.precision == .float32 else {
      throw RunError.unusable(
        "machine.precision", reason: "codes are chosen in float32, found \(machine.precision)")
    }
    try require("calibrationPictures", calibrationPictures, in: counts)
    try require("roundingSteps", roundingSteps, in: counts)
    try require("pictures", pictures, in: counts)
    try require("batchSize", batchSize, in: counts)
    try require("explainedPictures", explainedPictures, in: 0...counts.upperBound)
    try require("maximumDrop", maximumDrop, in: 0...100)
    switch budget {
    case .bytes(let bytes): try require("budget.bytes", bytes, in: 1...Int.max)
    case .share(let share): try require("budget.share", share, in: shares)
    case nil: break
    }
    try options.check()
  }
}

extension CompareRecipe {
  /// Refuses numbers that no comparison can have.
  public func check() throws(RunError) {
    try feeding.check()
    try machine.check()
    try require("resamples", resamples, in: counts)
    try require("level", level, in: shares)
  }
}

extension DetectRecipe {
  /// Refuses numbers that no network can be asked with.
  public func check() throws(RunError) {
    try pair.feeding.check()
    try boxes.check()
    try machine.check()
  }
}

extension TestRecipe {
  /// Refuses numbers that no measurement can have.
  public func check() throws(RunError) {
    try pair.feeding.check()
    try boxes.check()
    try machine.check()
    try require("batchSize", batchSize, in: counts)
  }
}

extension ProfileRecipe {
  /// Refuses numbers that no measurement can have.
  public func check() throws(RunError) {
    try requireSize(width, height)
    try machine.check()
    try require("repeats", repeats, in: counts)
  }
}

extension AnchorsRecipe {
  /// Refuses numbers that no search can have.
  public func check() throws(RunError) {
    try requireSize(width, height)
    try require("count", count, in: 1...1000)
    try require("mutations", mutations, in: 0...counts.upperBound)
  }
}

extension AuditRecipe {
  /// Refuses sizes that no input has.
  public func check() throws(RunError) { try requireSize(width, height) }
}

extension StatisticsRecipe {
  /// Refuses numbers that no choice of pictures can have.
  public func check() throws(RunError) {
    try require("pictures", pictures, in: 0...counts.upperBound)
  }
}

extension SplitRecipe {
  /// Refuses shares that are none; what they sum to is looked at as the set is divided.
  public func check() throws(RunError) {
    switch division {
    case .shares(let train, let valid, let test):
      for share in [train, valid, test] { try require("shares", share, in: shares) }
    case .keepingTest(let train, let valid):
      for share in [train, valid] { try require("shares", share, in: shares) }
    case .folds(let count, let share):
      try require("folds", count, in: 2...counts.upperBound)
      try require("validationShare", share, in: shares)
    }
  }
}

extension ConvertRecipe {
  /// Refuses a backbone without layers.
  public func check() throws(RunError) {
    for case .backbone(let layers) in outputs.map(\.form) {
      try require("layers", layers, in: counts)
    }
  }
}
