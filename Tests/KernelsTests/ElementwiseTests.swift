import Machine
import Tensors
import Testing

@testable import Kernels

/// The functions of single values against their definitions in Double, over all magnitudes.
@Suite struct ElementwiseTests {
    /// Every 4096th float of either sign up to 100, and what lies beyond: where the functions are 0, x or infinite.
    private static let arguments: [Float] = {
        let patterns = stride(from: UInt32(0), through: Float(100).bitPattern, by: 4096)
        return patterns.flatMap { [Float(bitPattern: $0), -Float(bitPattern: $0)] }
            + [
                .nan, .infinity, -.infinity, .greatestFiniteMagnitude, -.greatestFiniteMagnitude, 1e30, -1e30, 128,
                -128,
            ]
    }()

    private static func operands(_ function: Elementwise.Function) -> (Elementwise.Problem, Elementwise.Operands) {
        let problem = Elementwise.Problem(function, count: arguments.count)
        let operands = Elementwise.operands(for: problem, filling: Filling(seed: 1))
        for (index, value) in arguments.enumerated() { operands.x[index] = value }
        return (problem, operands)
    }

    @Test func everyVariantAgreesWithTheReference() throws { try expectAgreement(Elementwise.self) }

    @Test(arguments: Elementwise.Function.allCases)
    func everyVariantIsWithinTheBoundAtAllMagnitudes(function: Elementwise.Function) throws {
        let (problem, operands) = Self.operands(function)
        let team = try Team(workers: 1)
        let expected = Expectation<Elementwise>(problem, operands: operands, team: team)
        for variant in Elementwise.variants where variant.reasonToSkip(problem, on: CPU.features) == nil {
            operands.out.fill(Tensor<Float>.poison)
            variant.bind(problem, operands, workers: 1).call(team)
            let bound = variant.bound(of: problem, operands: operands, reference: expected.values)
            let agreement = expected.agreement(of: operands, within: bound)
            #expect(agreement.isRight, "\(variant.name) \(function.rawValue): \(agreement.fault ?? "")")
        }
    }

    /// The family's bound would let a small argument's tanh be anything; these keep its digits.
    @Test func tanhKeepsItsDigitsWhereItIsSmall() throws {
        let (problem, operands) = Self.operands(.tanh)
        let team = try Team(workers: 1)
        for variant in Elementwise.variants where variant.reasonToSkip(problem, on: CPU.features) == nil {
            variant.bind(problem, operands, workers: 1).call(team)
            var worst = (ulp: 0.0, at: Float(0))
            for (index, x) in Self.arguments.enumerated() where !x.isNaN {
                let exact = problem.function(Double(x))
                let error = abs(Double(operands.out[index]) - exact) / Double(Float(exact).ulp)
                if error > worst.ulp { worst = (error, x) }
            }
            #expect(worst.ulp <= 4, "\(variant.name): \(worst.ulp) ulp at \(worst.at)")
        }
    }

    /// What the documentation says of GELU's approximations.
    @Test func approximationsOfGELUAreAsFarAwayAsTheyAreSaidToBe() {
        func furthest(_ function: Elementwise.Function) -> (error: Double, at: Double) {
            var worst = (error: 0.0, at: 0.0)
            for step in 0...80_000 {
                let x = Double(step) / 10_000
                let error = abs(function(x) - Elementwise.Function.gelu(x))
                if error > worst.error { worst = (error, x) }
            }
            return worst
        }
        let logistic = furthest(.geluSigmoid)
        #expect(abs(logistic.error - 0.0203) < 0.0001 && abs(logistic.at - 2.27) < 0.02, "\(logistic)")
        let tanh = furthest(.geluTanh)
        #expect(abs(tanh.error - 4.73e-4) < 1e-6, "\(tanh)")
    }
}
