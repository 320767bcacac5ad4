public import Kernels
public import Machine
public import Programs
internal import Weights

/// A model that reads whole texts and turns each into vectors: one for each token, or one for the text.
///
/// Texts go through the layers together, as many as fit into a pass, one behind the other without padding. Products and
/// norms compute a row from that row alone, attention stays inside a text, and the variants are chosen for the size of a
/// pass, not for what is in it: so a text has the same bits whatever is read beside it.
public final class TextEncoder {
    public let weights: EncoderWeights
    public let kernels: KernelSet
    public let team: Team
    public var configuration: EncoderConfiguration { weights.configuration }
    /// Tokens of a pass at most.
    public let rows: Int

    private let device: CPUDevice
    private let executable: CPUExecutable
    private let batch = Batch()
    private let text: TokenSequence

    /// - Parameter rows: tokens of a pass at most; never fewer than the longest text has.
    public init(
        _ weights: EncoderWeights, team: Team, choices: KernelChoices = KernelChoices(),
        features: CPUFeatures = CPU.features, rows: Int = 512
    ) throws {
        let shape = weights.configuration.shape
        self.rows = max(rows, shape.context)
        self.weights = weights
        self.team = team
        kernels = KernelSet(choices, workers: team.workers, features: features)
        // Keys and values of one layer, row r of the pass at slot r.
        let pool = PagePool(
            format: .f32, layers: 1, heads: shape.heads.kvHeads, dim: shape.heads.dim, page: self.rows, texts: 1,
            slots: self.rows)
        text = TokenSequence(in: pool)
        device = CPUDevice(
            team: team, kernels: kernels, parameters: weights.parameters, pool: pool, rows: self.rows,
            longest: shape.context, positions: shape.context)
        executable = try device.executable(weights.graph, for: .prompt(rows: self.rows))
        device.pack()
        weights.parameters.releaseSources()
    }

    /// How the pass is computed.
    public var plan: Plan { executable.plan }

    /// Reads texts of token ids, and hands out the last layer's vectors of each, `[tokens][width]`, in order.
    ///
    /// - Throws: `LanguageModelError` for a text that is empty or longer than the model's, and a token that it has not.
    public func encode(
        _ ids: [[Int32]], _ visit: (_ text: Int, _ vectors: UnsafeBufferPointer<Float>) -> Void
    ) throws(LanguageModelError) {
        for text in ids { try check(text) }
        let width = configuration.shape.width
        var next = 0
        while next < ids.count {
            let count = enter(ids[next...])
            executable.run(batch)
            let vectors = executable.result
            var row = 0
            for text in next..<next + count {
                let size = ids[text].count * width
                visit(text, UnsafeBufferPointer(rebasing: vectors[row * width..<row * width + size]))
                row += ids[text].count
            }
            next += count
        }
    }

    /// One vector of length 1 for each text.
    ///
    /// - Throws: as `encode` does.
    public func embed(_ ids: [[Int32]]) throws(LanguageModelError) -> [[Float]] {
        var vectors: [[Float]] = []
        let width = configuration.shape.width
        let pooling = configuration.pooling
        try encode(ids) { _, rows in
            var sums = [Double](repeating: 0, count: width)
            let tokens = pooling == .mean ? rows.count / width : 1
            for token in 0..<tokens {
                for i in 0..<width { sums[i] += Double(rows[token * width + i]) }
            }
            let squares = sums.reduce(0) { $0 + $1 * $1 }
            // The number of tokens cancels; a vector of zeros stays one.
            let scale = squares > 0 ? 1 / squares.squareRoot() : 0
            vectors.append(sums.map { Float($0 * scale) })
        }
        return vectors
    }

    /// Reads one text and hands out every intermediate result, in the order of the computation.
    ///
    /// - Throws: `LanguageModelError` as `encode` does, and `PlanError`.
    public func trace(_ ids: [Int32], _ visit: (String, _ shape: [Int], [Float]) -> Void) throws {
        try check(ids)
        let traced = try device.executable(weights.graph, for: .prompt(rows: ids.count).traced)
        device.pack()
        _ = enter([ids])
        traced.run(batch)
        traced.trace(rows: ids.count, visit)
    }

    private func check(_ ids: [Int32]) throws(LanguageModelError) {
        let shape = configuration.shape
        guard (1...shape.context).contains(ids.count) else {
            throw LanguageModelError("a text of \(ids.count) tokens; 1 to \(shape.context) are accepted")
        }
        if let token = ids.first(where: { $0 < 0 || Int($0) >= shape.vocabulary }) {
            throw LanguageModelError("the token \(token) is not of the \(shape.vocabulary) that the model has")
        }
    }

    /// Takes as many of the texts as fit into a pass; returns how many.
    private func enter(_ ids: ArraySlice<[Int32]>) -> Int {
        batch.clear()
        text.rewind(to: 0)
        var count = 0
        for tokens in ids {
            guard batch.count + tokens.count <= rows else { break }
            tokens.withUnsafeBufferPointer { batch.add(text: $0, to: text) }
            count += 1
        }
        return count
    }
}
