internal import Harness
internal import Kernels
internal import Records

/// A trial under numbers of its own: they are set before it binds and before every call, so that trials under different
/// numbers may take turns.
final class TunedTrial: Trial {
    private let tuning: Tuning
    private let trial: any Trial

    init(_ tuning: Tuning, open: () throws -> any Trial) rethrows {
        self.tuning = tuning
        tuning.takeEffect()
        trial = try open()
    }

    func verify() -> Check {
        tuning.takeEffect()
        return trial.verify()
    }

    func poison() { trial.poison() }

    func run(times: Int) {
        tuning.takeEffect()
        trial.run(times: times)
    }

    func recheck() -> Check { trial.recheck() }
}

extension Subject {
    /// The same subject under other numbers, named after them.
    func tuned(_ tuning: Tuning, named name: String) -> Subject {
        var blank = blank
        blank.variant = name
        let open = open
        return Subject(
            blank: blank, open: { try TunedTrial(tuning, open: open) }, pauseNanoseconds: pauseNanoseconds)
    }
}
