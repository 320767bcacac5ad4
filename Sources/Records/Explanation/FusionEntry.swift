/// One line of the fusion ledger: what fusing saves in bytes, what that should gain, and what it gains.
public struct FusionEntry: Codable, Sendable, Equatable {
    /// Bytes that no longer travel from a level.
    public struct Flow: Codable, Sendable, Hashable {
        /// Negative if more travel.
        public var bytes: Double
        /// The level that would have delivered them.
        public var level: String
        /// The measured bandwidth of that level; nil if it was not probed.
        public var bytesPerSecond: Double?

        public init(bytes: Double, level: String, bytesPerSecond: Double?) {
            self.bytes = bytes
            self.level = level
            self.bytesPerSecond = bytesPerSecond
        }
    }

    /// What the bytes say of the gain.
    public struct Prediction: Codable, Sendable, Hashable {
        /// Nanoseconds that the saved bytes would have taken; negative for more bytes.
        public var nanoseconds: Double
        /// True if the arithmetic takes longer than all bytes, so that their way costs nothing.
        public var hidden: Bool
        /// Time of the separate variant over the predicted time of the fused one; 1 if hidden.
        public var ratio: Double

        public var sign: Sign { hidden || nanoseconds == 0 ? .none : nanoseconds > 0 ? .gain : .loss }
    }

    /// Whether prediction and measurement have the same sign, judged on the interval.
    public enum Agreement: String, Codable, Sendable {
        /// Both gain or both lose, or no gain is predicted and none is measured.
        case agrees
        /// A gain was predicted and a loss measured, or the reverse.
        case disagrees
        /// No gain was predicted, and the interval is clear of 1: something else than bytes.
        case unpredicted
        /// The interval holds 1.
        case undecided
    }

    public var family: String
    public var name: String
    /// The variants in full: `fused__avx512`; nil if none runs here.
    public var fused: String?
    public var separate: String?
    public var problem: String
    public var threads: Int
    /// Bytes saved, all flows together, and the passes in words.
    public var bytes: Double
    public var passes: String
    public var flows: [Flow]
    public var prediction: Prediction?
    /// How many times faster the fused variant is: paired, with a 95 % interval.
    public var measured: Speedup?
    public var agreement: Agreement?
    /// Why there is no prediction or measurement.
    public var reason: String?

    public init(
        family: String, name: String, problem: String, threads: Int, bytes: Double, passes: String, flows: [Flow]
    ) {
        self.family = family
        self.name = name
        self.problem = problem
        self.threads = threads
        self.bytes = bytes
        self.passes = passes
        self.flows = flows
    }
}

extension FusionEntry.Prediction {
    /// - Parameters:
    ///   - flows: the bytes saved, by level.
    ///   - separate: measured nanoseconds of the separate variant.
    ///   - compute: least nanoseconds of the arithmetic.
    ///   - bytes: least nanoseconds of the bytes that both variants move.
    /// - Returns: nil if the bandwidth of a level is not known.
    public init?(flows: [FusionEntry.Flow], separate: Double, compute: Double, bytes: Double) {
        var saved = 0.0
        for flow in flows {
            guard let rate = flow.bytesPerSecond, rate > 0 else { return nil }
            saved += flow.bytes / rate * 1e9
        }
        nanoseconds = saved
        hidden = saved != 0 && compute >= bytes + abs(saved)
        // Never faster than the roofs allow.
        ratio = hidden || separate <= 0 ? 1 : separate / max(separate - saved, compute, bytes)
    }
}

extension FusionEntry.Agreement {
    public static func judge(predicted: Sign, measured: Speedup) -> FusionEntry.Agreement {
        switch (predicted, measured.sign) {
        case (.gain, .gain), (.loss, .loss), (.none, .none): .agrees
        case (.gain, .loss), (.loss, .gain): .disagrees
        case (.none, _): .unpredicted
        case (_, .none): .undecided
        }
    }
}
