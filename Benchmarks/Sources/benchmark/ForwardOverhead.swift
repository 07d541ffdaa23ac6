import Darknet
import Networks
import Torch

/// Prints an upper bound of what a forward pass spends outside of arithmetic.
///
/// The same layers with 8 channels each at 32 px do hardly any arithmetic; what their pass takes is
/// our own code, libtorch's dispatch and the start of its kernels. None of it depends on sizes, so
/// its share of a whole pass bounds the share of our code from above.
func measureForwardOverhead(_ options: Options) throws {
  let whole = try BuiltInNetwork.yolov4Tiny.configuration(width: options.size)
  let empty = try BuiltInNetwork.yolov4Tiny.configuration(
    classes: 1, width: 32, widthMultiple: 1.0 / 64)
  let networks = try [whole, empty].map { configuration in
    let network = try Network(configuration)
    try network.move(to: .cpu, memoryFormat: .channelsLast)
    return try withoutGrad { try network.folded() }
  }
  let pictures = try networks.map { network in
    try Tensor.uniform(
      [1, 3, network.spec.net.height, network.spec.net.width], generator: Generator(seed: 0)
    ).to(.channelsLast)
  }
  var samples = [Samples](repeating: Samples(), count: 2)
  var shares = Samples()
  try withoutGrad {
    for round in -3..<(10 * options.repeats) {
      // Passes over little data follow each other; alone they would measure cold caches.
      let times = try networks.indices.map { index in
        let passes = index == 0 ? 1 : 20
        return try seconds {
          for _ in 0..<passes { _ = try networks[index](pictures[index]) }
        } * 1000 / Double(passes)
      }
      guard round >= 0 else { continue }
      for index in networks.indices { samples[index].append(times[index]) }
      shares.append(100 * times[1] / times[0])
    }
  }
  print("yolov4-tiny, batch 1, folded, channels-last; milliseconds a pass, median (range)")
  print("  \(options.size) px:                          \(samples[0])")
  print("  same layers, 8 channels, 32 px:  \(samples[1])")
  print("  all but arithmetic, at most, %:  \(shares)")
}
