internal import Glibc
public import Machine

/// What the runner reads and waits with; tests pass their own and so decide what time it is.
public struct Instruments {
    /// Monotonic nanoseconds.
    public var now: () -> UInt64
    /// Waits for so many nanoseconds.
    public var pause: (UInt64) -> Void
    /// The least difference above zero between two readings of `now`: nanoseconds.
    public var resolutionNanoseconds: Double
    /// What a pair of readings adds to a sample: nanoseconds.
    public var pairCostNanoseconds: Double
    /// How often another task has taken a CPU away from this process since it began.
    public var interruptions: () -> Int
    /// CPU time of the machine and what the hypervisor stole of it; nil where the system does not tell.
    public var cpuTime: () -> HostState.CPUTime?

    public init(
        now: @escaping () -> UInt64, pause: @escaping (UInt64) -> Void, resolutionNanoseconds: Double,
        pairCostNanoseconds: Double, interruptions: @escaping () -> Int,
        cpuTime: @escaping () -> HostState.CPUTime?
    ) {
        self.now = now
        self.pause = pause
        self.resolutionNanoseconds = resolutionNanoseconds
        self.pairCostNanoseconds = pairCostNanoseconds
        self.interruptions = interruptions
        self.cpuTime = cpuTime
    }

    private static let quality = MonotonicClock.measureQuality()

    /// What would tell of a disturbance: how often this thread was interrupted, and the CPU that it is on.
    public var evidence: () -> Evidence = {
        Evidence(interruptions: ThreadUsage.involuntarySwitches, cpu: CPU.current)
    }

    /// Ticks that the hypervisor has stolen from the machine; 0 where the system does not tell.
    func stolenTicks() -> Int { cpuTime()?.steal ?? 0 }

    /// Those of this machine.
    public static var machine: Instruments {
        Instruments(
            now: { MonotonicClock.now }, pause: { usleep(UInt32(clamping: $0 / 1000)) },
            resolutionNanoseconds: quality.resolution, pairCostNanoseconds: quality.pairCost,
            interruptions: { ProcessUsage.now.involuntarySwitches }, cpuTime: { HostState.cpuTime })
    }

    /// The shortest sample in which the two readings are at most a thousandth: nanoseconds.
    var shortestSampleNanoseconds: Double { 1000 * max(resolutionNanoseconds, pairCostNanoseconds) }
}

/// What differs before and after a batch that was disturbed.
public struct Evidence: Equatable, Sendable {
    public var interruptions: Int
    public var cpu: Int

    public init(interruptions: Int, cpu: Int) {
        self.interruptions = interruptions
        self.cpu = cpu
    }
}

/// What the operating system has counted for the calling thread.
enum ThreadUsage {
    /// Switches because another task took the CPU.
    static var involuntarySwitches: Int {
        var usage = rusage()
        // RUSAGE_THREAD, which the module map of the C library does not carry over as a constant of its enumeration.
        getrusage(__rusage_who_t(1), &usage)
        return usage.ru_nivcsw
    }
}
