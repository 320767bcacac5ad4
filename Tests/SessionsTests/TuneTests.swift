import Foundation
import Kernels
import Machine
import Records
import Testing

@testable import Entrants
@testable import Sessions
@testable import Suites

@Suite struct TuneTests {
    private let folder = FileManager.default.temporaryDirectory.appendingPathComponent("mgbench-\(UUID().uuidString)")

    private var store: TuningStore { TuningStore(directory: folder) }

    private func record(_ machine: TuningMachine = .current()) -> TuningRecord {
        let choice = Selection.Choice(
            variant: "lanes", problem: "64×64 f32",
            evidence: [Selection.Evidence(variant: "lanes", median: 10, low: 9, high: 11)], rounds: 20)
        let number = TuningRecord.Number(
            number: .ffnTiles, standard: 3, kept: 4, reason: "faster",
            trials: [TuningRecord.Number.Trial(value: 4, speedup: 1.1, low: 1.05, high: 1.2)])
        return TuningRecord(
            machine: machine, measured: Date(timeIntervalSince1970: 1_800_000_000), quick: false, threads: 2,
            tuning: Tuning(blockABytes: 1 << 18, ffnTiles: 4), numbers: [number],
            selection: Selection(choices: ["softmax": ["row in L1, all in L1": choice]]))
    }

    // MARK: - The file

    @Test func aRecordSurvivesItsRoundTripAndIsReplacedWhole() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        #expect(try store.read() == nil)
        try store.write(record())
        #expect(try store.read() == record())
        var other = record()
        other.threads = 1
        try store.write(other)
        #expect(try store.read() == other)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["tuning.json"])
    }

    @Test func whatWasMeasuredHereHolds() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        try store.write(record())
        let found = try TuningInForce.find(store, environment: [:])
        #expect(found.tuning == record().tuning)
        #expect(found.selection == record().selection)
        #expect(found.note == nil)
        #expect(found.label == "measured 2027-01-15T08:00:00Z")
        let off = try TuningInForce.find(store, environment: ["MGBENCH_TUNING": "off"])
        #expect(off.tuning == Tuning.defaults(for: .current))
        #expect(off.selection == .none)
        #expect(off.label == "off")
        #expect(throws: UsageError.self) {
            try TuningInForce.find(store, environment: ["MGBENCH_TUNING": "on"])
        }
    }

    @Test func arecordOfAnotherMachineIsIgnoredAndSaid() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let changes: [(String, (inout TuningMachine) -> Void)] = [
            ("CPU Abacus", { $0.cpu = "Abacus" }), ("features", { $0.features.append("beads") }),
            ("caches", { $0.caches.append("L5 unified 1 B by 1 CPUs") }), ("usable cores", { $0.cores += 1 }),
            ("kernels", { $0.kernels += "x" }),
        ]
        for (words, change) in changes {
            var machine = TuningMachine.current()
            change(&machine)
            try store.write(record(machine))
            let found = try TuningInForce.find(store, environment: [:])
            #expect(found.source == .derived)
            #expect(found.tuning == Tuning.defaults(for: .current))
            #expect(found.selection == .none)
            #expect(found.note?.contains(words) == true)
        }
    }

    @Test func aDamagedFileNamesItselfAndTheField() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        try store.write(record())
        let text = try String(contentsOf: store.file, encoding: .utf8)
        let damages = [
            ("\"ffnTiles\" : 4", "\"ffnTiles\" : 400", ".tuning.ffnTiles"),
            ("\"threads\" : 2", "\"threads\" : \"two\"", ".threads"),
            ("\"version\" : 1", "\"version\" : 9", ".version"),
            ("\"median\" : 10", "\"middle\" : 10", ".selection.choices.softmax"),
            ("\"leastNanoseconds\" : 200", "\"leastNanoseconds\" : 0", ".tuning.crew.leastNanoseconds"),
        ]
        for (old, new, field) in damages {
            let damaged = text.replacing(old, with: new)
            #expect(damaged != text, "\(old)")
            try Data(damaged.utf8).write(to: store.file)
            let error = try #require(throws: RunFileError.self) { try TuningInForce.find(store, environment: [:]) }
            #expect(error.description.hasPrefix(store.file.path))
            #expect(error.description.contains(field), "\(error)")
        }
        try Data(text.utf8.prefix(40)).write(to: store.file)
        #expect(throws: RunFileError.self) { try TuningInForce.find(store, environment: [:]) }
    }

    // MARK: - What is kept

    private func series(_ factor: Double, noise: Double = 0.002) -> [Double] {
        // Of its own for each factor: a pair shares no noise.
        (0..<40).map { index -> Double in
            let angle = Double(index * index) * 12.9 + factor * 1000
            return 1000 * factor * (1 + noise * sin(angle))
        }
    }

    @Test func aNumberChangesOnlyBeyondDoubt() {
        func kept(_ factors: [Double], noise: Double = 0.002) -> Double {
            TuneSession.decide(
                .ffnTiles, standard: .init(value: 3, samples: series(1, noise: noise)),
                others: factors.enumerated().map {
                    .init(value: Double($0.offset + 10), samples: series($0.element, noise: noise))
                }
            ).kept
        }
        #expect(kept([0.9, 0.8, 0.95]) == 11)
        #expect(kept([1.0, 1.1, 0.995]) == 3)
        #expect(kept([0.97], noise: 0.2) == 3)
        #expect(kept([]) == 3)
    }

    @Test func whatIsMeasuredDirectlyIsKeptIfAMachineCanHaveIt() {
        func kept(_ samples: [Double]) -> TuningRecord.Number {
            TuneSession.direct(.handOver, standard: 200, samples: samples)
        }
        #expect(kept([]).kept == 200)
        #expect(kept((0..<41).map { 180 + Double($0 % 5) }).kept == 182)
        #expect(kept((0..<41).map { 180 + Double($0) }).kept == 200)
        #expect(kept((0..<41).map { 9000 + Double($0) }).kept == 200)
        #expect(kept((0..<41).map { -5 + Double($0 % 2) }).reason.hasPrefix("not believed"))
    }

    private func measurement(_ variant: String, _ samples: [Double], _ verdict: Verdict = .verified)
        -> VariantRecord
    {
        var measurement = VariantRecord(
            family: "softmax", variant: variant, kind: .simd, isa: .baseline, story: "",
            problem: ProblemRecord(label: "p", workload: "w", axes: [:]), threads: 1, temperature: .hot,
            cost: CostRecord(flops: 1, bytes: 1), verdict: verdict)
        measurement.samples = samples
        measurement.statistic = Statistic(samples)
        return measurement
    }

    @Test func oneSlowGlanceLeavesNothingOut() {
        // The second was asleep at first; the third is slow; the fourth was found wrong, and is told of later.
        let times = [[100.0, 101, 99], [9000, 95, 94], [250, 240, 245], []]
        #expect(TuneSession.mayWin(times) == [true, true, false, true])
        #expect(TuneSession.mayWin([]).isEmpty)
    }

    @Test func theFastestIsChosenTheFirstOfEqualsAndNeverAWrongOne() {
        let slow = measurement("slow", series(2))
        let good = measurement("good", series(1))
        let equal = measurement(
            "equal", series(1).map { $0 * 0.9999 }.enumerated().map { $0 % 2 == 0 ? $1 * 1.001 : $1 })
        var wrong = measurement("wrong", [], .failed(reason: "off by one"))
        wrong.statistic = nil
        let choice = TuneSession.choose([wrong, slow, good, equal], problem: "p")
        #expect(choice?.variant == "good")
        #expect(choice?.evidence.map(\.variant).contains("wrong") == false)
        #expect(choice?.evidence.last?.variant == "slow")
        #expect(choice?.rounds == 40)
        #expect(TuneSession.choose([equal, slow, good], problem: "p")?.variant == "equal")
        #expect(TuneSession.choose([wrong], problem: "p") == nil)
        // Five rounds have no interval of 95 %.
        #expect(TuneSession.choose([measurement("good", Array(series(1).prefix(5)))], problem: "p") == nil)
    }

    @Test func onePlannedProblemStandsForEachClass() throws {
        var request = TuneRequest()
        let session = try TuneSession(request)
        let keys = session.workloads.map { "\($0.family) \(session.problemClass(of: $0))" }
        #expect(Set(keys).count == keys.count)
        #expect(Set(session.workloads.map(\.family)) == Set(Catalog.families.map { $0.name }))
        #expect(session.plan.count == session.workloads.count + TuningNumber.allCases.count)
        request.family = "ffn"
        let one = try TuneSession(request)
        #expect(Set(one.workloads.map(\.family)) == ["ffn"])
        #expect(one.numbers == [.blockA, .inPlaceColumns, .ffnTiles])
        request.family = "fnn"
        #expect(throws: UsageError.self) { try TuneSession(request) }
    }
}
