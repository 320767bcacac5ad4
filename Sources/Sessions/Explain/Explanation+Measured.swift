internal import Entrants
internal import Kernels
internal import Machine
public import Records

extension Explanation {
    /// Puts together what was measured.
    ///
    /// Of a hot problem every call finds its operands in the nearest level that holds all of them, for the call before
    /// went through all; each byte then passes through every level nearer than that at least once. Cold, all come from
    /// memory. These are least bytes: a variant that looks at an operand again and again moves more.
    static func of(
        _ own: VariantRecord, among measurements: [VariantRecord], touched: Touched, roofs: Roofs
    ) -> Explanation {
        let caches = roofs.caches(threads: own.threads)
        let whole = Double(touched.bytes)
        let operands = touched.parts.map { part in
            Operand(
                name: part.name, bytes: Double(part.bytes), level: CacheLevel.holding(Double(part.bytes), in: caches),
                note: part.isReplaced ? "not read: the packed copy is" : nil)
        }
        let timed = measurements.filter { $0.statistic != nil }.sorted { ($0.nanoseconds ?? 0) < ($1.nanoseconds ?? 0) }
        let place = timed.firstIndex { $0.variant == own.variant } ?? 0
        var explanation = Explanation(
            measurement: own, operands: operands,
            workingSet: Operand(
                name: "all together", bytes: whole,
                level: own.temperature == .cold ? CacheLevel.memory : CacheLevel.holding(whole, in: caches),
                note: touched.ownMemoryIsKnown ? nil : "what the variant allocates for itself is not known"),
            levels: levels(own, roofs: roofs), place: place + 1, measured: timed.count)
        explanation.teamCallNanoseconds = roofs.fixedCost("team call", threads: own.threads)
        explanation.clock = roofs.clock
        explanation.addArithmetic(roofs)
        explanation.facts = own.counters.compactMap(Fact.init)
        explanation.addConflicts(touched)
        explanation.faster = place > 0 ? neighbour(timed[place - 1], of: own) : nil
        explanation.slower = place + 1 < timed.count ? neighbour(timed[place + 1], of: own) : nil
        return explanation
    }

    private static func levels(_ own: VariantRecord, roofs: Roofs) -> [Level] {
        let (cost, threads) = (own.cost, own.threads)
        let caches = roofs.caches(threads: threads)
        let source =
            own.temperature == .cold ? CacheLevel.memory : CacheLevel.holding(cost.bytes, in: caches)
        var levels: [Level] = []
        var isPast = false
        for (name, capacity) in caches.map({ ($0.name, Optional($0.bytes)) }) + [(CacheLevel.memory, nil)] {
            var level = Level(name: name, capacity: capacity, bytes: isPast ? 0 : cost.bytes)
            // The level that the bytes start from is bounded exactly as in every table of a run.
            let roof =
                name == source
                ? roofs.bandwidth(cost, threads: threads, temperature: own.temperature)
                : roofs.bandwidth(of: name, threads: threads, cost)
            level.roof = roof?.name
            level.bytesPerSecond = roof?.best
            if level.bytes > 0 {
                level.intensity = cost.flops / level.bytes
                level.leastNanoseconds = roof.map { level.bytes / $0.best * 1e9 }
            }
            if name == source { isPast = true }
            levels.append(level)
        }
        return levels
    }

    private mutating func addArithmetic(_ roofs: Roofs) {
        guard let compute = roofs.compute(measurement.cost.arithmetic, threads: measurement.threads),
            let nanoseconds = measurement.nanoseconds
        else { return }
        let least = measurement.cost.flops / compute.best * 1e9
        arithmetic = Arithmetic(
            roof: compute.name, operationsPerSecond: compute.best, leastNanoseconds: least)
        for index in levels.indices {
            levels[index].ridge = levels[index].bytesPerSecond.map { compute.best / $0 }
        }
        verdict = Boundedness.judge(
            nanoseconds: nanoseconds, compute: least,
            levels: levels.compactMap { level in level.leastNanoseconds.map { (level.name, $0) } },
            fixed: teamCallNanoseconds ?? 0)
        let greatest = max(least, levels.compactMap(\.leastNanoseconds).max() ?? 0)
        if greatest > nanoseconds * 1.02 {
            notes.append(
                "faster than a roof that was measured in this run: its probe was disturbed; repeat where it is quieter")
        }
    }

    /// Names the operands whose rows lie so that they push each other out of the caches: no roof shows what that costs.
    private mutating func addConflicts(_ touched: Touched) {
        let parts = touched.parts.filter { $0.hasConflictStride && !$0.isReplaced }
        guard !parts.isEmpty else { return }
        let names = parts.map { "\($0.name) (\(($0.stride ?? 0) / 1024) KiB)" }.joined(separator: ", ")
        notes.append(
            "rows lie a multiple of 4 KiB apart in \(names): a kernel that reads down columns or over many rows finds them "
                + "in the same few sets of a cache; what that costs here is not known, and a neighbour size tells: "
                + "--sweep with a row 64 B longer")
    }

    private static func neighbour(_ other: VariantRecord, of own: VariantRecord) -> Neighbour? {
        guard let nanoseconds = other.nanoseconds,
            let ratio = Speedup.paired(other.samples, against: own.samples, named: own.variant)
        else { return nil }
        return Neighbour(variant: other.variant, nanoseconds: nanoseconds, ratio: ratio, story: other.story)
    }

    /// Instructions that callgrind counted in one call, and what follows from them.
    public mutating func add(instructions: Int, counter: String, features: [String]) {
        let count = Double(instructions)
        let cpu = features.joined(separator: " ")
        facts.append(
            Fact(
                name: "instructions", unit: "count", source: .measured, value: count,
                by: "\(counter), one worker on a simulated CPU with \(cpu)"))
        facts.append(
            Fact(
                name: "operations / instruction", unit: "ratio", source: .modelled,
                value: measurement.cost.flops / count, by: "the cost model over the count"))
        guard let clock, let nanoseconds = measurement.nanoseconds else { return }
        facts.append(
            Fact(
                name: "IPC", unit: "instructions/cycle", source: .modelled,
                value: count / (nanoseconds * 1e-9 * clock * Double(measurement.threads)),
                by: "the count over the median time and the measured clock"))
    }
}

extension Explanation.Fact {
    /// nil for what the cost model says: the explanation has that in its own words.
    init?(_ reading: CounterReading) {
        let source: Source
        let by: String
        switch reading.source {
        case .hardware: (source, by) = (.measured, reading.scaled ? "hardware counter, scaled" : "hardware counter")
        case .software: (source, by) = (.measured, "operating system")
        case .absent: (source, by) = (.absent, reading.reason ?? "no reason given")
        case .modelled: return nil
        }
        self.init(name: reading.name, unit: reading.unit, source: source, value: reading.value, by: by)
    }
}
