import CTorch

/// Where a tensor's elements are, and where operations on it run.
public enum Device: Hashable, Sendable {
  case cpu
  /// A CUDA device by its number.
  case cuda(Int)

  /// The device that a user names: `auto` (CUDA where there is one), `cpu`, `cuda` or `cuda:N`.
  ///
  /// - Throws: ``TorchError/invalidDevice(_:)``, or ``TorchError/noDevice(_:reason:)`` when this
  ///   machine does not have it.
  public static func named(_ name: String) throws(TorchError) -> Device {
    switch name {
    case "auto": return cudaIsAvailable ? .cuda(0) : .cpu
    case "cpu": return .cpu
    case "cuda": return try .existingCUDA(0)
    default:
      guard let index = number(ofCUDA: name) else { throw .invalidDevice(name) }
      return try .existingCUDA(index)
    }
  }

  /// Whether ``named(_:)`` knows the name, be the device there or not.
  public static func isName(_ name: String) -> Bool {
    ["auto", "cpu", "cuda"].contains(name) || number(ofCUDA: name) != nil
  }

  /// N of `cuda:N`.
  private static func number(ofCUDA name: String) -> Int? {
    let parts = name.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 2, parts[0] == "cuda", parts[1].allSatisfy(\.isNumber) else { return nil }
    return Int(parts[1]).flatMap { $0 >= 0 ? $0 : nil }
  }

  private static func existingCUDA(_ index: Int) throws(TorchError) -> Device {
    let count = cudaCount
    guard count > 0 else { throw .noDevice("CUDA", reason: cudaReason) }
    guard index < count else {
      throw .noDevice("cuda:\(index)", reason: "this machine has \(count), counted from 0")
    }
    return .cuda(index)
  }

  /// Whether this machine has a CUDA device that libtorch can use.
  public static var cudaIsAvailable: Bool { cudaCount > 0 }

  /// The CUDA devices that libtorch can use. The first call loads libtorch's CUDA half.
  public static var cudaCount: Int { ct_cuda_count() }

  /// Why there is no CUDA device that libtorch can use; empty where there is one.
  package static var cudaReason: String { String(cString: ct_cuda_reason()) }

  /// Whether this is a CUDA device.
  public var isCUDA: Bool { self != .cpu }

  var code: ct_device {
    switch self {
    case .cpu: ct_device(type: CT_CPU, index: 0)
    case .cuda(let index): ct_device(type: CT_CUDA, index: Int32(clamping: index))
    }
  }

  init(code: ct_device) {
    self = code.type == CT_CUDA ? .cuda(Int(code.index)) : .cpu
  }

  /// ``code``, after making sure that CUDA is loaded and has this device.
  func existing() throws(TorchError) -> ct_device {
    if case .cuda(let index) = self { return try Device.existingCUDA(index).code }
    return code
  }
}

extension Device: CustomStringConvertible {
  /// The name that ``named(_:)`` takes.
  public var description: String {
    switch self {
    case .cpu: "cpu"
    case .cuda(let index): "cuda:\(index)"
    }
  }
}

// MARK: - Waiting and memory

extension Device {
  /// Waits until everything that was started on the device is done.
  public func synchronize() throws(TorchError) {
    try check(ct_synchronize(existing()))
  }

  /// Memory on the device, in bytes.
  public struct MemoryUse: Hashable, Sendable {
    /// In use by tensors now.
    public var allocated: Int
    /// The most in use by tensors since the start or ``Device/resetPeakMemory()``.
    public var peakAllocated: Int
    /// Taken from the device by the allocator, whether in use or kept for later.
    public var reserved: Int
    /// What the device has.
    public var total: Int
  }

  /// Memory on the device; all zero for the CPU, whose memory libtorch does not count.
  public func memoryUse() throws(TorchError) -> MemoryUse {
    var use = ct_memory()
    try check(ct_memory_use(existing(), &use))
    return MemoryUse(
      allocated: Int(use.allocated), peakAllocated: Int(use.peak_allocated),
      reserved: Int(use.reserved), total: Int(use.total))
  }
}
