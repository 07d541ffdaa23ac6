/// A file of arrays that have names, in whatever form: safetensors, a PyTorch checkpoint.
public protocol NamedArrays {
  /// Where the file is.
  var path: String { get }
  /// The arrays' names, each once, in the file's order.
  var names: [String] { get }
  /// Pictures seen in training, 0 where the file does not say.
  var imagesSeen: Int64 { get }
  /// The dimensions of an array that ``names`` has, outermost first.
  func shape(of name: String) throws -> [Int]
  /// The values of an array that ``names`` has, row-major, in single precision.
  func floats(_ name: String) throws -> [Float]
}

extension NamedArrays {
  /// The file does not say.
  public var imagesSeen: Int64 { 0 }
}

/// An array with the name that it is stored under.
public struct NamedArray: Hashable, Sendable {
  /// The elements.
  public enum Values: Hashable, Sendable {
    case floats([Float])
    case integers([Int64])
  }

  /// The name.
  public var name: String
  /// Dimensions, outermost first; none for a single number.
  public var shape: [Int]
  /// The elements, row-major.
  public var values: Values

  /// An array.
  public init(name: String, shape: [Int], values: Values) {
    self.name = name
    self.shape = shape
    self.values = values
  }
}
