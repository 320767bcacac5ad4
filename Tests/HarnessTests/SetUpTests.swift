import Records
import Testing

@testable import Harness

/// A machine on which memory lies well or badly: each opening draws the next place, which all calls there share.
private final class Hall {
    var time: UInt64 = 0
    var interruptions = 0
    var cpu = 0
    /// What opened and closed, in order: `+a`, `-a`.
    var diary: [String] = []
    var openings = 0
    var openingNanoseconds: UInt64 = 1000

    var instruments: Instruments {
        var instruments = Instruments(
            now: { self.time }, pause: { self.time += $0 }, resolutionNanoseconds: 10, pairCostNanoseconds: 10,
            interruptions: { self.interruptions }, cpuTime: { nil })
        instruments.evidence = { Evidence(interruptions: self.interruptions, cpu: self.cpu) }
        return instruments
    }

    func subject(
        _ name: String, kind: EntrantKind = .simd, nanoseconds: UInt64 = 1000, places: [Double] = [1],
        isDisturbed: @escaping (Int) -> Bool = { _ in false }
    ) -> Subject {
        let blank = VariantRecord(
            family: "made up", variant: name, kind: kind, isa: .baseline, story: "",
            problem: ProblemRecord(label: "n4", workload: "made up", axes: [:]), threads: 1, temperature: .hot,
            cost: CostRecord(flops: 4, bytes: 32), verdict: .verified)
        var opened = 0
        return Subject(
            blank: blank,
            open: { [self] in
                let place = places[opened % places.count]
                opened += 1
                openings += 1
                time += openingNanoseconds
                diary.append("+\(name)")
                return PlacedTrial(
                    self, name, nanoseconds: UInt64(Double(nanoseconds) * place), isDisturbed: isDisturbed)
            })
    }
}

private final class PlacedTrial: Trial {
    private let hall: Hall
    private let name: String
    private let nanoseconds: UInt64
    private let isDisturbed: (Int) -> Bool
    private var batches = 0

    init(_ hall: Hall, _ name: String, nanoseconds: UInt64, isDisturbed: @escaping (Int) -> Bool) {
        self.hall = hall
        self.name = name
        self.nanoseconds = nanoseconds
        self.isDisturbed = isDisturbed
    }

    deinit { hall.diary.append("-\(name)") }

    private var record: VerificationRecord {
        VerificationRecord(count: 4, worstOfBound: 0, worstError: 0, bound: "exact", seed: 1, checkedAfterTiming: true)
    }

    func verify() -> Check { .right(record) }
    func poison() {}
    func recheck() -> Check { .right(record) }

    func run(times: Int) {
        batches += 1
        let isDisturbed = isDisturbed(batches)
        if isDisturbed { hall.cpu += 1 }
        hall.time += UInt64(times) * nanoseconds * (isDisturbed ? 10 : 1)
    }
}

@Suite struct SetUpTests {
    private let hall = Hall()

    private func measure(_ subjects: Subject..., setUps: Int = 12, box: UInt64 = 300_000_000) throws -> [VariantRecord]
    {
        let options = RunnerOptions(timeBoxNanoseconds: box, minimumSamples: 30, setUps: setUps, allowDebug: true)
        let runner = Runner(
            options: options, counters: nil, roofs: nil, observers: [], instruments: hall.instruments)
        return try runner.run([Contest(title: "contest", subjects: subjects)])
    }

    @Test func memoryIsGivenBackByAllBeforeAnyTakesItAgain() throws {
        _ = try measure(hall.subject("a"), hall.subject("b"), hall.subject("c"))
        #expect(hall.openings == 36)
        for setUp in 0..<12 {
            let part = hall.diary[(6 * setUp)..<(6 * setUp + 6)]
            #expect(part.prefix(3).allSatisfy { $0.hasPrefix("+") } && part.suffix(3).allSatisfy { $0.hasPrefix("-") })
        }
        // The order in which they open is drawn anew.
        let orders = (1..<12).map { hall.diary[(6 * $0)..<(6 * $0 + 3)].joined() }
        #expect(Set(orders).count >= 3)
    }

    @Test func everySampleKnowsItsSetUp() throws {
        let row = try measure(hall.subject("a", places: [1, 1.1]))[0]
        let setUps = try #require(row.setUps)
        #expect(setUps.count == 12 && setUps.reduce(0) { $0 + $1.count } == row.samples.count)
        #expect(row.samples.count >= 30)
        for (place, part) in row.keptSamples.enumerated() {
            #expect(Set(part) == [place.isMultiple(of: 2) ? 1000 : 1100])
        }
        let statistic = try #require(row.statistic)
        #expect(statistic.setUps == 12)
        // The set-ups differ by a tenth: so much the interval must tell, which each of them alone would not.
        #expect(statistic.relativeHalfWidth > 0.02)
    }

    @Test func disturbedSamplesAreKeptAndDoNotCount() throws {
        let row = try measure(hall.subject("a", isDisturbed: { $0 == 5 }))[0]
        let setUps = try #require(row.setUps)
        #expect(setUps.dropFirst().contains { !$0.disturbed.isEmpty }, "no sample was disturbed: nothing is tested")
        #expect(row.samples.contains(10_000))
        #expect(row.statistic?.maximum == 1000)
        #expect(row.statistic.map(\.count) == row.keptSamples.reduce(0) { $0 + $1.count })
    }

    @Test func ratiosAllowForWhereMemoryLies() throws {
        let rows = try measure(
            hall.subject("plain", kind: .reference, nanoseconds: 2000, places: [1, 1.05, 0.95, 1.02]),
            hall.subject("vector", places: [1, 0.97, 1.03]))
        let speedup = try #require(rows[1].speedups.first)
        #expect(speedup.low < 1.98 && speedup.high > 2.02 && speedup.low <= speedup.ratio)
    }

    @Test func setUpsShareTheTimeBox() throws {
        func spent(_ setUps: Int) throws -> UInt64 {
            let began = hall.time
            // Never precise: every other batch takes twice as long.
            var batch = 0
            let subject = hall.subject(
                "a",
                isDisturbed: { _ in
                    batch += 1
                    return batch.isMultiple(of: 2)
                })
            _ = try measure(subject, setUps: setUps)
            return hall.time - began
        }
        let (one, twelve) = (try spent(1), try spent(12))
        #expect(Double(twelve) <= 1.3 * Double(one), "\(twelve) against \(one) ns")
    }

    @Test func whatIsDearToOpenIsSetUpOnce() throws {
        hall.openingNanoseconds = 100_000_000
        let row = try measure(hall.subject("model"))[0]
        #expect(hall.openings == 1 && row.setUps?.count == 1 && row.samples.count >= 30)
    }

    @Test func aLongCallTakesPartInFewerSetUps() throws {
        // 8 of 40 ms fit into a box of 400 ms; five times a call of 200 ms does not.
        let rows = try measure(
            hall.subject("quick"), hall.subject("slow", nanoseconds: 40_000_000),
            hall.subject("slower", nanoseconds: 200_000_000), box: 400_000_000)
        #expect(rows[0].setUps?.count == 12)
        #expect(rows[1].setUps?.count == 8)
        #expect(rows[2].setUps?.count == 1 && rows[2].samples.count == RunnerOptions.fewestSamples)
    }

    @Test func whatCannotBeSetUpAgainHasFailed() throws {
        struct Gone: Error {}
        var opened = 0
        var broken = hall.subject("broken")
        let open = broken.open
        broken.open = {
            opened += 1
            guard opened < 3 else { throw Gone() }
            return try open()
        }
        let rows = try measure(broken, hall.subject("whole"))
        #expect(rows[0].verdict.reason?.hasPrefix("cannot be set up again: ") == true)
        #expect(rows[0].samples.isEmpty && rows[0].setUps == nil && rows[0].statistic == nil)
        #expect(rows[1].setUps?.count == 12)
    }
}
