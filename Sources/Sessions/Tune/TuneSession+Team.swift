internal import Kernels
internal import Machine
internal import Records

extension TuneSession {
    /// What a call of the whole team costs beyond one of a single worker, and what one worker can do at most: measured
    /// directly, so there is no contest. A measured value is kept unless its interval holds the default, or no machine
    /// could have it and something else must have run meanwhile.
    func tuneCrew(_ tuning: inout Tuning, team: Team) throws -> [TuningRecord.Number] {
        var samples: [TuningNumber: [Double]] = [:]
        samples[.handOver] = team.workers > 1 ? handOver(team) : []
        let peaks = PeakProbe(topology: topology, quick: true).measure(
            team: try Team(workers: 1, cpus: topology.placement(workers: 1)))
        samples[.f32] = peaks.filter { $0.name.hasPrefix("FMA f32") }.max { $0.median < $1.median }.map {
            [$0.low / 1e9, $0.median / 1e9, $0.high / 1e9]
        }
        // From the last cache: what workers have in common lies there.
        let last = topology.dataCaches.last.map { "read L\($0.level)" }
        samples[.bytes] = peaks.first { $0.name == last }.map { [$0.low / 1e9, $0.median / 1e9, $0.high / 1e9] }
        return [TuningNumber.handOver, .f32, .bytes].map { number in
            let kept = TuneSession.direct(number, standard: number.value(in: standard), samples: samples[number] ?? [])
            number.set(kept.kept, in: &tuning)
            return kept
        }
    }

    /// Nanoseconds of an empty call of the team less those of one worker, pair by pair.
    private func handOver(_ team: Team) -> [Double] {
        let calls = 500
        let (all, alone) = (Invocation.empty(), Invocation.empty())
        alone.workerLimit = 1
        func each(_ invocation: Invocation) -> Double {
            let begin = MonotonicClock.now
            invocation.call(team, times: calls)
            return Double(MonotonicClock.now - begin) / Double(calls)
        }
        _ = each(all)
        return (0..<(request.quick ? 41 : 201)).map { _ in each(all) - each(alone) }
    }

    /// What is kept of samples that were taken directly.
    static func direct(_ number: TuningNumber, standard: Double, samples: [Double]) -> TuningRecord.Number {
        func kept(_ value: Double, _ reason: String) -> TuningRecord.Number {
            TuningRecord.Number(number: number, standard: standard, kept: value, reason: reason, trials: [])
        }
        guard let statistic = Statistic(samples) else {
            return kept(standard, "not measured: one worker, or no such cache")
        }
        let unit = number.unit
        let range = "\(text(statistic.median)) \(unit) [\(text(statistic.low)), \(text(statistic.high))]"
        guard (standard / 20...standard * 20).contains(statistic.median) else {
            return kept(standard, "not believed: \(range)")
        }
        if (statistic.low...statistic.high).contains(standard) { return kept(standard, "the same: \(range)") }
        return kept(rounded(statistic.median), "measured: \(range)")
    }

    private static func text(_ value: Double) -> String { TuningNumber.text(rounded(value)) }

    /// Three digits.
    private static func rounded(_ value: Double) -> Double {
        let step = value >= 100 ? 1 : value >= 10 ? 0.1 : 0.01
        return (value / step).rounded() * step
    }
}
