import CTorch

/// libtorch as a whole: its version, its threads, and switches that hold for the process.
public enum TorchRuntime {
  /// libtorch's version.
  public static var version: String { String(cString: ct_version()) }

  /// The instruction set of the CPU kernels: `DEFAULT`, `AVX2` or `AVX512`. Results differ between
  /// them in the last digits.
  public static var cpuCapability: String { String(cString: ct_cpu_capability()) }

  /// Threads that one CPU operation may use.
  public static var threadCount: Int { ct_thread_count() }

  /// Sets how many threads one CPU operation may use, 1...1024: for this thread, and for those that
  /// have not used a tensor yet. Results depend on it in the last digits.
  public static func setThreadCount(_ count: Int) throws(TorchError) {
    // OpenMP ends the process when the system refuses it a thread.
    guard (1...1024).contains(count) else {
      throw .libtorch("\(count) threads, expected 1...1024")
    }
    try check(ct_set_thread_count(count))
  }

  /// Values of 0..<count, computed side by side on the threads that share a CPU operation;
  /// operations inside of `value` use one thread each. Threads that are done take the next index.
  ///
  /// - Parameter value: called on several threads, which have grad mode and autocast of their own.
  /// - Throws: what `value` throws for the lowest index.
  public static func sideBySide<Value>(
    _ count: Int, _ value: (_ index: Int) throws -> Value
  ) throws -> [Value] {
    let results = UnsafeMutableBufferPointer<Result<Value, any Error>?>.allocate(capacity: count)
    results.initialize(repeating: nil)
    defer {
      results.deinitialize()
      results.deallocate()
    }
    withoutActuallyEscaping(value) { value in
      let work = SideBySideWork { index in results[index] = Result { try value(index) } }
      withExtendedLifetime(work) {
        ct_side_by_side(count, Unmanaged.passUnretained(work).toOpaque()) { context, index in
          Unmanaged<SideBySideWork>.fromOpaque(context).takeUnretainedValue().body(index)
        }
      }
    }
    return try results.compactMap { try $0?.get() }
  }

  /// Seeds the default generators, which ``Tensor/dropout(probability:training:)`` draws from.
  public static func seed(_ seed: UInt64) throws(TorchError) {
    try check(ct_seed(seed))
  }

  /// Lets CUDA round the factors of float32 products to 10 bits of fraction, for speed.
  public static func setAllowsTF32(_ allowed: Bool) throws(TorchError) {
    try check(ct_set_tf32(allowed, allowed))
  }

  /// Where ``setAllowsTF32(_:)`` holds; libtorch begins with convolutions alone.
  package static func tf32() throws(TorchError) -> (products: Bool, convolutions: Bool) {
    var allowed = (products: false, convolutions: false)
    try check(ct_tf32(&allowed.products, &allowed.convolutions))
    return allowed
  }

  /// Puts back what ``tf32()`` has given.
  package static func setTF32(_ allowed: (products: Bool, convolutions: Bool)) throws(TorchError) {
    try check(ct_set_tf32(allowed.products, allowed.convolutions))
  }

  /// Tensors that have not been freed, in the whole process.
  public static var liveTensorCount: Int { ct_live_tensor_count() }

  /// Tensors made on this thread less those freed on it: for tests that nothing leaks, which other
  /// tests run beside.
  public static var liveTensorCountOfThread: Int { ct_live_tensor_count_of_thread() }
}

/// What threads call, each with indices of its own.
private final class SideBySideWork {
  let body: (Int) -> Void

  init(_ body: @escaping (Int) -> Void) { self.body = body }
}
