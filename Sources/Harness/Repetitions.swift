public import Records

/// Repetitions of work too long for a time box, such as a text that a whole model reads.
///
/// The pieces of work take turns in the order of a contest (``Rotation``'s ABBA), so that what disturbs the machine
/// disturbs all of them, and how often one was interrupted is kept beside its times. Nothing is verified here: what is
/// repeated must be proved right elsewhere.
public struct Repetitions {
    /// A piece of work.
    public struct Work {
        /// Sets it up, outside any timing.
        let prepare: () throws -> Void
        /// What is timed.
        let run: () throws -> Void

        public init(prepare: @escaping () throws -> Void = {}, run: @escaping () throws -> Void) {
            self.prepare = prepare
            self.run = run
        }
    }

    /// What came of one.
    public struct Series: Sendable, Equatable {
        /// Nanoseconds of each repetition, in order.
        public internal(set) var nanoseconds: [Double] = []
        /// Repetitions during which another task took a CPU away.
        public internal(set) var interrupted = 0

        public init() {}

        /// Nil if there was no repetition.
        public var statistic: Statistic? { Statistic(nanoseconds) }
    }

    /// Repeats all of them.
    ///
    /// - Parameters:
    ///   - count: repetitions of each that are counted.
    ///   - warmups: repetitions before, which are not.
    /// - Returns: a series for each, in their order.
    /// - Throws: what `prepare` and `run` throw.
    public static func measure(
        _ works: [Work], count: Int, warmups: Int = 1, instruments: Instruments = .machine
    ) throws -> [Series] {
        var series = [Series](repeating: Series(), count: works.count)
        for round in 0..<(warmups + count) {
            for place in Rotation.order(count: works.count, round: round) {
                try works[place].prepare()
                let interruptions = instruments.interruptions()
                let began = instruments.now()
                try works[place].run()
                let elapsed = instruments.now() &- began
                guard round >= warmups else { continue }
                series[place].nanoseconds.append(Double(elapsed))
                if instruments.interruptions() != interruptions { series[place].interrupted += 1 }
            }
        }
        return series
    }
}
