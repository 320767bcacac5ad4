/// Why a variant is as fast as it is: what must be computed and moved, what this machine could do at most, what was
/// measured, and what the variants next to it do differently.
public struct Explanation: Codable, Sendable, Equatable {
    /// Readers accept the same major number.
    public static let schemaVersion = "1.0"

    /// Bytes of one operand, or of memory that the variant has of its own.
    public struct Operand: Codable, Sendable, Hashable {
        /// As the formula has it: `q`, `out`; or `packed copy`, `scratch`.
        public var name: String
        public var bytes: Double
        /// The nearest level that holds this operand alone: where a second look within the call finds it.
        public var level: String
        /// Said beside it; nil for nothing.
        public var note: String?

        public init(name: String, bytes: Double, level: String, note: String? = nil) {
            self.name = name
            self.bytes = bytes
            self.level = level
            self.note = note
        }
    }

    /// What a level has to deliver at least, and what it can.
    public struct Level: Codable, Sendable, Hashable {
        public var name: String
        /// Bytes that it holds for the team; nil for memory.
        public var capacity: Double?
        /// Least bytes that it delivers in a call.
        public var bytes: Double
        /// Operations for each of those bytes; nil if there are none.
        public var intensity: Double?
        /// The intensity at which arithmetic and this level take equally long.
        public var ridge: Double?
        /// The probe, for example `read L3`; nil if the level was not probed.
        public var roof: String?
        public var bytesPerSecond: Double?
        public var leastNanoseconds: Double?

        public init(name: String, capacity: Double?, bytes: Double) {
            self.name = name
            self.capacity = capacity
            self.bytes = bytes
        }
    }

    /// The arithmetic roof.
    public struct Arithmetic: Codable, Sendable, Hashable {
        public var roof: String
        public var operationsPerSecond: Double
        public var leastNanoseconds: Double

        public init(roof: String, operationsPerSecond: Double, leastNanoseconds: Double) {
            self.roof = roof
            self.operationsPerSecond = operationsPerSecond
            self.leastNanoseconds = leastNanoseconds
        }
    }

    /// Something counted or computed, or the reason why it is not known.
    public struct Fact: Codable, Sendable, Hashable {
        public enum Source: String, Codable, Sendable {
            case measured, modelled, absent
        }

        public var name: String
        public var unit: String
        public var source: Source
        /// nil if absent.
        public var value: Double?
        /// Who says so, or why nobody does.
        public var by: String

        public init(name: String, unit: String, source: Source, value: Double?, by: String) {
            self.name = name
            self.unit = unit
            self.source = source
            self.value = value
            self.by = by
        }
    }

    /// Another variant of the same contest.
    public struct Neighbour: Codable, Sendable, Hashable {
        public var variant: String
        public var nanoseconds: Double
        /// How many times faster it is than the explained one: paired, below 1 if slower.
        public var ratio: Speedup
        public var story: String

        public init(variant: String, nanoseconds: Double, ratio: Speedup, story: String) {
            self.variant = variant
            self.nanoseconds = nanoseconds
            self.ratio = ratio
            self.story = story
        }
    }

    public var schema = Explanation.schemaVersion
    /// The explained variant as a run records it, with samples, roof and counters.
    public var measurement: VariantRecord
    /// `f32`, `bf16` or `int8`: which arithmetic roof applies.
    public var arithmetic: Arithmetic?
    public var operands: [Operand]
    /// What the call touches altogether, and the level that holds it: where the next call finds it.
    public var workingSet: Operand
    /// The nearest level first.
    public var levels: [Level]
    /// Nanoseconds of an empty call of the team.
    public var teamCallNanoseconds: Double?
    /// The measured clock of a core in hertz.
    public var clock: Double?
    public var facts: [Fact]
    public var faster: Neighbour?
    public var slower: Neighbour?
    /// The place among the variants that were measured, from 1, and how many they were.
    public var place: Int
    public var measured: Int
    public var verdict: Boundedness?
    /// What a reader should know: other problems that match, too many threads.
    public var notes: [String]

    public init(
        measurement: VariantRecord, operands: [Operand], workingSet: Operand, levels: [Level], place: Int, measured: Int
    ) {
        self.measurement = measurement
        self.operands = operands
        self.workingSet = workingSet
        self.levels = levels
        self.place = place
        self.measured = measured
        facts = []
        notes = []
    }
}
