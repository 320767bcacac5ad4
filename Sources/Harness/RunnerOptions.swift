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
    /// Chooses the order in which the subjects of a contest begin.
    public var seed: UInt64
    /// How far above its roof a time may lie, as a share: a roof is a measurement, too.
    public var roofTolerance: Double
    /// Measures even in a debug build.
    public var allowDebug: Bool

    /// Samples that even a kernel slower than the time box gets.
    public static let fewestSamples = 3

    public init(
        timeBoxNanoseconds: UInt64 = 500_000_000, enoughNanoseconds: UInt64 = .max, minimumSamples: Int = 30,
        targetHalfWidth: Double = 0.005,
        maximumSamples: Int = 1000, seed: UInt64 = 1, roofTolerance: Double = 0.02, allowDebug: Bool = false
    ) {
        self.timeBoxNanoseconds = timeBoxNanoseconds
        self.enoughNanoseconds = enoughNanoseconds
        self.minimumSamples = minimumSamples
        self.targetHalfWidth = targetHalfWidth
        self.maximumSamples = max(1, maximumSamples)
        self.seed = seed
        self.roofTolerance = roofTolerance
        self.allowDebug = allowDebug
    }
}
