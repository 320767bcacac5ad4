/// The samples of one set-up: memory placed anew, the order of the variants drawn.
///
/// The samples themselves are in `VariantRecord.samples`, set-up after set-up, in the order in which they were taken.
public struct SetUp: Codable, Sendable, Hashable {
    /// How many samples it has.
    public var count: Int
    /// Places among its samples, from 0, during which another task took a CPU away.
    public var interrupted: [Int]
    /// Places during which the hypervisor took CPU time, or the thread changed CPUs.
    public var disturbed: [Int]

    public init(count: Int, interrupted: [Int] = [], disturbed: [Int] = []) {
        self.count = count
        self.interrupted = interrupted
        self.disturbed = disturbed
    }
}

extension VariantRecord {
    /// How the summary of a file contradicts its samples, as after one of them was edited; nil if it does not. Where both are
    /// read, a reader of one and a reader of the other would tell two times.
    var contradiction: String? {
        guard let statistic, let whole = Statistic(keptSamples.flatMap { $0 }) else { return nil }
        guard abs(statistic.median - whole.median) > 1e-6 * abs(whole.median) else { return nil }
        return "its statistic has a median of \(statistic.median) ns, its samples one of \(whole.median) ns"
    }

    /// The samples that count, set-up by set-up. As in a duel (`PairedSeries.mostDropped`), those with evidence of a
    /// disturbance are left out as long as they are few; beyond that the disturbance is the machine's normal state, and all
    /// are kept. A record without set-ups, of schema 1.0 or of another tool, counts as one.
    public var keptSamples: [[Double]] {
        guard let setUps, setUps.allSatisfy({ (0...samples.count).contains($0.count) }),
            setUps.reduce(0, { $0 + $1.count }) == samples.count
        else {
            return samples.isEmpty ? [] : [samples]
        }
        let flagged = setUps.map { Set($0.interrupted).union($0.disturbed) }
        let drops =
            Double(flagged.reduce(0) { $0 + $1.count }) <= PairedSeries.mostDropped * Double(samples.count)
        var first = 0
        return zip(setUps, flagged).compactMap { setUp, flags in
            let part = samples[first..<(first + setUp.count)]
            first += setUp.count
            let kept = part.enumerated().filter { !drops || !flags.contains($0.offset) }.map(\.element)
            return kept.isEmpty ? nil : kept
        }
    }
}
