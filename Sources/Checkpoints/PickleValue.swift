/// A value on the stack of a ``PickleMachine``.
///
/// Containers are places in the machine's heap, so that a pickle can neither nest values deeper
/// than the call stack nor make a cycle that is never freed.
enum PickleValue: Hashable, Sendable {
  /// What is read but has no meaning here: None, real numbers, bytes, generator states.
  case opaque
  /// A whole number that fits in 64 bits; also True and False.
  case integer(Int)
  case text(String)
  /// A list, tuple or set.
  case sequence(Int)
  case dictionary(Int)
  /// One of the functions and classes that are known.
  case global(PickleGlobal)
  case storage(Int)
  case tensor(Int)
}
