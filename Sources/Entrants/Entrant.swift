public import Harness
public import Records

/// What can enter a contest: a variant of a kernel, a library, a kernel from outside, a whole model, a tokenizer.
///
/// An entrant is made for one problem and one team, and becomes one row of its table.
public protocol Entrant {
    /// As the table calls it: `flash__avx512`, `torch`, `mine:simple`.
    var name: String { get }
    var kind: EntrantKind { get }
    /// The instruction sets that it needs.
    var isa: InstructionSets { get }
    /// One line: what it does differently.
    var story: String { get }
    /// The file of a kernel from outside; nil for all others.
    var plugin: PluginRecord? { get }
    /// Whether constant operands are laid out once, outside any timing.
    var packsOnce: Bool { get }
    /// What one call does.
    var cost: CostRecord { get }
    /// Why it is not measured here; nil if it is.
    var refusal: String? { get }
    /// After each of its samples, outside any timing: its threads go to sleep before another entrant is timed.
    var pauseNanoseconds: UInt64 { get }
    /// Allocates and packs, outside any timing; called for each set-up.
    func open() throws -> any Trial
}

extension Entrant {
    public var plugin: PluginRecord? { nil }
    public var packsOnce: Bool { false }
    public var pauseNanoseconds: UInt64 { 0 }
}

/// An entrant that cannot take part: its row says why.
struct RefusedEntrant: Entrant {
    var name: String
    var kind: EntrantKind
    var isa: InstructionSets
    var story: String
    var cost: CostRecord
    var reason: String

    var refusal: String? { reason }
    func open() throws -> any Trial { throw UsageError("\(name): \(reason)") }
}
