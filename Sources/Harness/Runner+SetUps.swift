internal import Records

/// How often a contest is set up anew.
///
/// Where memory lies can make the same code some per cent faster or slower for as long as it stays there, so one set-up
/// cannot say what the next run will show. All subjects give their memory back before any takes it again, in another order
/// and between other blocks (`ShuffledLayout`), as in a duel. What a contest takes in all stays what it was: set-ups share
/// the time box, and where opening is dear or a call is long there are fewer.
extension Runner {
    /// With fewer, Student's t makes the interval useless: then there is one.
    private static let fewestSetUps = 4
    /// Opening again takes no more than this share of the time boxes of a contest.
    private static let openingShare = 0.15
    /// Samples, one a set-up, take no more than this share of a subject's time box.
    private static let samplingShare = 0.8

    /// Chooses how many set-ups the contest has and each lane takes part in, and shares the time box among them.
    ///
    /// - Returns: the set-ups of the contest.
    func planSetUps(_ lanes: [Lane]) -> Int {
        func whole(_ affordable: Double) -> Int {
            let count = Int(min(Double(options.setUps), affordable))
            return count < Runner.fewestSetUps ? 1 : count
        }
        let box = Double(options.timeBoxNanoseconds)
        let right = lanes.filter(\.isIn)
        let opening = right.reduce(0) { $0 + $1.opening }
        let count = whole(1 + Runner.openingShare * box * Double(right.count) / max(1, opening))
        for lane in right {
            let sample = lane.expected * Double(lane.calls + (lane.needsPriming ? lane.primingCalls : 0))
            lane.setUps = min(count, whole(Runner.samplingShare * box / max(1, sample)))
            lane.setUpsLeft = lane.setUps
            guard lane.setUps > 1 else { continue }
            lane.rule = StoppingRule(options.share(of: lane.setUps, after: lane.warmUp))
        }
        return right.contains { $0.setUps > 1 } ? count : 1
    }

    /// Sets up those anew that take part. One batch of each is not counted: it finds the caches cold.
    func placeAnew(_ lanes: [Lane], setUp: Int, of count: Int) {
        let next = lanes.filter { $0.isIn && $0.takesPart(in: setUp, of: count) }
        lanes.forEach { $0.close() }
        layout.shuffle()
        for place in Rotation.beginning(count: next.count, seed: ~options.seed &+ UInt64(setUp)) {
            let lane = next[place]
            let began = instruments.now()
            do {
                try lane.reopen()
            } catch {
                lane.withdraw(.failed(reason: "cannot be set up again: \(error)"))
                tell(.failed(lane.measurement))
                continue
            }
            if let trial = lane.trial { _ = time(trial, calls: lane.calls) }
            if lane.subject.pauseNanoseconds > 0 { instruments.pause(lane.subject.pauseNanoseconds) }
            // One that takes part once has its warm-up behind it, and the whole box before it.
            if lane.setUps > 1 { lane.rule.begin(spent: instruments.now() - began) }
        }
    }
}
