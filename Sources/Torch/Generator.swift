import CTorch

/// A source of random numbers whose sequence its seed decides.
///
/// A generator is not locked while it draws: use one from one thread at a time.
public final class Generator: @unchecked Sendable {
  let handle: ct_generator
  /// Where the numbers are drawn.
  public let device: Device

  /// A generator of its own, apart from libtorch's default ones.
  public init(seed: UInt64, device: Device = .cpu) throws(TorchError) {
    var made: ct_generator?
    try check(ct_generator_new(seed, device.existing(), &made))
    guard let made else { throw .libtorch("no generator for \(device)") }
    handle = made
    self.device = device
  }

  deinit { ct_generator_free(handle) }

  /// Starts the sequence of `seed`.
  public func setSeed(_ seed: UInt64) throws(TorchError) {
    try check(ct_generator_seed(handle, seed))
  }
}
