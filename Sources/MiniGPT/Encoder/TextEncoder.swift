public import Kernels
public import Machine
internal import Tensors
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
    public var rows: Int { program.rows }

    private let place = Place()
    private let texts: TextBounds
    private let program: Program
    private let buffers: EncoderBuffers

    /// - Parameter rows: tokens of a pass at most; never fewer than the longest text has.
    public init(
        _ weights: EncoderWeights, team: Team, selection: Selection = .none, forced: ForcedVariants = .none,
        rows: Int = 512
    ) throws {
        let shape = weights.configuration.shape
        let rows = max(rows, shape.context)
        self.weights = weights
        self.team = team
        kernels = KernelSet(selection: selection, forced: forced, workers: team.workers)
        texts = TextBounds(texts: rows)
        buffers = EncoderBuffers(shape, rows: rows)
        program = Program(kernels: kernels, place: place, rows: rows, phase: "encode")
        try program.encoderLayers(of: weights, texts: texts, buffers: buffers)
        program.pack(on: team)
        program.releaseSources()
        // What was packed is not read from the file again.
        weights.mapping?.letGo()
    }

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
            program.run(on: team)
            var row = 0
            for text in next..<next + count {
                let size = ids[text].count * width
                visit(text, UnsafeBufferPointer(start: buffers.behind.pointer + row * width, count: size))
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
    /// - Throws: as `encode` does.
    public func trace(
        _ ids: [Int32], _ visit: (String, _ shape: [Int], [Float]) -> Void
    ) throws(LanguageModelError) {
        try check(ids)
        _ = enter([ids])
        let (rows, width) = (ids.count, configuration.shape.width)
        visit("embedding", [rows, width], buffers.ahead.copied(rows * width))
        program.trace(on: team) { output in
            let count = rows * output.shape.reduce(1, *)
            let shape = output.byHeads ? [output.shape[0], rows] + output.shape.dropFirst() : [rows] + output.shape
            visit(output.name, shape, Array(UnsafeBufferPointer(start: output.values, count: count)))
        }
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

    /// Embeds as many of the texts as fit; returns how many.
    private func enter(_ ids: ArraySlice<[Int32]>) -> Int {
        let width = configuration.shape.width
        var (row, count) = (0, 0)
        for text in ids {
            guard row + text.count <= rows else { break }
            weights.embed(text, into: buffers.ahead.pointer + row * width)
            row += text.count
            count += 1
        }
        texts.set(ids.prefix(count).map(\.count))
        place.rows = row
        (place.position, place.slot, place.first) = (0, 0, 0)
        return count
    }
}
