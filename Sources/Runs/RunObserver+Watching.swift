import Training

extension RunObserver {
  /// Shows how far a task is that says how many pictures it has when the first ones are done.
  ///
  /// - Parameter body: does the task; it calls what it is given with the pictures done, and all.
  package func watch<Result>(
    _ task: String, _ body: (@escaping (_ done: Int, _ total: Int) -> Void) throws -> Result
  ) rethrows -> Result {
    var hasBegun = false
    defer { if hasBegun { end() } }
    return try body { done, total in
      if !hasBegun { self.begin(task, pictures: total) }
      hasBegun = true
      self.advance(to: done)
    }
  }
}
