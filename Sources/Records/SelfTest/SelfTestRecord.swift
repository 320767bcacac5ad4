public import Foundation

/// The raw times of a self-test: enough to judge it again without a clock.
public struct SelfTestRecord: Codable, Sendable, Equatable {
    /// Which of its halves a trial was disturbed in, if at all.
    public enum Load: String, Codable, Sendable {
        case none
        /// Another thread computed on the same CPU during the second half of the rounds: a harness that measures one
        /// side after the other would have had it in one arm only.
        case secondHalf = "second half"
        /// Another thread computed on the same CPU while head was sampled, and only slept and woke while base was: no
        /// order of batches helps against it, only evidence.
        case head
    }

    /// One comparison of a kernel with itself, or with itself doing a known share more work.
    public struct Trial: Codable, Sendable, Equatable {
        /// ln(head work / base work): 0 if both do the same.
        public var truth: Double
        public var load: Load
        /// Seconds that the whole trial took, set-up included.
        public var seconds: Double
        /// The share of work that head was to do more: 0.03 is 3 %.
        public var moreWork: Double
        /// Little-endian `UInt32`s, two a round: nanoseconds of base's mean batch, then of head's. The highest bit says
        /// that the side was disturbed.
        private var times: Data

        private static let flag: UInt32 = 1 << 31

        public init(moreWork: Double, truth: Double, load: Load, seconds: Double) {
            self.moreWork = moreWork
            self.truth = truth
            self.load = load
            self.seconds = seconds
            times = Data()
        }

        public mutating func add(base: Double, head: Double, disturbedBase: Bool, disturbedHead: Bool) {
            for (time, isDisturbed) in [(base, disturbedBase), (head, disturbedHead)] {
                var word = UInt32(min(time.rounded(), Double(Trial.flag - 1)))
                if isDisturbed { word |= Trial.flag }
                for shift in stride(from: 0, to: 32, by: 8) { times.append(UInt8(truncatingIfNeeded: word >> shift)) }
            }
        }

        public var roundCount: Int { times.count / 8 }

        /// The rounds as they were measured, in epochs of `roundsPerEpoch`.
        public func rounds(perEpoch roundsPerEpoch: Int) -> [PairedSeries.Round] {
            (0..<roundCount).map { round in
                let (base, head) = (word(2 * round), word(2 * round + 1))
                return PairedSeries.Round(
                    logRatio: log(Double(head & ~Trial.flag) / Double(base & ~Trial.flag)),
                    epoch: round / max(1, roundsPerEpoch), disturbedBase: base & Trial.flag != 0,
                    disturbedHead: head & Trial.flag != 0)
            }
        }

        /// Base's batches of the first half of the rounds and head's of the second: what a harness that measures one
        /// side after the other would have seen in the same time.
        public var oneAfterTheOther: (base: [Double], head: [Double]) {
            let half = roundCount / 2
            func times(_ rounds: Range<Int>, _ place: Int) -> [Double] {
                rounds.map { Double(word(2 * $0 + place) & ~Trial.flag) }
            }
            return (times(0..<half, 0), times(half..<roundCount, 1))
        }

        private func word(_ place: Int) -> UInt32 {
            let start = times.startIndex + 4 * place
            return times[start..<(start + 4)].reversed().reduce(0) { $0 << 8 | UInt32($1) }
        }

        /// The first `count` rounds only.
        public func prefix(_ count: Int) -> Trial {
            var shorter = self
            shorter.times = Data(times.prefix(8 * count))
            return shorter
        }
    }

    /// What was run against itself.
    public var kernel: String
    public var started: Date
    public var environment: RunEnvironment
    public var roundsPerEpoch: Int
    public var trials: [Trial]

    public init(kernel: String, started: Date, environment: RunEnvironment, roundsPerEpoch: Int) {
        self.kernel = kernel
        self.started = started
        self.environment = environment
        self.roundsPerEpoch = roundsPerEpoch
        trials = []
    }
}
