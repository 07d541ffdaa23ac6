import Darknet
import Testing

@Suite struct NetworkProfileTests {
  @Test func `the table says what each layer costs`() throws {
    let spec = try spec(
      """
      [convolutional]
      batch_normalize=1
      filters=8
      size=3
      stride=2
      pad=1
      activation=leaky
      [convolutional]
      filters=8
      groups=8
      size=5
      pad=1
      activation=leaky
      [route]
      layers=-1,0
      [se]
      """, width: 16, height: 8)
    let profile = try spec.profile(width: 16, height: 8)
    #expect(profile.layers.map(\.index) == [0, 1, 2, 3])
    #expect(profile.layers.map(\.type) == ["convolutional", "convolutional", "route", "se"])
    #expect(profile.layers.map(\.inChannels) == [3, 8, 16, 16])
    #expect(profile.layers.map(\.shape.description) == ["8×4×8", "8×4×8", "16×4×8", "16×4×8"])
    // 8·3·9 + 16; 8·25 + 8; none; 16·4 twice.
    #expect(profile.layers.map(\.parameters) == [232, 208, 0, 128])
    // 8·4·8·27; 8·4·8·25; none; 128.
    #expect(profile.layers.map(\.macs) == [6912, 6400, 0, 128])
    #expect(profile.parameters == 568)
    #expect(profile.macs == 13440)
    #expect(try spec.macs(width: 32, height: 16) == 4 * 13312 + 128)
    #expect(profile.weightsByteCount == 20 + 4 * (568 + 16))
    // In floats: input 384 + 256, 256 + 256, 256 + 256 + 512, 512 + 512.
    #expect(profile.activationBytes == 4 * 1024)
    #expect(profile.activationSumBytes == 4 * (384 + 256 + 256 + 512 + 512))
  }

  // 4×4 pictures of 3 channels: 48 floats, and maps of 16 floats a channel.
  @Test func `maps that are handed on take no memory and heads' maps are kept`() throws {
    let convolution = "[convolutional]\nsize=1\nactivation=linear\nfilters="
    let spec = try spec(
      """
      \(convolution)10
      [dropout]
      \(convolution)8
      [yolo]
      classes=3
      anchors=1,1
      [route]
      layers=1
      \(convolution)1
      \(convolution)2
      """, width: 4, height: 4)
    let profile = try spec.profile(width: 4, height: 4)
    // Input 48 + 160; 160 + 128; the head's 128 stays: 160 + 128 + 16; 128 + 16 + 32.
    #expect(profile.activationBytes == 4 * 304)
    #expect(profile.activationSumBytes == 4 * (48 + 160 + 128 + 16 + 32))
  }

  // The first head mixes both convolutions, so it is the last layer to run.
  @Test func `a head that mixes later layers runs after them`() throws {
    let convolution = "[convolutional]\nsize=1\nactivation=linear\nfilters=10"
    let head = "[yolo]\nclasses=3\nanchors=1,1\nfrom=0,3"
    let spec = try spec(
      [convolution, head, "[route]\nlayers=0", convolution, head].joined(separator: "\n"),
      width: 4, height: 4)
    #expect(spec.evaluationOrder == [0, 2, 3, 1, 4])
    // 160 floats a map: both convolutions' and both results.
    #expect(try spec.profile(width: 4, height: 4).activationBytes == 4 * 4 * 160)
  }
}
