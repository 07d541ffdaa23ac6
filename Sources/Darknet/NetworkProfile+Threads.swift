extension NetworkProfile {
  /// Multiply-accumulate operations of one layer that are worth a thread of their own.
  ///
  /// Measured on networks of 17 convolutions (docs/results/speed.md): a second thread gains nothing
  /// up to 5 million a layer, a third of the speed from 7 million on; 15 million were fastest on 4
  /// to 8 threads, 60 million on 16.
  public static let macsPerThread = 3_000_000

  /// How many threads to use on a CPU: more would wait for one another longer than they work, all
  /// the more so beside other programs.
  ///
  /// It depends on the work and the machine alone, so that a run can be repeated.
  ///
  /// - Parameters:
  ///   - batchSize: pictures in one pass.
  ///   - cores: the most threads that there may be.
  /// - Returns: 1 to `cores`.
  public func suggestedThreads(batchSize: Int, cores: Int) -> Int {
    let layers = layers.count { $0.macs > 0 }
    let macsPerLayer = Double(macs) * Double(batchSize) / Double(max(layers, 1))
    return Int(max(1, min(Double(cores), macsPerLayer / Double(Self.macsPerThread))))
  }
}
