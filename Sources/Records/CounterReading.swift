/// One metric of a counter group, with where it comes from. An unknown value is absent, never zero.
public struct CounterReading: Codable, Sendable, Hashable {
    public enum Source: String, Codable, Sendable, CaseIterable {
        /// Counted by the processor.
        case hardware
        /// Counted by the operating system.
        case software
        /// Computed from the problem's cost and the measured time.
        case modelled
        /// Not to be had here; see `reason`.
        case absent
    }

    /// For example `IPC` or `page faults`.
    public var name: String
    /// For example `instructions/cycle`; `count` for plain events.
    public var unit: String
    public var source: Source
    /// Per call of the kernel; nil if absent.
    public var value: Double?
    /// Why it is absent.
    public var reason: String?
    /// True if the kernel multiplexed the counter, so that the value is an extrapolation.
    public var scaled: Bool

    public init(
        name: String, unit: String, source: Source, value: Double?, reason: String? = nil, scaled: Bool = false
    ) {
        self.name = name
        self.unit = unit
        self.source = source
        self.value = value
        self.reason = reason
        self.scaled = scaled
    }
}
