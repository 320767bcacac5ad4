internal import Records

/// How operands come back into the caches before a sample.
///
/// While the other subjects of a contest had their turns, the operands of this one were pushed out of the caches. One call
/// does not bring them back: a last-level cache takes in lines that it has not seen before with reluctance, and operands of
/// some megabytes need up to ten calls until a call takes no longer than the one before. So each hot subject rehearses its
/// turn: after all others have run, it is called until nothing is gained any more, and as many calls go before each of its
/// samples, untimed. The number is fixed before the first sample, so that no sample is chosen by its time. Ours and a
/// library's are treated alike.
extension Runner {
    /// A rehearsal ends after as many steps, or when it has taken as long.
    private static let steps = 16
    private static let longestRehearsalNanoseconds: UInt64 = 12_000_000
    /// Untimed calls before a sample take no longer: the time box must have room for the samples.
    private static let longestPrimingNanoseconds = 8_000_000.0

    /// Finds for each lane how many calls its turn begins with. The lanes take turns thrice, and a step's time is the
    /// median of the three.
    func rehearse(_ lanes: [Lane]) {
        let hot = lanes.filter { $0.trial != nil && $0.needsPriming }
        guard !hot.isEmpty else { return }
        var turns = [[[Double]]](repeating: [], count: hot.count)
        for _ in 0..<3 {
            for (place, lane) in hot.enumerated() { turns[place].append(turn(of: lane)) }
        }
        for (place, lane) in hot.enumerated() {
            let steps = Runner.stepsToSettle(turns[place])
            let most = max(1, Int(Runner.longestPrimingNanoseconds / max(lane.expected, 1)))
            lane.primingCalls = min(max(1, steps * lane.step), most)
        }
    }

    /// The times of the steps of one turn, for one call, from the first.
    private func turn(of lane: Lane) -> [Double] {
        guard let trial = lane.trial else { return [] }
        let began = instruments.now()
        var times: [Double] = []
        repeat {
            times.append(Double(time(trial, calls: lane.step)) / Double(lane.step))
        } while times.count < Runner.steps && instruments.now() - began < Runner.longestRehearsalNanoseconds
        if lane.subject.pauseNanoseconds > 0 { instruments.pause(lane.subject.pauseNanoseconds) }
        return times
    }

    /// After how many steps the times are within 3 % of what the last third of them settles at.
    ///
    /// - Parameter turns: the times of the steps of each turn.
    static func stepsToSettle(_ turns: [[Double]]) -> Int {
        let count = turns.map(\.count).min() ?? 0
        guard count > 0 else { return 0 }
        let medians = (0..<count).map { step in Statistic.quantile(turns.map { $0[step] }.sorted(), 0.5) }
        let settled = Statistic.quantile(medians.suffix((count + 2) / 3).sorted(), 0.5)
        return medians.firstIndex { $0 <= 1.03 * settled } ?? count
    }
}
