public import Records

/// A counter group made ready on this machine: what of it can be counted, and why the rest cannot.
public final class CounterSession {
    private let group: CounterGroup?
    private let model: CounterGroup
    /// Short name → the event that stands for it, and who counts it.
    private var sources: [String: (event: String, source: any CounterSource)] = [:]
    /// Short name → why it cannot be counted.
    private var reasons: [String: String] = [:]

    /// The events of the group that cannot be counted here: the preferred name, and why.
    public private(set) var missing: [(event: String, reason: String)] = []

    /// True if a hardware event of the group is missing: `--require-counters` then ends with exit code 6.
    public private(set) var unavailableRequired = false

    /// Makes a group ready; `none` has no events, only the cost model's metrics.
    ///
    /// - Throws: `CounterGroupError` listing the groups if there is none of that name.
    public static func open(group name: String) throws(CounterGroupError) -> CounterSession {
        #if PAPI
            return try open(group: name, backend: LinkedPAPI())
        #else
            return try open(group: name, backend: nil)
        #endif
    }

    /// - Parameter backend: PAPI, or what the tests put in its place; nil in a build without PAPI.
    public static func open(group name: String, backend: (any PAPIBackend)?) throws(CounterGroupError) -> CounterSession
    {
        let group = name == "none" ? nil : try CounterGroup.named(name)
        return CounterSession(group: group, model: try CounterGroup.named(CounterGroup.modelName), backend: backend)
    }

    init(group: CounterGroup?, model: CounterGroup, backend: (any PAPIBackend)?, known: KnownWork = .overMemory) {
        self.group = group
        self.model = model
        guard let group else { return }
        let rusage = RusageCounters()
        let papi = backend.map(PAPICounters.init)
        let names = group.events.flatMap(\.names)
        let papiNames = names.filter { !$0.hasPrefix(EventName.rusagePrefix) }
        var found: [String: CounterAvailability] = [:]
        if let papi {
            for (name, availability) in zip(papiNames, papi.probe(papiNames) { known.run() }) {
                found[name] = availability
            }
        } else {
            for name in papiNames { found[name] = .unavailable(reason: "this build is without PAPI") }
        }
        let others = names.filter { $0.hasPrefix(EventName.rusagePrefix) }
        for (name, availability) in zip(others, rusage.probe(others) { known.run() }) { found[name] = availability }
        for event in group.events { choose(event, from: found) }
    }

    /// Takes the first name that can be counted, or notes why none can.
    private func choose(_ event: CounterGroup.Event, from found: [String: CounterAvailability]) {
        var reason: String?
        for name in event.names {
            switch found[name] {
            case .available(let source):
                sources[event.short] = (name, source)
                return
            case .unavailable(let text): reason = reason ?? "\(name): \(text)"
            case nil: break
            }
        }
        let text = reason ?? "it has no name that is known here"
        reasons[event.short] = text
        missing.append((event.names[0], String(text.dropFirst(event.names[0].count + 2))))
        if event.isHardware { unavailableRequired = true }
    }

    // MARK: - Reading

    /// The metrics of the group over one batch, then those of the cost model.
    ///
    /// - Parameters:
    ///   - nanoseconds: median time of one call, as it was measured before.
    ///   - calls: kernel calls in `run`.
    ///   - run: the work; run once for each set of events, and not at all if nothing can be counted.
    public func readings(cost: CostRecord, nanoseconds: Double, calls: Int, run: () -> Void) -> [CounterReading] {
        var values = [
            "time": nanoseconds / 1e9, "flops": cost.flops, "bytes": cost.bytes, "calls": Double(calls),
        ]
        var reasons = reasons
        var scaled: Set<String> = []
        for (short, count) in count(over: run) {
            switch count {
            case .counted(let value, let isScaled):
                values[short] = value / Double(max(1, calls))
                if isScaled { scaled.insert(short) }
            case .absent(let reason): reasons[short] = reason
            }
        }
        let readings = (group?.metrics ?? []).map { metric in
            reading(metric, of: group, values: values, reasons: reasons, scaled: scaled)
        }
        return readings + model.metrics.map { reading($0, of: nil, values: values, reasons: [:], scaled: []) }
    }

    /// Every source counts all of its events in one go.
    private func count(over run: () -> Void) -> [String: EventCount] {
        var counts: [String: EventCount] = [:]
        var shorts = sources.keys.sorted()
        while let first = shorts.first, let source = sources[first]?.source {
            let mine = shorts.filter { sources[$0]?.source === source }
            shorts.removeAll { mine.contains($0) }
            let events = mine.compactMap { sources[$0]?.event }
            for (short, value) in zip(mine, source.count(events, over: run)) { counts[short] = value }
        }
        return counts
    }

    private func reading(
        _ metric: CounterGroup.Metric, of group: CounterGroup?, values: [String: Double], reasons: [String: String],
        scaled: Set<String>
    ) -> CounterReading {
        let counted = metric.formula.names.filter { name in group?.events.contains { $0.short == name } ?? false }
        func absent(_ reason: String) -> CounterReading {
            CounterReading(name: metric.name, unit: metric.unit, source: .absent, value: nil, reason: reason)
        }
        if let reason = counted.compactMap({ reasons[$0] }).first { return absent(reason) }
        let value: Double
        do { value = try metric.formula.value(values) } catch { return absent(error.text) }
        guard value.isFinite else { return absent("the value is not finite") }
        let hardware = counted.contains { sources[$0].map { EventName.isHardware($0.event) } ?? false }
        return CounterReading(
            name: metric.name, unit: metric.unit,
            source: hardware ? .hardware : counted.isEmpty ? .modelled : .software, value: value,
            scaled: !scaled.isDisjoint(with: counted))
    }
}
