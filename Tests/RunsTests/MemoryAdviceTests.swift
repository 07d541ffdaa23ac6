import Testing
import Torch

@testable import Runs

/// What is advised where memory is short.
@Suite struct MemoryAdviceTests {
  private func words(batchSize: Int?) -> String {
    "\(RunError.outOfMemory(.outOfMemory("no room for 86.00 MiB more"), batchSize: batchSize))"
  }

  @Test func `what takes less memory is named, as far as it can be lowered`() {
    let said = "out of memory: no room for 86.00 MiB more"
    #expect(words(batchSize: nil) == said)
    #expect(words(batchSize: 1) == said + "; a smaller --img-size takes less")
    #expect(
      words(batchSize: 16)
        == said + "; a smaller --batch-size (16 now) takes less, and so does a smaller --img-size")
  }
}
