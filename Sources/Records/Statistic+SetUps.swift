internal import Foundation

extension Statistic {
    /// The statistic of samples from several set-ups; nil if there is none.
    ///
    /// What one set-up shows of its own spread says nothing of the next one: where memory lies makes the same code some per
    /// cent faster or slower for as long as it stays there (Mytkowicz et al. 2009), so that samples of one set-up are no
    /// independent repeats. The set-ups are. So the interval is that of the mean of the logarithms of their medians, with
    /// Student's t over set-ups: the repetition at the highest level carries the error of all levels below it (Kalibera and
    /// Jones 2013, "Rigorous benchmarking in reasonable time"). It is never narrower than the interval within: the result
    /// holds both.
    ///
    /// - Parameter setUps: the samples of each, in the order in which they were taken.
    public init?(setUps: [[Double]]) {
        let parts = setUps.filter { !$0.isEmpty }
        self.init(parts.flatMap { $0 })
        self.setUps = parts.count
        guard parts.count > 1, minimum > 0 else { return }
        let interval = Statistic.interval(ofSetUps: parts.map { $0.map { log($0) } })
        low = min(low, exp(interval.low))
        high = max(high, exp(interval.high))
    }

    /// The 95 % interval of the middle of values that come in set-ups: what order statistics say of all of them, and
    /// Student's t of the medians of the set-ups, together. One set-up has the former only.
    ///
    /// - Parameter values: on a scale on which they may be averaged, such as logarithms; not empty.
    public static func interval(ofSetUps values: [[Double]]) -> (low: Double, high: Double) {
        let within = medianInterval(values.flatMap { $0 }.sorted())
        guard values.count > 1 else { return within }
        let between = SampleMean(values.map { quantile($0.sorted(), 0.5) })
        let half = StudentT(degrees: between.degrees).quantile(0.975) * between.variance.squareRoot()
        return (min(within.low, between.mean - half), max(within.high, between.mean + half))
    }
}

/// The mean of independent values, and how well it is known.
struct SampleMean {
    var mean: Double
    /// Variance of the mean: that of the values over their number.
    var variance: Double
    var degrees: Double

    /// - Parameter values: two or more.
    init(_ values: [Double]) {
        let count = Double(values.count)
        let mean = values.reduce(0, +) / count
        self.mean = mean
        variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / (count - 1) / count
        degrees = count - 1
    }
}
