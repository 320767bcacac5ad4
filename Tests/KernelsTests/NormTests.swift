import Machine
import Tensors
import Testing

@testable import Kernels

@Suite struct NormTests {
    @Test func everyVariantAgreesWithTheReference() throws { try expectAgreement(Norm.self) }

    @Test func fusionSavesTheSumReadBack() {
        #expect(Norm.sumReadBack(.init(.rmsNorm, rows: 3, columns: 5, residual: true)).bytes == 60)
        #expect(Norm.sumReadBack(.init(.rmsNorm, rows: 3, columns: 5)).bytes == 0)
    }

    /// Rows whose mean is large against their deviation, where E[x²] − E[x]² has no correct digit left.
    @Test(arguments: Norm.variants.filter { $0.kind == .simd || $0.kind == .fused }.map(\.name))
    func rowsFarFromZeroLoseNothing(_ name: String) throws {
        let variant = try #require(Norm.variants.first { $0.name == name })
        for problem in [
            Norm.Problem(.layerNorm, rows: 5, columns: 768), Norm.Problem(.layerNorm, rows: 3, columns: 1001),
        ] where variant.reasonToSkip(problem, on: CPU.features) == nil {
            let operands = Norm.operands(for: problem, filling: Filling(seed: 3))
            var source = RandomSource(seed: 4)
            for index in 0..<operands.x.count { operands.x[index] = Float(1e4 + source.normal()) }
            let team = try Team(workers: 1)
            let expected = Expectation<Norm>(problem, operands: operands, team: team)
            variant.bind(problem, operands, workers: 1).call(team)
            let bound = variant.bound(of: problem, operands: operands, reference: expected.values)
            let agreement = expected.agreement(of: operands, within: bound)
            #expect(agreement.isRight, "\(agreement.fault ?? "")")
            if name != "lanes" {
                // A hundredth of what the rounding of a mean of 10⁴ alone would cost.
                #expect(agreement.worstError < 6e-6)
            }
        }
    }

    /// Rows of odd length begin in every lane of a vector; nothing of that may be seen.
    @Test(arguments: [191, 193, 203, 257, 385, 1000, 1025])
    func equalRowsHaveEqualBits(_ columns: Int) throws {
        let team = try Team(workers: 1)
        for kind in [Norm.Kind.layerNorm, .rmsNorm] {
            let problem = Norm.Problem(kind, rows: 21, columns: columns)
            for variant in Norm.variants where variant.kind == .simd || variant.kind == .fused {
                guard variant.reasonToSkip(problem, on: CPU.features) == nil else { continue }
                let operands = Norm.operands(for: problem, filling: Filling(seed: 6, placement: .guarded))
                for index in columns..<operands.x.count { operands.x[index] = operands.x[index % columns] }
                variant.bind(problem, operands, workers: 1).call(team)
                let out = Array(operands.out.values)
                let isEqual = (1..<21).allSatisfy { out[($0 * columns)..<(($0 + 1) * columns)] == out[..<columns] }
                #expect(isEqual, "\(variant.name), \(kind)")
            }
        }
    }

    @Test func theStreamIsTheRoundedSum() throws {
        let problem = Norm.Problem(.rmsNorm, rows: 7, columns: 65, residual: true)
        let team = try Team(workers: 2)
        for variant in Norm.variants where variant.reasonToSkip(problem, on: CPU.features) == nil {
            let operands = Norm.operands(for: problem, filling: Filling(seed: 5, placement: .guarded))
            variant.bind(problem, operands, workers: 2).call(team)
            let residual = try #require(operands.residual)
            let sum = try #require(operands.sum)
            for index in 0..<sum.count { #expect(sum[index] == operands.x[index] + residual[index]) }
        }
    }
}
