import Darknet
import Inference
import Networks
import Torch

/// A trained network that another one learns from: without gradients, in evaluation mode, with its batch
/// normalisations folded, and in half precision on a GPU.
///
/// It runs on the very tensors that the student sees. Nothing of it is written into the student's files.
public final class Teacher {
  /// Where it is, and which one.
  public let source: TeacherSource
  /// Its classes by index; empty where nobody says their names.
  public let names: [String]
  /// Its cfg, typed.
  public let spec: NetworkSpec

  private let model: Model
  private var network: Network?
  /// Of the network's arithmetic.
  private(set) var precision = DType.float32

  /// Reads and checks a teacher.
  ///
  /// - Parameter warn: takes what does not keep it from being used.
  /// - Throws: an error of its files; ``DistillationError``.
  public init(_ source: TeacherSource, warn: (String) -> Void) throws {
    var found = try source.found()
    model = try Model(cfg: found.cfg, weights: found.weights, warn: warn)
    spec = model.spec
    guard !spec.heads.isEmpty else { throw NetworkError.noHeads(path: found.cfg) }
    let now = try Self.namesNow(model, found)
    names = found.names ?? now.names
    // Which class is which would change in the midst of a run.
    if names != now.names {
      warn(
        "\(now.path): \(Self.listed(now.names)), which is not what the run began with; it goes on with "
          + Self.listed(names))
    }
    found.names = names
    self.source = found
  }

  /// The names of its classes that its files say now, and which file does.
  private static func namesNow(
    _ model: Model, _ source: TeacherSource
  ) throws -> (path: String, names: [String]) {
    let beside = try model.givenNames()
    guard beside.names.isEmpty,
      let found = try ModelDescription.find(cfg: source.cfg, weights: source.weights)
    else { return (beside.source, beside.names) }
    return (found.path, found.description.classes)
  }

  /// Names of classes in words.
  private static func listed(_ names: [String]) -> String {
    names.isEmpty ? "no names of classes" : "the classes \(DistillationError.list(names))"
  }

  /// Its numbers.
  var parameters: NetworkParameters { model.parameters }
  /// Trained weights, as numbers.
  public var parameterCount: Int { spec.parameterCount }
  /// The input that it was trained for, in pixels.
  var inputSize: (width: Int, height: Int) { (model.ownFeeding.width, model.ownFeeding.height) }
  /// How its pictures were brought to its input.
  var fit: String { model.ownFeeding.fit.rawValue }

  /// Its heads.
  var heads: [any DetectionHead] { network?.heads ?? [] }

  /// Half precision on a GPU.
  static func precision(on device: Device) -> DType { device.isCUDA ? .float16 : .float32 }

  /// Builds it on a device.
  func prepare(on device: Device) throws {
    let network = try Network(model.configuration, model.parameters, inputScale: model.inputScale)
    try network.move(to: device, memoryFormat: .channelsLast)
    try network.fold()
    for parameter in network.layers.flatMap(\.parameters.values) {
      try parameter.value.requireGrad(false)
    }
    precision = Self.precision(on: device)
    if device.isCUDA { try network.convert(to: precision) }
    self.network = network
  }

  /// The teacher as it is judged.
  func engine() throws -> TorchEngine {
    try TorchEngine(prepared(), precision: precision)
  }

  /// Raw outputs of its heads, and features of some layers, for pictures `[N, C, H, W]` in `0...1`;
  /// in float32.
  func see(
    _ images: Tensor, features layers: some Sequence<Int>
  ) throws -> (outputs: [Tensor], features: [Int: Tensor]) {
    let network = try prepared()
    let tap = FeatureTap(layers)
    let outputs = try inOwnPrecision {
      try withInferenceMode { try network(images.to(precision), ForwardPass(observers: [tap])) }
    }
    // Tensors of inference mode cannot take part in a gradient; what is made of them can.
    func plain(_ tensor: Tensor) throws -> Tensor {
      try withoutGrad { try precision == .float32 ? tensor.clone() : tensor.to(.float32) }
    }
    return (try outputs.map(plain), try tap.features.mapValues(plain))
  }

  /// Raw outputs of some heads, by their places, from given outputs of layers before them: only what
  /// lies between is run. What is given has gradients, the teacher has none.
  ///
  /// - Returns: for each head its output; nil where the teacher would have to see the pictures.
  func rest(from outputs: [Int: Tensor], heads: [Int]) throws -> [Tensor?] {
    let network = try prepared()
    return try inOwnPrecision {
      let given = try outputs.mapValues { try $0.to(precision) }
      return try heads.map { try network.output(ofHead: $0, from: given) }
    }
  }

  private func prepared() throws -> Network {
    guard let network else { preconditionFailure("a teacher is prepared before it is asked") }
    return network
  }

  /// What the student computes under autocast the teacher computes in its own precision.
  private func inOwnPrecision<Result>(_ body: () throws -> Result) throws -> Result {
    try withoutAutocast(prepared().device, body)
  }
}

/// Runs `body` in the precision of its tensors, whatever the student's forward pass is computed in: losses
/// want digits.
func withoutAutocast<Result>(_ device: Device, _ body: () throws -> Result) throws -> Result {
  try withAutocast(
    device, dtype: device.isCUDA ? .float16 : .bfloat16, enabled: false, body)
}
