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

/// The networks that a trained one comes from, as `compare` takes them: the dense one, and the one that
/// training began with, where that is another; of these, what is there.
///
/// - Parameter path: the folder of the training's run.
package func origins(of path: String) -> [String] {
  comparedOrigins(denseOrigin(of: path), networkBeforeTraining(path) { _ in true })
}

/// What a network is compared with: the dense network that it comes from, and the one that its last step
/// began with, where that is another. A sparse training is left out beside the dense network: it is as
/// large, and made to be pruned.
package func comparedOrigins(_ dense: String?, _ last: String?) -> [String] {
  guard let dense else { return last.map { [$0] } ?? [] }
  guard let last, resolvedPath(last) != resolvedPath(dense), !isSparseTraining(last) else {
    return [dense]
  }
  return [dense, last]
}

/// Whether a pair is as pruning left it: not trained since, and without its statistics taken anew.
///
/// - Parameters:
///   - cfg: in the folder that the pruning wrote.
///   - weights: there, too.
func isPrunedOnly(cfg: String, weights: String) -> Bool {
  let run = RunFolder(path: folderPath(of: weights))
  guard !run.path.isEmpty, !fileExists(run.requestPath),
    resolvedPath(cfg) == resolvedPath(run.cfgPath),
    resolvedPath(weights) == resolvedPath(run.weightsPath)
  else { return false }
  return (try? PruningRecipe(contentsOf: run.recipePath)).map { !$0.recalibrates } ?? false
}

/// Whether a folder is of a sparse training, whose last weights are there and are the sparsest.
package func isSparseTraining(_ path: String) -> Bool {
  let run = RunFolder(path: path)
  guard fileExists(run.requestPath), fileExists(run.lastWeightsPath) else { return false }
  return (try? TrainingRecipe(contentsOf: run.requestPath))?.sparsity != nil
}

/// What is said where the last weights of a run are taken because nobody says which; nil of a run whose
/// best ones are.
package func noteOfSparsestWeights(in path: String) -> String? {
  guard isSparseTraining(path) else { return nil }
  return "--weights last: \(path) is a sparse training, and its last weights are the sparsest; "
    + "'--weights best' takes the best epoch's"
}

/// The float network that a training on codes began with, as `compare` takes it.
///
/// - Parameter path: the folder of the training's run.
/// - Returns: nil of other trainings, and where the files are not there.
package func floatOrigin(of path: String) -> String? {
  networkBeforeTraining(path) { $0.quantization != nil }
}

private func networkBefore(_ path: String) -> String? {
  if let pruned = (try? ModelDescription(contentsOf: RunFolder(path: path).modelPath))?.prunedFrom {
    return fileExists(pruned) ? pruned : nil
  }
  return networkBeforeTraining(path) { $0.sparsity != nil }
}

/// What a training began with, where it is one of those that are asked for.
private func networkBeforeTraining(
  _ path: String, where isWanted: (TrainingRecipe) -> Bool
) -> String? {
  let run = RunFolder(path: path)
  guard fileExists(run.requestPath),
    let recipe = try? TrainingRecipe(contentsOf: run.requestPath), isWanted(recipe),
    recipe.takesWhatFits != true, let weights = recipe.weights, fileExists(weights)
  else { return nil }
  let folder = folderPath(of: weights)
  let isOf = { (cfg: String) in resolvedPath(cfg) == resolvedPath(recipe.cfg) && fileExists(cfg) }
  if isOf(RunFolder(path: folder).cfgPath) { return folder }
  let ending = ".weights"
  guard weights.hasSuffix(ending), isOf(weights.dropLast(ending.count) + ".cfg") else { return nil }
  return weights
}
