public import Machine
public import Records

/// A byte-level BPE at a text that is made from the seed: encoding it, decoding its ids, or learning from it.
///
/// `bpe` is the tokenizer as it is; `plain` merges step by step, or joins token by token: the reference.
public struct TokenizerProblem: MeasuredProblem {
    public enum Task: String, Sendable, CaseIterable { case encode, decode, train }

    public private(set) var task: Task
    /// Of the text.
    public private(set) var bytes: Int
    /// Tokens that are learned.
    public private(set) var vocabulary: Int

    public init(task: Task, bytes: Int, vocabulary: Int) {
        self.task = task
        self.bytes = bytes
        self.vocabulary = vocabulary
    }

    public var family: String { "tokenizer" }
    public var label: String { "\(task.rawValue) \(bytes) bytes, \(vocabulary) tokens" }
    public var axes: [String: Int] { ["bytes": bytes, "vocabulary": vocabulary] }
    public var ownVariants: [String] { [TokenizerEntrant.own, TokenizerEntrant.plain] }

    var cost: CostRecord {
        CostRecord(flops: 0, bytes: Double(bytes), items: ItemCount(count: Double(bytes), unit: "bytes"))
    }

    public func setting(_ sizes: [(axis: String, value: Int)]) throws(UsageError) -> TokenizerProblem {
        var changed = self
        for (axis, value) in sizes {
            switch axis {
            case "bytes" where (1...(1 << 28)).contains(value): changed.bytes = value
            case "vocabulary" where (256...(1 << 18)).contains(value): changed.vocabulary = value
            case "bytes", "vocabulary":
                throw UsageError("\(axis)=\(value): 1 to 268435456 bytes and 256 to 262144 tokens are accepted")
            default: throw UsageError("tokenizer has no axis \"\(axis)\"; it has bytes, vocabulary")
            }
        }
        return changed
    }

    public func entrants(_ options: ContestOptions, team: Team) -> [any Entrant] {
        let bench = TokenizerBench(self, seed: options.seed)
        // Training has no plain way of its own: its merges are looked at instead.
        let names = task == .train ? [TokenizerEntrant.own] : ownVariants
        let own = names.filter(options.includes).map {
            TokenizerEntrant(name: $0, problem: self, options: options, workers: team.workers, bench: bench)
        }
        return own
            + options.oracles.map {
                RefusedEntrant(
                    name: $0.name, kind: .library, isa: .unknown, story: $0.library, cost: cost,
                    reason: "it is asked for kernels, not for a tokenizer")
            }
    }
}
