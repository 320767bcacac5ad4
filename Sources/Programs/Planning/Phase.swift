/// A kind of pass that a plan is for.
///
/// A row's arithmetic depends on its role alone. Prompt rows attend by a variant of the attention family, which goes
/// through the keys of a text from its first on; generated rows by one of cached attention, which splits them by their
/// number. Everything else computes a row from that row, by the variant that all plans of a model share.
public struct Phase: Sendable, Hashable, Codable, CustomStringConvertible {
    public enum Kind: String, Sendable, Hashable, Codable {
        /// Rows of prompts.
        case prompt
        /// One row for each text that goes on.
        case generated
        /// Generated rows, and prompt rows behind them.
        case mixed
    }

    public var kind: Kind
    /// Rows of a pass at most.
    public var rows: Int
    /// Rows whose logits are wanted at most.
    public var drawn: Int
    /// Keeps every value in memory of its own, and leaves activations apart from the products before them: for a trace,
    /// which shows what lies between.
    public var isTraced = false

    /// Up to so many rows every worker computes cheap steps whole, rather than to share them and wait.
    static let mostFolded = 16

    var hasPrompts: Bool { kind != .generated }
    var hasGenerated: Bool { kind != .prompt }
    var folds: Bool { kind == .generated && rows <= Phase.mostFolded && !isTraced }
    /// A row that is alone in its pass puts its key and value into the cache on the way to attention.
    var storesOnTheWay: Bool { kind == .generated && rows == 1 }

    public static func prompt(rows: Int, drawn: Int = 1) -> Phase { Phase(kind: .prompt, rows: rows, drawn: drawn) }
    public static func generated(rows: Int) -> Phase { Phase(kind: .generated, rows: rows, drawn: rows) }
    public static func mixed(rows: Int, drawn: Int) -> Phase { Phase(kind: .mixed, rows: rows, drawn: drawn) }

    /// The same pass with everything kept.
    public var traced: Phase {
        var phase = self
        phase.isTraced = true
        return phase
    }

    /// In the names of decisions: `prefill` and `decode`, or both.
    var name: String {
        switch kind {
        case .prompt: "prefill"
        case .generated: "decode"
        case .mixed: "batch"
        }
    }

    public var description: String { "\(name) of \(rows) row\(rows == 1 ? "" : "s")\(isTraced ? ", traced" : "")" }
}
