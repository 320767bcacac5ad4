/// Why the sampling of a row ended.
public enum StopReason: String, Codable, Sendable, CaseIterable {
    /// The interval of the median is as narrow as was asked.
    case precise
    case timeBox = "time box"
    /// As many samples as are taken at most.
    case samples
}
