import Darknet
import _TestSupport

/// A 1×1 convolution's section.
func conv(_ filters: Int, groups: Int = 1, batchNormalize: Int = 1) -> String {
  """
  [convolutional]
  batch_normalize=\(batchNormalize)
  filters=\(filters)
  size=1
  groups=\(groups)
  activation=leaky

  """
}

/// A network of the given layers and a head, and parameters with the given γ by layer.
func handNetwork(
  _ layers: String, gamma: [Int: [Float]]
) throws -> (Configuration, NetworkParameters) {
  let head = """
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
  let text = "[net]\nwidth=8\nheight=8\nchannels=3\n" + layers + head
  let configuration = try Configuration(parsing: text, path: "hand.cfg")
  var parameters = try randomParameters(NetworkSpec(configuration), seed: 1)
  for (layer, values) in gamma { parameters.layers[layer][.gamma]?.values = values }
  return (configuration, parameters)
}
