import Machine
import Tensors
import Testing

@testable import Kernels

/// A row has the same bits whatever the batch around it. Operands are drawn front to back from a seed, so a smaller batch
/// is the beginning of a larger one.
@Suite struct BatchTests {
    private static let batches = [1, 2, 3, 4, 5, 9, 13, 14, 15, 29]

    /// Every batch's output is the beginning of the largest one's, for each own variant that computes all of them.
    private func expectPrefixes<Family: KernelFamily>(
        of _: Family.Type, workers: Int = 1, _ problems: [Family.Problem],
        inputs: (Family.Operands, Family.Problem) -> [Double], sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let team = try Team(workers: workers)
        let alone = try Team(workers: 1)
        let sets = problems.map { Family.operands(for: $0, filling: Filling(seed: 8)) }
        let largest = try #require(sets.last)
        let drawn = zip(sets, problems).map { inputs($0, $1) }
        for some in drawn { #expect(drawn.last?.starts(with: some) == true, sourceLocation: sourceLocation) }
        var count = 0
        for variant in Family.variants where variant.kind == .simd || variant.kind == .fused {
            guard problems.allSatisfy({ variant.reasonToSkip($0, on: CPU.features) == nil }) else { continue }
            let outputs = zip(problems, sets).map { problem, operands in
                let isLargest = operands === largest
                variant.bind(problem, operands, workers: isLargest ? workers : 1).call(isLargest ? team : alone)
                return operands.outputs[0].values.map(\.bitPattern)
            }
            for (problem, output) in zip(problems, outputs) {
                #expect(
                    outputs.last?.starts(with: output) == true, "\(variant.name) at \(problem)",
                    sourceLocation: sourceLocation)
            }
            count += 1
        }
        #if arch(x86_64) || arch(arm64)
            #expect(count > 0, sourceLocation: sourceLocation)
        #endif
    }

    @Test(arguments: [1, 17, 33, 49, 65, 100], NumberFormat.allCases)
    func products(_ columns: Int, _ format: NumberFormat) throws {
        for inner in [7, 64, 300] {
            let problems = Self.batches.map {
                Matmul.Problem(
                    m: $0, n: columns, k: inner, format: format, epilogue: .init(bias: true, activation: .geluTanh))
            }
            try expectPrefixes(of: Matmul.self, workers: 2, problems) {
                $0.a.values(from: 0, stride: 1, count: $1.m * $1.k)
            }
        }
    }

    @Test(arguments: [QuantizationFormat.q8_0, .q4_0, .q4_1, .q4_k, .int8])
    func quantisedProducts(_ format: QuantizationFormat) throws {
        let problems = Self.batches.map {
            QuantizedMatmul.Problem(format, tokens: $0, inputs: 256, outputs: 65, bias: true)
        }
        try expectPrefixes(of: QuantizedMatmul.self, workers: 2, problems) { operands, _ in
            operands.a.values.map { Double($0) }
        }
    }

    @Test(arguments: [FFN.Kind.geluTanh, .swiGLU], NumberFormat.allCases)
    func layers(_ kind: FFN.Kind, _ format: NumberFormat) throws {
        let problems = Self.batches.map { FFN.Problem(kind, tokens: $0, model: 40, hidden: 97, format: format) }
        try expectPrefixes(of: FFN.self, workers: 2, problems) {
            $0.x.values(from: 0, stride: 1, count: $1.tokens * $1.model)
        }
    }

    /// A causal query sees the keys up to its own, so shorter texts are beginnings of longer ones.
    @Test(arguments: [40, 64, 65], NumberFormat.allCases)
    func queries(_ dim: Int, _ format: NumberFormat) throws {
        let problems = [1, 7, 15, 16, 17, 24, 31, 33, 49, 65, 129, 145, 300].map {
            Attention.Problem(heads: 1, kvHeads: 1, queries: $0, keys: $0, dim: dim, causal: true, format: format)
        }
        try expectPrefixes(of: Attention.self, workers: 2, problems) {
            $0.q.values(from: 0, stride: 1, count: $1.queries * $1.dim)
        }
    }
}
