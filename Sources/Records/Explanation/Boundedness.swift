/// What limits a variant, judged from how long each resource must have been busy.
///
/// A roof divided by the measured time is the least share of the time for which that resource was busy, whatever the
/// variant does. Busy for more than half of the time is what "bound" means here: making that resource twice as fast then
/// saves more time than removing everything else. Where nothing was busy for half of the time, the variant waits:
/// for results, for single bytes, or for its fixed costs.
public struct Boundedness: Codable, Sendable, Hashable {
    public enum Kind: String, Codable, Sendable {
        /// The arithmetic units.
        case compute
        /// The bandwidth of a level; see `level`.
        case memory
        /// The fixed costs of a call: waking the team, and its barriers.
        case overhead
        /// No resource is busy for half of the time.
        case latency
    }

    public var kind: Kind
    /// The level whose bandwidth binds; nil unless `kind` is `memory`.
    public var level: String?
    /// Least shares of the time, 0...1, by resource: `arithmetic`, `L3`, `team call`; the greatest first.
    public var busy: [Share]

    public struct Share: Codable, Sendable, Hashable {
        public var resource: String
        public var share: Double

        public init(resource: String, share: Double) {
            self.resource = resource
            self.share = share
        }
    }

    public init(kind: Kind, level: String? = nil, busy: [Share]) {
        self.kind = kind
        self.level = level
        self.busy = busy
    }

    /// The share from which a resource binds.
    public static let threshold = 0.5
    public static let arithmetic = "arithmetic"
    public static let teamCall = "team call"

    /// What is likelier where no roof binds.
    public enum Lean: String, Codable, Sendable {
        /// Instructions that are no counted operations keep the core busy.
        case instructions
        /// The core waits for results: chains of dependent instructions, single loads, mispredicted branches.
        case waiting
    }

    /// What the instructions per cycle say where no roof binds. Today's cores retire four to eight instructions a cycle
    /// at most: at three or more the core is busy retiring them, at one and a half or less it stands for most of what
    /// even the narrowest could do. Between the two nothing is said.
    public static func lean(instructionsPerCycle: Double) -> Lean? {
        instructionsPerCycle >= 3 ? .instructions : instructionsPerCycle <= 1.5 ? .waiting : nil
    }

    /// Judges a time.
    ///
    /// - Parameters:
    ///   - nanoseconds: the measured time of a call.
    ///   - compute: least time of the arithmetic.
    ///   - levels: least time of each memory level, by its name.
    ///   - fixed: nanoseconds of an empty call of the team.
    public static func judge(
        nanoseconds: Double, compute: Double, levels: [(name: String, nanoseconds: Double)], fixed: Double
    ) -> Boundedness {
        let times = [(arithmetic, compute)] + levels.map { ($0.name, $0.nanoseconds) } + [(teamCall, fixed)]
        let busy = times.map { Share(resource: $0.0, share: nanoseconds > 0 ? min(1, $0.1 / nanoseconds) : 0) }
            .sorted { $0.share > $1.share }
        guard let most = busy.first, most.share >= threshold else { return Boundedness(kind: .latency, busy: busy) }
        switch most.resource {
        case arithmetic: return Boundedness(kind: .compute, busy: busy)
        case teamCall: return Boundedness(kind: .overhead, busy: busy)
        default: return Boundedness(kind: .memory, level: most.resource, busy: busy)
        }
    }
}
