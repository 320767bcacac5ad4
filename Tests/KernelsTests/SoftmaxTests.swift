import Machine
import Tensors
import Testing

@testable import Kernels

/// What softmax promises, also for rows that a comparison with the reference alone would not settle.
@Suite struct SoftmaxTests {
    static let names = Softmax.variants.map(\.name)

    @Test func everyVariantAgreesWithTheReference() throws { try expectAgreement(Softmax.self) }

    @Test func fusionSavesThePrePass() {
        // 8 values all visible, scaled: the pre-pass reads and writes each.
        #expect(Softmax.prePass(.init(rows: 2, columns: 4, scale: 0.5)).bytes == 2 * 8 * 4)
        // Causal 2 × 2: 4 values, 3 visible. Separately 4 passes over 4, and 1 zero; fused reads 3 and writes 4.
        #expect(Softmax.prePass(.init(rows: 2, columns: 2, queries: 2)).bytes == (17 - 7) * 4)
        #expect(Softmax.prePass(.init(rows: 2, columns: 4)).bytes == 0)
        #expect(Softmax.storedExponentials(.init(rows: 2, columns: 4)).bytes == -2 * 8 * 4)
    }

    /// The output of a variant for these values, or nil where this CPU cannot run it.
    private func output(_ name: String, _ problem: Softmax.Problem, _ x: [Float]) throws -> [Float]? {
        let variant = try #require(Softmax.variants.first { $0.name == name })
        guard variant.reasonToSkip(problem, on: CPU.features) == nil else { return nil }
        let operands = Softmax.operands(for: problem, filling: Filling(seed: 1, placement: .guarded))
        for (index, value) in x.enumerated() { operands.x[index] = value }
        operands.out.fill(Tensor<Float>.poison)
        variant.bind(problem, operands, workers: 1).call(try Team(workers: 1))
        return Array(operands.out.values)
    }

    @Test(arguments: names) func nothingVisibleIsZero(_ name: String) throws {
        // Three queries over two columns: the first sees none. And rows of nothing but −∞.
        let masked = try output(name, Softmax.Problem(rows: 3, columns: 2, queries: 3), [.nan, 1, 2, .nan, 1, 1])
        if let masked { #expect(masked == [0, 0, 1, 0, 0.5, 0.5]) }
        for columns in [1, 7, 33, 130] {
            let x = [Float](repeating: -.infinity, count: columns)
            if let out = try output(name, Softmax.Problem(rows: 1, columns: columns), x) {
                #expect(out.allSatisfy { $0 == 0 })
            }
        }
    }

    @Test(arguments: names) func infinityAndNaNFillTheVisiblePart(_ name: String) throws {
        for poison in [Float.nan, .infinity] {
            for place in [0, 5, 17, 36] {
                var x = [Float](repeating: 1, count: 2 * 40)
                x[place] = poison
                let problem = Softmax.Problem(rows: 2, columns: 40, queries: 4, scale: 0.5)
                guard let out = try output(name, problem, x) else { continue }
                #expect(out[..<37].allSatisfy { $0.isNaN }, "row 0 sees 37 columns, one of them \(poison)")
                #expect(out[37..<40].allSatisfy { $0 == 0 })
                #expect(out[40...].allSatisfy { !$0.isNaN })
            }
        }
    }

    /// Rows of odd length begin in every lane of a vector, and four may go together; nothing of that may be seen.
    @Test(arguments: names) func equalRowsHaveEqualBits(_ name: String) throws {
        for columns in [17, 33, 36, 65, 97, 129, 131, 257, 383, 385, 400, 1000, 1025] {
            var source = RandomSource(seed: UInt64(columns))
            let row = (0..<columns).map { _ in Float(3 * source.normal()) }
            let problem = Softmax.Problem(rows: 23, columns: columns)
            guard let out = try output(name, problem, (0..<23).flatMap { _ in row }) else { continue }
            let isEqual = (1..<23).allSatisfy { out[($0 * columns)..<(($0 + 1) * columns)] == out[..<columns] }
            #expect(isEqual, "\(columns) columns")
        }
    }

    /// An offset common to the row changes nothing, however large, as long as the differences are exact.
    @Test(arguments: names) func hugeOffsetsCancel(_ name: String) throws {
        let small: [Float] = [-3, 0, 2, -100, 1, 2]
        for offset in [Float](arrayLiteral: 0, 0x1p15, -0x1p15, 0x1p20, -0x1p20) {
            let x = small.map { $0 + offset }
            guard let out = try output(name, Softmax.Problem(rows: 1, columns: 6), x) else { continue }
            let sum = small.reduce(0) { $0 + exponential(Double($1) - 2) }
            for (value, input) in zip(out, small) {
                let expected = exponential(Double(input) - 2) / sum
                #expect(abs(Double(value) - expected) <= 0x1p-20 * expected + 0x1p-120, "offset \(offset)")
            }
        }
    }

    /// exp for a few integers, by multiplication: the test does not lean on what it tests.
    private func exponential(_ power: Double) -> Double {
        (0..<Int(power.magnitude)).reduce(1.0) { product, _ in product / 2.718281828459045 }
    }
}
