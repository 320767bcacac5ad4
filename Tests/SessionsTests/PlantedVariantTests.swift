import Harness
import Machine
import Records
import Testing

@testable import Entrants
@testable import Sessions
@testable import Suites

/// The planted wrong variants of `Doubling`, run as `mgbench run` runs the real ones.
@Suite struct PlantedVariantTests {
    private func measurements() throws -> [String: VariantRecord] {
        let team = try Team(workers: 1)
        let problem = FamilyProblem<Doubling>(Doubling.Problem(count: 1000))
        let options = ContestOptions(features: CPU.features, seed: 1, lastLevelCacheBytes: 1 << 20)
        let contest = problem.contest(workload: "planted", options: options, team: team)
        let runner = Runner(
            options: RunnerOptions(timeBoxNanoseconds: 5_000_000, minimumSamples: 5, allowDebug: true), counters: nil,
            roofs: nil, observers: [])
        let results = try runner.run([contest])
        return Dictionary(uniqueKeysWithValues: results.map { ($0.variant, $0) })
    }

    @Test func wrongVariantsAreRefusedAndGetNoNumber() throws {
        let results = try measurements()
        for name in ["off_by_one", "scaled", "cached"] {
            let result = try #require(results[name])
            #expect(result.verdict.status == "failed", "\(name) was let through")
            #expect(result.samples.isEmpty && result.statistic == nil && result.speedups.isEmpty)
            #expect(result.callsPerSample == 0 && result.roof == nil)
        }
    }

    @Test func rightVariantsAreMeasuredAndImpossibleOnesAreSkippedWithTheirReason() throws {
        let results = try measurements()
        for name in ["right", "reference"] {
            #expect(results[name]?.verdict == .verified)
            #expect((results[name]?.samples.count ?? 0) >= 3)
        }
        #expect(results["needs_all"]?.verdict.status == "skipped")
        #expect(results["needs_all"]?.verdict.reason?.contains("this CPU has no") == true)
    }
}
