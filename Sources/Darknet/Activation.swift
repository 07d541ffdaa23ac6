/// The activation functions of Darknet's `activation=` key, and of the extension blocks.
///
/// The raw value is the name that is written to a cfg.
public enum Activation: String, Hashable, Sendable, CaseIterable {
  /// The identity.
  case linear
  /// `x` above zero, `0.1·x` below.
  case leaky
  /// `max(x, 0)`.
  case relu
  /// `min(max(x, 0), 6)`.
  case relu6
  /// `x·tanh(ln(1 + eˣ))`.
  case mish
  /// `x·σ(x)`, also known as SiLU.
  case swish
  /// `σ(x)`.
  case logistic
  /// `x·relu6(x + 3)/6`; not in Darknet itself, hence its extension name.
  case hardSwish = "h_swish"
  /// `x·min(2, max(0, x + 2))/2`.
  case hardMish = "hard_mish"
  /// `x` above zero, `eˣ − 1` below.
  case elu
  /// `1.0507·elu(x, 1.6732)`.
  case selu
  /// The Gaussian error linear unit, in its tanh form.
  case gelu
  /// The hyperbolic tangent.
  case tanh

  /// The activation that a cfg means by `name`, or nil when there is none.
  ///
  /// `none` is `linear`; `h_swish`, `hard_swish` and `hardswish` are one function, and `silu` is
  /// `swish`.
  public init?(darknetName name: String) {
    switch name {
    case "none": self = .linear
    case "hard_swish", "hardswish": self = .hardSwish
    case "hardmish", "h_mish": self = .hardMish
    case "silu": self = .swish
    default: self.init(rawValue: name)
    }
  }

  /// The name that a cfg is written with.
  public var darknetName: String { rawValue }
}
