// GhostNet (Han et al., 2020) with the heads of YOLOv3.

extension Blueprint {
  static let yolov3Ghost = Blueprint(
    "on GhostNet", millionsOfParameters: 23.9, size: 416, anchors: yolov3Anchors, heads: 3,
    write: { $0.yolov3Ghost() })
}

extension NetworkBuilder {
  mutating func yolov3Ghost() {
    convolution(16, size: 3, stride: 2, activation: .relu)
    var width = 16
    var blocks: [Int] = []
    for (kernel, inner, outer, stride, squeezes) in [
      (3, 16, 16, 1, false), (3, 48, 24, 2, false), (3, 72, 24, 1, false), (5, 72, 40, 2, true),
      (5, 120, 40, 1, true), (3, 240, 80, 2, false), (3, 200, 80, 1, false),
      (3, 184, 80, 1, false), (3, 184, 80, 1, false), (3, 480, 112, 1, true),
      (3, 672, 112, 1, true), (5, 672, 160, 2, true), (5, 960, 160, 1, false),
      (5, 960, 160, 1, true), (5, 960, 160, 1, false), (5, 960, 160, 1, true),
    ] {
      let input = last
      ghostModule(inner, activation: .relu)
      if stride > 1 { depthwise(size: kernel, stride: stride, activation: .linear) }
      if squeezes { squeezeExcitation() }
      let output = ghostModule(outer, activation: .linear)
      if stride == 1 && outer == width {
        blocks.append(shortcut(input))
      } else {
        route(input)
        depthwise(size: kernel, stride: stride, activation: .linear)
        convolution(outer, size: 1, activation: .linear)
        blocks.append(shortcut(output))
      }
      width = outer
    }
    convolution(960, size: 1, activation: .relu)
    // The last blocks of strides 16 and 8.
    _ = yolov3Heads(joining: [blocks[10], blocks[4]])
  }

  /// Half of `filters` channels from a 1×1 convolution, the other half from these by a 3×3
  /// depthwise one.
  @discardableResult
  private mutating func ghostModule(_ filters: Int, activation: Activation) -> Int {
    let primary = halvedConvolution(filters, activation: activation)
    depthwise(size: 3, activation: activation)
    return route(-1, primary)
  }
}
