import CMachine
import Testing

@testable import Machine

@Suite("Peaks", .serialized)
struct PeakTests {
    @Test("A peak is the median of its samples, with their range")
    func median() {
        let odd = Peak(.compute, "x", threads: 2, samples: [9, 1, 5])
        #expect((odd.median, odd.low, odd.high) == (5, 1, 9))
        let even = Peak(.compute, "x", threads: 2, samples: [4, 1, 2, 9])
        #expect((even.median, even.low, even.high) == (3, 1, 9))
    }

    @Test("Samples near the best agree, whichever end is the best")
    func agreement() {
        #expect(Peak(.bandwidth, "x", threads: 1, samples: [10, 9.6, 9.5, 4]).agreeing == 2)
        #expect(Peak(.latency, "x", threads: 1, samples: [10, 10.4, 10.6, 4]).agreeing == 1)
        #expect(Peak(.compute, "x", threads: 1, samples: [7]).agreeing == 1)
    }

    @Test("A footprint fits its level, and grows with the caches that the workers have")
    func footprints() {
        func bytes(_ workers: Int, _ cpus: [Int], memory: Int = 1 << 40) -> [Int] {
            Footprint.levels(of: server, workers: workers, cpus: cpus, memoryLimit: memory).map(\.bytes)
        }
        #expect(bytes(1, [0]) == [16 << 10, 512 << 10, 8 << 20, 32 << 20, 256 << 20])
        // One L3 for both.
        #expect(bytes(2, [0, 1]) == [32 << 10, 1 << 20, 8 << 20, 32 << 20, 256 << 20])
        // One each.
        #expect(bytes(2, [0, 2]) == [32 << 10, 1 << 20, 16 << 20, 64 << 20, 512 << 20])
        // Two threads of one core share what it has.
        #expect(bytes(2, [0, 4]) == [16 << 10, 512 << 10, 8 << 20, 32 << 20, 256 << 20])
        // Workers that are not pinned count as placed.
        #expect(bytes(2, []) == bytes(2, [0, 1]))
        // A small machine is not filled.
        #expect(bytes(1, [0], memory: 512 << 20).last == 64 << 20)
        let names = Footprint.levels(of: server, workers: 1, cpus: [0], memoryLimit: 1 << 40).map(\.level)
        #expect(names == ["L1", "L2", "L3", "L3 whole", "memory"])
        // Memory that a probe may use is no larger than the cache: nothing to tell apart.
        let small = Footprint.levels(of: server, workers: 1, cpus: [0], memoryLimit: 128 << 20)
        #expect(!small.contains { $0.isWhole })
    }

    @Test("The streams write what they should, where they should", arguments: [1, 2, 3])
    func streams(workers: Int) throws {
        let team = try Team(workers: workers)
        let memory = try #require(StreamArrays(bytes: 1, workers: workers))
        let count = memory.count(sharedBy: 3)
        #expect(count == 256 * workers)
        let a = memory.pointer
        let b = a + count
        let c = b + count
        var stream = mg_stream(a: a, b: b, c: c, count: Int64(count), loops: 2)
        for index in 0..<count { a[index] = Float(index) }
        team.run(mg_stream_copy, &stream)
        #expect((0..<count).allSatisfy { b[$0] == Float($0) && c[$0] == 0 })
        team.run(mg_stream_triad, &stream)
        #expect((0..<count).allSatisfy { c[$0] == 4 * Float($0) && a[$0] == Float($0) })
        for index in 0..<count { c[index] = 0 }
        team.run(mg_stream_triad_past_caches, &stream)
        #expect((0..<count).allSatisfy { c[$0] == 4 * Float($0) && b[$0] == Float($0) })
        team.run(mg_stream_read, &stream)
        #expect((0..<count).allSatisfy { a[$0] == Float($0) && b[$0] == Float($0) && c[$0] == 4 * Float($0) })
    }

    @Test("Quick peaks: every probe that this processor has, once, with a positive figure")
    func quick() throws {
        let team = try Team(workers: 2)
        let peaks = PeakProbe(quick: true).measure(team: team)
        let names = peaks.map(\.name)
        #expect(Set(names).count == names.count)
        #expect(peaks.allSatisfy { $0.low > 0 && $0.low <= $0.median && $0.median <= $0.high && $0.high.isFinite })
        for name in ["read memory", "copy memory", "triad memory", "clock pair", "team call", "barrier"] {
            #expect(names.contains(name))
        }
        #expect(names.contains { $0.hasPrefix("dot bf16") } == !CPU.features.isDisjoint(with: [.avx512BF16, .armBF16]))
        #expect(names.contains("FMA f32 avx512") == CPU.features.contains(.avx512))
        for cache in Topology.current.dataCaches { #expect(names.contains("read L\(cache.level)")) }
        #expect(peaks.allSatisfy { $0.threads == 1 || $0.threads == 2 })
    }
}
