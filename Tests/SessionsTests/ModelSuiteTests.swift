import Entrants
import Harness
import Machine
import Records
import Testing

@testable import Sessions
@testable import Suites

@Suite struct ModelSuiteTests {
    let options = ContestOptions(features: CPU.features, seed: 1, lastLevelCacheBytes: 1 << 25)

    @Test func aModelThatIsNotHereIsAMistakeByNameAndSkippedWithAll() throws {
        let workloads = Suite.workloads(.decode, model: "/nonexistent.gguf")
        #expect(throws: (any Error).self) { try workloads[0].problem.checkReadiness() }
        let contest = workloads[0].contest(options: options, team: try Team(workers: 1))
        #expect(contest.subjects.isEmpty)
        #expect(contest.skipped.map(\.variant) == ["selection"])
        #expect(RunRequest(suite: "decode").isNamed && !RunRequest(suite: "all").isNamed)
    }

    @Test func sizesCanBeSetAndOthersAreRefused() throws {
        let decode = Suite.workloads(.decode, model: "m")[0]
        #expect(try decode.setting([("tokens", 16), ("context", 8)]).axes == ["tokens": 16, "context": 8])
        #expect(throws: UsageError.self) { try decode.setting([("tokens", 0)]) }
        #expect(throws: UsageError.self) { try decode.setting([("heads", 1)]) }
        let tokenizer = Suite.tokenizer.workloads[0]
        #expect(try tokenizer.setting([("bytes", 100)]).axes["bytes"] == 100)
        #expect(throws: UsageError.self) { try tokenizer.setting([("vocabulary", 10)]) }
    }
}
