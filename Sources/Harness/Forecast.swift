/// How long a run still takes, from the contests that it has measured so far; and when observers are told.
struct Forecast {
    /// Between two reports: often enough to be watched, too seldom to disturb.
    private static let interval: UInt64 = 100_000_000

    private var contestsAfter = 0
    private var measured = 0
    private var nanoseconds: UInt64 = 0
    private var lastReport: UInt64?

    mutating func begin(contestsAfter: Int) { self.contestsAfter = contestsAfter }

    mutating func end(nanoseconds taken: UInt64) {
        measured += 1
        nanoseconds += taken
    }

    /// Whether the last report is long enough ago; if so, this is the new last one.
    mutating func isDue(at now: UInt64) -> Bool {
        if let lastReport, now - lastReport < Forecast.interval { return false }
        lastReport = now
        return true
    }

    /// - Parameters:
    ///   - here: nanoseconds that this contest may still take.
    ///   - contest: nanoseconds for a contest, as long as none has been measured.
    func secondsLeft(here: Double, contest: Double) -> Double {
        let each = measured > 0 ? Double(nanoseconds) / Double(measured) : contest
        return (here + Double(contestsAfter) * each) / 1e9
    }
}
