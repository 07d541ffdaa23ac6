import Darknet
import Terminal

/// Where a network and something else mean different classes, so that figures of the two together
/// would mean nothing.
public struct ClassDisagreement: Error, Hashable, CustomStringConvertible {
  /// The network's cfg.
  public let cfg: String
  /// How many classes each of its heads tells apart, each number once.
  public let networkClasses: [Int]
  /// What has other classes: a `.data` file, a file of names.
  public let other: String
  /// How many those are.
  public let otherClasses: Int
  /// What makes a network like this one, without its classes.
  private let making: String

  /// Compares a network with a number of classes; nil where they agree, or where it has no head.
  public init?(_ spec: NetworkSpec, other: String, classes: Int) {
    let counts = spec.classCounts
    guard counts.contains(where: { $0 != classes }) else { return nil }
    (cfg, networkClasses) = (spec.configuration.path, counts)
    (self.other, otherClasses) = (other, classes)
    guard let known = BuiltInNetwork.recognized(spec) else {
      making = "NAME"
      return
    }
    let (own, size) = (spec.net, known.network.defaultSize)
    var words = [known.network.rawValue]
    if known.widthMultiple != 1 { words += ["--width-multiple", "\(known.widthMultiple)"] }
    if own.width != size || own.height != size {
      words += ["--img-size", "\(own.width)"] + (own.width == own.height ? [] : ["\(own.height)"])
    }
    making = words.joined(separator: " ")
  }

  /// One line with both counts and the way out.
  public var description: String {
    let data = other.hasSuffix(".data") ? other : "DATA.data"
    let make = "pare config new \(making) --classes \(otherClasses) --output NEW.cfg"
    let train =
      [
        "pare", "train", "--cfg", "NEW.cfg", "--data", data, "--weights", "OLD.weights",
        "--pretrain",
      ]
    return "\(counts); '\(make)' makes a network for \(otherClasses), "
      + "and \(quotedCommand(train)) "
      + "starts it from what fits of weights for other classes"
  }

  /// The two counts alone, for a warning.
  public var counts: String {
    let network = networkClasses.map(String.init).joined(separator: " and ")
    return "\(cfg): has \(network) \(networkClasses == [1] ? "class" : "classes"), \(other) "
      + "\(otherClasses)"
  }
}
