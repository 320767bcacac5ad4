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
        func place(_ bytes: Double, _ nanoseconds: Double, _ temperature: Temperature = .hot) throws -> RoofRecord {
            try #require(roofs.place(measurement(bytes: bytes, nanoseconds: nanoseconds, temperature: temperature)))
        }
        // The roof is the cache that holds all 20 kB.
        let far = try place(20_000, 500)
        #expect(far.name == "read L3, 1 thread" && far.limit == 50e9 && abs(far.leastNanoseconds - 400) < 1e-6)
        #expect(abs((far.fraction ?? 0) - 0.8) < 1e-9)
        // A time below it: 10 kB may have come at 100 GB/s, the others at 50.
        let near = try place(20_000, 350)
        #expect(near.name == "read L3 (L2 keeps 50 %), 1 thread" && abs(near.leastNanoseconds - 300) < 1e-6)
        #expect(abs((near.fraction ?? 0) - 300.0 / 350) < 1e-9)
        // Faster than that as well: no share is told.
        let faster = try place(20_000, 250)
        #expect(abs(faster.leastNanoseconds - 300) < 1e-6 && faster.fraction == nil && faster.doubt != nil)
        #expect(abs(try place(800, 500).leastNanoseconds - 4) < 1e-9)
        #expect(abs(try place(20_000, 5000, .cold).leastNanoseconds - 2000) < 1e-6)
    }

    /// The cache has room for 100 kB, of which a probe that read as many found half: 50 kB at 50 GB/s, 50 at 10.
    @Test func ofASharedCacheTheShareThatAProbeFoundCounts() throws {
        let whole = PeakRecord(
            kind: .bandwidth, name: "read L3 whole", threads: 1, median: 100e9 / 6, low: 1, high: 100e9 / 6)
        let roofs = Roofs(peaks: RoofsTests.peaks(farCache: 50e9) + [whole], topology: RoofsTests.topology)
        let within = try #require(roofs.place(measurement(bytes: 40_000, nanoseconds: 1000)))
        #expect(within.name == "read L3, 1 thread")
        let beyond = try #require(roofs.place(measurement(bytes: 100_000, nanoseconds: 7000)))
        #expect(beyond.name == "read memory (L3 keeps 50 %), 1 thread")
        #expect(abs(beyond.leastNanoseconds - 6000) < 1e-6)
        // The neighbours may have left since.
        let quiet = try #require(roofs.place(measurement(bytes: 100_000, nanoseconds: 3000)))
        #expect(quiet.name == "read L3, 1 thread" && abs(quiet.leastNanoseconds - 2000) < 1e-6)
    }

    /// Stores past the caches make a triad fast, and say nothing about loads.
    @Test func workThatOnlyReadsIsJudgedByReads() throws {
        let triad = PeakRecord(
            kind: .bandwidth, name: "non-temporal triad memory", threads: 1, median: 15e9, low: 15e9, high: 15e9)
        let roofs = Roofs(peaks: RoofsTests.peaks(farCache: 50e9) + [triad], topology: RoofsTests.topology)
        func name(written: Double?) throws -> String {
            var row = measurement(bytes: 1e6, nanoseconds: 1e6, temperature: .cold)
            row.cost.written = written
            return try #require(roofs.place(row)).name
        }
        #expect(try name(written: 100) == "read memory, 1 thread")
        #expect(try name(written: 3e5) == "non-temporal triad memory, 1 thread")
        #expect(try name(written: nil) == "non-temporal triad memory, 1 thread")
    }

    /// The limit is the best sample, not the median of a disturbed probe; and three have to agree on it.
    @Test func aRoofIsTheBestThatItsProbesShowed() throws {
        func roof(agreeing: Int, few: Double = 0) throws -> RoofRecord {
            let peaks = RoofsTests.peaks(farCache: 50e9).map { peak in
                var disturbed = peak
                if peak.name == "read L3" {
                    (disturbed.median, disturbed.low, disturbed.agreeing) = (20e9, 9e9, agreeing)
                }
                disturbed.threads = 2
                return disturbed
            }
            var small = RoofsTests.peaks(farCache: few)
            small.removeAll { $0.name != "read L3" }
            var row = measurement(bytes: 80_000, nanoseconds: 2000)
            row.threads = 2
            let roofs = Roofs(peaks: peaks, topology: RoofsTests.topology, smaller: few > 0 ? small : [])
            return try #require(roofs.place(row))
        }
        let trusted = try roof(agreeing: 3)
        #expect(trusted.limit == 50e9 && abs((trusted.fraction ?? 0) - 0.8) < 1e-9)
        let lone = try roof(agreeing: 2)
        #expect(lone.fraction == nil && lone.doubt?.contains("do not agree") == true)
        // One thread reached more than two.
        #expect(try roof(agreeing: 3, few: 60e9).doubt?.contains("fewer threads") == true)
        #expect(try roof(agreeing: 3, few: 49e9).doubt == nil)
    }

    @Test func aLargerTeamThatReachedLessIsNamed() {
        let many = RoofsTests.peaks(farCache: 30e9).map { peak in
            var peak = peak
            peak.threads = 2
            return peak
        }
        let found = PeakRecord.inversions(in: RoofsTests.peaks(farCache: 50e9) + many)
        #expect(found.map(\.many.name) == ["read L3"] && found.map(\.few.threads) == [1])
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
        // The first row stands under the roof as it is known at the end.
        var first = measurement(bytes: 80_000, nanoseconds: 4000)
        first.roof = slow
        #expect(roofs.placeAgain([first]).first?.roof?.limit == 50e9)
    }

    /// A product of bf16 can be computed in f32, which on some processors is the faster way.
    @Test func aNarrowArithmeticIsNoLowerRoofThanF32() throws {
        func roof(dot: Double) throws -> String {
            let peak = PeakRecord(
                kind: .compute, name: "dot bf16 test", threads: 1, median: dot, low: dot, high: dot)
            let roofs = Roofs(peaks: RoofsTests.peaks(farCache: 50e9) + [peak], topology: RoofsTests.topology)
            return try #require(roofs.compute(.bf16, threads: 1)).name
        }
        #expect(try roof(dot: 200e9) == "dot bf16 test")
        #expect(try roof(dot: 70e9) == "FMA f32 test")
    }

    /// What the fastest variant found in a nearer cache is there for all: shares of one problem are to each other as times.
    @Test func variantsOfOneProblemStandUnderOneRoof() throws {
        let roofs = ProbedRoofs(topology: RoofsTests.topology) { RoofsTests.peaks(farCache: 50e9) }
        let rows = [350.0, 700, 500].map { time in
            var row = measurement(bytes: 20_000, nanoseconds: time)
            row.roof = roofs.place(row)
            return row
        }
        #expect(Set(rows.compactMap(\.roof?.name)).count == 2, "each alone has the lowest roof above it")
        let placed = roofs.placeAgain(rows[...]).compactMap(\.roof)
        #expect(Set(placed.map(\.name)) == ["read L3 (L2 keeps 50 %), 1 thread"])
        #expect(zip(placed, [350.0, 700, 500]).allSatisfy { abs(($0.fraction ?? 0) * $1 - 300) < 1e-6 })
    }

    /// Probes that do not agree are looked at again, but not for ever.
    @Test func probesThatDoNotAgreeAreRepeated() throws {
        var looks = 0
        let roofs = ProbedRoofs(topology: RoofsTests.topology) {
            looks += 1
            return RoofsTests.peaks(farCache: 50e9).map { peak in
                var peak = peak
                peak.agreeing = 1
                return peak
            }
        }
        let row = measurement(bytes: 80_000, nanoseconds: 4000)
        // The second look agrees with the first, sample by sample, and a third makes three.
        #expect(try #require(roofs.place(row)).doubt != nil && looks == 2)
        #expect(try #require(roofs.place(row)).doubt == nil && looks == 3)
    }
}
