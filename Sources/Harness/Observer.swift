public import Records

/// What happens during a run, in order.
public enum Event {
    case runBegan(contests: Int, subjects: Int)
    case contestBegan(title: String, index: Int)
    case skipped(Measurement)
    /// Wrong or implausible: no time is given.
    case failed(Measurement)
    /// Samples were taken: sent a few times a second, not for each. `secondsLeft` is for the whole run.
    case sampled(contest: Int, label: String, samples: Int, statistic: Statistic?, secondsLeft: Double)
    case measured(Measurement)
    case contestEnded([Measurement])
    case runEnded
}

/// Someone who watches a run: a terminal, a log, a page. Called between samples, never within one.
public protocol Observer: AnyObject {
    func receive(_ event: Event)
}
