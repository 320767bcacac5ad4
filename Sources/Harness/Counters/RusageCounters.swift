/// The operating system's own accounts of this process: always there, whatever the processor and PAPI lack.
final class RusageCounters: CounterSource {
    private static let values: [String: @Sendable (ProcessUsage) -> Int] = [
        "CPU_TIME": { $0.cpuNanoseconds },
        "PAGE_FAULTS": { $0.faultsWithoutDisk + $0.faultsFromDisk },
        "DISK_FAULTS": { $0.faultsFromDisk },
        "CONTEXT_SWITCHES": { $0.voluntarySwitches + $0.involuntarySwitches },
        "INVOLUNTARY_SWITCHES": { $0.involuntarySwitches },
    ]

    func probe(_ events: [String], over known: () -> Void) -> [CounterAvailability] {
        events.map { event in
            RusageCounters.value(event) == nil
                ? .unavailable(reason: "rusage has no \(event)") : .available(self)
        }
    }

    func count(_ events: [String], over work: () -> Void) -> [EventCount] {
        let before = ProcessUsage.now
        work()
        let after = ProcessUsage.now
        return events.map { event in
            guard let value = RusageCounters.value(event) else { return .absent(reason: "rusage has no \(event)") }
            return .counted(Double(value(after) - value(before)), scaled: false)
        }
    }

    private static func value(_ event: String) -> (@Sendable (ProcessUsage) -> Int)? {
        guard event.hasPrefix(EventName.rusagePrefix) else { return nil }
        return values[String(event.dropFirst(EventName.rusagePrefix.count))]
    }
}
