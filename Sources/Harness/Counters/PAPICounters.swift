/// Counts through PAPI: for each thread of the process a set of its own, the values added up.
final class PAPICounters: CounterSource {
    private let backend: any PAPIBackend

    init(_ backend: any PAPIBackend) { self.backend = backend }

    func probe(_ events: [String], over known: () -> Void) -> [CounterAvailability] {
        do throws(PAPIError) { try backend.prepare() } catch {
            return events.map { _ in .unavailable(reason: reason(error)) }
        }
        // Alone first: an event that does not exist must not be blamed on its neighbours.
        var reasons: [String: String] = [:]
        for event in events { reasons[event] = refusal(of: event) }
        let possible = events.filter { reasons[$0] == nil }
        for (event, outcome) in zip(possible, possible.isEmpty ? [] : count(possible, over: known)) {
            switch outcome {
            case .absent(let reason): reasons[event] = reason
            case .counted(let value, _) where value <= 0 && EventName.isProvoked(event):
                reasons[event] = "it can be started, but reads 0 over work that causes it"
            case .counted: break
            }
        }
        return events.map { event in reasons[event].map { .unavailable(reason: $0) } ?? .available(self) }
    }

    /// Hardware and software events are counted in runs of their own, so that only those that share the processor's
    /// counters are ever extrapolated.
    func count(_ events: [String], over work: () -> Void) -> [EventCount] {
        var counts: [String: EventCount] = [:]
        for part in [events.filter(EventName.isHardware), events.filter { !EventName.isHardware($0) }]
        where !part.isEmpty {
            do throws(PAPIError) {
                for (event, value) in zip(part, try run(part, over: work)) { counts[event] = value }
            } catch {
                for event in part { counts[event] = .absent(reason: reason(error)) }
            }
        }
        return events.map { counts[$0] ?? .absent(reason: "it was not counted") }
    }

    /// Why an event cannot be added and started on the calling thread; nil if it can.
    private func refusal(of event: String) -> String? {
        guard let thread = backend.threads.first else { return "the process has no thread" }
        do throws(PAPIError) {
            let set = try backend.makeSet(thread: thread, multiplexed: false)
            defer { backend.destroy(set) }
            try backend.add(event, to: set)
            try backend.start(set)
            _ = try backend.stop(set, count: 1)
            return nil
        } catch {
            return reason(error)
        }
    }

    private func run(_ events: [String], over work: () -> Void) throws(PAPIError) -> [EventCount] {
        let (sets, scaled) = try makeSets(events)
        defer { sets.forEach(backend.destroy) }
        for set in sets { try backend.start(set) }
        work()
        var sums = [Int64](repeating: 0, count: events.count)
        for set in sets {
            let values = try backend.stop(set, count: events.count)
            for index in sums.indices { sums[index] += values[index] }
        }
        return sums.map { .counted(Double($0), scaled: scaled) }
    }

    /// A set for each thread; in turns if the events do not fit together.
    private func makeSets(_ events: [String]) throws(PAPIError) -> (sets: [Int32], scaled: Bool) {
        do throws(PAPIError) {
            return (try makeSets(events, multiplexed: false), false)
        } catch {
            guard error.kind == .conflict, events.count > 1 else { throw error }
        }
        return (try makeSets(events, multiplexed: true), true)
    }

    private func makeSets(_ events: [String], multiplexed: Bool) throws(PAPIError) -> [Int32] {
        var sets: [Int32] = []
        let threads = backend.threads
        for (index, thread) in threads.enumerated() {
            do throws(PAPIError) {
                let set = try backend.makeSet(thread: thread, multiplexed: multiplexed)
                sets.append(set)
                for event in events { try backend.add(event, to: set) }
            } catch {
                sets.forEach(backend.destroy)
                // A thread that has ended since the list was made is the only other thread that may be missing; the
                // list is then shorter at the next call.
                if index > 0, error.kind == .other, backend.threads.count < threads.count {
                    return try makeSets(events, multiplexed: multiplexed)
                }
                throw error
            }
        }
        return sets
    }

    private func reason(_ error: PAPIError) -> String {
        guard let paranoid = backend.perfEventParanoid, error.kind == .notPermitted || paranoid > 2 else {
            return "PAPI: \(error.message)"
        }
        return "PAPI: \(error.message); the kernel's perf_event_paranoid is \(paranoid), 2 or less is needed"
    }
}
