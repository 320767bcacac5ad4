internal import Entrants
internal import Harness
internal import Kernels
internal import Machine
internal import Records
internal import Suites

extension TuneSession {
    /// A value of a number, and the samples that were taken with it, in the order of the rounds.
    struct Candidate {
        var value: Double
        var samples: [Double]
    }

    /// Measures other values of a number against the default, interleaved, and keeps the default unless another is
    /// faster beyond doubt.
    func tuneBlock(_ number: TuningNumber, _ tuning: inout Tuning, team: Team) throws -> TuningRecord.Number {
        let result =
            switch number {
            case .inPlaceColumns: try tuneThreshold(tuning, team: team)
            default: try tuneSize(number, tuning, team: team)
            }
        number.set(result.kept, in: &tuning)
        return result
    }

    /// What is kept: the default, or the value whose speed-up is the largest of those whose 95 % interval lies above a
    /// per cent. The per cent is because several are compared, of which one is always lucky.
    static func decide(
        _ number: TuningNumber, standard: Candidate, others: [Candidate]
    ) -> TuningRecord.Number {
        let trials = others.compactMap { other -> TuningRecord.Number.Trial? in
            Speedup.paired(other.samples, against: standard.samples, named: "default").map {
                TuningRecord.Number.Trial(value: other.value, speedup: $0.ratio, low: $0.low, high: $0.high)
            }
        }
        let best = trials.filter { $0.low > 1.01 }.max { $0.speedup < $1.speedup }
        return TuningRecord.Number(
            number: number, standard: standard.value, kept: best?.value ?? standard.value,
            reason: best == nil ? "none of \(trials.count) others is faster" : "faster", trials: trials)
    }

    // MARK: - Sizes

    private func tuneSize(_ number: TuningNumber, _ tuning: Tuning, team: Team) throws -> TuningRecord.Number {
        let value = number.value(in: standard)
        let others: [Double]
        let subject: (Tuning) -> Subject?
        if number == .blockA {
            let side = request.quick ? 512 : 1024
            let problem = Matmul.Problem(m: side, n: side, k: side)
            subject = { self.subject(Matmul.self, problem, idea: "packed", under: $0, team: team) }
            others = (request.quick ? [0.5, 2] : [0.25, 0.5, 1.5, 2]).map { (value * $0).rounded(.down) }
        } else {
            let tokens = request.quick ? 128 : 256
            let problem = FFN.Problem(.geluTanh, tokens: tokens, model: 768, hidden: request.quick ? 1536 : 3072)
            subject = { self.subject(FFN.self, problem, idea: "fused", under: $0, team: team) }
            others =
                (request.quick ? [value - 1, value + 2] : [value - 2, value - 1, value + 1, value + 2, 2 * value])
                .filter { $0 >= 1 }
        }
        let measured = try samples(number, [value] + others, of: subject, tuning)
        guard let first = measured.first, first.value == value else { return unmeasured(number) }
        return TuneSession.decide(number, standard: first, others: Array(measured.dropFirst()))
    }

    /// The samples of every value that was right.
    private func samples(
        _ number: TuningNumber, _ values: [Double], of subject: (Tuning) -> Subject?, _ tuning: Tuning
    ) throws -> [Candidate] {
        let subjects = values.compactMap { value -> Subject? in
            var changed = tuning
            number.set(value, in: &changed)
            var found = subject(changed)
            found?.blank.variant = "\(value)"
            return found
        }
        // A variant that runs under one value runs under all.
        guard subjects.count == values.count else { return [] }
        let results = try measure(
            Contest(title: number.title, subjects: subjects), box: request.quick ? 0.12e9 : 0.6e9)
        return zip(values, results).filter { !$1.samples.isEmpty }.map { Candidate(value: $0, samples: $1.samples) }
    }

    // MARK: - A threshold

    /// Up to which width A is read in place: from the default upwards as long as reading it in place is faster, else
    /// downwards as long as packing it is. At each width the two ways take turns.
    private func tuneThreshold(_ tuning: Tuning, team: Team) throws -> TuningRecord.Number {
        let value = TuningNumber.inPlaceColumns.value(in: standard)
        var trials: [TuningRecord.Number.Trial] = []
        /// How many times faster reading A in place is than packing it, at so many columns a worker.
        func gain(_ width: Double) throws -> TuningRecord.Number.Trial? {
            let problem = Matmul.Problem(m: 64, n: Int(width) * workers, k: 256)
            let pair = try samples(
                .inPlaceColumns, [0, width],
                of: { subject(Matmul.self, problem, idea: "packed", under: $0, team: team) }, tuning)
            guard pair.count == 2,
                let speedup = Speedup.paired(pair[1].samples, against: pair[0].samples, named: "packed")
            else { return nil }
            let trial = TuningRecord.Number.Trial(
                value: width, speedup: speedup.ratio, low: speedup.low, high: speedup.high)
            trials.append(trial)
            return trial
        }
        var kept = value
        while kept < 1024, let trial = try gain(kept * 2), trial.low > 1.01 { kept *= 2 }
        if kept == value {
            while kept >= 64, let trial = try gain(kept), trial.high < 0.99 { kept /= 2 }
        }
        return TuningRecord.Number(
            number: .inPlaceColumns, standard: value, kept: kept,
            reason: kept == value ? "no other is faster" : "faster", trials: trials)
    }

    // MARK: - Subjects

    private func unmeasured(_ number: TuningNumber) -> TuningRecord.Number {
        let value = number.value(in: standard)
        return TuningRecord.Number(
            number: number, standard: value, kept: value, reason: "not measured: no variant reads it here", trials: [])
    }

    /// The first variant of an idea that runs here, bound under numbers of its own.
    private func subject<Family: KernelFamily>(
        _ family: Family.Type, _ problem: Family.Problem, idea: String, under tuning: Tuning, team: Team
    ) -> Subject? {
        var options = contestOptions(tuning)
        options.variants = [idea]
        return FamilyProblem<Family>(problem).contest(workload: "tune", options: options, team: team)
            .subjects.first
    }
}
