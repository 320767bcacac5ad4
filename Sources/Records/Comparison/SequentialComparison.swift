/// One row of a comparison as its rounds come in: when to look, and when enough is known.
public struct SequentialComparison: Sendable {
    private let rule: ComparisonRule
    private let looks: Set<Int>
    private let last: Int
    /// Epochs that a decision needs: one set-up cannot tell luck from difference.
    private let leastEpochs: Int
    public private(set) var series: PairedSeries
    /// As of the last look that could give an interval.
    public private(set) var effect: PairedEffect?
    public private(set) var isFinished = false

    /// - Parameters:
    ///   - rows: rows of the whole table, which share the error.
    ///   - looks: the rounds after which to look; the last ends the row.
    public init(rule: ComparisonRule, rows: Int, looks: [Int], leastEpochs: Int = 1) {
        self.rule = rule
        self.looks = Set(looks)
        self.leastEpochs = leastEpochs
        last = looks.max() ?? 0
        series = PairedSeries(alpha: rule.alpha(rows: rows), planned: last)
    }

    public mutating func add(_ round: PairedSeries.Round) {
        series.add(round)
        guard looks.contains(series.rounds.count) else { return }
        if let found = series.look(isLast: series.rounds.count >= last) { effect = found }
        let enough = Set(series.rounds.map(\.epoch)).count >= leastEpochs
        isFinished = series.rounds.count >= last || (enough && rule.isDecided(effect))
    }
}
