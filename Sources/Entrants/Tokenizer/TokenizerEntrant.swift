internal import Harness
internal import Records

/// A tokenizer as it is, or in the plain way that it is held against.
struct TokenizerEntrant: Entrant {
    static let own = "bpe"
    static let plain = "plain"
    /// The plain way is measured up to here: beyond, one call takes seconds.
    static let plainLimit = 1 << 20

    let name: String
    let problem: TokenizerProblem
    let options: ContestOptions
    let workers: Int
    let bench: TokenizerBench

    private var isPlain: Bool { name == Self.plain }
    var kind: EntrantKind { isPlain ? .reference : .tokenizer }
    var isa: InstructionSets { .baseline }
    var story: String {
        switch (problem.task, isPlain) {
        case (.encode, true): "the lowest rank found anew for each merge"
        case (.decode, true): "bytes joined token by token"
        case (.train, _): "counts of pairs kept up to date, the most frequent on a heap"
        case (_, false): "pieces from a cache, or merged by a heap"
        }
    }

    /// In tokens; in bytes where the text is not encoded.
    var cost: CostRecord {
        var cost = problem.cost
        if problem.task != .train, refusal == nil, let count = try? bench.table().ids.count {
            cost.items = ItemCount(count: Double(count), unit: "tokens")
        }
        return cost
    }

    var refusal: String? {
        if workers > 1 { return "a tokenizer works on one thread" }
        if options.temperature == .cold { return "a tokenizer is measured hot only" }
        if isPlain, problem.bytes > Self.plainLimit {
            return "a call of the plain way takes seconds beyond \(Self.plainLimit) bytes"
        }
        return nil
    }

    func open() throws -> any Trial {
        TokenizerTrial(try bench.table(), problem: problem, isPlain: isPlain, seed: options.seed)
    }
}
