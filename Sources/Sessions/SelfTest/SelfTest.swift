internal import Entrants
internal import Foundation
internal import Harness
public import Kernels
internal import Machine
public import Records
internal import Suites
internal import Synchronization

/// Proves the harness on this machine: a kernel against itself, and against itself doing a known share more work.
public struct SelfTest {
    private let rounds: Int
    private let seed: UInt64
    private let workload = Workload("self-test", Softmax.self, Softmax.Problem(rows: 32, columns: 64))
    private let row: ComparedSubject
    private let maker: ArmMaker

    /// Rounds between two set-ups.
    private static let roundsPerEpoch = 1
    private static let batchNanoseconds = 200_000.0

    /// - Parameter rounds: rounds of each trial.
    /// - Throws: `UsageError` if there is no variant for this machine.
    public init(rounds: Int, seed: UInt64, choices: KernelChoices = KernelChoices()) throws {
        self.rounds = rounds
        self.seed = seed
        let problem = Softmax.Problem(rows: 32, columns: 64)
        guard let variant = Softmax.variants.first(where: { $0.reasonToSkip(problem, on: CPU.features) == nil }) else {
            throw UsageError("no variant of softmax runs here")
        }
        row = ComparedSubject(workload: workload, threads: 1, temperature: .hot, variant: variant.name)
        maker = ArmMaker { temperature in
            var options = ContestOptions(
                features: CPU.features, temperature: temperature, seed: seed,
                lastLevelCacheBytes: Topology.current.lastLevelCacheBytes)
            options.choices = choices
            return options
        }
    }

    public var blank: SelfTestRecord {
        SelfTestRecord(
            kernel: "\(row.workload.family)/\(row.variant) at \(row.workload.label)", started: Date(),
            environment: .current(), roundsPerEpoch: SelfTest.roundsPerEpoch)
    }

    /// One trial.
    ///
    /// - Parameter moreWork: the share of calls that head makes beyond base's: 0.03 is 3 % more.
    /// - Throws: `UsageError` if a variant computes something else, `ArmError`, `TeamError`.
    public func trial(moreWork: Double, load: SelfTestRecord.Load) throws -> SelfTestRecord.Trial {
        let began = MonotonicClock.now
        let subject = try maker.subject(row)
        let more = { (calls: Int) in calls + Int((Double(calls) * moreWork).rounded()) }
        let plain = LocalArm(subject)
        if let reason = try plain.verify() { throw UsageError("the self-test's kernel is wrong: \(reason)") }
        let hog = load == .none ? nil : Hog(cpu: CPU.current)
        defer { hog?.end() }
        var (base, head): (any Arm, any Arm) = (plain, LocalArm(subject, work: more))
        if load == .head, let hog {
            base = HoggedArm(base, hog: hog, computes: false)
            head = HoggedArm(head, hog: hog, computes: true)
        }
        let duel = Duel(base: base, head: head, callsMultiple: 200)
        var measured: [Duel.Round] = []
        for round in 0..<rounds {
            if round.isMultiple(of: SelfTest.roundsPerEpoch) {
                try duel.beginEpoch(batchNanoseconds: SelfTest.batchNanoseconds)
            }
            if load == .secondHalf, round == rounds / 2 { hog?.start() }
            measured.append(try duel.round())
        }
        let seconds = Double(MonotonicClock.now - began) / 1e9
        var trial = SelfTestRecord.Trial(
            moreWork: moreWork, truth: log(Double(more(duel.calls)) / Double(duel.calls)), load: load, seconds: seconds)
        for round in measured {
            trial.add(
                base: round.base, head: round.head, disturbedBase: round.paired.disturbedBase,
                disturbedHead: round.paired.disturbedHead)
        }
        return trial
    }

    /// What the harness itself costs: batches of a kernel that does nothing, called as every kernel is.
    ///
    /// - Throws: `TeamError` if the system refuses the thread.
    public func overhead() throws -> HarnessOverhead {
        let calls = 1_000_000
        let empty = EmptyTrial(team: try maker.team(1))
        let arm = LocalArm(Subject(blank: try maker.subject(row).blank, open: { empty }), primes: false)
        try arm.open()
        _ = try arm.calibrate()
        var times: [Double] = []
        for _ in 0..<101 { times.append(try arm.sample(calls: calls).nanoseconds / Double(calls)) }
        let quality = MonotonicClock.measureQuality()
        return HarnessOverhead(
            emptyCall: Statistic(times), clockPair: quality.pairCost, clockResolution: quality.resolution)
    }
}

/// A kernel that does nothing.
private final class EmptyTrial: Trial {
    private let team: Team
    private let invocation = Invocation.empty()

    init(team: Team) { self.team = team }

    func verify() -> Check {
        .right(
            VerificationRecord(
                count: 0, worstOfBound: 0, worstError: 0, bound: "nothing is written", seed: 0,
                checkedAfterTiming: false))
    }
    func poison() {}
    func recheck() -> Check { verify() }
    func run(times: Int) { invocation.call(team, times: times) }
}

/// What the harness adds to what it measures.
public struct HarnessOverhead: Codable, Sendable {
    /// Nanoseconds for one call of a kernel that does nothing, in batches of a million.
    public var emptyCall: Statistic?
    /// Nanoseconds that a pair of clock readings adds to a batch.
    public var clockPair: Double
    public var clockResolution: Double
}

/// A thread that computes for nothing on one CPU, to disturb a measurement on purpose.
private final class Hog: @unchecked Sendable {
    private let isRunning = Atomic(false)
    private let hasEnded = Atomic(false)
    private let wakes = DispatchSemaphore(value: 0)
    private let ends = DispatchSemaphore(value: 0)

    init(cpu: Int) {
        let thread = Thread { [self] in
            _ = CPU.pinThread(to: cpu)
            repeat {
                wakes.wait()
                while isRunning.load(ordering: .relaxed) {}
            } while !hasEnded.load(ordering: .relaxed)
            ends.signal()
        }
        thread.start()
    }

    func start() { wake(computing: true) }

    /// Wakes the thread, to compute until it is stopped or to sleep again at once.
    func wake(computing: Bool) {
        isRunning.store(computing, ordering: .relaxed)
        wakes.signal()
    }

    func stop() { isRunning.store(false, ordering: .relaxed) }

    func end() {
        hasEnded.store(true, ordering: .relaxed)
        stop()
        wakes.signal()
        ends.wait()
    }
}

/// An arm before each of whose batches the hog is woken: the system calls are the same for both sides, what it then
/// computes is not.
private final class HoggedArm: Arm {
    private let arm: any Arm
    private let hog: Hog
    private let computes: Bool

    init(_ arm: any Arm, hog: Hog, computes: Bool) {
        self.arm = arm
        self.hog = hog
        self.computes = computes
    }

    func retire() throws { try arm.retire() }
    func open() throws { try arm.open() }
    func calibrate() throws -> Double { try arm.calibrate() }

    func sample(calls: Int) throws -> Observation {
        hog.wake(computing: computes)
        defer { hog.stop() }
        return try arm.sample(calls: calls)
    }
}
