internal import Harness
internal import Records
internal import Tokenizers

/// The text and its tokenizer, made when the first variant of a contest asks.
final class TokenizerBench {
    final class Table {
        let text: [UInt8]
        let tokenizer: BytePairEncoding
        /// By plain merging, step by step.
        let ids: [Int32]

        init(_ problem: TokenizerProblem, seed: UInt64) throws {
            text = MadeText.bytes(problem.bytes, seed: seed)
            tokenizer = try BytePairEncoding.train([text], vocabularySize: problem.vocabulary)
            ids = tokenizer.trace(text).ids
        }
    }

    private let problem: TokenizerProblem
    private let seed: UInt64
    private var current: Table?

    init(_ problem: TokenizerProblem, seed: UInt64) {
        self.problem = problem
        self.seed = seed
    }

    func table() throws -> Table {
        let table = try current ?? Table(problem, seed: seed)
        current = table
        return table
    }
}

/// A tokenizer, or its plain way, at the text of its contest.
final class TokenizerTrial: Trial {
    private let table: TokenizerBench.Table
    private let problem: TokenizerProblem
    private let isPlain: Bool
    private let seed: UInt64
    private var ids: [Int32] = []
    private var text: [UInt8] = []
    private var merges: [BytePairEncoding.Merge] = []

    init(_ table: TokenizerBench.Table, problem: TokenizerProblem, isPlain: Bool, seed: UInt64) {
        self.table = table
        self.problem = problem
        self.isPlain = isPlain
        self.seed = seed
    }

    func poison() { (ids, text, merges) = ([], [], []) }

    func run(times: Int) {
        for _ in 0..<times {
            switch problem.task {
            case .encode: ids = isPlain ? table.tokenizer.trace(table.text).ids : table.tokenizer.encode(table.text)
            case .decode: text = isPlain ? joined() : (try? table.tokenizer.decode(table.ids)) ?? []
            case .train:
                let trained = try? BytePairEncoding.train([table.text], vocabularySize: problem.vocabulary)
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
        if problem.task == .train, let fault = MergeCheck.fault(in: table.tokenizer, learnedFrom: table.text) {
            return .wrong(record(afterTiming: false), reason: fault)
        }
        return check(afterTiming: false)
    }

    func recheck() -> Check { check(afterTiming: true) }

    private func record(afterTiming: Bool) -> VerificationRecord {
        let bounds: [TokenizerProblem.Task: String] = [
            .encode: "the ids of plain merging", .decode: "the bytes of the text",
            .train: "each merge that was looked at joins a pair as frequent as any; the same merges at each call",
        ]
        return VerificationRecord(
            count: problem.task == .encode ? table.ids.count : problem.bytes, worstOfBound: 0, worstError: 0,
            bound: bounds[problem.task] ?? "", seed: seed, checkedAfterTiming: afterTiming)
    }

    private func check(afterTiming: Bool) -> Check {
        let isRight =
            switch problem.task {
            case .encode: ids == table.ids
            case .decode: text == table.text
            case .train: !merges.isEmpty && merges == table.tokenizer.merges
            }
        let record = record(afterTiming: afterTiming)
        return isRight ? .right(record) : .wrong(record, reason: "\(problem.label): not \(record.bound)")
    }
}
