import CKernels
import Machine
import Tensors
import Testing

@testable import Kernels

@Suite("CachedAttention")
struct CachedAttentionTests {
    /// Every instruction set that this machine has, not only its best.
    @Test func everyVariantAgreesWithTheReference() throws {
        let here = CachedAttention.variants.filter { $0.needs.isSubset(of: CPU.features) }.map(\.name)
        #if arch(x86_64)
            let expected: Set = ["reference", "direct__avx2"]
        #elseif arch(arm64)
            let expected: Set = ["reference", "direct__neon"]
        #else
            let expected: Set = ["reference"]
        #endif
        try expectAgreement(CachedAttention.self, including: expected.union(here))
    }

    /// Every variant that this machine runs, not only its best.
    private func call(
        _ problem: CachedAttention.Problem, seed: UInt64 = 3, workers: Int = 1, _ check: (String, [UInt32]) -> Void
    ) throws {
        let team = try Team(workers: workers)
        var count = 0
        for variant in CachedAttention.variants
        where variant.compiled != nil && variant.reasonToSkip(problem, on: CPU.features) == nil {
            let operands = CachedAttention.operands(for: problem, filling: Filling(seed: seed))
            variant.bind(problem, operands, workers: workers).call(team)
            check(variant.name, operands.outputs[0].values.map(\.bitPattern))
            count += 1
        }
        #if arch(x86_64) || arch(arm64)
            #expect(count > 0)
        #endif
    }

    private func problem(_ rows: Int, block: Int = 16, format: CacheFormat, stores: Bool) -> CachedAttention.Problem {
        CachedAttention.Problem(
            rows: rows, heads: 6, kvHeads: 2, keys: 150, dim: 40, block: block, format: format, stores: stores)
    }

    @Test("The same bits at every number of workers", arguments: CacheFormat.allCases, [false, true])
    func workers(_ format: CacheFormat, _ stores: Bool) throws {
        for rows in [1, 3, 8] {
            var expected: [String: [UInt32]] = [:]
            try call(problem(rows, format: format, stores: stores)) { expected[$0] = $1 }
            for workers in [2, 3, 5] {
                try call(problem(rows, format: format, stores: stores), workers: workers) { name, bits in
                    #expect(expected[name] == bits, "\(name), \(rows) rows, \(workers) workers")
                }
            }
        }
    }

    @Test("A row has the same bits whatever rows are beside it", arguments: CacheFormat.allCases)
    func rows(_ format: CacheFormat) throws {
        // The first row sees the same keys in each; its operands are drawn anew, so they are copied.
        let many = problem(8, format: format, stores: false)
        let team = try Team(workers: 2)
        for variant in CachedAttention.variants
        where variant.compiled != nil && variant.reasonToSkip(many, on: CPU.features) == nil {
            let all = CachedAttention.operands(for: many, filling: Filling(seed: 5))
            variant.bind(many, all, workers: 2).call(team)
            let width = many.heads * many.dim
            for row in 0..<8 {
                var arguments = CachedAttention.arguments(many, all)
                let out = Tensor<Float>([width])
                arguments.rows = 1
                arguments.row += row
                arguments.q += row * width
                arguments.o = out.pointer
                let scratch = Tensor<UInt8>([variant.compiled?.entry.workspace_bytes?(&arguments, 1) ?? 0])
                arguments.buffers.workspace = UnsafeMutableRawPointer(scratch.pointer)
                let invocation = Invocation(
                    arguments: arguments, task: try #require(variant.compiled).entry.run, owner: scratch)
                invocation.call(try Team(workers: 1))
                let expected = all.outputs[0].values[row * width..<(row + 1) * width].map(\.bitPattern)
                #expect(out.values.map(\.bitPattern) == expected, "\(variant.name), row \(row)")
            }
        }
    }

    @Test("A key that is stored on the way is the key that is found there later", arguments: CacheFormat.allCases)
    func stored(_ format: CacheFormat) throws {
        let team = try Team(workers: 1)
        let storing = problem(2, format: format, stores: true)
        for variant in CachedAttention.variants
        where variant.compiled != nil && variant.reasonToSkip(storing, on: CPU.features) == nil {
            let operands = CachedAttention.operands(for: storing, filling: Filling(seed: 9))
            variant.bind(storing, operands, workers: 1).call(team)
            let first = operands.outputs[0].values.map(\.bitPattern)
            var arguments = CachedAttention.arguments(storing, operands)
            arguments.stores = 0
            let scratch = Tensor<UInt8>([variant.compiled?.entry.workspace_bytes?(&arguments, 1) ?? 0])
            arguments.buffers.workspace = UnsafeMutableRawPointer(scratch.pointer)
            operands.outputs[0].fill(.nan)
            Invocation(arguments: arguments, task: try #require(variant.compiled).entry.run, owner: scratch).call(team)
            #expect(operands.outputs[0].values.map(\.bitPattern) == first, "\(variant.name)")
        }
    }
}
