import Darknet
import Terminal

/// What can stop a quantization.
public enum QuantizationError: Error, Equatable, CustomStringConvertible {
  /// A number of bits that no scheme has.
  case bits(Int)
  /// More bits of weights than what the network is for can have.
  case tooManyWeightBits(Int, most: Int)
  /// Bits for a layer that the network does not have, or that has nothing to quantize.
  case noSuchLayer(Int, layers: Int)
  /// A line of a file with bits of layers that says something else, or a layer that it names twice.
  case malformedBits(String, line: Int, found: String)
  /// What a line of a file with bits of layers asks for, and the network or its target cannot have.
  indirect case unfitBits(SourcePlace, QuantizationError)
  /// A range that reaches up to no share of the values above a half.
  case percentile(Double)
  /// A vote for powers of two, in a scheme that has none.
  case noVote(QuantizationScheme)
  /// A step for each channel, in a scheme that has one for all weights of a layer.
  case oneStep(QuantizationScheme)
  /// Channels that are to be evened out, in a scheme whose weights do not take factors.
  case notEqualized(QuantizationScheme)
  /// A grid around zero, in a scheme whose offsets learn.
  case noSymmetry(QuantizationScheme)
  /// Part of a course that no run can have.
  case invalidCourse(String, reason: String)
  /// A run with fewer steps than its course has for the end.
  case tooShort(steps: Int, last: Int)
  /// A network of which all would stay float.
  case nothingToQuantize
  /// Kernels whose rounding is to learn, in a scheme whose weights do not round to a neighbour.
  case notRounded(QuantizationScheme)
  /// No picture to calibrate with.
  case noPictures
  /// NaN or infinities in what a layer gives; −1 is the network's input.
  case notFinite(layer: Int)
  /// A network that was quantized before.
  case alreadyQuantized
  /// A run that was begun with other options of quantization.
  case otherOptions
  /// A network that has not seen a picture in training, so that it has no ranges.
  case notTrained
  /// A network that is float where whole numbers are needed.
  case notQuantized(path: String)
  /// A layer that cannot be computed with whole numbers.
  case notWhole(layer: Int, section: String, reason: String)
  /// A layer of which two engines give other numbers of values, or one none.
  case notCompared(layer: Int, section: String, found: Int, expected: Int)
  /// Steps that are no powers of two, where hardware shifts by them.
  case notPowers(QuantizationScheme)
  /// A step for each channel of a layer, where hardware shifts the layer by one.
  case notOneStep(layer: Int)
  /// A layer that tiles do not fit.
  case unfitTiles(layer: Int, reason: String)
  /// A file that belongs to another pair.
  case otherPair(path: String, file: String)
  /// A file that is no quantization, or does not fit the network.
  case malformed(path: String, reason: String)

  /// One line: what was found and what is needed.
  public var description: String {
    switch self {
    case .bits(let bits):
      "\(bits) bits: expected \(CodeRange.allowedBits.lowerBound) to "
        + "\(CodeRange.allowedBits.upperBound)"
    case .tooManyWeightBits(let bits, let most):
      "weights of \(bits) bits: what the network is for has \(most) bits at most, in every layer"
    case .noSuchLayer(let layer, let layers):
      "layer \(layer) cannot have these bits: the network has the layers 0 to \(layers - 1), of which "
        + "convolutions have weights, and heads, routes and pools have no bits of their own"
    case .malformedBits(let path, let line, let found):
      "\(path):\(line): '\(found)': expected a layer that was not named before, bits of its weights and "
        + "bits of what it reads, \(CodeRange.allowedBits.lowerBound) to "
        + "\(CodeRange.allowedBits.upperBound) or 'float'"
    case .unfitBits(let place, let error): "\(place): \(error)"
    case .percentile(let share):
      "a range by percentile that holds \(share) of the values: expected more than 0.5, at most 1"
    case .noVote(let scheme):
      "ranges by vote are powers of two, which '\(scheme.rawValue)' does not have: take 'pow2' or "
        + "'tpsq', or another rule"
    case .oneStep(let scheme):
      "'\(scheme.rawValue)' has one step for all weights of a layer"
    case .notEqualized(let scheme):
      "channels cannot be evened out with '\(scheme.rawValue)', whose weights do not keep their sizes"
    case .noSymmetry(let scheme):
      "'\(scheme.rawValue)' learns where its activations begin: 'lsq' has them around zero"
    case .invalidCourse(let name, let reason): "quantization: \(name): \(reason)"
    case .tooShort(let steps, let last):
      "the run has \(steps) optimizer steps, and the last \(last) would only correct what was learned "
        + "on codes: train for more epochs"
    case .nothingToQuantize:
      "nothing would be quantized: with these options every layer of the network stays float"
    case .notRounded(let scheme):
      "rounding cannot be learned with '\(scheme.rawValue)', whose weights are on no even steps: "
        + "take 'nearest'"
    case .noPictures:
      "there is no picture to calibrate with: ranges of activations have to be seen"
    case .notFinite(let layer):
      "NaN or infinity in \(layer < 0 ? "the network's input" : "the output of layer \(layer)"): "
        + "no range can hold it; see whether the weights are those of a run that diverged"
    case .alreadyQuantized:
      "the network is quantized already: quantize the pair that it was made from"
    case .otherOptions:
      "the run was begun with other options of quantization: resume it with those"
    case .notTrained:
      "the network has no ranges: nothing was trained on codes yet"
    case .notQuantized(let path):
      "\(path): the network is float, whole numbers need a quantized one; run "
        + Self.quantizing(path)
    case .notWhole(let layer, let section, let reason):
      "layer \(layer) [\(section)] cannot be computed with whole numbers alone: \(reason)"
    case .notCompared(let layer, let section, let found, let expected):
      "layer \(layer) [\(section)] cannot be compared: libtorch gives \(found) numbers, the integer "
        + "engine \(expected)"
    case .notPowers(let scheme):
      "the steps of '\(scheme.rawValue)' are no powers of two, which FPGAs shift by: quantize with "
        + "'--scheme pow2'"
    case .notOneStep(let layer):
      "the channels of layer \(layer) have steps of their own, where files for FPGAs have one for "
        + "all: train without '--per-channel'"
    case .unfitTiles(let layer, let reason):
      "layer \(layer): \(reason); take other tiles, or '--layout tiles', which leaves the rest as it is"
    case .otherPair(let path, let file):
      "\(Self.words(ofCodes: path, beside: file)); run 'pare quantize' for this pair"
    case .malformed(let path, let reason):
      "\(path): \(reason); 'pare quantize' writes it anew"
    }
  }

  /// That codes are those of another pair than the one whose file lies there.
  package static func words(ofCodes path: String, beside file: String) -> String {
    "\(path): belongs to another file than \(file), which has changed since or was never its own"
  }

  /// What quantizes the network of these weights, in quotes.
  private static func quantizing(_ weights: String) -> String {
    guard fileName(of: weights) == "model.weights" else { return "'pare quantize'" }
    return quotedCommand([
      "pare", "quantize", "--model", folderPath(of: weights), "--output",
      unusedPath("runs/quantized"),
    ])
  }
}
