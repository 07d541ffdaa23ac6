import Darknet
import Inference
import Storage
import Training

/// The dense network that a pruned or sparse one comes from, as `compare` takes it: back from a
/// pruned network to the one that it was pruned from, and from a sparse training to what that began
/// with, as far as the records say and the files are there.
///
/// - Parameter path: a run folder, or one that `prune` wrote.
/// - Returns: nil where nothing comes before `path`.
package func denseOrigin(of path: String) -> String? {
  var visited: Set = [resolvedPath(path)]
  var found: String?
  var next = networkBefore(path)
  while let network = next, visited.insert(resolvedPath(network)).inserted {
    found = network
    next = networkBefore(network)
  }
  return found
}

/// Whether a folder is of a sparse training, whose last weights are there and are the sparsest.
package func isSparseTraining(_ path: String) -> Bool {
  let run = RunFolder(path: path)
  guard fileExists(run.requestPath), fileExists(run.lastWeightsPath) else { return false }
  return (try? TrainingRecipe(contentsOf: run.requestPath))?.sparsity != nil
}

private func networkBefore(_ path: String) -> String? {
  let run = RunFolder(path: path)
  if let pruned = (try? ModelDescription(contentsOf: run.modelPath))?.prunedFrom {
    return fileExists(pruned) ? pruned : nil
  }
  guard fileExists(run.requestPath),
    let recipe = try? TrainingRecipe(contentsOf: run.requestPath), recipe.sparsity != nil,
    recipe.takesWhatFits != true, let weights = recipe.weights, fileExists(weights)
  else { return nil }
  let folder = folderPath(of: weights)
  let isOf = { (cfg: String) in resolvedPath(cfg) == resolvedPath(recipe.cfg) && fileExists(cfg) }
  if isOf(RunFolder(path: folder).cfgPath) { return folder }
  let ending = ".weights"
  guard weights.hasSuffix(ending), isOf(weights.dropLast(ending.count) + ".cfg") else { return nil }
  return weights
}
