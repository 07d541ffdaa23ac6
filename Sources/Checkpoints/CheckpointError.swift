import Darknet

/// What is wrong with a PyTorch file, or why it is not read.
public enum CheckpointError: Error, Hashable, Sendable {
  /// The file could not be read at all.
  case file(FileError)
  /// The file is no zip archive that `torch.save` writes; the text says what it looks like.
  case notCheckpoint(path: String, reason: String)
  /// The file has the form of PyTorch before version 1.6, or is a plain pickle.
  case oldForm(path: String)
  /// The archive contradicts itself or was changed.
  case damaged(path: String, reason: String)
  /// The pickle wants a class or function that is not plain data; it was not looked up, let alone
  /// called.
  case refused(path: String, name: String)
  /// No dictionary of named tensors where a state dict belongs.
  case noStateDictionary(path: String)
  /// A tensor that the file does not hold.
  case missingTensor(String, path: String)
}

extension CheckpointError: CustomStringConvertible {
  /// One line: the path, what was found, what was expected.
  public var description: String {
    switch self {
    case .file(let error): "\(error)"
    case .notCheckpoint(let path, let reason):
      "\(path.printablePath): is not a PyTorch checkpoint: \(reason)"
    case .oldForm(let path):
      "\(path.printablePath): is a pickle of the form before PyTorch 1.6; save it anew with "
        + "torch.save(torch.load(FILE, map_location='cpu'), NEWFILE) in a newer PyTorch"
    case .damaged(let path, let reason): "\(path.printablePath): is damaged: \(reason)"
    case .refused(let path, let name):
      "\(path.printablePath): asks for '\(name.excerpt)', which is refused: only tensors, "
        + "containers, numbers and text are read; save the model's state_dict() instead"
    case .noStateDictionary(let path):
      "\(path.printablePath): holds no state dict, neither at its top nor under 'model' or "
        + "'state_dict'"
    case .missingTensor(let name, let path):
      "\(path.printablePath): has no tensor '\(name.excerpt)'"
    }
  }
}
