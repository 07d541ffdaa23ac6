import Torch

/// Runs `body` under autocast to `precision`, or as it is where that is float32.
public func withPrecision<Result>(
  _ precision: DType, on device: Device, _ body: () throws -> Result
) throws -> Result {
  guard precision != .float32 else { return try body() }
  return try withAutocast(device, dtype: precision, body)
}
