internal import Harness
internal import Kernels
internal import Machine
internal import Records
internal import Tokenizers

/// A byte-level BPE at a text that is made from the seed: encoding it, decoding its ids, or learning from it.
///
/// `bpe` is the tokenizer as it is; `plain` merges step by step, or joins token by token: the reference.
struct TokenizerCandidate: WholeCandidate {
    enum Task: String, Sendable, CaseIterable { case encode, decode, train }

    var task: Task
    var bytes: Int
    var vocabulary: Int

    var family: String { "tokenizer" }
    var label: String { "\(task.rawValue) \(bytes) bytes, \(vocabulary) tokens" }
    var axes: [String: Int] { ["bytes": bytes, "vocabulary": vocabulary] }
    var cost: Cost { Cost(operations: 0, bytes: Double(bytes)) }
    var ownVariants: [String] { ["bpe", "plain"] }

    /// The plain way is measured up to here: beyond, one call takes seconds.
    static let plainLimit = 1 << 20

    func setting(_ sizes: [(axis: String, value: Int)]) throws(UsageError) -> any Candidate {
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

    func contest(workload: String, options: ContestOptions, team: Team) -> Contest {
        let threads = team.workers == 1 ? "1 thread" : "\(team.workers) threads"
        var contest = Contest(title: "tokenizer  \(workload)  \(label)  \(threads)", subjects: [])
        let bench = TokenizerBench(candidate: self, seed: options.seed)
        var rows = [(name: "bpe", kind: EntrantKind.tokenizer, story: "pieces from a cache, or merged by a heap")]
        if task == .train { rows[0].story = "counts of pairs kept up to date, the most frequent on a heap" }
        if task != .train {
            let story = task == .encode ? "the lowest rank found anew for each merge" : "bytes joined token by token"
            rows.append((name: "plain", kind: .reference, story: story))
        }
        for oracle in options.oracles { rows.append((name: oracle.name, kind: .library, story: oracle.library)) }
        for row in rows where row.kind == .library || options.includes(row.name) {
            // How many tokens the text has is known once it is encoded; until then a call is counted in bytes.
            var measurement = VariantRecord(
                family: family, variant: row.name, kind: row.kind, isa: .baseline, story: row.story,
                problem: ProblemRecord(label: label, workload: workload, axes: axes), threads: team.workers,
                temperature: options.temperature,
                cost: CostRecord(
                    flops: 0, bytes: Double(bytes), items: ItemCount(count: Double(bytes), unit: "bytes")),
                verdict: .verified)
            let reason: String? =
                if row.kind == .library {
                    "it is asked for kernels, not for a tokenizer"
                } else if team.workers > 1 {
                    "a tokenizer works on one thread"
                } else if options.temperature == .cold {
                    "a tokenizer is measured hot only"
                } else if row.name == "plain", bytes > Self.plainLimit {
                    "a call of the plain way takes seconds beyond \(Self.plainLimit) bytes"
                } else {
                    nil
                }
            if let reason {
                measurement.verdict = .skipped(reason: reason)
                contest.skipped.append(measurement)
                continue
            }
            if task != .train, let count = try? bench.table().ids.count {
                measurement.cost.items = ItemCount(count: Double(count), unit: "tokens")
            }
            contest.subjects.append(
                Subject(
                    blank: measurement,
                    open: {
                        TokenizerTrial(
                            try bench.table(), candidate: self, isPlain: row.name == "plain", seed: options.seed)
                    }))
        }
        return contest
    }
}

/// The text and its tokenizer, made when the first variant of a contest asks.
final class TokenizerBench {
    final class Table {
        let text: [UInt8]
        let tokenizer: BytePairEncoding
        /// By plain merging, step by step.
        let ids: [Int32]

        init(_ candidate: TokenizerCandidate, seed: UInt64) throws {
            text = MadeText.bytes(candidate.bytes, seed: seed)
            tokenizer = try BytePairEncoding.train([text], vocabularySize: candidate.vocabulary)
            ids = tokenizer.trace(text).ids
        }
    }

    private let candidate: TokenizerCandidate
    private let seed: UInt64
    private var current: Table?

    init(candidate: TokenizerCandidate, seed: UInt64) {
        self.candidate = candidate
        self.seed = seed
    }

    func table() throws -> Table {
        let table = try current ?? Table(candidate, seed: seed)
        current = table
        return table
    }
}

private final class TokenizerTrial: Trial {
    private let table: TokenizerBench.Table
    private let candidate: TokenizerCandidate
    private let isPlain: Bool
    private let seed: UInt64
    private var ids: [Int32] = []
    private var text: [UInt8] = []
    private var merges: [BytePairEncoding.Merge] = []

    init(_ table: TokenizerBench.Table, candidate: TokenizerCandidate, isPlain: Bool, seed: UInt64) {
        self.table = table
        self.candidate = candidate
        self.isPlain = isPlain
        self.seed = seed
    }

    func poison() { (ids, text, merges) = ([], [], []) }

    func run(times: Int) {
        for _ in 0..<times {
            switch candidate.task {
            case .encode: ids = isPlain ? table.tokenizer.trace(table.text).ids : table.tokenizer.encode(table.text)
            case .decode: text = isPlain ? joined() : (try? table.tokenizer.decode(table.ids)) ?? []
            case .train:
                let trained = try? BytePairEncoding.train([table.text], vocabularySize: candidate.vocabulary)
                merges = trained?.merges ?? []
            }
        }
    }

    private func joined() -> [UInt8] {
        var text: [UInt8] = []
        for id in table.ids { text += table.tokenizer.vocabulary[id] ?? [] }
        return text
    }

    func verify() -> Check {
        poison()
        run(times: 1)
        if candidate.task == .train, let fault = MergeCheck.fault(in: table.tokenizer, learnedFrom: table.text) {
            return .wrong(record(afterTiming: false), reason: fault)
        }
        return check(afterTiming: false)
    }

    func recheck() -> Check { check(afterTiming: true) }

    private func record(afterTiming: Bool) -> VerificationRecord {
        let bounds: [TokenizerCandidate.Task: String] = [
            .encode: "the ids of plain merging", .decode: "the bytes of the text",
            .train: "each merge that was looked at joins a pair as frequent as any; the same merges at each call",
        ]
        return VerificationRecord(
            count: candidate.task == .encode ? table.ids.count : candidate.bytes, worstOfBound: 0, worstError: 0,
            bound: bounds[candidate.task] ?? "", seed: seed, checkedAfterTiming: afterTiming)
    }

    private func check(afterTiming: Bool) -> Check {
        let isRight =
            switch candidate.task {
            case .encode: ids == table.ids
            case .decode: text == table.text
            case .train: !merges.isEmpty && merges == table.tokenizer.merges
            }
        let record = record(afterTiming: afterTiming)
        return isRight ? .right(record) : .wrong(record, reason: "\(candidate.label): not \(record.bound)")
    }
}

/// Training again in the plainest way, as far as that takes no minutes: pairs are counted anew before a merge.
enum MergeCheck {
    /// Every merge up to here is looked at, and every 64th behind it.
    static let first = 16

    /// What is wrong; nil if nothing is.
    static func fault(in tokenizer: BytePairEncoding, learnedFrom text: [UInt8]) -> String? {
        var counts: [[Int32]: Int] = [:]
        var start = 0
        for end in tokenizer.preTokenizer.ends(text) {
            let piece = text[start..<end].map { tokenizer.vocabulary.id(of: [$0]) ?? -1 }
            counts[piece, default: 0] += 1
            start = end
        }
        var pieces = counts.sorted { $0.key.lexicographicallyPrecedes($1.key) }.map { (ids: $0.key, count: $0.value) }
        for (index, merge) in tokenizer.merges.enumerated() {
            if index < first || index % 64 == 0 {
                var pairs: [UInt64: Int] = [:]
                for piece in pieces where piece.ids.count > 1 {
                    for place in 1..<piece.ids.count {
                        pairs[key(piece.ids[place - 1], piece.ids[place]), default: 0] += piece.count
                    }
                }
                let most = pairs.values.max() ?? 0
                let own = pairs[key(merge.left, merge.right)] ?? 0
                guard own == most else {
                    return "merge \(index) joins a pair that comes \(own) times; another comes \(most) times"
                }
            }
            for place in pieces.indices where pieces[place].ids.count > 1 { join(merge, in: &pieces[place].ids) }
        }
        return nil
    }

    private static func key(_ left: Int32, _ right: Int32) -> UInt64 {
        UInt64(UInt32(bitPattern: left)) << 32 | UInt64(UInt32(bitPattern: right))
    }

    private static func join(_ merge: BytePairEncoding.Merge, in ids: inout [Int32]) {
        var (read, write) = (0, 0)
        while read < ids.count {
            if read + 1 < ids.count, ids[read] == merge.left, ids[read + 1] == merge.right {
                ids[write] = merge.result
                read += 2
            } else {
                ids[write] = ids[read]
                read += 1
            }
            write += 1
        }
        ids.removeLast(ids.count - write)
    }
}
