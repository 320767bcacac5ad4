public import Refusals

/// One side of a paired comparison: a subject in this process, or in another.
public protocol Arm: AnyObject {
    /// Gives back the memory of the set-up before the current one.
    func retire() throws
    /// Sets up anew, in other memory than the current set-up's. Nothing is timed.
    func open() throws
    /// Nanoseconds for one call, after warming up.
    func calibrate() throws -> Double
    /// Times one batch after an untimed call that brings the operands back into the caches.
    func sample(calls: Int) throws -> Observation
}

/// One timed batch.
public struct Observation: Codable, Sendable, Equatable {
    /// For the whole batch.
    public var nanoseconds: Double
    /// Whether another task took the CPU, or the thread changed CPUs, during the batch.
    public var isDisturbed: Bool

    public init(nanoseconds: Double, isDisturbed: Bool) {
        self.nanoseconds = nanoseconds
        self.isDisturbed = isDisturbed
    }
}

/// A subject of this process.
public final class LocalArm: Arm {
    private let subject: Subject
    private let instruments: Instruments
    /// How many calls a batch of so many makes; more for a variant that is to do a known share more work.
    private let work: (Int) -> Int
    private let primes: Bool
    private var trial: (any Trial)?
    /// The set-up before: its memory must not be the current one's again.
    private var retired: (any Trial)?
    private var layout = ShuffledLayout()

    /// - Parameters:
    ///   - primes: whether an untimed call goes before each batch; false for operands that are to be cold.
    ///   - work: calls that a batch of so many really makes.
    public init(
        _ subject: Subject, instruments: Instruments = .machine, primes: Bool = true,
        work: @escaping (Int) -> Int = { $0 }
    ) {
        self.subject = subject
        self.instruments = instruments
        self.primes = primes
        self.work = work
    }

    public func retire() {
        retired = nil
        layout.shuffle()
    }

    public func open() throws {
        retired = trial
        trial = try subject.open()
    }

    /// Compares the outputs with the reference; nil if they are right, else the reason.
    public func verify() throws -> String? {
        if trial == nil { try open() }
        guard case .wrong(_, let reason)? = trial?.verify() else { return nil }
        return reason
    }

    public func calibrate() throws -> Double {
        guard let trial else { throw ArmError("calibrated before it was opened") }
        var calls = 1
        var elapsed = time(trial, calls: 1)
        while elapsed < 200_000, calls < 10_000_000 {
            calls = min(calls * 10, max(calls + 1, Int(300_000 / max(elapsed / Double(calls), 0.03))))
            elapsed = time(trial, calls: calls)
        }
        let times = (0..<3).map { _ in time(trial, calls: calls) }.sorted()
        return times[1] / Double(calls)
    }

    public func sample(calls: Int) throws -> Observation {
        guard let trial else { throw ArmError("sampled before it was opened") }
        let count = work(calls)
        if primes { trial.run(times: 1) }
        let before = instruments.evidence()
        let elapsed = time(trial, calls: count)
        let after = instruments.evidence()
        if subject.pauseNanoseconds > 0 { instruments.pause(subject.pauseNanoseconds) }
        return Observation(nanoseconds: elapsed, isDisturbed: before != after)
    }

    @inline(__always)
    private func time(_ trial: any Trial, calls: Int) -> Double {
        let start = instruments.now()
        trial.run(times: calls)
        return Double(instruments.now() &- start)
    }
}

/// An arm that cannot go on, in one line.
public struct ArmError: Refusal, Sendable {
    public let description: String
    public init(_ description: String) { self.description = description }
}
