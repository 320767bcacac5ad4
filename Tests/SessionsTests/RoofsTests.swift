import Kernels
import Machine
import Records
import Testing

@testable import Entrants
@testable import Sessions
@testable import Suites

@Suite struct RoofsTests {
    private static let topology = Topology(
        source: "test", packages: 1, cores: [.init(package: 0, cpus: [0])],
        caches: [(1, 1000), (2, 10_000), (3, 100_000)].map {
            .init(level: $0.0, kind: .unified, bytes: $0.1, lineBytes: 64, ways: 8, cpus: [0])
        }, nodes: [], cpuset: [0])

    private static func peaks(farCache: Double) -> [PeakRecord] {
        func peak(_ kind: PeakRecord.Kind, _ name: String, _ value: Double) -> PeakRecord {
            PeakRecord(kind: kind, name: name, threads: 1, median: value, low: value, high: value)
        }
        return [
            peak(.compute, "FMA f32 test", 100e9), peak(.bandwidth, "read L1", 200e9),
            peak(.bandwidth, "read L2", 100e9),
            peak(.bandwidth, "read L3", farCache), peak(.bandwidth, "read memory", 10e9),
        ]
    }

    private func measurement(bytes: Double, nanoseconds: Double, temperature: Temperature = .hot) -> VariantRecord {
        var measurement = VariantRecord(
            family: "test", variant: "v", kind: .simd, isa: .baseline, story: "",
            problem: .init(label: "n", workload: "w", axes: [:]), threads: 1, temperature: temperature,
            cost: .init(flops: 1, bytes: bytes), verdict: .verified)
        measurement.samples = [nanoseconds]
        measurement.statistic = Statistic([nanoseconds])
        return measurement
    }

    @Test func theNearerCacheMayKeepAPart() throws {
        let roofs = Roofs(peaks: RoofsTests.peaks(farCache: 50e9), topology: RoofsTests.topology)
        let roof = try #require(roofs.place(measurement(bytes: 20_000, nanoseconds: 500)))
        // The roof is the cache that holds all 20 kB; but 10 kB may come at 100 GB/s, the others at 50.
        #expect(roof.name == "read L3, 1 thread" && roof.limit == 50e9)
        #expect(abs(roof.leastNanoseconds - 300) < 1e-6)
        let small = try #require(roofs.place(measurement(bytes: 800, nanoseconds: 500)))
        #expect(abs(small.leastNanoseconds - 4) < 1e-9)
        let cold = try #require(
            roofs.place(measurement(bytes: 20_000, nanoseconds: 5000, temperature: .cold)))
        #expect(abs(cold.leastNanoseconds - 2000) < 1e-6)
    }

    @Test func aRoofThatWasLoweredIsProbedAgain() throws {
        var probes = [25e9, 50e9, 50e9]
        let roofs = ProbedRoofs(topology: RoofsTests.topology) { RoofsTests.peaks(farCache: probes.removeFirst()) }
        let slow = try #require(roofs.place(measurement(bytes: 80_000, nanoseconds: 4000)))
        #expect(slow.limit == 25e9 && probes.count == 2)
        // Faster than the lowered roof, slower than the true one.
        let honest = try #require(roofs.place(measurement(bytes: 80_000, nanoseconds: 1700)))
        #expect(honest.limit == 50e9 && honest.leastNanoseconds < 1700 && probes.count == 1)
        // Faster than any probe: still above its roof.
        let fake = measurement(bytes: 80_000, nanoseconds: 10)
        #expect(try #require(roofs.place(fake)).isExceeded(by: fake))
        #expect(roofs.peaks.first { $0.name == "read L3" }?.median == 50e9)
    }
}
