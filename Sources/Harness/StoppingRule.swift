public import Records

/// When there are samples enough of one subject: precise enough, or out of time.
///
/// Three verbs, after nvbench's stopping criteria: begin, add, isFinished. It never reads a clock, so it is tested on
/// made-up numbers.
public struct StoppingRule: Sendable {
    private let options: RunnerOptions
    private var samples: [Double] = []
    private var spent: UInt64 = 0
    /// nil as long as sampling goes on.
    public private(set) var reason: StopReason?

    public init(_ options: RunnerOptions) {
        self.options = options
        samples.reserveCapacity(options.maximumSamples)
    }

    /// Forgets all samples.
    ///
    /// - Parameter nanoseconds: what the warm-up has taken of the time box.
    public mutating func begin(spent nanoseconds: UInt64 = 0) {
        samples.removeAll(keepingCapacity: true)
        spent = nanoseconds
        reason = nil
    }

    /// Takes one sample: nanoseconds for one call, and nanoseconds that taking it took, with what belongs to it.
    ///
    /// - Complexity: O(n log n) at every fifth sample, else O(1).
    public mutating func add(_ sample: Double, spent nanoseconds: UInt64) {
        samples.append(sample)
        spent += nanoseconds
        if samples.count >= options.minimumSamples, samples.count.isMultiple(of: 5), isPrecise {
            reason = .precise
        } else if samples.count >= options.maximumSamples {
            reason = .samples
        } else if spent >= options.enoughNanoseconds, samples.count >= options.minimumSamples {
            reason = .timeBox
        } else if spent >= options.timeBoxNanoseconds, samples.count >= options.leastSamples {
            reason = .timeBox
        }
    }

    public var isFinished: Bool { reason != nil }

    /// Nanoseconds of the time box that are left.
    public var nanosecondsLeft: UInt64 { options.timeBoxNanoseconds - min(spent, options.timeBoxNanoseconds) }

    private var isPrecise: Bool {
        let sorted = samples.sorted()
        let (low, high) = Statistic.medianInterval(sorted)
        return (high - low) / 2 <= options.targetHalfWidth * Statistic.quantile(sorted, 0.5)
    }
}
