import Loading
import Networks
import Torch

/// A run before anything of it exists: what techniques attach to
/// (``TrainingTechnique/attach(to:)``).
///
/// The network is on its device, in the memory format that it trains in. Optimizer, average and
/// resume come after all techniques have attached, so they know what these have added.
public struct TrainingSession {
  /// The network that is going to be trained. Its layers may be replaced and its values changed.
  public let network: Network
  /// What the run was told.
  public let options: TrainingOptions
  /// The optimizer steps of the run.
  public let course: TrainingCourse
  /// Names of the data set's classes, by index.
  public let classNames: [String]
  /// The processes that train together. What a technique keeps in a process, and gradients do not
  /// make the same in all, is its own to share.
  public let communicator: any Communicator

  /// The technique that attaches at the moment.
  var technique = ""
  private(set) var parameters: [Parameter] = []
  private(set) var observers: [any LayerObserver] = []
  private(set) var judgedObservers: [any LayerObserver] = []
  private(set) var savedState: [(name: String, tensor: Tensor)] = []

  init(
    _ network: Network, options: TrainingOptions, course: TrainingCourse, classNames: [String],
    communicator: any Communicator = SingleProcess(),
    attaching techniques: [any TrainingTechnique] = []
  ) throws {
    self.network = network
    self.options = options
    self.course = course
    self.classNames = classNames
    self.communicator = communicator
    for technique in techniques {
      self.technique = technique.name
      try technique.attach(to: &self)
    }
  }

  /// Adds a parameter that is no part of the network, such as an adapter between two widths. It
  /// learns by the rules of its group and resumes with the run; the written pair has nothing of it.
  ///
  /// - Parameters:
  ///   - name: unique within the technique.
  ///   - group: what it is to the optimizer.
  ///   - value: the first values; they are moved to the network's device.
  public mutating func addParameter(
    _ name: String, _ group: ParameterGroup, _ value: Tensor
  ) throws -> Parameter {
    let there = try withoutGrad { try value.detach().to(network.device).clone() }
    let parameter = try Parameter("\(technique).\(name)", group, there)
    parameters.append(parameter)
    return parameter
  }

  /// Adds state that no gradient changes, such as ranges: the technique changes it in place, and it
  /// resumes with the run.
  ///
  /// - Parameters:
  ///   - name: unique within the technique.
  ///   - value: the first values; they are moved to the network's device.
  public mutating func addState(_ name: String, _ value: Tensor) throws -> Tensor {
    let there = try withoutGrad { try value.detach().to(network.device).clone() }
    savedState.append(("\(technique).\(name)", there))
    return there
  }

  /// Adds an observer of the training's forward passes, after those that are there.
  ///
  /// - Parameter whenJudged: whether validation runs with it too, because the network that will be
  ///   used works as it does: quantized activations do, feature taps do not.
  public mutating func addObserver(_ observer: any LayerObserver, whenJudged: Bool = false) {
    observers.append(observer)
    if whenJudged { judgedObservers.append(observer) }
  }
}
