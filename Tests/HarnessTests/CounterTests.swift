import Records
import Testing

@testable import Harness

/// A PAPI that behaves as it is told: a processor with counters, a kernel that forbids them, counters that count nothing.
private final class FakePAPI: PAPIBackend {
    /// What each event counts over one run of the work; an event that is not here does not exist.
    var counts: [String: Int64]
    var preparation: PAPIError?
    var threads: [Int32] = [1]
    var perfEventParanoid: Int? = 2
    /// Events that fit into the counters together; more only take turns.
    var counters = 8
    private var sets: [Int32: (events: [String], multiplexed: Bool)] = [:]
    private var next: Int32 = 0

    init(_ counts: [String: Int64]) { self.counts = counts }

    var openSets: Int { sets.count }

    func prepare() throws(PAPIError) { if let preparation { throw preparation } }

    func makeSet(thread: Int32, multiplexed: Bool) throws(PAPIError) -> Int32 {
        next += 1
        sets[next] = ([], multiplexed)
        return next
    }

    func add(_ event: String, to set: Int32) throws(PAPIError) {
        guard counts[event] != nil else { throw PAPIError(.noEvent, "Event does not exist") }
        if sets[set]?.multiplexed == false, sets[set]?.events.count == counters {
            throw PAPIError(.conflict, "Event exists, but cannot be counted due to hardware resource limits")
        }
        sets[set]?.events.append(event)
    }

    func start(_ set: Int32) throws(PAPIError) {}

    func stop(_ set: Int32, count: Int) throws(PAPIError) -> [Int64] {
        (sets[set]?.events ?? []).map { counts[$0] ?? 0 }
    }

    func destroy(_ set: Int32) { sets[set] = nil }
}

@Suite struct CounterTests {
    private static let ipc = ["PAPI_TOT_CYC": Int64(1000), "PAPI_TOT_INS": 2500]

    private func session(_ backend: FakePAPI, _ text: String = CounterTests.group) throws -> CounterSession {
        CounterSession(
            group: try CounterGroup(name: "test", text: text, file: "test.txt"),
            model: try CounterGroup.named(CounterGroup.modelName), backend: backend, known: KnownWork(bytes: 4096))
    }

    private static let group = """
        EVENTS
        cycles PAPI_TOT_CYC
        instructions PAPI_TOT_INS
        METRICS
        IPC | instructions/cycle | instructions / cycles
        LONG
        What it tells.
        """

    private func reading(_ name: String, of session: CounterSession, calls: Int = 1) -> CounterReading? {
        session.readings(cost: CostRecord(flops: 10, bytes: 20), nanoseconds: 1000, calls: calls) {}
            .first { $0.name == name }
    }

    @Test func hardwareCountsAreReadAndSaySo() throws {
        let backend = FakePAPI(Self.ipc)
        let session = try session(backend)
        #expect(session.missing.isEmpty && !session.unavailableRequired)
        let ipc = try #require(reading("IPC", of: session))
        #expect(ipc.source == .hardware)
        #expect(ipc.value == 2.5)
        #expect(!ipc.scaled)
        #expect(backend.openSets == 0, "sets were left behind")
    }

    @Test func theThreadsOfATeamAreAddedUp() throws {
        let backend = FakePAPI(["PAPI_TOT_CYC": 1000, "PAPI_TOT_INS": 1000])
        backend.threads = [1, 2, 3]
        let text = """
            EVENTS
            cycles PAPI_TOT_CYC
            METRICS
            cycles | count | cycles
            LONG
            What it tells.
            """
        #expect(reading("cycles", of: try session(backend, text), calls: 10)?.value == 300)
    }

    /// PAPI may claim six counters on a machine that has none: what reads 0 over work that causes it is not counted.
    @Test func countersThatCountNothingAreAbsentAndNeverZero() throws {
        let session = try session(FakePAPI(["PAPI_TOT_CYC": 0, "PAPI_TOT_INS": 0]))
        #expect(session.missing.map(\.event) == ["PAPI_TOT_CYC", "PAPI_TOT_INS"])
        #expect(session.unavailableRequired)
        let ipc = try #require(reading("IPC", of: session))
        #expect(ipc.source == .absent && ipc.value == nil)
        #expect(ipc.reason?.contains("reads 0") == true)
    }

    @Test func anEventThatDoesNotExistIsAbsentWithPAPIsWords() throws {
        let session = try session(FakePAPI(["PAPI_TOT_CYC": 1000]))
        #expect(session.missing.map(\.event) == ["PAPI_TOT_INS"])
        #expect(reading("IPC", of: session)?.reason?.contains("Event does not exist") == true)
    }

    @Test func aKernelThatForbidsCountingIsNamed() throws {
        let backend = FakePAPI(Self.ipc)
        backend.preparation = PAPIError(.notPermitted, "Permission level does not permit operation")
        backend.perfEventParanoid = 3
        let session = try session(backend)
        #expect(session.missing.count == 2)
        #expect(session.missing.allSatisfy { $0.reason.contains("perf_event_paranoid is 3") })
    }

    @Test func eventsThatDoNotFitTakeTurnsAndAreMarked() throws {
        let backend = FakePAPI(Self.ipc)
        backend.counters = 1
        let ipc = try #require(reading("IPC", of: try session(backend)))
        #expect(ipc.value == 2.5)
        #expect(ipc.scaled)
        #expect(backend.openSets == 0, "sets were left behind")
    }

    @Test func withoutPAPIEveryHardwareEventHasItsReason() throws {
        let session = try CounterSession.open(group: "ipc", backend: nil)
        #expect(!session.missing.isEmpty)
        #expect(session.missing.allSatisfy { $0.reason.contains("without PAPI") })
    }

    @Test func everyGroupThatIsShippedCanBeReadAndExplainsItself() throws {
        #expect(CounterGroup.available.contains("auto") && CounterGroup.available.contains("ipc"))
        for name in CounterGroup.available {
            let group = try CounterGroup.named(name)
            #expect(!group.events.isEmpty && !group.metrics.isEmpty && group.explanation.count > 40, "\(name)")
        }
    }

    @Test func aGroupThatDoesNotExistListsThoseThatDo() {
        #expect { try CounterSession.open(group: "nonsense", backend: nil) } throws: { error in
            "\(error)".contains("nonsense") && "\(error)".contains("ipc")
        }
    }

    @Test(arguments: [
        ("cycles PAPI_TOT_CYC", 1), ("EVENTS\ncycles", 2), ("EVENTS\n1x PAPI_TOT_CYC", 2),
        ("EVENTS\ntime PAPI_TOT_CYC", 2),
        ("EVENTS\na X\na Y", 3), ("METRICS\nIPC | a/b", 2), ("METRICS\nIPC | a | b +", 2),
        ("METRICS\nIPC | a | foo", 2),
    ])
    func aBadLineIsNamed(text: String, line: Int) {
        #expect { try CounterGroup(name: "bad", text: text, file: "bad.txt") } throws: { error in
            "\(error)".hasPrefix("bad.txt:\(line): ")
        }
    }
}

@Suite struct FormulaTests {
    @Test(arguments: [
        ("1 + 2 * 3", 7.0), ("(1 + 2) * 3", 9), ("8 / 4 / 2", 1), ("10 - 4 - 3", 3), ("1e3 * a", 2000), ("a", 2),
    ])
    func followsTheRulesOfArithmetic(text: String, value: Double) throws {
        #expect(try Formula(text).value(["a": 2]) == value)
    }

    @Test func aDivisionByZeroHasNoValue() throws {
        #expect(throws: Formula.Fault.self) { try Formula("1 / a").value(["a": 0]) }
        #expect(throws: Formula.Fault.self) { try Formula("b").value(["a": 0]) }
    }

    @Test(arguments: ["", "1 +", "(1", "1 2", "* 3", "a b"])
    func refusesWhatIsNoFormula(text: String) {
        #expect(throws: Formula.Fault.self) { try Formula(text) }
    }
}
