import Commands
import Pruning
import Testing

/// The words of `--score` and the scores that they stand for.
@Suite struct ScoreChoiceTests {
  @Test func `each word is a score, and needs what that needs`() throws {
    #expect(ScoreChoice.allCases.map(\.rawValue) == ImportanceScore.allCases.map(\.rawValue))
    for choice in ScoreChoice.allCases {
      let score = try #require(ImportanceScore(rawValue: choice.rawValue))
      #expect(choice.needsPictures == score.needsPictures)
    }
  }
}
