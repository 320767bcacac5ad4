/// A level of the memory hierarchy as a team sees it.
public struct CacheLevel: Codable, Sendable, Hashable {
    /// `L1` … `L4`.
    public var name: String
    /// Bytes that the caches of this level hold for the whole team.
    public var bytes: Double

    public init(name: String, bytes: Double) {
        self.name = name
        self.bytes = bytes
    }

    /// What stands for everything beyond the caches.
    public static let memory = "memory"

    /// The nearest level that holds so many bytes; `memory` if none does.
    ///
    /// - Parameter levels: the nearest first.
    public static func holding(_ bytes: Double, in levels: [CacheLevel]) -> String {
        levels.first { bytes <= $0.bytes }?.name ?? memory
    }
}
