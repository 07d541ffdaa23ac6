/// Darknet's blur before subsampling (`antialiasing`), which follows a convolution or a maximum
/// that is then made with stride 1: each channel by itself, 1-2-1 in both directions over 16 with a
/// ring of zeros, or the mean of 2×2 without one (Zhang, 2019).
public struct BlurSpec: Hashable, Sendable {
  /// Taps in each direction: 3 for `antialiasing=1`, 2 for `antialiasing=2`.
  public var size: Int
  /// The horizontal stride of the layer that has the blur.
  public var strideX: Int
  /// Its vertical stride.
  public var strideY: Int

  /// The blur of a layer; nil where `antialiasing` is 0.
  init?(antialiasing: Int, strideX: Int, strideY: Int) {
    guard antialiasing > 0 else { return nil }
    self.size = antialiasing == 2 ? 2 : 3
    (self.strideX, self.strideY) = (strideX, strideY)
  }

  /// The grid that the blur makes of `input`; a height or width below 1 means that it does not fit.
  func outputShape(of input: FeatureShape) -> FeatureShape {
    let padding = size == 3 ? 1 : 0
    func length(_ length: Int, _ stride: Int) -> Int {
      let room = length + 2 * padding - size
      return room >= 0 ? room / stride + 1 : 0
    }
    return FeatureShape(
      channels: input.channels, height: length(input.height, strideY),
      width: length(input.width, strideX))
  }
}
