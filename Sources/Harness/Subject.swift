public import Records

/// All that the harness sees of a kernel at one problem.
public struct Subject {
    /// Everything that is known before it runs.
    public var blank: VariantRecord
    /// Allocates and packs, outside any timing; called for each set-up, when the trials of the one before are gone.
    public var open: () throws -> any Trial
    /// Pause after each sample, outside any timing: lets a foreign thread pool go to sleep before the next subject.
    public var pauseNanoseconds: UInt64

    public init(blank: VariantRecord, open: @escaping () throws -> any Trial, pauseNanoseconds: UInt64 = 0) {
        self.blank = blank
        self.open = open
        self.pauseNanoseconds = pauseNanoseconds
    }
}

/// A subject that is ready to run.
///
/// Trials of one contest may share their outputs: the runner never runs another between a `poison` and the `recheck`
/// that belongs to it.
public protocol Trial: AnyObject {
    /// Marks the outputs as not written, runs once, and compares with the reference.
    func verify() -> Check
    /// Marks the outputs as not written, so that `recheck` proves that later calls wrote them.
    func poison()
    /// The timed work. Nothing in it allocates, locks, awaits or prints.
    func run(times: Int)
    /// Untimed calls that belong to the `run` that follows, and bring the operands into the caches. A library in another
    /// process makes them in the same turn, so that its threads are awake when the clock starts.
    func prime(times: Int)
    /// Compares what the last call left, without running.
    func recheck() -> Check
    /// Nanoseconds of the last `run`, where its work is done in another process that reads the clock around it; nil for
    /// work of this process, which the harness times.
    var ownNanoseconds: UInt64? { get }
    /// What the trials of the next set-up need not work out again: what the outputs must be.
    var answers: AnyObject? { get }
    /// Why the trial cannot go on, if it cannot: its other process has ended.
    var breakdown: String? { get }
}

extension Trial {
    public func prime(times: Int) { run(times: times) }
    public var ownNanoseconds: UInt64? { nil }
    public var answers: AnyObject? { nil }
    public var breakdown: String? { nil }
}

/// What a comparison with the reference said.
public enum Check {
    case right(VerificationRecord)
    case wrong(VerificationRecord, reason: String)

    public var record: VerificationRecord {
        switch self {
        case .right(let record), .wrong(let record, _): record
        }
    }
}

/// The variants of one problem that are measured interleaved, and those that cannot run here.
public struct Contest {
    public var title: String
    public var subjects: [Subject]
    /// Recorded with their reason, never dropped.
    public var skipped: [VariantRecord]

    public init(title: String, subjects: [Subject], skipped: [VariantRecord] = []) {
        self.title = title
        self.subjects = subjects
        self.skipped = skipped
    }
}
