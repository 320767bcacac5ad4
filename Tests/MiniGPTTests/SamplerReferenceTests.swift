import Foundation
import MiniGPT
import Testing

/// What `scripts/fixtures/sampling.py` computed in float64 from the published definitions.
@Suite("Sampling: the reference's distributions within 1e-6")
struct SamplerReferenceTests {
    private struct Fixture: Decodable {
        var logits: [Float]
        var cases: [Case]
    }

    private struct Case: Decodable {
        var temperature, topP, minP, repetitionPenalty: Double?
        var topK: Int?
        var seen: [Int32]?
        var bias: [String: Float]?
        var probabilities: [Double]
    }

    private func fixture() throws -> Fixture {
        let url = try #require(
            Bundle.module.url(forResource: "sampling", withExtension: "json", subdirectory: "Fixtures"))
        return try JSONDecoder().decode(Fixture.self, from: Data(contentsOf: url))
    }

    private func sampler(_ known: Case, seed: UInt64 = 0) -> Sampler {
        var sampling = Sampling()
        sampling.temperature = known.temperature ?? 1
        sampling.topK = known.topK ?? 0
        sampling.topP = known.topP ?? 1
        sampling.minP = known.minP ?? 0
        sampling.repetitionPenalty = known.repetitionPenalty ?? 1
        for (token, value) in known.bias ?? [:] { sampling.bias[Int32(token) ?? -1] = value }
        sampling.seed = seed
        var sampler = Sampler(sampling, vocabulary: known.probabilities.count)
        for token in known.seen ?? [] { sampler.note(token) }
        return sampler
    }

    @Test func distributions() throws {
        let fixture = try fixture()
        #expect(fixture.cases.count == 14)
        for (index, known) in fixture.cases.enumerated() {
            var sampler = sampler(known)
            let got = fixture.logits.withUnsafeBufferPointer { sampler.probabilities($0) }
            let distance = zip(got, known.probabilities).reduce(0.0) { max($0, abs($1.0 - $1.1)) }
            #expect(distance <= 1e-6, "case \(index) is off by \(distance)")
            #expect(got.count == known.probabilities.count)
        }
    }

    @Test("Draws of every case follow the reference: χ² below what chance exceeds once in ten thousand seeds")
    func draws() throws {
        let fixture = try fixture()
        for (index, known) in fixture.cases.enumerated() where known.repetitionPenalty == nil {
            var sampler = sampler(known, seed: UInt64(index) + 1)
            let count = 20_000
            var counts = Array(repeating: 0, count: known.probabilities.count)
            fixture.logits.withUnsafeBufferPointer { for _ in 0..<count { counts[Int(sampler.next($0))] += 1 } }
            // Tokens that are expected less than ten times are one class together.
            var (statistic, classes, rest, restExpected) = (0.0, 0, 0, 0.0)
            for (seen, probability) in zip(counts, known.probabilities) {
                let expected = probability * Double(count)
                if probability == 0 { #expect(seen == 0, "case \(index) drew a token that cannot come") }
                if expected < 10 {
                    rest += seen
                    restExpected += expected
                } else {
                    statistic += pow(Double(seen) - expected, 2) / expected
                    classes += 1
                }
            }
            if restExpected >= 10 {
                statistic += pow(Double(rest) - restExpected, 2) / restExpected
                classes += 1
            }
            let freedom = Double(classes - 1)
            // Wilson and Hilferty's approximation of the quantile at 1 - 1e-4, 3.719 deviations out.
            let limit =
                freedom == 0 ? 0 : freedom * pow(1 - 2 / (9 * freedom) + 3.719 * (2 / (9 * freedom)).squareRoot(), 3)
            #expect(statistic <= limit + 1e-9, "case \(index): χ² \(statistic) of \(freedom) degrees, limit \(limit)")
        }
    }
}
