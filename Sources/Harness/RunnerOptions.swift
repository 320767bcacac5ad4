/// How a run measures.
public struct RunnerOptions: Sendable {
    /// For one subject at one problem: warm-up, pauses and samples together, but not the verification.
    public var timeBoxNanoseconds: UInt64
    /// After as long the sampling ends if there are `minimumSamples`, precise or not.
    public var enoughNanoseconds: UInt64
    /// Samples that are taken unless the time box ends first.
    public var minimumSamples: Int
    /// Half the width of the median's 95 % interval, as a share of the median, that is precise enough.
    public var targetHalfWidth: Double
    public var maximumSamples: Int
    /// How often a contest's memory is placed anew and its order drawn anew, at most; the time box is shared by them.
    public var setUps: Int
    /// Chooses the order in which the subjects of a contest begin.
    public var seed: UInt64
    /// How many times above its roof a result is none that this machine can have. A roof is a measurement, too, and on a
    /// busy machine low by more than half; that a batch does all of its calls is asked besides.
    public var implausibleFactor: Double
    /// Measures even in a debug build.
    public var allowDebug: Bool

    /// Samples that even a kernel slower than the time box gets.
    public static let fewestSamples = 3
    /// The same for the part of a set-up.
    var leastSamples = RunnerOptions.fewestSamples

    /// A call of the reference or of a kernel from outside, for which nobody answers, takes no longer: else it would spend
    /// the time of all others. The time box asks for more.
    public var longestForeignCallNanoseconds: UInt64 { max(2_000_000_000, 20 * timeBoxNanoseconds) }

    public init(
        timeBoxNanoseconds: UInt64 = 500_000_000, enoughNanoseconds: UInt64 = .max, minimumSamples: Int = 30,
        targetHalfWidth: Double = 0.005,
        maximumSamples: Int = 1000, setUps: Int = 1, seed: UInt64 = 1, implausibleFactor: Double = 3,
        allowDebug: Bool = false
    ) {
        self.timeBoxNanoseconds = timeBoxNanoseconds
        self.enoughNanoseconds = enoughNanoseconds
        self.minimumSamples = minimumSamples
        self.targetHalfWidth = targetHalfWidth
        self.maximumSamples = max(1, maximumSamples)
        self.setUps = max(1, setUps)
        self.seed = seed
        self.implausibleFactor = implausibleFactor
        self.allowDebug = allowDebug
    }

    /// What one of `count` set-ups may take and has to bring.
    ///
    /// - Parameter nanoseconds: what the warm-up has taken of the time box.
    func share(of count: Int, after nanoseconds: UInt64) -> RunnerOptions {
        func part(_ total: UInt64) -> UInt64 {
            total == .max ? .max : (total - min(total, nanoseconds)) / UInt64(count)
        }
        func part(_ total: Int) -> Int { (total + count - 1) / count }
        var share = self
        share.timeBoxNanoseconds = part(timeBoxNanoseconds)
        share.enoughNanoseconds = part(enoughNanoseconds)
        share.minimumSamples = part(minimumSamples)
        share.maximumSamples = part(maximumSamples)
        share.leastSamples = part(leastSamples)
        return share
    }
}
