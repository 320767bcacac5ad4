import Foundation
import Machine
import Tensors
import Testing

@testable import Kernels

@Suite struct TuningTests {
    private static func topology(cores: Int, threadsPerCore: Int = 1, l2: Int?, coresPerL2: Int = 1) -> Topology {
        let list = (0..<cores).map { core in
            Topology.Core(package: 0, cpus: (0..<threadsPerCore).map { core + $0 * cores })
        }
        let caches = stride(from: 0, to: cores, by: coresPerL2).compactMap { first -> Topology.Cache? in
            l2.map {
                Topology.Cache(
                    level: 2, kind: .unified, bytes: $0, lineBytes: 64, ways: 8,
                    cpus: list[first..<min(cores, first + coresPerL2)].flatMap(\.cpus))
            }
        }
        return Topology(
            source: "made up", packages: 1, cores: list, caches: caches, nodes: [],
            cpuset: list.flatMap(\.cpus))
    }

    @Test func defaultsFollowFromTheSecondCache() {
        let core = Tuning.defaults(for: TuningTests.topology(cores: 2, threadsPerCore: 2, l2: 1 << 20))
        #expect(core == Tuning(blockABytes: 85 * 4096, ffnTiles: 3))
        // A laptop of 256 KiB: a third, and one tile at least.
        let small = Tuning.defaults(for: TuningTests.topology(cores: 4, threadsPerCore: 2, l2: 256 << 10))
        #expect(small == Tuning(blockABytes: 21 * 4096, ffnTiles: 1))
        // A server of 2 MiB a core.
        let large = Tuning.defaults(for: TuningTests.topology(cores: 8, threadsPerCore: 2, l2: 2 << 20))
        #expect(large == Tuning(blockABytes: 170 * 4096, ffnTiles: 6))
        // Four cores on 4 MiB have one each.
        let shared = Tuning.defaults(for: TuningTests.topology(cores: 4, l2: 4 << 20, coresPerL2: 4))
        #expect(shared == core)
        // Extremes stay within what a kernel can use.
        let huge = Tuning.defaults(for: TuningTests.topology(cores: 1, l2: 1 << 30))
        #expect(huge == Tuning(blockABytes: 4 << 20, ffnTiles: 8))
        #expect(Tuning.defaults(for: TuningTests.topology(cores: 1, l2: 1)).blockABytes == 64 << 10)
        #expect(Tuning.defaults(for: TuningTests.topology(cores: 4, l2: nil)) == Tuning.fallback)
    }

    @Test func aFileWithImpossibleNumbersIsRefused() throws {
        let good = try JSONEncoder().encode(Tuning.fallback)
        #expect(try JSONDecoder().decode(Tuning.self, from: good) == Tuning.fallback)
        let text = String(decoding: good, as: UTF8.self)
        for (old, new) in [("344064", "1"), (":3", ":0"), (":200", ":0"), (":200", ":-1"), (":256", ":-1")] {
            let bad = text.replacing(old, with: new)
            #expect(bad != text)
            #expect(throws: DecodingError.self) {
                try JSONDecoder().decode(Tuning.self, from: Data(bad.utf8))
            }
        }
    }

    @Test func resultsHaveTheSameBitsUnderEveryTuning() throws {
        let gelu = Matmul.Epilogue(bias: true, activation: .gelu)
        for format in NumberFormat.allCases {
            // In place or packed; then several blocks of rows, and two of K.
            try expectSameBits(Matmul.self, Matmul.Problem(m: 45, n: 97, k: 128, format: format, epilogue: gelu))
            try expectSameBits(Matmul.self, Matmul.Problem(m: 130, n: 40, k: 2500, format: format))
            for kind in FFN.Kind.allCases {
                try expectSameBits(FFN.self, FFN.Problem(kind, tokens: 130, model: 72, hidden: 150, format: format))
            }
            try expectSameBits(
                Attention.self,
                Attention.Problem(
                    heads: 4, kvHeads: 2, queries: 70, keys: 90, dim: 40, causal: true, format: format))
        }
    }
}

/// Compares the outputs of every variant that runs here under the smallest blocks and under large ones, with one worker and
/// two.
private func expectSameBits<Family: KernelFamily>(_ family: Family.Type, _ problem: Family.Problem) throws {
    let team = try Team(workers: 2)
    let tunings = [
        Tuning(blockABytes: 16 << 10, inPlaceColumns: 0, ffnTiles: 1),
        Tuning(blockABytes: 1 << 20, inPlaceColumns: 4096, ffnTiles: 7),
    ]
    let variants = Family.variants.filter { $0.kind != .blas && $0.reasonToSkip(problem, on: CPU.features) == nil }
    for variant in variants {
        var first: [UInt32]?
        for tuning in tunings {
            for workers in 1...2 {
                let operands = Family.operands(for: problem, filling: Filling(seed: 4, placement: .guarded))
                let call = variant.bind(problem, operands, workers: team.workers, tuning: tuning)
                call.workerLimit = workers
                call.call(team)
                let bits = operands.outputs.flatMap { $0.values.map(\.bitPattern) }
                #expect(bits.contains { $0 != 0 })
                #expect(bits == first ?? bits, "\(Family.name)/\(variant.name) at \(problem), \(tuning)")
                first = bits
            }
        }
    }
}
