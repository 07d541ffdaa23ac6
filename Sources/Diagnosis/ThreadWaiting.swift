#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// How libtorch's threads wait for one another.
///
/// libtorch divides an operation among the threads of GNU OpenMP. A thread that is done spins for
/// some 3 ms before it sleeps. Where another program takes a core, most of that time is lost,
/// thousands of times a second. A spin of some microseconds costs nothing on an idle machine
/// (docs/results/speed.md). GNU OpenMP reads its variables once, when it is loaded, and has no
/// other way to set the spin: whoever starts a program that links libtorch sets it.
package enum ThreadWaiting {
  /// What GNU OpenMP reads.
  package static let variable = "GOMP_SPINCOUNT"
  /// Turns of the loop in which a thread waits before it sleeps.
  package static let spinCount = 1000

  /// Whether the user has said how threads wait: then it stays so.
  package static func isChosen(_ environment: (String) -> String?) -> Bool {
    environment(variable) != nil || environment("OMP_WAIT_POLICY") != nil
  }

  /// Bounds the spin for every program that this process becomes or starts from now on, unless
  /// the user has said how threads wait.
  ///
  /// - Returns: whether the variable was set now.
  @discardableResult
  package static func bound() -> Bool {
    guard !isChosen({ getenv($0).map { String(cString: $0) } }) else { return false }
    return setenv(variable, "\(spinCount)", 1) == 0
  }
}
