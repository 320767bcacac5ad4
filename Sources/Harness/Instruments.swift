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
