import Glibc

/// What a system call refused, by its number.
package struct SystemError: Error, Equatable, CustomStringConvertible {
  /// `ENOSPC` and the like.
  package let code: Int32

  /// That of the call that just failed, unless another is given.
  package init(_ code: Int32 = errno) { self.code = code }

  /// The system's own text.
  package var description: String { String(cString: strerror(code)) }
}
