public import Records

/// What happens during a run, in order. Results are what `Runner.run` returns; an event only tells of one.
public enum Event {
    case runBegan(contests: Int)
    case contestBegan(title: String, index: Int)
    case skipped(VariantRecord)
    /// Wrong or implausible: no time is given.
    case failed(VariantRecord)
    /// Samples were taken: sent a few times a second, not for each. `secondsLeft` is for the whole run.
    case sampled(contest: Int, label: String, samples: Int, statistic: Statistic?, secondsLeft: Double)
    case measured(VariantRecord)
    case contestEnded
    case runEnded
}

/// Someone who watches a run: a terminal, a log, a page. Called between samples, never within one.
public protocol Observer: AnyObject {
    func receive(_ event: Event)
}
