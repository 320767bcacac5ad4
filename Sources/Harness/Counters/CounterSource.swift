/// Someone who can count events during a piece of work: PAPI, or the operating system's own accounts.
///
/// What a source says of itself is not believed (PAPI may claim six counters and have none): each event is added, started
/// and read over work that is known to cause it.
protocol CounterSource: AnyObject {
    /// Tries the events over `known` work.
    ///
    /// - Returns: an availability for each event, in order.
    func probe(_ events: [String], over known: () -> Void) -> [CounterAvailability]

    /// Runs `work` at least once, and more often if the events cannot all be counted together.
    ///
    /// - Returns: a count of one run of `work` for each event, in order.
    func count(_ events: [String], over work: () -> Void) -> [EventCount]
}

/// Whether an event can be counted here.
enum CounterAvailability {
    case available(any CounterSource)
    case unavailable(reason: String)
}

/// What was counted. An unknown number is never a zero.
enum EventCount: Equatable {
    /// `scaled`: the counter was shared with others in turns, and the number is extrapolated.
    case counted(Double, scaled: Bool)
    case absent(reason: String)
}

/// What the name of an event tells.
enum EventName {
    static let rusagePrefix = "rusage::"

    /// Kept by the operating system under perf's names.
    private static let software: Set<String> = [
        "CPU-CLOCK", "TASK-CLOCK", "PAGE-FAULTS", "MINOR-FAULTS", "MAJOR-FAULTS", "CONTEXT-SWITCHES", "CPU-MIGRATIONS",
        "ALIGNMENT-FAULTS", "EMULATION-FAULTS",
    ]

    static func isHardware(_ name: String) -> Bool {
        if name.hasPrefix(rusagePrefix) { return false }
        return !(name.hasPrefix("perf::") && software.contains(String(name.dropFirst(6))))
    }

    /// True if the known work causes it for certain, so that a zero proves that nothing counts.
    static func isProvoked(_ name: String) -> Bool {
        isHardware(name) || ["perf::CPU-CLOCK", "perf::TASK-CLOCK", "perf::PAGE-FAULTS"].contains(name)
    }
}
