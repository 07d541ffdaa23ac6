import Darknet
import Networks
import Torch
import _TestSupport

@testable import Quantization

/// A network of a cfg's text, with random numbers.
func handNetwork(_ text: String, seed: UInt64) throws -> Network {
  let configuration = try Configuration(parsing: text, path: "short.cfg")
  return try Network(configuration, randomParameters(NetworkSpec(configuration), seed: seed))
}

/// A network of random layers, with random numbers.
func randomNetwork(seed: UInt64) throws -> Network {
  try handNetwork(RandomNetwork(seed: seed).text, seed: seed)
}

/// Pictures of random bytes, `[count, channels, height, width]`, from 0 to 1 as a network wants them.
func randomImages(_ spec: NetworkSpec, count: Int, seed: UInt64) throws -> Tensor {
  let shape = spec.inputShape
  let values = try Tensor.uniform(
    [count, shape.channels, shape.height, shape.width], low: -0.49, high: 255.49,
    generator: Generator(seed: seed))
  return try values.rounded() / 255
}

/// A network quantized by one batch of two random pictures.
func quantized(
  _ network: Network, _ options: QuantizationOptions = QuantizationOptions(), seed: UInt64
) throws -> Network {
  let calibration = try PostTraining(network, options: options)
  try calibration.calibrate(randomImages(network.spec, count: 2, seed: seed))
  return try calibration.finished().quantized(network)
}

/// 16 bits of weights and activations.
var wideOptions: QuantizationOptions {
  var options = QuantizationOptions()
  (options.weightBits, options.activationBits) = (16, 16)
  return options
}

/// A network that adds three inputs up, less 0.24, into two channels.
func wideNetwork(_ activation: String = "linear") throws -> Network {
  let network = try handNetwork(
    """
    [net]
    width=4
    height=4
    channels=3
    [convolutional]
    filters=2
    size=1
    activation=\(activation)
    \(handHead)
    """, seed: 6)
  if let convolution = network.layers[0].convolution {
    _ = try withoutGrad { try convolution.weight.detach().fillInPlace(1) }
    _ = try withoutGrad { try convolution.bias?.detach().fillInPlace(-0.24) }
  }
  return network
}

/// The last sections of a network by hand: a head of one class and one anchor.
let handHead = """
  [convolutional]
  filters=6
  size=1
  activation=linear
  [yolo]
  mask=0
  anchors=4,4
  classes=1
  num=1
  """
