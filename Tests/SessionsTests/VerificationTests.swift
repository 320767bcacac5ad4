import Kernels
import Machine
import Testing

@testable import Entrants
@testable import Sessions
@testable import Suites

@Suite struct VerificationTests {
    /// What `mgbench verify` does, with a fixed seed: every variant that this machine can run is right.
    @Test func everyVariantIsRightOnItsEdgeCases() throws {
        let sweep = try VerificationSweep(features: CPU.features, seed: 1)
        let outcome = sweep.run(Catalog.families) { _ in }
        #expect(outcome.faults.isEmpty, "\(outcome.faults.prefix(10).map(\.description).joined(separator: "\n"))")
        #expect(outcome.cases >= 500)
        let families = Set(outcome.rows.map(\.family))
        #expect(families == Set(Catalog.families.map { $0.name }))
        for row in outcome.rows { #expect(row.cases > 0, "\(row.family)/\(row.variant) was never checked") }
    }

    /// The same without AVX-512, as on the many machines that lack it.
    @Test(.enabled(if: CPU.features.contains(.avx512)))
    func theVariantsOfOlderProcessorsAreRightToo() throws {
        let older = CPU.features.intersection([.sse2, .avx2, .fma, .f16c])
        let outcome = try VerificationSweep(features: older, seed: 2).run(Catalog.families) { _ in }
        #expect(outcome.faults.isEmpty, "\(outcome.faults.prefix(10).map(\.description).joined(separator: "\n"))")
        #expect(!outcome.skipped.isEmpty)
    }

    @Test func plantedFaultsAreFoundAndNamed() throws {
        let outcome = try VerificationSweep(features: CPU.features, seed: 3).run([Doubling.self]) { _ in }
        let wrong = Set(outcome.faults.map(\.variant))
        // "cached" computes its first call; only timing repeated calls can catch it, and does (PlantedVariantTests).
        #expect(wrong == ["off_by_one", "scaled"])
        #expect(outcome.faults.allSatisfy { $0.description.contains("seed 3") })
        #expect(outcome.skipped.map(\.variant) == ["doubling/needs_all"])
    }
}
